import type { Catalogue, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import type { Enumeration, Paging } from "../core/model/listing.ts";
import type { Finding } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import type { Binding } from "./binding.ts";
import type { PlanDocument } from "./document.ts";
import { deepMerge } from "./merge.ts";
import { onPage, rendered } from "./parts.ts";

/** The list in which changed items are looked for, where that is another one. */
export interface OtherList {
  /** Undefined: the call that the list comes from. */
  readonly call: string | undefined;
  readonly params: Template | undefined;
  /** How its pages are asked for. */
  readonly paging: Paging;
  /** Of the other call: as it knows them. */
  readonly fields: readonly FieldFacts[];
}

/** The fields of a plan in another list. A key that is another one would find other items. */
export function fieldsIn(
  { verify = {} }: PlanDocument,
  fields: readonly FieldFacts[],
  {
    catalogue,
    list,
    isDescribed,
  }: { readonly catalogue: Catalogue; readonly list: ListFacts; readonly isDescribed: boolean },
): { readonly fields: readonly FieldFacts[]; readonly findings: readonly Finding[] } {
  const { call } = verify;
  if (call === undefined || call === list.method) return { fields, findings: [] };
  if (isDescribed) return { fields: agedIn(call, fields, catalogue), findings: [] };
  const other = catalogue.list(call);
  // A rule has looked at the call itself.
  if (other === undefined) return { fields, findings: [] };
  const found = fields.map((field) => {
    return field.source === "" ? field : (other.field(field.source) ?? other.field(field.name));
  });
  const there = fields.map((field, place) => ({ ...(found[place] ?? field), name: field.name }));
  const missing = fields.filter((_, place) => found[place] === undefined);
  const keyed = fields.findIndex(({ source }) => source !== "" && source === list.field(list.key)?.source);
  const isKeyed = there[keyed]?.source === other.field(other.key)?.source;
  return {
    fields: there,
    findings: missing.length > 0 ? [without(call, missing)] : isKeyed ? [] : [keyedBy(other, list)],
  };
}

/** The plan describes one as the other; only how old they may be can differ. */
function agedIn(call: string, fields: readonly FieldFacts[], catalogue: Catalogue): readonly FieldFacts[] {
  const { lagMs } = catalogue.described?.(call) ?? {};
  return lagMs === undefined ? fields : fields.map((field) => (field.source === "" ? field : { ...field, lagMs }));
}

const path = ["verify", "call"];
const hint = "Verify in a list that has the same key and the same fields, or leave verify.call out.";

function without(call: string, missing: readonly FieldFacts[]): Finding {
  const names = missing.map(({ name }) => name).join(", ");
  return { path, code: "unknown-field", message: `${call} does not have these of enumerate.fields: ${names}`, hint };
}

function keyedBy({ method, key }: ListFacts, list: ListFacts): Finding {
  return { path, code: "bad-key", message: `the key of ${method} is ${key}, not ${list.key}`, hint };
}

/** The list to verify in. @param origin The one that the items come from, whole; another call is asked with its own params alone. */
export function verifyingList(
  { call, params, paging, fields }: OtherList,
  origin: Enumeration,
  binding: Binding,
): Enumeration | undefined {
  if (call === undefined && params === undefined) return undefined;
  const isOther = call !== undefined && call !== origin.method;
  const asked = origin.asked ?? origin.fields;
  return {
    ...origin,
    ...(isOther && { method: call, asked: fields.filter(({ name }) => asked.some((one) => one.name === name)) }),
    params: (frozen, part = {}) => {
      const written = params === undefined ? {} : rendered(params, binding.verifying(frozen, onPage(part, { paging })));
      return isOther ? written : deepMerge(origin.params(frozen, part), written);
    },
  };
}
