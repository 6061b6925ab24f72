import type { ASTNode } from "@marcbachmann/cel-js";
import { sourceOf, type Fault } from "./bounds.ts";
import { partsOf, placeOf, type Names, type Variables } from "./names.ts";
import { didYouMean, nearest } from "./suggest.ts";

type Tokens = Readonly<Record<string, string>>;

/** Names compared with a field that can never be equal to one of its own: a slip that would match nothing, or everything. */
export function* enumFaults(ast: ASTNode, names: Names): Generator<Fault> {
  for (const [node, variables] of partsOf(ast, names)) {
    if (node.op !== "==" && node.op !== "!=" && node.op !== "in") continue;
    const [left, right] = node.args;
    yield* literalFaults(tokensOf(left, names, variables), right);
    if (left.op !== "list") yield* literalFaults(tokensOf(right, names, variables), left);
  }
}

/** @param known Of one side. @param other What it is compared with, where it is written out. */
function* literalFaults(known: Known | undefined, other: ASTNode): Generator<Fault> {
  if (known === undefined) return;
  for (const { text, start } of textsIn(other)) {
    if (!known.others.includes(text)) yield* nameFaults(text, known.tokens, { start, of: known.of });
  }
}

function* nameFaults(
  text: string,
  tokens: Tokens,
  { start, of }: { readonly start: number; readonly of: string },
): Generator<Fault> {
  const known = Object.values(tokens);
  if (known.includes(text)) return;
  const own = Object.hasOwn(tokens, text) ? tokens[text] : undefined;
  // A number without a name is kept as its text, and a service that sends names may have a new one.
  const mayCome = own === undefined && (areNumbers(tokens) ? /^-?\d+$/.test(text) : nearest(text, known) === undefined);
  if (mayCome) return;
  yield {
    start,
    code: "bad-enum",
    message: `${of} is never ${JSON.stringify(text)}`,
    hint: own === undefined ? didYouMean(text, known) : `Did you mean ${own}?`,
  };
}

/** The name of a number. Undefined: it has none, or the names stand for no numbers. */
export function nameOfNumber(tokens: Tokens, number: bigint | number): string | undefined {
  const wire = String(number);
  return Object.hasOwn(tokens, wire) ? tokens[wire] : undefined;
}

function areNumbers(tokens: Tokens): boolean {
  return Object.keys(tokens).every((wire) => /^-?\d+$/.test(wire));
}

interface Known {
  readonly tokens: Tokens;
  readonly of: string;
  /** Texts that the value can be beside: `coalesce(item.os_type, "none")`. */
  readonly others: readonly string[];
}

function tokensOf(node: ASTNode, names: Names, variables: Variables): Known | undefined {
  const tokens = placeOf(node, names, variables)?.about.tokens;
  if (tokens !== undefined) return { tokens, of: sourceOf(node), others: [] };
  if (node.op !== "call" || node.args[0] !== "coalesce") return undefined;
  const parts = node.args[1].map((arg) => tokensOf(arg, names, variables) ?? textsIn(arg).map(({ text }) => text));
  const known = parts.flatMap((part) => ("tokens" in part ? [part] : []));
  const [first] = known;
  const isWhole = parts.every((part) => "tokens" in part || part.length > 0);
  if (first === undefined || !isWhole || known.some((one) => one.tokens !== first.tokens)) return undefined;
  return { ...first, others: parts.flatMap((part) => ("tokens" in part ? part.others : part)) };
}

function textsIn(node: ASTNode): readonly { readonly text: string; readonly start: number }[] {
  if (node.op === "value") return typeof node.args === "string" ? [{ text: node.args, start: node.start }] : [];
  if (node.op === "list") return node.args.flatMap(textsIn);
  return node.op === "?:" ? node.args.slice(1).flatMap(textsIn) : [];
}
