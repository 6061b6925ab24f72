import type { FieldFacts } from "../core/model/catalogue.ts";
import { digestOf } from "../core/model/digest.ts";
import { IncompleteError } from "../core/model/errors.ts";
import type { Digest, Value } from "../core/model/item.ts";
import { type Plan } from "../core/model/plan.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type Enumeration, type Lookup, type Part } from "../core/model/listing.ts";
import { askedFields, sourced } from "../core/select/asked-fields.ts";

/** `params`: of several lists, each element and its params, in order. `asked`: those of the fields that the service is asked for. */
export interface AskedFor {
  readonly params: Value;
  readonly fields: readonly FieldFacts[];
  readonly asked: readonly FieldFacts[];
}

/**
 * What the first list is asked for with.
 * @throws {IncompleteError} when the plan can not say it.
 */
export function askedFor(list: Enumeration, frozen: Frozen): AskedFor {
  try {
    return {
      params: paramsOf(list, frozen),
      fields: sourced(list.fields, list, frozen),
      asked: askedFields(list, frozen),
    };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new IncompleteError(`The list can not be asked for: ${error.message}`, { cause: error, ...hint });
  }
}

/** What each lookup was asked, in short. Files are read anew whenever they are needed. */
export function asksOf({ lookups }: Plan, frozen: Frozen): Readonly<Record<string, Digest>> {
  return Object.fromEntries(lookups.filter(isKept).map((lookup) => [lookup.name, digestOf(lookup.asks(frozen))]));
}

/** What it gave comes from elsewhere: it is kept to be used again. */
export function isKept({ source }: Lookup): boolean {
  return source.kind !== "file";
}

function paramsOf(list: Enumeration, frozen: Frozen): Value {
  const ofPart = (part: Part): Value => list.narrowed?.(frozen, part) ?? list.params(frozen, part);
  const all = list.parts?.(frozen);
  if (all === undefined) return ofPart({});
  return all.map((part) => ({ ...(part.each === undefined ? {} : { each: part.each }), params: ofPart(part) }));
}
