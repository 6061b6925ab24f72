import { aim } from "./aim.ts";
import { chunk } from "./chunk.ts";
import { destructive } from "./destructive.ts";
import { encoding } from "./encoding.ts";
import { expect } from "./expect.ts";
import { fieldNames } from "./fields.ts";
import { filters } from "./filters.ts";
import { gate } from "./gate.ts";
import { lists } from "./lists.ts";
import { lookups } from "./lookups.ts";
import { methods } from "./methods.ts";
import { pace } from "./pace.ts";
import { pages } from "./pages.ts";
import { params } from "./params.ts";
import { reserved } from "./reserved.ts";
import { routes } from "./routes.ts";
import type { Rule } from "./rule.ts";
import { sanity } from "./sanity.ts";
import { set } from "./set.ts";
import { stops } from "./stops.ts";
import { undo } from "./undo.ts";
import { vanishing } from "./vanishing.ts";
import { waits } from "./waits.ts";
import { window } from "./window.ts";

/** Every rule; each looks at the whole plan. */
export const rules: readonly Rule[] = [
  sanity,
  lookups,
  methods,
  lists,
  pages,
  params,
  encoding,
  filters,
  reserved,
  routes,
  fieldNames,
  set,
  expect,
  destructive,
  vanishing,
  chunk,
  aim,
  undo,
  pace,
  stops,
  waits,
  gate,
  window,
];
