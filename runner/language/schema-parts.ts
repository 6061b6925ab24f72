import { readFileSync } from "node:fs";
import type { Path } from "./source.ts";

export type SchemaName = "plan" | "config" | "test";

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
  readonly pattern?: string;
}

/** The part of a schema that is about a path of the document. */
export function schemaAt(name: SchemaName, path: Path): SchemaNode {
  const root = readSchema(name);
  return path.reduce<SchemaNode>((node, step) => {
    const next = typeof step === "number" ? node.items : (node.properties?.[step] ?? node.additionalProperties);
    return next === undefined ? {} : defined(next, root);
  }, root);
}

/** The part that is about the names in the map at a path. */
export function namesAt(name: SchemaName, path: Path): SchemaNode {
  return defined(schemaAt(name, path).propertyNames ?? {}, readSchema(name));
}

/** The file is read only when something is wrong. */
function readSchema(name: SchemaName): SchemaNode {
  const text = readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), "utf8");
  return JSON.parse(text) as SchemaNode;
}

function defined(node: SchemaNode, { $defs = {} }: SchemaNode): SchemaNode {
  return { ...$defs[node.$ref?.split("/").at(-1) ?? ""], ...node };
}
