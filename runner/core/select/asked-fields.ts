import type { FieldFacts } from "../model/catalogue.ts";
import { ExpressionError, type Frozen } from "../model/frozen.ts";
import { type Enumeration } from "../model/listing.ts";

/** The fields that the service is asked for, those included that it knows by what was looked up. @throws {ExpressionError} */
export function askedFields(list: Enumeration, frozen: Frozen): readonly FieldFacts[] {
  return sourced(list.asked ?? list.fields, list, frozen);
}

/** Fields of a list with their sources, as far as those are looked up. @throws {ExpressionError} */
export function sourced(fields: readonly FieldFacts[], list: Enumeration, frozen: Frozen): readonly FieldFacts[] {
  const sources = list.sources?.(frozen);
  if (sources === undefined) return fields;
  const found = fields.map((field) => ({ ...field, source: sources[field.name] ?? field.source }));
  const twins = found.find(({ source }, place) => {
    return source !== "" && found.findIndex((other) => other.source === source) < place;
  });
  if (twins !== undefined)
    throw new ExpressionError(`${twins.name} is the column ${twins.source}, and so is another field`);
  return found;
}
