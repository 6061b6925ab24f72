import { columnOf, textsOf } from "../columns.ts";
import type { ColumnValue } from "../columns.ts";
import type { Device } from "../device.ts";
import { callFunction, constantValue } from "./names.ts";
import type { Arithmetic, Comparison, Filter } from "./parse.ts";
import { filterError } from "./tokens.ts";
import { wildcard } from "./wildcard.ts";

type Value = ColumnValue | boolean;
type Evaluate = (device: Device) => Value;

/**
 * Turn a filter into a test of one device. A column without a value is 0 beside a number and "" beside text; text
 * compares exactly, except that numbers in text are numbers beside a number; a value on its own holds unless it is
 * empty, 0 or no number at all.
 * @param now Unix seconds that `ago()` counts back from.
 * @throws ApiError for a column, a function or a constant that does not exist, or a column that may not be read.
 */
export function compileFilter(filter: Filter, now = Math.floor(Date.now() / 1000)): (device: Device) => boolean {
  const evaluate = compile(filter, now);
  return (device) => holds(evaluate(device));
}

function compile(filter: Filter, now: number): Evaluate {
  const part = (inner: Filter) => compile(inner, now);
  switch (filter.kind) {
    case "literal":
      return () => filter.value;
    case "column":
      if (filter.code === anyColumn) throw filterError("ANY stands left of '=~' only", filter.at);
      return columnOf(filter.code);
    case "constant": {
      const value = constantValue(filter.name, filter.at);
      return () => value;
    }
    case "call":
      return compileCall(filter, now);
    case "sign": {
      const [inner, sign] = [part(filter.inner), filter.operator === "-" ? -1 : 1];
      return (device) => sign * numberOf(inner(device));
    }
    case "arithmetic": {
      const [left, right, calculate] = [part(filter.left), part(filter.right), arithmetic[filter.operator]];
      return (device) => calculate(numberOf(left(device)), numberOf(right(device)));
    }
    case "compare": {
      if (filter.operator === "=~") return compileMatch(filter.left, filter.right, now);
      const [left, right, accepts] = [part(filter.left), part(filter.right), accepted[filter.operator]];
      return (device) => accepts(compare(left(device), right(device)));
    }
    case "in": {
      const [left, among] = [part(filter.left), filter.among.map(part)];
      return (device) => among.some((one) => compare(left(device), one(device)) === 0);
    }
    case "not": {
      const inner = part(filter.inner);
      return (device) => !holds(inner(device));
    }
    case "and": {
      const [left, right] = [part(filter.left), part(filter.right)];
      return (device) => holds(left(device)) && holds(right(device));
    }
    case "or": {
      const [left, right] = [part(filter.left), part(filter.right)];
      return (device) => holds(left(device)) || holds(right(device));
    }
  }
}

/** The name that stands for all columns with text at once. */
const anyColumn = "ANY";

function compileCall({ name, target, args, at }: Extract<Filter, { kind: "call" }>, now: number): Evaluate {
  const call = callFunction(name, { hasTarget: target !== undefined, arguments: args.length, at });
  const value = target === undefined ? () => 0 : compile(target, now);
  return (device) => call(numberOf(value(device)), now);
}

function holds(value: Value): boolean {
  return value !== undefined && value !== "" && value !== 0 && value !== false && !Number.isNaN(value);
}

const arithmetic: Readonly<Record<Arithmetic, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
};

/** Which orders of left and right each operator accepts. NaN, for values that do not compare, is only unequal. */
const accepted: Readonly<Record<Exclude<Comparison, "=~">, (order: number) => boolean>> = {
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

function compare(left: Value, right: Value): number {
  if (isNumeric(left) || isNumeric(right)) {
    const [first, second] = [numberOf(left), numberOf(right)];
    return first === second ? 0 : first - second;
  }
  const [first, second] = [left ?? "", right ?? ""];
  return first < second ? -1 : first > second ? 1 : 0;
}

function isNumeric(value: Value): boolean {
  return typeof value === "number" || typeof value === "boolean";
}

/** NaN for text that is no number. */
function numberOf(value: Value): number {
  return Number(value ?? 0);
}

/** A pattern that is written out is read once, and not for every device. */
function compileMatch(left: Filter, right: Filter, now: number): Evaluate {
  const texts = compileTexts(left, now);
  const pattern = right.kind === "literal" ? wildcard(String(right.value)) : undefined;
  const written = compile(right, now);
  return (device) => {
    const matches = pattern ?? wildcard(String(written(device) ?? ""));
    return texts(device).some(matches);
  };
}

function compileTexts(filter: Filter, now: number): (device: Device) => readonly string[] {
  if (filter.kind === "column" && filter.code === anyColumn) return textsOf;
  const value = compile(filter, now);
  return (device) => [String(value(device) ?? "")];
}
