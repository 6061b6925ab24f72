import type { ScalarKind, Shape } from "../../core/model/catalogue.ts";
import { enumsByName, structsByName } from "./data.ts";

/** What values a type in our notation takes: `int`, `set<int>`, `map<int,string>`, `{Offset,Size}`, `A|B`, an enum or a struct. */
export function shapeOf(type: string): Shape {
  const simple = simples[type];
  if (simple !== undefined) return { kind: simple };
  const members = /^\{(.*)\}$/.exec(type)?.[1];
  if (members !== undefined) {
    return { kind: "object", name: type, members: members.split(",").map((name) => ({ name, type: "any" })) };
  }
  const [, outer = "", inner = ""] = /^(\w+)<(.+)>$/.exec(type) ?? [];
  if (outer !== "") return composed(outer, inner);
  if (type.includes("|")) return { kind: "enum", name: type, values: type.split("|") };
  return named(type);
}

const simples: Readonly<Record<string, "any" | ScalarKind>> = {
  any: "any",
  string: "text",
  secret: "text",
  base64: "text",
  int: "integer",
  double: "number",
  bool: "boolean",
  unix_time: "time",
  bytes: "bytes",
};

const lists: ReadonlySet<string> = new Set(["list", "set", "flags"]);

function composed(outer: string, inner: string): Shape {
  if (lists.has(outer)) return { kind: "list", of: shapeOf(inner) };
  if (outer !== "map" && outer !== "pair") return { kind: "any" };
  const comma = inner.indexOf(",");
  const of = [shapeOf(inner.slice(0, comma)), shapeOf(inner.slice(comma + 1))] as const;
  return { kind: outer === "map" ? "pairs" : "pair", of };
}

function named(name: string): Shape {
  const struct = structsByName().get(name);
  if (struct !== undefined) return { kind: "object", name, members: struct.members };
  const { values, numbers } = enumsByName().get(name) ?? {};
  if (values !== undefined) return { kind: "enum", name, values };
  if (numbers === undefined) return { kind: "any" };
  return { kind: "enum", name, values: Object.values(numbers), numbers: Object.keys(numbers).map(Number) };
}
