import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import { PlanError } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import type { Problem, Severity } from "../core/model/problem.ts";
import { tooDeepAt } from "./nesting.ts";
import { oddities, yamlFault } from "./oddities.ts";
import { sourceOffset } from "./offsets.ts";
import { meant } from "./suggest.ts";

/** What a text is: a plan may come from a stranger, lines of the other two may hold credentials. */
export type SourceKind = "plan" | "config" | "inputs";

/** Largest text read, in characters. All work on a stranger's plan is bounded by its size. */
const maxLength: Readonly<Record<SourceKind, number>> = {
  plan: 256 * 1024,
  config: 256 * 1024,
  inputs: 4 * 1024 * 1024,
};

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
  /** Undefined: an error. */
  readonly severity?: Severity;
}

/** A YAML text as a plain value, and the place of everything in it. */
export class Source {
  readonly file: string;
  readonly kind: SourceKind;
  readonly text: string;
  readonly value: Value;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  /** Found once, because every problem of a large map asks for its place. */
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string | undefined, Pair>>();

  constructor(
    { file, kind }: { readonly file: string; readonly kind: SourceKind },
    text: string,
    parsed: { document: Document.Parsed; lines: LineCounter },
  ) {
    this.file = file;
    this.kind = kind;
    this.text = text;
    this.#document = parsed.document;
    this.#lines = parsed.lines;
    this.value = toValue(parsed.document.contents);
  }

  /** A finding with its line and column. A path that is not there is placed at what is there of it. */
  problem({ path, at = "value", offset = 0, severity = "error", code, message, hint }: Finding): Problem {
    const { line, col } = this.#lines.linePos(this.#offsetOf(path, at, offset));
    const place = placeIn(this, line, col);
    return { ...place, severity, code, message, ...(hint === undefined ? {} : { hint }) };
  }

  /** Whether something is written at a path. */
  has(path: Path): boolean {
    return this.#document.hasIn(path);
  }

  /** Line of the start of what stands at a path. */
  lineOf(path: Path): number {
    return this.#lines.linePos(this.#offsetOf(path, "value", 0)).line;
  }

  #pairsOf(map: YAMLMap): ReadonlyMap<string | undefined, Pair> {
    const known = this.#pairs.get(map) ?? new Map(map.items.map((pair) => [keyText(pair), pair]));
    this.#pairs.set(map, known);
    return known;
  }

  #offsetOf(path: Path, at: "key" | "value", inside: number): number {
    let node: unknown = this.#document.contents;
    let start = rangeStart(node) ?? 0;
    for (const [depth, step] of path.entries()) {
      const pair = isMap(node) && typeof step === "string" ? pairNamed(this.#pairsOf(node), step) : undefined;
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
export function readSource(text: string, file: string, kind: SourceKind = "plan"): Source {
  const lines = new LineCounter();
  const code = kind === "config" ? "config" : "plan";
  const fail = (offset: number, problem: { code: string; message: string; hint?: string }): never => {
    const { line, col } = lineAt(text, offset);
    throw new PlanError([{ ...placeIn({ file, kind }, line, col), severity: "error", ...problem }], code);
  };
  if (text.length > maxLength[kind]) {
    fail(0, {
      code: "too-large",
      message: `the file has ${text.length} characters, at most ${maxLength[kind]} are read`,
    });
  }
  const deep = tooDeepAt(text);
  if (deep !== undefined) fail(deep, { code: "too-deep", message: "the file nests too deeply here" });
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    strict: true,
    // Ours to find (see oddities): the library compares each key with every other.
    uniqueKeys: false,
    stringKeys: true,
    intAsBigInt: true,
    prettyErrors: false,
    lineCounter: lines,
  });
  const first = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (first !== undefined) fail(first.pos[0], yamlFault(text, first));
  if (document.directives.yaml.explicit) {
    fail(0, {
      code: "bad-yaml",
      message: "a %YAML line changes how the file reads",
      hint: "Remove it: YAML 1.2 is always used.",
    });
  }
  const problems = oddities(document).map(({ offset, ...problem }) => {
    const { line, col } = lines.linePos(offset);
    return { ...placeIn({ file, kind }, line, col), severity: "error" as const, ...problem };
  });
  if (problems.length > 0) throw new PlanError(problems, code);
  return new Source({ file, kind }, text, { document, lines });
}

function placeIn({ file, kind }: Pick<Source, "file" | "kind">, line: number, column: number) {
  return { file, line, column, ...(kind !== "plan" && { private: true }) };
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

function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

/** A key that was misspelt is asked for by what it means. */
function pairNamed(pairs: ReadonlyMap<string | undefined, Pair>, name: string): Pair | undefined {
  const pair = pairs.get(name);
  if (pair !== undefined) return pair;
  const near = meant(
    name,
    [...pairs.keys()].filter((key) => key !== undefined),
  );
  return near === undefined ? undefined : pairs.get(near);
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function lineAt(text: string, offset: number): { line: number; col: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, col: offset - before.lastIndexOf("\n") };
}
