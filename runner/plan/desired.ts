import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { readValue, ValueError } from "../core/model/values.ts";
import { didYouMean } from "../language/suggest.ts";
import { lower } from "../language/cel.ts";
import { parseBytes, parseTime } from "../language/units.ts";
import type { Template } from "../language/template.ts";
import { celTypes } from "./scopes.ts";

/**
 * A value for a field, in the form the list gives it, so that both can be compared.
 * @throws {ExpressionError} when the field can not have it; enums take their names, never their numbers.
 */
export function canonicalFor(field: FieldFacts, value: Value): Value {
  if (value === null) return null;
  if (field.type === "enum") return tokenOf(field, value);
  try {
    return readValue(field, value);
  } catch (error) {
    if (error instanceof ValueError) throw new ExpressionError(`set.${field.name}: ${error.message}`);
    throw error;
  }
}

interface SetFault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** In the scalar. */
  readonly offset?: number;
}

/** Why a template can never give the field a value; undefined: it may. */
export function setFault(field: FieldFacts, template: Template): SetFault | undefined {
  const wanted = celTypes[field.type];
  if (template.type === undefined) return template.uses.size === 0 ? literalFault(field, template) : undefined;
  const fits =
    template.type === wanted ||
    template.type === "dyn" ||
    template.type === "null" ||
    (wanted === "double" && template.type === "int");
  if (
    fits ||
    (wanted === "list" && template.type.startsWith("list")) ||
    (wanted === "map" && template.type.startsWith("map"))
  )
    return writtenFault(field, template);
  return { code: "bad-type", message: `${field.name} is ${wanted}, and this gives ${template.type}` };
}

/** What an expression writes out is looked at as if it stood there by itself. */
function writtenFault(field: FieldFacts, { literals }: Template): SetFault | undefined {
  for (const { value, start } of literals) {
    const fault = valueFault(field, lower(value));
    if (fault !== undefined) return { ...fault, offset: start };
  }
  return undefined;
}

function valueFault(field: FieldFacts, value: Value): SetFault | undefined {
  try {
    canonicalFor(field, value);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { code: "bad-value", message: error.message, hint: error.hint ?? remedy(field, value) };
  }
}

function literalFault(field: FieldFacts, template: Template): SetFault | undefined {
  const value = template.render({});
  if (typeof value === "symbol") return undefined;
  if (field.type === "string" && value !== null && typeof value !== "string") {
    return {
      code: "bad-type",
      message: `${field.name} is a text, found ${JSON.stringify(value)}`,
      hint: "Put quotes around it.",
    };
  }
  return valueFault(field, value);
}

/** What reads as a time or a size is a text, until an expression makes a number of it. */
function remedy({ type }: FieldFacts, value: Value): string | undefined {
  if (typeof value !== "string") return undefined;
  if (type === "unix_time" && parseTime(value) !== undefined) return `Write \${{ time(${JSON.stringify(value)}) }}.`;
  if (type === "bytes" && parseBytes(value) !== undefined) return `Write \${{ to_bytes(${JSON.stringify(value)}) }}.`;
  return undefined;
}

function tokenOf(field: FieldFacts, value: Value): Value {
  const tokens = Object.values(field.tokens ?? {});
  if (typeof value === "string" && (tokens.length === 0 || tokens.includes(value))) return value;
  throw new ExpressionError(
    `set.${field.name}: ${JSON.stringify(value)} is not one of its names`,
    typeof value === "string" ? didYouMean(value, tokens) : `Names are: ${tokens.join(", ")}.`,
  );
}
