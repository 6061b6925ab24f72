import { formatVersion } from "../../core/model/events.ts";
import type { Problem } from "../../core/model/problem.ts";
import { cleanJson } from "../clean.ts";
import { inOrder } from "./order.ts";

/**
 * `{"v":1,"problems":[…],"count":n,"warnings":[…]}` on one line, in the same order as the text. `count` is of the problems, notes
 * included; `warnings` are of plans that are valid and dangerous.
 */
export function problemsJson(problems: readonly Problem[], warnings: readonly Problem[] = []): string {
  const told = { problems: inOrder(problems), count: problems.length, warnings: inOrder(warnings) };
  return cleanJson({ v: formatVersion, ...told });
}
