import type { ASTNode } from "@marcbachmann/cel-js";
import { sourceOf, type Fault } from "./bounds.ts";
import type { Names } from "./names.ts";
import { overloadHint } from "./overloads.ts";
import { didYouMean } from "./suggest.ts";

/** A name that is not known here. */
export function unknownName(name: string, start: number, names: Names): Fault {
  return { start, code: "unknown-name", message: `there is no ${name} here`, hint: nameHint(name, names) };
}

/** What the library found wrong, in our words. */
export function faultOf(error: unknown, text: string, names: Names): Fault {
  const { code = "", summary, range, node } = error as Partial<CelFailure>;
  const start = Math.min(range?.start ?? 0, text.length);
  const message = summary ?? (error instanceof Error ? error.message : String(error));
  switch (code) {
    case "no_such_key":
      return { start, ...unknownMember(node, message, names) };
    case "unknown_variable":
      return unknownName(message.replace("Unknown variable: ", ""), start, names);
    case "limit_exceeded":
      return { start, code: "expression-too-large", message: `the expression is too large: ${message}` };
    case "incompatible_ternary_branches":
      return {
        start,
        code: "bad-type",
        message: firstLower(message),
        hint: "Put dyn(…) around a branch whose type differs on purpose.",
      };
    case "no_such_overload":
      return {
        start,
        code: "bad-type",
        message: overloadMessage(message),
        hint: overloadHint(message, node, names),
      };
    default:
      return {
        start,
        code: error !== null && isTypeError(error) ? "bad-type" : "bad-expression",
        message: firstLower(message),
        hint: /^cannot index type/i.test(message) ? plainHint : undefined,
      };
  }
}

function unknownMember(node: ASTNode | undefined, message: string, names: Names): Omit<Fault, "start"> {
  if (node?.op !== "." && node?.op !== "[]") return { code: "unknown-field", message: firstLower(message) };
  const name = node.op === "." ? node.args[1] : sourceOf(node.args[1]).replace(/^["']|["']$/g, "");
  const owner = sourceOf(node.args[0]);
  const record = names[owner];
  const members = typeof record === "object" && "members" in record ? Object.keys(record.members) : [];
  const hint =
    owner === "item" && members.length > 0 && didYouMean(name, members) === undefined
      ? "Declare it under enumerate.fields."
      : didYouMean(name, members);
  const code = owner === "inputs" ? "unknown-input" : "unknown-field";
  return { code, message: `${owner} has no ${name}`, hint, missing: { owner, name } };
}

function nameHint(name: string, names: Names): string | undefined {
  if (name === "lookup") return "Declare what is to be looked up under lookups.";
  if (name === "each") return "each is known where for_each is written: it is the element whose list is read.";
  if (name === "row") return "The fields of the list are members of item.";
  return didYouMean(name, Object.keys(names));
}

const plainHint = "It is a plain value, as the rows of a lookup with one field are: it has no members.";

interface CelFailure {
  readonly code: string;
  readonly summary: string;
  readonly range: { readonly start: number };
  readonly node: ASTNode;
}

function isTypeError(error: unknown): boolean {
  return error instanceof Error && error.name === "TypeError";
}

function overloadMessage(message: string): string {
  return `no such operation: ${message.replace("no such overload: ", "").replace(/map<(\w+), lookup_\w+>/, "map<$1>")}`;
}

function firstLower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
