import { Environment, type ASTNode } from "@marcbachmann/cel-js";
import type { Value } from "../core/model/item.ts";
import { lazily } from "../core/model/lazily.ts";
import { children, isComprehension, limits } from "./bounds.ts";
import { parseParts } from "./template.ts";

const parser = lazily(() => new Environment({ limits }));

/**
 * The names that a template's value is made of, such as `now` and `item.seen`, without those that only decide which value
 * it is: `now > 5 ? item.a : "b"` carries `item.a`. `ago(…)` carries `now`. Only for what has been compiled without a fault.
 */
export function carriedBy(value: Value): ReadonlySet<string> {
  return new Set(textsIn(value).flatMap((text) => expressionsIn(text).flatMap((one) => [...carriedIn(one)])));
}

/** The same of a bare expression. */
export function carriedIn(expression: string): ReadonlySet<string> {
  return new Set(carried(parser().parse(expression).ast));
}

function textsIn(value: Value): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  const members: readonly Value[] = Array.isArray(value) ? (value as readonly Value[]) : Object.values(value);
  return members.flatMap(textsIn);
}

function expressionsIn(text: string): readonly string[] {
  const parts = parseParts(text);
  return "message" in parts ? [] : parts.flatMap((part) => ("expression" in part ? [part.expression] : []));
}

/** What they give is true or false, whatever they look at. */
const judging: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">=", "in", "&&", "||", "!_"]);
const judgingFunctions: ReadonlySet<string> = new Set([
  "has",
  "all",
  "exists",
  "exists_one",
  "rematch",
  "startsWith",
  "endsWith",
  "contains",
]);

function* carried(node: ASTNode): Generator<string> {
  if (judging.has(node.op)) return;
  switch (node.op) {
    case "id":
      yield node.args;
      return;
    case ".":
      if (node.args[0].op === "id") yield `${node.args[0].args}.${node.args[1]}`;
      else yield* carried(node.args[0]);
      return;
    case "?:":
      for (const branch of node.args.slice(1)) yield* carried(branch);
      return;
    case "call":
    case "rcall":
      if (judgingFunctions.has(node.args[0])) return;
      if (node.args[0] === "ago") yield "now";
      yield* carriedByCall(node);
      return;
    default:
      for (const child of children(node)) yield* carried(child);
  }
}

/** Of `list.filter(x, condition)` the condition only chooses. */
function* carriedByCall(node: ASTNode & { readonly op: "call" | "rcall" }): Generator<string> {
  if (node.op === "rcall" && isComprehension(node) && node.args[0] === "filter") yield* carried(node.args[1]);
  else for (const child of children(node)) yield* carried(child);
}
