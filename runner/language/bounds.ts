import type { ASTNode } from "@marcbachmann/cel-js";
import { comprehensions, functions, methods } from "./functions.ts";
import { didYouMean } from "./suggest.ts";

/** Longest expression, in characters. */
const maxLength = 32_768;
/** Structure cel-js itself refuses beyond. */
export const limits = {
  maxAstNodes: 2000,
  maxDepth: 40,
  maxListElements: 1000,
  maxMapEntries: 200,
  maxCallArguments: 8,
};

const maxSigns = 32;

export interface Fault {
  /** Offset in the expression. */
  readonly start: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** The member that is not there, and the names that it was looked for in. */
  readonly missing?: { readonly owner: string; readonly name: string };
}

/** What is refused before the parser sees the text: its own limits do not count signs, and it would recurse on each. */
export function textFault(text: string): Fault | undefined {
  if (text.trim() === "") return { start: 0, code: "bad-expression", message: "the expression is empty" };
  if (text.length > maxLength) {
    return {
      start: maxLength,
      code: "expression-too-large",
      message: `the expression has ${text.length} characters, at most ${maxLength} are allowed`,
    };
  }
  const signs = /[-!](?:\s*[-!]){31}/.exec(text);
  if (signs)
    return { start: signs.index, code: "expression-too-large", message: `more than ${maxSigns - 1} signs in a row` };
  return undefined;
}

/** What CEL could do and a plan may not: everything without a known bound on its work. */
export function* astFaults(node: ASTNode, bodiesAround = 0): Generator<Fault> {
  yield* ownFaults(node, bodiesAround);
  if (timeSpan(node) !== undefined) return;
  const bodies = bodiesOf(node);
  for (const child of children(node)) yield* astFaults(child, bodiesAround + (bodies.includes(child) ? 1 : 0));
}

/** What is evaluated for each element of a list. The list itself is not: `.filter(…).map(…)` goes through it twice, no more. */
function bodiesOf(node: ASTNode): readonly ASTNode[] {
  return node.op === "rcall" && isComprehension(node) ? node.args[2] : [];
}

/** The parts of a node, the variable of a comprehension included. */
export function children(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case "value":
    case "id":
      return [];
    case ".":
    case ".?":
      return [node.args[0]];
    case "call":
      return node.args[1];
    case "rcall":
      return [node.args[1], ...node.args[2]];
    case "map":
      return node.args.flat();
    case "!_":
    case "-_":
      return [node.args];
    default:
      return node.args;
  }
}

/** `list.all(x, …)` and its kin. */
export function isComprehension(node: ASTNode): boolean {
  return node.op === "rcall" && comprehensions.has(node.args[0]) && node.args[2].length > 1;
}

function* ownFaults(node: ASTNode, bodiesAround: number): Generator<Fault> {
  if (isComprehension(node) && bodiesAround > 1) {
    yield {
      start: node.start,
      code: "nested-lists",
      message: "more than one list function inside another",
      hint: "Split the expression into several clauses.",
    };
  }
  if (node.op === "call") yield* callFaults(node.args[0], node.start);
  if (node.op === "rcall" && !isComprehension(node)) yield* methodFaults(node);
  if (node.op === "value" && typeof node.args === "object" && node.args !== null) {
    yield {
      start: node.start,
      code: "bad-expression",
      message: "byte texts and unsigned numbers are not part of plans",
    };
  }
  if (node.op === "map") yield* node.args.flatMap(([key]) => keyFaults(key));
}

/** `30.days().ago()`, as filters of the console have it: what to write here. */
function timeSpan(node: ASTNode): string | undefined {
  if (node.op !== "rcall") return undefined;
  const [name, receiver] = node.args;
  if (name === "ago") return timeSpan(receiver);
  const unit = Object.hasOwn(units, name) ? units[name] : undefined;
  return unit === undefined || receiver.op !== "value" ? undefined : `"${String(receiver.args)}${unit}"`;
}

const units: Readonly<Record<string, string>> = {
  seconds: "s",
  minutes: "m",
  hours: "h",
  days: "d",
  weeks: "w",
  months: "mo",
  years: "y",
};

/** Functions of CEL that plans do without, and what to write in their place. */
const leftOut: Readonly<Record<string, string>> = {
  bytes: 'A size is to_bytes("500 GB").',
  timestamp: 'A time is time("2026-01-31T22:00Z"), in Unix seconds like every other.',
  duration: 'A time that long before now is ago("30d"); a number of seconds is days(30).',
  type: "Types are known before the run: has(x) says whether there is a value.",
};

function* callFaults(name: string, start: number): Generator<Fault> {
  if (name === "has" || Object.hasOwn(functions, name)) return;
  if (Object.hasOwn(leftOut, name)) {
    yield { start, code: "unknown-function", message: `${name}(…) is not part of plans`, hint: leftOut[name] };
    return;
  }
  yield {
    start,
    code: "unknown-function",
    message: `there is no function ${name}`,
    hint: name.toLowerCase() === "not" ? "Write !(…)." : didYouMean(name, Object.keys(functions)),
  };
}

function* methodFaults(node: ASTNode & { readonly op: "rcall" }): Generator<Fault> {
  const [name, receiver] = node.args;
  if (Object.hasOwn(methods, name)) return;
  if (name === "matches") {
    yield {
      start: node.start,
      code: "unsafe-pattern",
      message: "matches(…) can take minutes on a hostile pattern",
      hint: "Use rematch(text, pattern), which runs on RE2.",
    };
    return;
  }
  const span = timeSpan(node);
  if (span !== undefined) {
    yield {
      start: node.start,
      code: "unknown-function",
      message: `${sourceOf(node)} is not part of CEL`,
      hint: `Write ago(${span}).`,
    };
    return;
  }
  const hint = Object.hasOwn(functions, name)
    ? `Write ${name}(${sourceOf(receiver)}, …).`
    : didYouMean(name, [...Object.keys(methods), ...comprehensions]);
  yield { start: node.start, code: "unknown-function", message: `there is no function .${name}(…)`, hint };
}

/** The library drops some names without a word and turns numbers into text: only plain text is a key. */
function keyFaults(key: ASTNode): readonly Fault[] {
  const text = key.op === "value" && typeof key.args === "string" ? key.args : undefined;
  if (text === undefined)
    return [
      { start: key.start, code: "bad-expression", message: "the keys of a map in an expression are texts in quotes" },
    ];
  if (text !== "__proto__" && text !== "$secret" && text !== "$int") return [];
  return [{ start: key.start, code: "bad-key", message: `${text} can not be a key` }];
}

/** The text of a node. */
export function sourceOf(node: ASTNode): string {
  return node.input.slice(node.start, node.end);
}
