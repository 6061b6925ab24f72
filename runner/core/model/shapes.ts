import type { ScalarKind } from "./catalogue.ts";
import { isExactInt } from "./exact.ts";
import type { Value } from "./item.ts";

/** What values of a kind are, in messages. */
export const kindWords: Readonly<Record<ScalarKind, string>> = {
  text: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  time: "a time in Unix seconds",
  bytes: "a number of bytes",
};

/** Whether a value that stands in a request is of a kind. */
export function isOfKind(value: Value, kind: ScalarKind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number" || isExactInt(value);
    case "integer":
    case "time":
    case "bytes":
      // A whole number that JSON could not carry exactly; a field keeps it as the text of its digits.
      return typeof value === "string" ? isHuge(value) : Number.isSafeInteger(value) || isExactInt(value);
  }
}

function isHuge(text: string): boolean {
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text));
}
