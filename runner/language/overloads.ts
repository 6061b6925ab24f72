import type { ASTNode } from "@marcbachmann/cel-js";
import { children, sourceOf } from "./bounds.ts";
import { nameOfNumber } from "./enum-names.ts";
import { placeOf, type About, type Names } from "./names.ts";
import { parseBytes, parseDuration, parseTime } from "./units.ts";

/** What to write where two sides of an operator do not go together. */
export function overloadHint(message: string, node: ASTNode | undefined, names: Names): string | undefined {
  if (/[!=]= null$|: null [!=]=/.test(message))
    return "It is never null as a whole: compare a member of it, such as item.name.";
  if (/\bnull\b/.test(message)) return "Only == and != can be used with null.";
  const [left, right] = node === undefined || !isBinary(node) ? [] : node.args;
  const own =
    left &&
    right &&
    (literalHint(left, right, names) ?? (node?.op === "in" ? undefined : literalHint(right, left, names)));
  if (own !== undefined) return own;
  if (/list<\w+> [!=]= string$/.test(message) && left && right)
    return `Write ${sourceOf(right)} in ${sourceOf(left)}: it is a list.`;
  const table = /string in map<(int|double)|(?:int|double) in map<(string)/.exec(message);
  if (table && left && right)
    return `The keys of ${sourceOf(right)} are ${table[2] === undefined ? "numbers" : "texts"}, and ${sourceOf(left)} is none.`;
  if (!/int (==|!=|in|<|>|<=|>=) (list<)?string|string (==|!=|in|<|>|<=|>=) (list<)?int/.test(message))
    return undefined;
  const isWritten = [left, right].some((side) => side !== undefined && literalsOf(side).length > 0);
  return `One side is a number and the other a text${isWritten ? ": write numbers without quotes" : ""}.`;
}

/** @param other What is written out beside it: a value, or a list of values. */
function literalHint(value: ASTNode, other: ASTNode, names: Names): string | undefined {
  const about = aboutOf(value, names);
  for (const literal of literalsOf(other)) {
    const hint = typeof literal === "string" ? textHint(literal, about) : numberHint(literal, about);
    if (hint !== undefined) return hint;
  }
  return undefined;
}

function textHint(text: string, { counts, tokens }: About): string | undefined {
  if (tokens !== undefined || /^\s*-?\d+(\.\d+)?\s*$/.test(text)) return undefined;
  const quoted = JSON.stringify(text);
  const isTime = parseTime(text) !== undefined;
  const isSpan = parseDuration(text) !== undefined;
  const isSize = parseBytes(text) !== undefined;
  if (isTime) return `Write time(${quoted}): times are Unix seconds.`;
  if (isSpan && (counts === "time" || !isSize)) return `Write ago(${quoted}) for a time that long before now.`;
  return isSize ? `Write to_bytes(${quoted}): sizes are numbers of bytes.` : undefined;
}

function numberHint(number: bigint | number, { tokens }: About): string | undefined {
  const name = tokens && nameOfNumber(tokens, number);
  return name === undefined ? undefined : `Write ${JSON.stringify(name)}: that is the name of ${String(number)}.`;
}

/** What is known of the first value in it of which something is known: `coalesce(item.used_storage, 0)`. */
function aboutOf(node: ASTNode, names: Names): About {
  const own = placeOf(node, names, new Map())?.about;
  if (own?.counts !== undefined || own?.tokens !== undefined) return own;
  if (node.op !== "call" && node.op !== "?:") return {};
  const parts = children(node).map((child) => aboutOf(child, names));
  return parts.find(({ counts, tokens }) => counts !== undefined || tokens !== undefined) ?? {};
}

function literalsOf(node: ASTNode): readonly (string | bigint | number)[] {
  if (node.op === "list") return node.args.flatMap(literalsOf);
  if (node.op !== "value") return [];
  const { args } = node;
  return typeof args === "string" || typeof args === "bigint" || typeof args === "number" ? [args] : [];
}

function isBinary(node: ASTNode): node is Extract<ASTNode, { readonly op: "==" }> {
  return Array.isArray(node.args) && node.args.length === 2 && /^(==|!=|in|[<>]=?|[-+*/%])$/.test(node.op);
}
