import type { Rule } from "./rule.ts";
import { listOf } from "./calls.ts";
import { fieldsFindings, readFindings, rowsFault } from "./lookups.ts";
import { reservedParams } from "./reserved.ts";

/** A gate only reads, keeps something of what it reads, and says what is good or bad of it. */
export const gate: Rule = function* ({ document, catalogue, isFaulty }) {
  const { gate: written } = document;
  if (written === undefined) return;
  const { call, params = {}, rows, pass, fail } = written;
  const isTold = isFaulty(["gate", "pass"]) || isFaulty(["gate", "fail"]);
  if (pass === undefined && fail === undefined && !isTold) {
    yield {
      path: ["gate"],
      at: "key",
      code: "missing-key",
      message: "the gate has neither pass nor fail: nothing would be made of what it measures",
      hint: "Add pass, fail or both: expressions over rows and changed.",
    };
  }
  const list = listOf(written, catalogue);
  const method = catalogue.method(call) ?? (list && ({ kind: "enumerate" } as const));
  yield* readFindings(["gate", "call"], call, { method, catalogue, who: "A gate", doing: "measuring" });
  yield* reservedParams(["gate", "params"], params, list);
  const fault = rowsFault(rows);
  if (fault !== undefined) yield { path: ["gate", "rows"], at: "key", code: "bad-rows", message: fault };
  if (list !== undefined && list.isConcluded !== true && !isFaulty(["gate", "fields"]))
    yield* fieldsFindings(["gate"], written, list);
};
