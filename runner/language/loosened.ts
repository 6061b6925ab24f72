import type { ASTNode } from "@marcbachmann/cel-js";
import { children } from "./bounds.ts";

type Type = { readonly name: string };
type Context = { readonly _?: never };

interface Checker {
  check(node: ASTNode, context: Context): Type;
  getType(name: string): Type;
}

/** The check that the library keeps with a node, undeclared. */
interface Checked {
  setMeta(name: "macro", value: { typeCheck: (checker: Checker, macro: unknown, context: Context) => Type }): void;
}

/** Where the library's check is stricter than plans are, ours takes its place. */
export function loosen(node: ASTNode): void {
  const check = checkOf(node);
  if (check)
    (node as unknown as Checked).setMeta("macro", { typeCheck: (checker, _, context) => check(checker, context) });
  for (const child of children(node)) loosen(child);
}

function checkOf(node: ASTNode): ((checker: Checker, context: Context) => Type) | undefined {
  return node.op === "call" && node.args[0] === "has" && node.args[1].length === 1
    ? (checker, context) => hasAny(node.args[1], checker, context)
    : undefined;
}

/** The library only takes members of names: here any value can be asked about. */
function hasAny(targets: readonly ASTNode[], checker: Checker, context: Context): Type {
  for (const target of targets) checker.check(target, context);
  return checker.getType("bool");
}
