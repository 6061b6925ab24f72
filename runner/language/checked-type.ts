import type { ASTNode } from "@marcbachmann/cel-js";

/** The type that the library found a part to have, once the whole has been checked: it leaves it there, undeclared. */
export function checkedTypeOf(node: ASTNode): string | undefined {
  const { checkedType } = node as { readonly checkedType?: { readonly name?: string } };
  return checkedType?.name;
}
