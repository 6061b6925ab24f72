import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node, type Pair } from "yaml";
import { PlanError } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import type { Problem } from "../core/model/problem.ts";
import { tooDeepAt } from "./nesting.ts";
import { sourceOffset } from "./offsets.ts";

/** Largest file read, in characters. */
export const maxSourceLength = 4 * 1024 * 1024;

export type Path = readonly (string | number)[];

export interface Finding {
  readonly path: Path;
  /** Point at the key instead of its value. */
  readonly at?: "key" | "value";
  /** A place inside the text of a scalar, counted in its value. */
  readonly offset?: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A YAML text as a plain value, and the place of everything in it. */
export class Source {
  readonly file: string;
  readonly text: string;
  readonly value: Value;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  constructor(file: string, text: string, parsed: { document: Document.Parsed; lines: LineCounter }) {
    this.file = file;
    this.text = text;
    this.#document = parsed.document;
    this.#lines = parsed.lines;
    this.value = toValue(parsed.document.contents);
  }

  /** A finding with its line and column. A path that is not there is placed at what is there of it. */
  problem({ path, at = "value", offset = 0, code, message, hint }: Finding): Problem {
    const { line, col } = this.#lines.linePos(this.#offsetOf(path, at, offset));
    return { file: this.file, line, column: col, code, message, ...(hint === undefined ? {} : { hint }) };
  }

  /** Line of the start of what stands at a path. */
  lineOf(path: Path): number {
    return this.#lines.linePos(this.#offsetOf(path, "value", 0)).line;
  }

  #offsetOf(path: Path, at: "key" | "value", inside: number): number {
    let node: unknown = this.#document.contents;
    let start = rangeStart(node) ?? 0;
    for (const [depth, step] of path.entries()) {
      const pair = isMap(node) ? node.items.find((one) => keyText(one) === step) : undefined;
      const next: unknown = pair ? pair.value : isSeq(node) && typeof step === "number" ? node.items[step] : undefined;
      if (pair === undefined && next === undefined) return start;
      const last = depth === path.length - 1;
      const keyStart = pair && rangeStart(pair.key);
      start = (last && at === "key" ? keyStart : rangeStart(next)) ?? keyStart ?? start;
      if (last && at === "key") return start;
      node = next;
    }
    if (inside === 0 || !isScalar(node) || typeof node.value !== "string" || !node.range) return start;
    return sourceOffset(this.text.slice(node.range[0], node.range[1]), node.value, inside) + node.range[0];
  }
}

/**
 * Read one YAML document: version 1.2, core schema, and nothing that reads differently from how it looks.
 * @throws {PlanError} Of what the parser says only the first error: one slip causes dozens.
 */
export function readSource(text: string, file: string, code: "plan" | "config" = "plan"): Source {
  const lines = new LineCounter();
  const fail = (offset: number, problem: { code: string; message: string; hint?: string }): never => {
    const { line, col } = lineAt(text, offset);
    throw new PlanError([{ file, line, column: col, ...problem }], code);
  };
  if (text.length > maxSourceLength) {
    fail(0, { code: "too-large", message: `the file has ${text.length} characters, at most ${maxSourceLength} are read` });
  }
  const deep = tooDeepAt(text);
  if (deep !== undefined) fail(deep, { code: "too-deep", message: "the file nests too deeply here" });
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    intAsBigInt: true,
    prettyErrors: false,
    lineCounter: lines,
  });
  const first = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (first !== undefined) fail(first.pos[0], yamlProblem(text, first.pos[0], first));
  if (document.directives.yaml.explicit) {
    fail(0, { code: "bad-yaml", message: "a %YAML line changes how the file reads", hint: "Remove it: YAML 1.2 is always used." });
  }
  const source = new Source(file, text, { document, lines });
  const problems = [...oddities(document, file, lines)];
  if (problems.length > 0) throw new PlanError(problems, code);
  return source;
}

function yamlProblem(text: string, offset: number, error: { code: string; message: string }): Omit<Problem, "file" | "line" | "column"> {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n", 1)[0] ?? "";
  const message = error.message.charAt(0).toLowerCase() + error.message.slice(1);
  if (error.code === "DUPLICATE_KEY") return { code: "duplicate-key", message: "this key is already there", hint: "Keep one of them." };
  if (error.code === "TAG_RESOLVE_FAILED") {
    return { code: "yaml-tag", message: `YAML reads ${line.trim()} as a tag`, hint: 'Put quotes around the text: "!(…)".' };
  }
  if (error.code === "MULTIPLE_DOCS") return { code: "bad-yaml", message: "there is more than one document in the file", hint: "Keep one: no line of ---." };
  if (line.includes("${{")) {
    return { code: "bad-yaml", message, hint: 'Inside { … } and [ … ] YAML needs quotes: "${{ … }}".' };
  }
  return { code: "bad-yaml", message };
}

/** What YAML allows and a plan does not, because it hides what is meant. */
function* oddities(document: Document.Parsed, file: string, lines: LineCounter): Generator<Problem> {
  const found: Problem[] = [];
  const add = (node: unknown, problem: { code: string; message: string; hint?: string }): void => {
    const { line, col } = lines.linePos(rangeStart(node) ?? 0);
    found.push({ file, line, column: col, ...problem });
  };
  visit(document, {
    Pair: (_, pair) => {
      const key = keyText(pair);
      if (key === "<<") add(pair.key, { code: "merge-key", message: "merge keys are not part of plans", hint: "Write the keys out." });
      if (key === "__proto__" || key === "$secret") add(pair.key, { code: "bad-key", message: `${key} can not be a key` });
    },
    Node: (_, node) => {
      if (isAlias(node)) add(node, { code: "yaml-alias", message: `*${node.source} repeats another part of the file`, hint: "Write the value out." });
      else if (node.anchor !== undefined) add(node, { code: "yaml-alias", message: `&${node.anchor} is an anchor`, hint: "Remove it: aliases are not read." });
      if (!isAlias(node) && node.tag !== undefined) add(node, { code: "yaml-tag", message: `${node.tag} is a tag`, hint: 'If text is meant, put quotes around it.' });
      if (isScalar(node)) addNumber(node, add);
    },
  });
  yield* found;
}

function addNumber(
  node: { readonly value: unknown; readonly source?: string | undefined; readonly type?: string | undefined },
  add: (node: unknown, problem: { code: string; message: string; hint?: string }) => void,
): void {
  const source = node.source ?? "";
  if (typeof node.value === "bigint" && /^[-+]?0\d/.test(source)) {
    add(node, { code: "leading-zero", message: `${source} would be read as ${node.value.toString()}`, hint: `Write "${source}" for text, or the number without the zero.` });
  } else if (typeof node.value === "bigint" && !Number.isSafeInteger(Number(node.value))) {
    add(node, { code: "large-number", message: `${source} is beyond 2^53 and would be rounded`, hint: `Put quotes around it: "${source}".` });
  } else if (typeof node.value === "number" && (!Number.isFinite(node.value) || Math.abs(node.value) > Number.MAX_SAFE_INTEGER)) {
    add(node, { code: "large-number", message: `${source} is not a number that JSON can carry exactly` });
  }
}

/** Plain JSON. Built by `fromEntries`, so that no key reaches a prototype. */
function toValue(node: unknown): Value {
  if (isMap(node)) return Object.fromEntries(node.items.map((pair) => [String(keyText(pair)), toValue(pair.value)]));
  if (isSeq(node)) return node.items.map(toValue);
  if (!isScalar(node)) return null;
  const { value } = node;
  if (typeof value === "bigint") return Number(value);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

function keyText(pair: Pair<unknown>): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function lineAt(text: string, offset: number): { line: number; col: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, col: offset - before.lastIndexOf("\n") };
}
