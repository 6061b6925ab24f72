import fc from "fast-check";
import type { Arithmetic, Comparison, Filter } from "../../../runner/simulator/filter/parse.ts";

const comparisons: Comparison[] = ["==", "!=", "<=", ">=", "<", ">", "=~"];
const arithmetics: Arithmetic[] = ["+", "-", "*", "/", "%"];

/** Any tree that the language can say, whether or not its names mean anything. */
export const anyFilter = filters({
  codes: ["AU", "I9", "D01F00", "AA843", "G@", "ANY"],
  call: (inner) =>
    fc.record(
      {
        kind: fc.constant("call" as const),
        name: fc.constantFrom("days", "ago", "x"),
        target: inner,
        args: fc.array(inner, { maxLength: 2 }),
        at: fc.constant(0),
      },
      { requiredKeys: ["kind", "name", "args", "at"] },
    ),
});

/** Trees that select something: known columns, functions as they are called. */
export const meaningfulFilter = filters({
  codes: ["AU", "I9", "AN", "AL", "OP", "US", "OT", "AA843", "TS"],
  call: (inner) =>
    fc.record({
      kind: fc.constant("call" as const),
      name: fc.constantFrom("minutes", "hours", "days", "weeks", "months", "years", "ago"),
      target: inner,
      args: fc.constant([]),
      at: fc.constant(0),
    }),
});

function filters(parts: {
  codes: string[];
  call: (inner: fc.Arbitrary<Filter>) => fc.Arbitrary<Filter>;
}): fc.Arbitrary<Filter> {
  const text = fc.oneof(fc.constantFrom("Ada's desk", "4", "*desk*", "[A-C]?*", '"', ""), fc.string({ maxLength: 4 }));
  const number = fc.oneof(
    fc.nat(5),
    fc.nat(2_000_000_000),
    fc.nat(40).map((quarters) => quarters / 4),
  );
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => {
    const inner = tie("filter");
    const both = { left: inner, right: inner };
    return {
      filter: fc.oneof(
        { maxDepth: 6, depthSize: "medium" },
        fc.oneof(number, text, fc.boolean()).map((value): Filter => ({ kind: "literal", value })),
        fc.constantFrom(...parts.codes).map((code): Filter => ({ kind: "column", code, at: 0 })),
        fc.constant<Filter>({ kind: "constant", name: "Product.Documents", at: 0 }),
        fc.record({ kind: fc.constantFrom("and", "or"), ...both }),
        fc.record({ kind: fc.constant("not"), inner }),
        fc.record({ kind: fc.constant("compare"), operator: fc.constantFrom(...comparisons), ...both }),
        fc.record({ kind: fc.constant("in"), left: inner, among: fc.array(inner, { minLength: 1, maxLength: 3 }) }),
        fc.record({ kind: fc.constant("arithmetic"), operator: fc.constantFrom(...arithmetics), ...both }),
        fc.record({ kind: fc.constant("sign"), operator: fc.constantFrom("+", "-"), inner }),
        parts.call(inner),
      ),
    };
  });
  return filter;
}

/** How tightly each kind of expression binds; parentheses go only where they must. */
const levels = { or: 1, and: 2, not: 3, compare: 4, in: 4, sign: 7, call: 8, literal: 9, column: 9, constant: 9 };

export function write(filter: Filter, atLeast = 0): string {
  const sum = filter.kind === "arithmetic" && (filter.operator === "+" || filter.operator === "-");
  const level = filter.kind === "arithmetic" ? (sum ? 5 : 6) : levels[filter.kind];
  const text = writeAt(filter, level);
  return level < atLeast ? `(${text})` : text;
}

function writeAt(filter: Filter, level: number): string {
  switch (filter.kind) {
    case "literal":
      return typeof filter.value === "string" ? `'${filter.value.replaceAll("'", "''")}'` : String(filter.value);
    case "column":
      return filter.code;
    case "constant":
      return filter.name;
    case "call": {
      const before = filter.target === undefined ? "" : `${write(filter.target, level)}.`;
      return `${before}${filter.name}(${filter.args.map((one) => write(one, 5)).join(", ")})`;
    }
    case "sign":
      return `${filter.operator}${write(filter.inner, level)}`;
    case "in":
      return `${write(filter.left, level)} in (${filter.among.map((one) => write(one, 5)).join(", ")})`;
    case "not":
      return `not ${write(filter.inner, level)}`;
    case "and":
    case "or":
      return `${write(filter.left, level)} ${filter.kind} ${write(filter.right, level + 1)}`;
    case "compare":
    case "arithmetic":
      return `${write(filter.left, level)} ${filter.operator} ${write(filter.right, level + 1)}`;
  }
}

type Value = string | number | boolean | undefined;

/** The meaning of a filter by the plainest means: `columns` has the values of one device by code. */
export function meaning(filter: Filter, columns: Readonly<Record<string, Value>>, now: number): Value {
  const of = (inner: Filter) => meaning(inner, columns, now);
  const number = (inner: Filter) => Number(of(inner) ?? 0);
  switch (filter.kind) {
    case "literal":
      return filter.value;
    case "column":
      return columns[filter.code];
    case "constant":
      return 2;
    case "call": {
      const lengths: Record<string, number> = { minutes: 1, hours: 60, days: 1440, weeks: 10_080, months: 43_200 };
      const [value, length = 525_600] = [number(filter.target!), lengths[filter.name]];
      return filter.name === "ago" ? now - value : value * (length * 60);
    }
    case "sign":
      return filter.operator === "-" ? -number(filter.inner) : number(filter.inner);
    case "arithmetic": {
      const [left, right] = [number(filter.left), number(filter.right)];
      if (filter.operator === "+") return left + right;
      if (filter.operator === "-") return left - right;
      if (filter.operator === "*") return left * right;
      return filter.operator === "/" ? left / right : left % right;
    }
    case "in":
      return filter.among.some((one) => related("==", of(filter.left), of(one)));
    case "compare":
      if (filter.operator !== "=~") return related(filter.operator, of(filter.left), of(filter.right));
      return matchesPlainly(String(of(filter.right) ?? ""), String(of(filter.left) ?? ""));
    case "not":
      return !isTrue(of(filter.inner));
    case "and":
      return isTrue(of(filter.left)) && isTrue(of(filter.right));
    case "or":
      return isTrue(of(filter.left)) || isTrue(of(filter.right));
  }
}

export function isTrue(value: Value): boolean {
  return typeof value === "number" ? value < 0 || value > 0 : Boolean(value);
}

function related(operator: string, first: Value, second: Value): boolean {
  const asText = [first, second].every((value) => value === undefined || typeof value === "string");
  const [left, right] = asText ? [first ?? "", second ?? ""] : [Number(first ?? 0), Number(second ?? 0)];
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}

/** One character of the pattern after the other, trying everything: only for short ones. */
export function matchesPlainly(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  const [first, rest] = [pattern.charAt(0), pattern.slice(1)];
  if (first === "*") return matchesPlainly(rest, text) || (text !== "" && matchesPlainly(pattern, text.slice(1)));
  const set = /^\[[^\]]+\]/.exec(pattern)?.[0];
  if (text === "") return false;
  const character = text.charAt(0);
  if (set !== undefined)
    return inSet(set.slice(1, -1), character) && matchesPlainly(pattern.slice(set.length), text.slice(1));
  return (first === "?" || first === character) && matchesPlainly(rest, text.slice(1));
}

function inSet(set: string, character: string): boolean {
  if (set === "") return false;
  if (set.length > 2 && set.charAt(1) === "-") {
    return (character >= set.charAt(0) && character <= set.charAt(2)) || inSet(set.slice(3), character);
  }
  return set.charAt(0) === character || inSet(set.slice(1), character);
}
