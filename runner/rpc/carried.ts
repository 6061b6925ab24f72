import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import type { EnvelopeRules } from "../core/model/protocol.ts";
import { redacted } from "./message.ts";

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
  /** Of the credential in the config, for messages. */
  readonly place?: string;
}

export const nothingCarried: Carried = { members: "", headers: [], params: [], secrets: [] };

/** The same with every value replaced, for people: a short secret can be told from other words by its place alone. */
export function veiled({ members, headers, params }: Carried): Carried {
  const names = Object.keys(JSON.parse(`{${members}}`) as object);
  return {
    members: names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(redacted)}`).join(","),
    headers: headers.map((text, place) => (place % 2 === 0 ? text : redacted)),
    params: params.map((param) => ({ ...param, value: redacted })),
    secrets: [],
  };
}

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
  for (const { at, value, place = "a credential" } of carried) {
    if (typeof at === "number") {
      if (sent !== undefined && !Array.isArray(sent)) return { wrong: `are named, and ${place} stands at place ${at}` };
      sent = ((sent ?? []) as readonly Value[]).toSpliced(at, 0, value);
    } else {
      if (sent !== undefined && !isObject(sent))
        return { wrong: `are positional, and ${place} stands under the name ${at}` };
      sent = { ...sent, [at]: value };
    }
  }
  if (emptyParams === "omit") return { params: Array.isArray(sent) && sent.length === 0 ? undefined : sent };
  return { params: sent ?? (emptyParams === "array" ? [] : {}) };
}

function isEmptyObject(params: Value): boolean {
  return params === null || (isObject(params) && Object.keys(params).length === 0);
}
