import type { ASTNode } from "@marcbachmann/cel-js";
import { sourceOf, type Fault } from "./bounds.ts";
import { checkedTypeOf } from "./checked-type.ts";

/** What is said of a value that has to be there and may not be. @param type As CEL names it. */
export function emptyFault(node: ASTNode, type = checkedTypeOf(node)): Fault {
  const text = sourceOf(node);
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  const fallback = type === undefined ? undefined : fallbacks[/^\w+/.exec(type)?.[0] ?? ""];
  return { start: node.start, code: "may-be-empty", message: `${short} ${why(text)}`, hint: remedy(short, fallback) };
}

/** What is said of a list that may hold null where all of its elements have to be there. */
export function heldFault(node: ASTNode): Fault {
  const text = sourceOf(node);
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  const hint = `Write ${short}.filter(x, x != null).`;
  return { start: node.start, code: "may-be-empty", message: `${short} may hold null`, hint };
}

function remedy(text: string, fallback: string | undefined): string {
  const test = `${text} != null && … before it${/^item\.\w+$/.test(text) ? ", or optional: false at the field if every item has it" : ""}`;
  if (fallback === undefined) return `Write ${test}.`;
  if (/^coalesce\(.*\)$/s.test(text)) return `Give it one more value: ${text.slice(0, -1)}, ${fallback}).`;
  return `Write coalesce(${text}, ${fallback}), or ${test}.`;
}

function why(text: string): string {
  if (/^(item|before|after)[.[]\S+$/.test(text)) return "may be empty on some items";
  if (text.startsWith("lookup.")) return "may be empty in some rows";
  return text.startsWith("inputs.") ? "is null where no value is given" : "may be empty";
}

const fallbacks: Readonly<Record<string, string>> = {
  int: "0",
  double: "0.0",
  string: '""',
  bool: "false",
  list: "[]",
};
