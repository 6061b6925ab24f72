import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import type { EnvelopeRules } from "../core/model/protocol.ts";

/** What requests carry besides their id, method and params: all that lets them in. */
export interface Carried {
  /** Further members of the body, as JSON text (`"name":value`), or empty. */
  readonly members: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  /** In their order. */
  readonly params: readonly CarriedParam[];
  /** Texts that nothing may show. */
  readonly secrets: readonly string[];
}

/** One more parameter: put into a list at a place, or under a name. */
export interface CarriedParam {
  readonly at: number | string;
  readonly value: Value;
}

export const nothingCarried: Carried = { members: "", headers: [], params: [], secrets: [] };

/** Params as they are sent; a text: what is wrong with them, so that there is no such request. */
export type SentParams = { readonly params: Value | undefined } | { readonly wrong: string };

/**
 * Params with those that are carried, which no plan writes; where there are none, what the service wants for none.
 */
export function sentParams(
  params: Value,
  carried: Carried["params"],
  { emptyParams }: Pick<EnvelopeRules, "emptyParams">,
): SentParams {
  const isEmpty = isEmptyObject(params);
  if (!isEmpty && carried.length === 0 && !Array.isArray(params)) return { params };
  let sent: Value | undefined = isEmpty ? undefined : params;
  for (const { at, value } of carried) {
    if (typeof at === "number") {
      if (sent !== undefined && !Array.isArray(sent)) return { wrong: "are named, and a credential stands at a place" };
      sent = ((sent ?? []) as readonly Value[]).toSpliced(at, 0, value);
    } else {
      if (sent !== undefined && !isObject(sent))
        return { wrong: "are positional, and a credential stands under a name" };
      sent = { ...sent, [at]: value };
    }
  }
  if (emptyParams === "omit") return { params: Array.isArray(sent) && sent.length === 0 ? undefined : sent };
  return { params: sent ?? (emptyParams === "array" ? [] : {}) };
}

function isEmptyObject(params: Value): boolean {
  return params === null || (isObject(params) && Object.keys(params).length === 0);
}
