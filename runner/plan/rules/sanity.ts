import { reservedNames } from "../../language/expression.ts";
import type { Finding } from "../../language/source.ts";
import { parseDuration, parsePercent } from "../../language/units.ts";
import type { PlanDocument } from "../document.ts";
import type { Rule } from "./rule.ts";

/** Bounds that could never hold, and names that could never be read. */
export const sanity: Rule = function* ({ document }) {
  yield* guards(document);
  yield* percents(document);
  yield* pause(document);
  yield* inputNames(document);
  if (document.filter === false)
    yield {
      path: ["filter"],
      code: "bad-value",
      message: "filter: false selects nothing",
      hint: "Write true for every item, or an expression.",
    };
};

function* guards({ guards = {} }: PlanDocument): Generator<Finding> {
  const { min = 1, max } = guards;
  if (guards.min !== undefined && max !== undefined && min > max) {
    yield {
      path: ["guards", "min"],
      code: "bad-bounds",
      message: `guards.min ${min} is more than guards.max ${max}: a first run could never pass`,
    };
  }
}

function* percents({ stop = {} }: PlanDocument): Generator<Finding> {
  for (const name of ["percent", "drifted"] as const) {
    const value = stop[name];
    if (typeof value === "string" && parsePercent(value) === undefined) {
      yield {
        path: ["stop", name],
        code: "bad-value",
        message: `stop.${name} ${value} is not a percentage from 0% to 100%`,
      };
    }
  }
}

const leastPauseMs = 100;

/** Without a pause the list would be read in a circle for as long as `within` says. */
function* pause({ verify = {} }: PlanDocument): Generator<Finding> {
  if ((parseDuration(verify.every ?? "10s") ?? 0) >= leastPauseMs) return;
  yield {
    path: ["verify", "every"],
    code: "bad-value",
    message: `verify.every ${verify.every ?? ""} must be at least ${leastPauseMs}ms`,
  };
}

function* inputNames({ inputs = {} }: PlanDocument): Generator<Finding> {
  for (const [name, input] of Object.entries(inputs)) {
    const path = ["inputs", name];
    if (reservedNames.has(name))
      yield {
        path,
        at: "key",
        code: "reserved-name",
        message: `CEL reserves ${name}: inputs.${name} could not be read`,
      };
    if (input.of !== undefined && input.type !== "list")
      yield {
        path: [...path, "of"],
        at: "key",
        code: "bad-value",
        message: `of is for inputs of type list, ${name} is a ${input.type}`,
      };
    if (input.type === "secret" && input.default !== undefined) {
      yield {
        path: [...path, "default"],
        at: "key",
        code: "secret-input",
        message: `a secret can not have a default: everybody who reads the plan would know it`,
      };
    }
  }
}
