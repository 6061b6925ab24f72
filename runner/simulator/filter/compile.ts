import { ApiError, errorData } from "../api-error.ts";
import { columnOf } from "../columns.ts";
import type { ColumnValue } from "../columns.ts";
import type { Device } from "../device.ts";
import type { Comparison, Filter } from "./parse.ts";

type Value = ColumnValue | boolean;
type Evaluate = (device: Device) => Value;

/**
 * Turn a filter into a test of one device. A column without a value is 0 beside a number and "" beside text; text
 * compares exactly, except that numbers in text are numbers beside a number; a value on its own holds unless it is
 * empty or 0.
 * @throws ApiError for a column that does not exist or may not be read.
 */
export function compileFilter(filter: Filter): (device: Device) => boolean {
  const evaluate = compile(filter);
  return (device) => holds(evaluate(device));
}

function compile(filter: Filter): Evaluate {
  switch (filter.kind) {
    case "literal":
      return () => filter.value;
    case "column":
      return columnOf(filter.code);
    case "not": {
      const inner = compile(filter.inner);
      return (device) => !holds(inner(device));
    }
    case "and": {
      const [left, right] = [compile(filter.left), compile(filter.right)];
      return (device) => holds(left(device)) && holds(right(device));
    }
    case "or": {
      const [left, right] = [compile(filter.left), compile(filter.right)];
      return (device) => holds(left(device)) || holds(right(device));
    }
    case "compare":
      return filter.operator === "=~" ? compileWildcard(filter.left, filter.right) : compileComparison(filter);
    case "in": {
      const left = compile(filter.left);
      const among = filter.among.map(compile);
      return (device) => among.some((one) => compare(left(device), one(device)) === 0);
    }
  }
}

function holds(value: Value): boolean {
  return value !== undefined && value !== "" && value !== 0 && value !== false;
}

function compileComparison(filter: { operator: Comparison; left: Filter; right: Filter }): Evaluate {
  const [left, right] = [compile(filter.left), compile(filter.right)];
  const accept = accepted[filter.operator];
  return (device) => accept(compare(left(device), right(device)));
}

/** Which orders of left and right each operator accepts. NaN, for values that do not compare, is only unequal. */
const accepted: Readonly<Record<Comparison, (order: number) => boolean>> = {
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
  "=~": (order) => order === 0,
};

function compare(left: Value, right: Value): number {
  if (isNumeric(left) || isNumeric(right)) return Number(left ?? 0) - Number(right ?? 0);
  const [first, second] = [left ?? "", right ?? ""];
  return first < second ? -1 : first > second ? 1 : 0;
}

function isNumeric(value: Value): boolean {
  return typeof value === "number" || typeof value === "boolean";
}

/** `*` is any run of characters, `?` one, `[...]` one of a set: not a regular expression. */
function compileWildcard(left: Filter, right: Filter): Evaluate {
  const text = compile(left);
  if (right.kind === "literal") {
    const pattern = wildcard(String(right.value));
    return (device) => pattern.test(String(text(device) ?? ""));
  }
  const pattern = compile(right);
  return (device) => wildcard(String(pattern(device) ?? "")).test(String(text(device) ?? ""));
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\[([^\]]+)\]|\*+|\?|[^]/g, (part, set: string | undefined) => {
    if (set !== undefined) return `[${set.replace(/[\\^[\]]/g, "\\$&")}]`;
    if (part.startsWith("*")) return "[^]*";
    return part === "?" ? "[^]" : part.replace(/[\\^$.|+(){}[\]/-]/g, "\\$&");
  });
  try {
    return new RegExp(`^${source}$`);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ApiError(errorData.filter, `Filter: '${pattern}' is no wildcard pattern`);
  }
}
