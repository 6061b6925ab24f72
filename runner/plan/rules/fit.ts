import type { Shape } from "../../core/model/catalogue.ts";
import { kindWords } from "../../core/model/shapes.ts";

/** What a shape takes, in messages. */
export function wanted(shape: Exclude<Shape, { readonly kind: "any" }>): string {
  switch (shape.kind) {
    case "object":
      return `a map (${shape.name})`;
    case "enum":
      return `a name of ${shape.name}`;
    case "list":
      return shape.of.kind === "any" ? "a list" : `a list, each ${wanted(shape.of)}`;
    case "pairs":
      return "a list of pairs";
    case "pair":
      return "a pair";
    default:
      return kindWords[shape.kind];
  }
}

/** What an expression gives that does not fit a shape, in words. Undefined: it fits, or only running it can tell. */
export function misfit(type: string, shape: Shape): string | undefined {
  if (shape.kind === "any" || type === "dyn" || type === "null") return undefined;
  const element = /^list<(.+)>$/.exec(type)?.[1];
  if (element === undefined || !("of" in shape)) return takes(shape, type) ? undefined : given(type);
  const inside = elementMisfit(element, shape);
  return inside === undefined ? undefined : `a list, each ${inside}`;
}

function elementMisfit(element: string, shape: Extract<Shape, { readonly kind: "list" | "pair" | "pairs" }>) {
  if (shape.kind === "list") return misfit(element, shape.of);
  // The two of a pair are of different types.
  return shape.kind === "pair" ? undefined : misfit(element, { kind: "pair", of: shape.of });
}

function takes(shape: Exclude<Shape, { readonly kind: "any" }>, type: string): boolean {
  switch (shape.kind) {
    case "text":
      return type === "string" || type === "secret";
    case "integer":
    case "time":
    case "bytes":
      return type === "int" || type === "uint";
    case "number":
      return type === "int" || type === "uint" || type === "double";
    case "boolean":
      return type === "bool";
    case "enum":
      return type === "string" || (shape.numbers !== undefined && type === "int");
    case "object":
      return given(type) === "a map";
    case "list":
    case "pairs":
    case "pair":
      return type === "list";
  }
}

const scalars: Readonly<Record<string, string>> = {
  int: "a whole number",
  uint: "a whole number",
  double: "a number",
  string: "a text",
  secret: "a text",
  bool: "true or false",
};

/** Records have types of their own. */
function given(type: string): string {
  if (type.startsWith("list")) return "a list";
  return Object.hasOwn(scalars, type) ? (scalars[type] ?? "") : "a map";
}
