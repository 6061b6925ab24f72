import { formatVersion } from "../../core/model/events.ts";
import type { Problem } from "../../core/model/problem.ts";
import { cleanJson } from "../clean.ts";
import { inOrder } from "./order.ts";

/** `{"v":1,"problems":[…],"count":n}` on one line, in the same order as the text. `count` is of all of them, notes included. */
export function problemsJson(problems: readonly Problem[]): string {
  return cleanJson({ v: formatVersion, problems: inOrder(problems), count: problems.length });
}
