import { readFileSync } from "node:fs";
import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import type { Path } from "./source.ts";
import { valueAt } from "./tree.ts";

export type SchemaName = "plan" | "config" | "test" | "policy";

/** What is asked of a part of a schema. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly $comment?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly propertyNames?: SchemaNode;
  readonly additionalProperties?: SchemaNode;
  readonly items?: SchemaNode;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  /** Which keys a map has beside `properties` hangs on one member: `then` where it is the `const` of `if`, else `else`. */
  readonly if?: SchemaNode;
  readonly then?: SchemaNode;
  readonly else?: SchemaNode;
  /** More such branches. */
  readonly allOf?: readonly SchemaNode[];
}

/** A value of a document, with what is asked of it. */
interface Asked {
  readonly node: SchemaNode;
  readonly value: Value;
}

/** The part of a schema that is about a path of a document. */
export function schemaAt(name: SchemaName, path: Path, document: Value): SchemaNode {
  return askedAt(readSchema(name), path, document).node;
}

/** The part that is about the names in the map at a path. */
export function namesAt(name: SchemaName, path: Path, document: Value): SchemaNode {
  const root = readSchema(name);
  return defined(askedAt(root, path, document).node.propertyNames ?? {}, root);
}

/** What tells which keys a map has: whether this member is `is`, or anything else. */
export interface Condition {
  readonly member: string;
  readonly is: string;
  readonly not: boolean;
}

/** Under which conditions, each by itself, the map at a path could have a key that it can not have as it is. */
export function conditionsOf(
  key: string,
  { name, path, document }: { readonly name: SchemaName; readonly path: Path; readonly document: Value },
): readonly Condition[] {
  const root = readSchema(name);
  return branchesOf(askedAt(root, path, document).node)
    .filter(({ node }) => Object.hasOwn(defined(node, root).properties ?? {}, key))
    .map(({ condition }) => condition);
}

function askedAt(root: SchemaNode, path: Path, document: Value): Asked {
  return path.reduce<Asked>(
    ({ node, value }, step) => {
      const next = typeof step === "number" ? node.items : (node.properties?.[step] ?? node.additionalProperties);
      const found = valueAt(value, [step]);
      return { node: next === undefined ? {} : withBranches(defined(next, root), found, root), value: found };
    },
    { node: root, value: document },
  );
}

/** A part, and what the branches that a value takes say beside it. */
function withBranches(node: SchemaNode, value: Value, root: SchemaNode): SchemaNode {
  return branchesOf(node)
    .filter(({ condition: { member, is, not } }) => isObject(value) && (value[member] === is) !== not)
    .map((branch) => defined(branch.node, root))
    .reduce(
      (all, { properties, ...rest }) => ({ ...all, ...rest, properties: { ...all.properties, ...properties } }),
      node,
    );
}

interface Branch {
  readonly condition: Condition;
  readonly node: SchemaNode;
}

function branchesOf({ if: test, then, else: other, allOf = [] }: SchemaNode): readonly Branch[] {
  const inside = allOf.flatMap(branchesOf);
  const [[member, { const: is }] = ["", {} as SchemaNode]] = Object.entries(test?.properties ?? {});
  if (typeof is !== "string") return inside;
  return [
    ...(then === undefined ? [] : [{ condition: { member, is, not: false }, node: then }]),
    ...(other === undefined ? [] : [{ condition: { member, is, not: true }, node: other }]),
    ...inside,
  ];
}

/** The file is read only when something is wrong. */
function readSchema(name: SchemaName): SchemaNode {
  const text = readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), "utf8");
  return JSON.parse(text) as SchemaNode;
}

function defined(node: SchemaNode, { $defs = {} }: SchemaNode): SchemaNode {
  return { ...$defs[node.$ref?.split("/").at(-1) ?? ""], ...node };
}
