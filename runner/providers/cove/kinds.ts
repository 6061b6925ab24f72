import type { EncodingFault, Shape } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import { isOfKind, kindWords } from "../../core/model/shapes.ts";
import { isWithheld } from "../../core/model/withheld.ts";
import { isSecretText } from "./command-lines.ts";
import { isObject } from "../../core/model/object.ts";

/** Where a value is of a kind that a type can not take: a text for a number, a map for a list. Members of maps are not looked at. */
export function kindFaults(value: Value, shape: Shape, path: readonly (string | number)[]): readonly EncodingFault[] {
  // A secret is put in later; that something was withheld is told by itself.
  if (value === null || shape.kind === "any" || isSecretText(value)) return [];
  if (shape.kind === "object") return isObject(value) ? [] : [fault(value, `a map (${shape.name})`, path)];
  if (isObject(value) && isWithheld(value)) return [];
  switch (shape.kind) {
    case "enum":
      return isName(value, shape) ? [] : [fault(value, `a name of ${shape.name}`, path)];
    case "list":
      return elementFaults(value, { wanted: "a list", path, of: () => shape.of });
    case "pairs":
      return elementFaults(value, { wanted: "a list of pairs", path, of: () => ({ kind: "pair", of: shape.of }) });
    case "pair":
      return elementFaults(value, { wanted: "a pair", path, of: (place) => shape.of[place] ?? { kind: "any" } });
    default:
      return isOfKind(value, shape.kind) ? [] : [fault(value, kindWords[shape.kind], path)];
  }
}

interface Elements {
  readonly wanted: string;
  readonly path: readonly (string | number)[];
  readonly of: (place: number) => Shape;
}

function elementFaults(value: Value, { wanted, path, of }: Elements): readonly EncodingFault[] {
  if (!Array.isArray(value)) return [fault(value, wanted, path)];
  if (wanted === "a pair" && value.length !== 2) return [fault(value as Value, wanted, path)];
  return (value as readonly Value[]).flatMap((element, place) => kindFaults(element, of(place), [...path, place]));
}

function isName(value: Value, { numbers }: Extract<Shape, { readonly kind: "enum" }>): boolean {
  return typeof value === "string" || (numbers !== undefined && Number.isSafeInteger(value));
}

function fault(value: Value, wanted: string, path: readonly (string | number)[]): EncodingFault {
  return { path, message: `${path.join(".")} must be ${wanted}, found ${shown(value)}` };
}

function shown(value: Value): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
