import type { Catalogue, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import type { Enumeration } from "../core/model/plan.ts";
import type { Finding } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import type { Binding } from "./binding.ts";
import type { PlanDocument } from "./document.ts";
import { deepMerge } from "./merge.ts";
import { rendered } from "./parts.ts";

/** The list in which changed items are looked for, where that is another one. */
export interface OtherList {
  /** Undefined: the call that the list comes from. */
  readonly call: string | undefined;
  readonly params: Template | undefined;
  /** Of the other call: as it knows them. */
  readonly fields: readonly FieldFacts[];
}

/** The fields of a plan in another list. A key that is another one would find other items. */
export function fieldsIn(
  { verify = {} }: PlanDocument,
  fields: readonly FieldFacts[],
  { catalogue, list }: { readonly catalogue: Catalogue; readonly list: ListFacts },
): { readonly fields: readonly FieldFacts[]; readonly findings: readonly Finding[] } {
  const { call } = verify;
  if (call === undefined || call === list.method) return { fields, findings: [] };
  const path = ["verify", "call"];
  const other = catalogue.list(call);
  if (other === undefined) {
    const known = catalogue.method(call) === undefined ? `the catalogue has no method ${call}` : undefined;
    const message = known ?? `${call} can not be read as a list: it is not known how it pages`;
    return { fields, findings: [{ path, code: known === undefined ? "not-yet" : "unknown-method", message }] };
  }
  const findings: Finding[] = [];
  const there = fields.map((field) => {
    const found = field.source === "" ? field : (other.field(field.source) ?? other.field(field.name));
    if (found === undefined)
      findings.push({
        path,
        code: "unknown-field",
        message: `${call} has no field ${field.source}, which is among enumerate.fields`,
      });
    return { ...(found ?? field), name: field.name };
  });
  const keyed = fields.findIndex(({ source }) => source !== "" && source === list.field(list.key)?.source);
  if (there[keyed]?.source !== other.field(other.key)?.source)
    findings.push({ path, code: "bad-key", message: `the key of ${call} is ${other.key}, not ${list.key}` });
  return { fields: there, findings };
}

/** The list to verify in. @param origin The one that the items come from, whole; another call is asked with its own params alone. */
export function verifyingList(
  { call, params, fields }: OtherList,
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
      const written = params === undefined ? {} : rendered(params, binding.verifying(frozen, part));
      return isOther ? written : deepMerge(origin.params(frozen, part), written);
    },
  };
}
