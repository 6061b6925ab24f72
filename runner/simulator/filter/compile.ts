import { columnOf, textsOf } from "../columns.ts";
import type { ColumnValue } from "../columns.ts";
import type { Device } from "../device.ts";
import { callFunction, constantValue } from "./names.ts";
import type { Arithmetic, Comparison, Filter } from "./parse.ts";
import { filterError } from "./tokens.ts";
import { wildcard } from "./wildcard.ts";

type Value = ColumnValue | boolean;
type Evaluate<Row> = (row: Row) => Value;

/** What the names in a filter stand for. */
export interface Vocabulary<Row> {
  /** @throws ApiError for a name that does not exist, or may not be read. */
  readonly column: (name: string, at: number) => (row: Row) => ColumnValue;
  /** All the text of a row: what `ANY` stands for. */
  readonly texts: (row: Row) => readonly string[];
}

const deviceColumns: Vocabulary<Device> = { column: columnOf, texts: textsOf };

/** Turn a filter into a test of one device, by its columns. @throws ApiError as `compileOver`. */
export function compileFilter(filter: Filter, now?: number): (device: Device) => boolean {
  return compileOver(deviceColumns, filter, now);
}

/**
 * Turn a filter into a test of one row. A column without a value is 0 beside a number and "" beside text; text
 * compares exactly, except that numbers in text are numbers beside a number; a value on its own holds unless it is
 * empty, 0 or no number at all.
 * @param now Unix seconds that `ago()` counts back from.
 * @throws ApiError for a column, a function or a constant that does not exist, or a column that may not be read.
 */
export function compileOver<Row>(
  vocabulary: Vocabulary<Row>,
  filter: Filter,
  now = Math.floor(Date.now() / 1000),
): (row: Row) => boolean {
  const evaluate = compile(filter, { vocabulary, now });
  return (row) => holds(evaluate(row));
}

interface Around<Row> {
  readonly vocabulary: Vocabulary<Row>;
  readonly now: number;
}

function compile<Row>(filter: Filter, around: Around<Row>): Evaluate<Row> {
  const part = (inner: Filter) => compile(inner, around);
  switch (filter.kind) {
    case "literal":
      return () => filter.value;
    case "column":
      if (filter.code === anyColumn) throw filterError("ANY stands left of '=~' only", filter.at);
      return around.vocabulary.column(filter.code, filter.at);
    case "constant": {
      const value = constantValue(filter.name, filter.at);
      return () => value;
    }
    case "call":
      return compileCall(filter, around);
    case "sign": {
      const [inner, sign] = [part(filter.inner), filter.operator === "-" ? -1 : 1];
      return (row) => sign * numberOf(inner(row));
    }
    case "arithmetic": {
      const [left, right, calculate] = [part(filter.left), part(filter.right), arithmetic[filter.operator]];
      return (row) => calculate(numberOf(left(row)), numberOf(right(row)));
    }
    case "compare": {
      if (filter.operator === "=~") return compileMatch(filter.left, filter.right, around);
      const [left, right, accepts] = [part(filter.left), part(filter.right), accepted[filter.operator]];
      return (row) => accepts(compare(left(row), right(row)));
    }
    case "in": {
      const [left, among] = [part(filter.left), filter.among.map(part)];
      return (row) => among.some((one) => compare(left(row), one(row)) === 0);
    }
    case "not": {
      const inner = part(filter.inner);
      return (row) => !holds(inner(row));
    }
    case "and": {
      const [left, right] = [part(filter.left), part(filter.right)];
      return (row) => holds(left(row)) && holds(right(row));
    }
    case "or": {
      const [left, right] = [part(filter.left), part(filter.right)];
      return (row) => holds(left(row)) || holds(right(row));
    }
  }
}

/** The name that stands for all columns with text at once. */
const anyColumn = "ANY";

function compileCall<Row>(
  { name, target, args, at }: Extract<Filter, { kind: "call" }>,
  around: Around<Row>,
): Evaluate<Row> {
  const call = callFunction(name, { hasTarget: target !== undefined, arguments: args.length, at });
  const value = target === undefined ? () => 0 : compile(target, around);
  return (row) => call(numberOf(value(row)), around.now);
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
  "&": (left, right) => left & right,
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
function compileMatch<Row>(left: Filter, right: Filter, around: Around<Row>): Evaluate<Row> {
  const texts = compileTexts(left, around);
  const pattern = right.kind === "literal" ? wildcard(String(right.value)) : undefined;
  const written = compile(right, around);
  return (row) => {
    const matches = pattern ?? wildcard(String(written(row) ?? ""));
    return texts(row).some(matches);
  };
}

function compileTexts<Row>(filter: Filter, around: Around<Row>): (row: Row) => readonly string[] {
  if (filter.kind === "column" && filter.code === anyColumn) return around.vocabulary.texts;
  const value = compile(filter, around);
  return (row) => [String(value(row) ?? "")];
}
