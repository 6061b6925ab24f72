import type { FieldFacts } from "../../core/model/catalogue.ts";
import type { Fields, Value } from "../../core/model/item.ts";
import type { Plan } from "../../core/model/plan.ts";
import type { Login } from "../../core/model/frozen.ts";
import { readValue, ValueError } from "../../core/model/values.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import { parseBytes, parseTime } from "../../language/units.ts";
import type { CaseDocument, GivenDocument, TestDocument } from "../../plan/cases.ts";

/** What a case gives, that of the whole file merged in. */
export interface Given {
  readonly inputs: Fields;
  /** Unix seconds. */
  readonly now: number;
  readonly login: Login;
  readonly lookups: Fields;
  readonly reads: Readonly<Record<string, Fields>>;
  readonly lists: readonly WrittenList[];
  readonly crowd: { readonly count: number; readonly fields: WrittenFields; readonly path: Path } | undefined;
}

interface WrittenItem {
  readonly path: Path;
  readonly fields: WrittenFields;
}

/** Each with the place it is written at. */
type WrittenFields = Readonly<Record<string, { readonly value: Value; readonly path: Path }>>;

interface WrittenList {
  readonly each: Value | undefined;
  readonly items: readonly WrittenItem[];
}

/** A list as the service gives it: fields by name, as the plan sees them. */
export interface GivenList {
  readonly each: Value | undefined;
  readonly items: readonly GivenItem[];
}

export interface GivenItem {
  readonly id: string;
  readonly path: Path;
  readonly fields: Fields;
}

export type Report = (finding: Finding) => void;

/** Used where a test does not say what time it is, so that it gives the same on every day. */
const usualNow = "2026-01-01";

/** What the file gives to one of its cases. */
export function givenTo(document: TestDocument, place: number, report: Report): Given {
  const one = document.cases[place];
  if (one === undefined) throw new Error(`there is no case ${place}`);
  const path = ["cases", place];
  const now = one.now ?? document.now ?? usualNow;
  const seconds = typeof now === "number" ? now : parseTime(now);
  if (seconds === undefined) {
    const at = one.now === undefined ? ["now"] : [...path, "now"];
    report({ path: at, code: "bad-value", message: `now is no time: ${now}`, hint: "Write it as 2026-01-31T22:00Z." });
  }
  return {
    inputs: { ...document.inputs, ...one.inputs },
    now: seconds ?? 0,
    login: { user_id: null, partner_id: null, name: "", ...document.login, ...one.login },
    lookups: { ...document.lookups, ...one.lookups },
    reads: mergedReads(document.reads, one.reads),
    lists: listsOf(document, one, path),
    crowd: one.crowd && {
      count: one.crowd.count,
      path: [...path, "crowd"],
      fields: { ...usualOf(document, one, path), ...written(one.crowd.of, [...path, "crowd", "of"]) },
    },
  };
}

/** Ids of the items of a crowd begin here. */
const firstOfCrowd = 1_000_000_001;

/** Ids of the items of a crowd. */
export function crowdIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, place) => String(firstOfCrowd + place));
}

/** Many items that are alike, a list of its own. */
export function crowdFor(plan: Plan, crowd: Given["crowd"], report: Report): readonly GivenList[] {
  if (crowd === undefined) return [];
  const { count, path, fields } = crowd;
  const { key } = plan.enumerate;
  const typed = Object.entries(fields).map(([name, { value, path: at }]) => {
    return [name, fieldFor(plan, name, { value, path: at, report })] as const;
  });
  const alike = Object.fromEntries(typed);
  const items = crowdIds(count).map((id) => {
    const own = fieldFor(plan, key, { value: Number(id), path, report });
    return { id, path, fields: { ...alike, [key]: own } };
  });
  return [{ each: undefined, items }];
}

/** What calls for single items return, what is said later before what was said first. */
export function mergedReads(
  first: GivenDocument["reads"] = {},
  later: GivenDocument["reads"] = {},
): Readonly<Record<string, Fields>> {
  const methods = [...new Set([...Object.keys(first), ...Object.keys(later)])];
  return Object.fromEntries(methods.map((method) => [method, { ...first[method], ...later[method] }]));
}

/** The items as values of the plan's fields. What they have wrong is reported at its place. */
export function itemsFor(plan: Plan, lists: readonly WrittenList[], report: Report): readonly GivenList[] {
  const ids = new Set<string>();
  return lists.map(({ each, items }) => {
    const typed = items.flatMap(({ path, fields }): readonly GivenItem[] => {
      const values = Object.entries(fields).map(([name, { value, path: at }]) => {
        return [name, fieldFor(plan, name, { value, path: at, report })] as const;
      });
      const known = Object.fromEntries(values);
      const key = known[plan.enumerate.key] ?? null;
      if (key === null) {
        const message = `this item has no ${plan.enumerate.key}, which is its id`;
        report({ path, code: "missing-field", message });
        return [];
      }
      const id = typeof key === "string" ? key : JSON.stringify(key);
      // The same item may be in the lists of two elements.
      if (each === undefined && ids.size === ids.add(id).size)
        report({ path, code: "twice", message: `there are two items ${id}` });
      return [{ id, path, fields: known }];
    });
    return { each, items: typed };
  });
}

/** A value that a test writes for a field of the plan. Undefined: it was reported. */
export function fieldFor(
  plan: Plan,
  name: string,
  { value, path, report }: { readonly value: Value; readonly path: Path; readonly report: Report },
): Value {
  const { fields, asked = fields } = plan.enumerate;
  const read = (plan.reads ?? []).flatMap((one) => one.fields);
  const field = [...asked, ...read].find((one) => one.name === name);
  if (field === undefined) {
    const isComputed = fields.some((one) => one.name === name);
    const message = isComputed ? `${name} is computed by the plan` : `the plan has no field ${name}`;
    const names = fields.map((one) => one.name);
    const hint = isComputed ? "Leave it out, and give what it is made of." : didYouMean(name, names);
    report({ path, at: "key", code: "unknown-field", message, hint });
    return null;
  }
  const typed = typedValue(field, value);
  if ("fault" in typed) {
    report({ path, code: "bad-value", message: `${name}: ${typed.fault}`, hint: typed.hint });
    return null;
  }
  return typed.value;
}

/** A value as a person writes it: a time as text, a size with its unit, an enum by its name or by its number. */
export function typedValue(
  field: FieldFacts,
  written: Value,
): { readonly value: Value } | { readonly fault: string; readonly hint: string | undefined } {
  if (written === null || field.untyped === true) return { value: written };
  const { tokens = {} } = field;
  const names = Object.values(tokens);
  const isWord = typeof written === "string" && !/^\d+$/.test(written);
  if (
    field.type === "enum" &&
    isWord &&
    names.length > 0 &&
    !names.includes(written) &&
    !Object.hasOwn(tokens, written)
  )
    return { fault: `${JSON.stringify(written)} is not one of its names`, hint: didYouMean(written, names) };
  const parse = field.type === "unix_time" ? parseTime : field.type === "bytes" ? parseBytes : undefined;
  const meant = typeof written === "string" ? (parse?.(written) ?? written) : written;
  try {
    return { value: readValue(field, meant) };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return { fault: error.message, hint: undefined };
  }
}

function listsOf(document: TestDocument, one: CaseDocument, path: Path): readonly WrittenList[] {
  const isOwn = one.items !== undefined || one.lists !== undefined;
  const [from, at]: [GivenDocument, Path] = isOwn ? [one, path] : [document, []];
  const usual = usualOf(document, one, path);
  const itemsAt = (items: readonly Fields[], where: Path): readonly WrittenItem[] =>
    items.map((fields, place) => {
      const here = [...where, place];
      return { path: here, fields: { ...usual, ...written(fields, here) } };
    });
  const lists = (from.lists ?? []).map(({ each, items }, place) => {
    return { each, items: itemsAt(items, [...at, "lists", place, "items"]) };
  });
  return from.items === undefined
    ? lists
    : [{ each: undefined, items: itemsAt(from.items, [...at, "items"]) }, ...lists];
}

function usualOf(document: TestDocument, one: CaseDocument, path: Path): WrittenFields {
  const own = written(one.every_item, [...path, "every_item"]);
  return { ...written(document.every_item, ["every_item"]), ...own };
}

function written(fields: Fields = {}, path: Path): WrittenFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, { value, path: [...path, name] }] as const),
  );
}
