import type { ASTNode } from "@marcbachmann/cel-js";
import { ExpressionError } from "../core/model/frozen.ts";
import { sourceOf, type Fault } from "./bounds.ts";
import type { Cel } from "./cel.ts";
import { checkedTypeOf } from "./checked-type.ts";
import { functions, methods, type FunctionFacts } from "./functions.ts";
import { partsOf, placeOf, type Names, type NameType, type Variables } from "./names.ts";

/** What can be seen to be wrong with values that are written out, where the types alone say nothing. */
export function* writtenFaults(ast: ASTNode, names: Names): Generator<Fault> {
  for (const [node, variables] of partsOf(ast, names)) yield* ownFaults(node, names, variables);
}

function* ownFaults(node: ASTNode, names: Names, variables: Variables): Generator<Fault> {
  switch (node.op) {
    case "call":
      yield* argumentFaults(node, functions[node.args[0]], node.args[1]);
      return;
    case "rcall":
      yield* argumentFaults(node, methods[node.args[0]], [node.args[1], ...node.args[2]]);
      return;
    case "in":
      yield* elementFaults(node.args);
      return;
    case "[]":
      yield* keyFaults(node.args, placeOf(node.args[0], names, variables)?.type);
      return;
    case "/":
    case "%":
      yield* divisorFaults(node.args[1]);
      return;
    default:
  }
}

function* argumentFaults(node: ASTNode, facts: FunctionFacts | undefined, args: readonly ASTNode[]): Generator<Fault> {
  if (facts?.check === undefined) return;
  const values = args.map((arg) => (arg.op === "value" ? (arg.args as Cel) : undefined));
  for (const [place, value] of values.entries()) {
    if (value === undefined || value === null) continue;
    try {
      facts.check(value, place);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      yield { start: args[place]?.start ?? node.start, code: "bad-value", message: error.message, hint: error.hint };
    }
  }
}

/** A list of several kinds has no type, so that each element is looked at. */
function* elementFaults([value, list]: readonly [ASTNode, ASTNode]): Generator<Fault> {
  const wanted = kinds[checkedTypeOf(value) ?? ""];
  if (list.op !== "list" || wanted === undefined) return;
  for (const element of list.args) {
    const found = element.op === "value" && element.args !== null ? kinds[checkedTypeOf(element) ?? ""] : undefined;
    if (found === undefined || found === wanted) continue;
    const isQuoted = element.op === "value" && typeof element.args === "string" && /^-?\d+$/.test(element.args);
    yield {
      start: element.start,
      code: "bad-type",
      message: `${sourceOf(value)} is a ${wanted} and ${sourceOf(element)} a ${found}`,
      hint: isQuoted ? "Write numbers without quotes." : undefined,
    };
  }
}

/** The library takes any key for any map. */
function* keyFaults([table, key]: readonly [ASTNode, ASTNode], type: NameType | undefined): Generator<Fault> {
  if (typeof type !== "object" || !("tableOf" in type)) return;
  const [wanted, found] = [kinds[type.by], kinds[checkedTypeOf(key) ?? ""]];
  if (wanted === undefined || found === undefined || wanted === found) return;
  const message = `the keys of ${sourceOf(table)} are ${wanted}s, and ${sourceOf(key)} is a ${found}`;
  yield { start: key.start, code: "bad-type", message };
}

function* divisorFaults(divisor: ASTNode): Generator<Fault> {
  if (divisor.op !== "value" || divisor.args !== 0n) return;
  yield { start: divisor.start, code: "bad-value", message: "division by zero" };
}

const kinds: Readonly<Record<string, string>> = { int: "number", double: "number", string: "text", bool: "yes-or-no" };
