import type { ASTNode } from "@marcbachmann/cel-js";
import { children } from "./bounds.ts";
import { checkedTypeOf } from "./checked-type.ts";

type Type = { readonly name: string };
type Context = { readonly _?: never };

interface Checker {
  check(node: ASTNode, context: Context): Type;
  getType(name: string): Type;
}

type Check = (checker: Checker, context: Context) => Type;

/** What the library keeps with a node, undeclared. */
interface Kept {
  readonly meta: { readonly check: (checker: Checker, node: ASTNode, context: Context) => Type };
  setMeta(name: "macro", value: { typeCheck: (checker: Checker, macro: unknown, context: Context) => Type }): void;
}

/** Where the library's check is stricter than plans are, ours takes its place. */
export function loosen(node: ASTNode): void {
  const check = checkOf(node);
  if (check) kept(node).setMeta("macro", { typeCheck: (checker, _, context) => check(checker, context) });
  for (const child of children(node)) loosen(child);
}

function checkOf(node: ASTNode): Check | undefined {
  if (node.op === "?:") return mixed(node, node.args.slice(1));
  if (node.op !== "call") return undefined;
  const [name, args] = node.args;
  if (name === "coalesce") return mixed(node, args);
  return name === "has" && args.length === 1 ? asked(args) : undefined;
}

/** The library only takes members of names: here any value can be asked about. */
function asked(targets: readonly ASTNode[]): Check {
  return (checker, context) => {
    for (const target of targets) checker.check(target, context);
    return checker.getType("bool");
  };
}

/** One of several: whole numbers beside broken ones are numbers. */
function mixed(node: ASTNode, choices: readonly ASTNode[]): Check {
  return (checker, context) => {
    try {
      return kept(node).meta.check(checker, node, context);
    } catch (error) {
      const types = new Set(choices.map(checkedTypeOf));
      const isUnsure = types.delete("dyn");
      if (types.size !== 2 || !types.has("int") || !types.has("double")) throw error;
      return checker.getType(isUnsure ? "dyn" : "double");
    }
  };
}

function kept(node: ASTNode): Kept {
  return node as unknown as Kept;
}
