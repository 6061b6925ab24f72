import type { Catalogue, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import { digestOfText } from "../core/model/digest.ts";
import { jsonText } from "../core/model/exact.ts";
import type { Fields, Value } from "../core/model/item.ts";
import { pick } from "../core/model/pick.ts";
import { type ChangeRule, type Clause, type Expectation, type Plan, type UndoRule } from "../core/model/plan.ts";
import { type Enumeration } from "../core/model/listing.ts";
import { type Frozen } from "../core/model/frozen.ts";
import { type Gate, type Guards, type Warning } from "../core/model/precautions.ts";
import { lower, omit, type CelMap } from "../language/cel.ts";
import type { Expression } from "../language/expression.ts";
import type { Source } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import { Binding } from "./binding.ts";
import { resolveCall } from "./calls.ts";
import { clausesOf, type Compiled } from "./compile.ts";
import { declaredPaths } from "./declared-paths.ts";
import { completion, type MadeFields } from "./computed.ts";
import { customSources, type CustomColumns } from "./custom-columns.ts";
import { canonicalFor } from "./desired.ts";
import { itemsFrom } from "./described-items.ts";
import type { DescribedList } from "./described-list.ts";
import type { GateDocument, PlanDocument } from "./document.ts";
import type { KnownLookup } from "./lookups.ts";
import { deepMerge } from "./merge.ts";
import { listingOf, rendered, truth } from "./parts.ts";
import type { MadeField } from "./rules/fields.ts";
import { gateOf, holdOf } from "./resolve-gate.ts";
import { resolveLookups } from "./resolve-lookups.ts";
import { lookingOf, paceOf, percentOf, stopsOf, windowOf } from "./resolve-pace.ts";
import { resolveRead, type CompiledRead } from "./reads.ts";
import { inputValues, secretNames, type Scopes } from "./scopes.ts";
import { verifyingList, type OtherList } from "./verify-list.ts";

export interface ResolveOptions {
  readonly source: Source;
  readonly document: PlanDocument;
  readonly service: string;
  readonly catalogue: Catalogue;
  readonly list: ListFacts;
  /** Where the plan itself says what the list is made of. */
  readonly described: DescribedList | undefined;
  /** Those of the list, then those that are read of an item by itself. */
  readonly fields: readonly FieldFacts[];
  readonly custom: CustomColumns;
  readonly reads: readonly CompiledRead[];
  readonly otherList: OtherList;
  readonly made: ReadonlyMap<string, MadeField>;
  readonly madeFields: MadeFields;
  readonly lookups: readonly KnownLookup[];
  /** What the gate measures. */
  readonly measured: KnownLookup | undefined;
  readonly scopes: Scopes;
  readonly inputs: Fields;
  readonly compiled: Compiled;
}

/** The plan as the engine uses it. Only for a document without problems. */
export function resolvePlan(options: ResolveOptions): Plan {
  const { source, document, fields, inputs, compiled } = options;
  const declared = document.inputs ?? {};
  const sets = Object.keys(document.change.set ?? {});
  const binding = new Binding({
    ...{ inputs: inputValues(declared, inputs), sets },
    fields: [...fields, ...laterFields(options)],
    lookups: options.lookups.map(({ view }) => view),
    each: compiled.list.each,
  });
  const whole = wholeList(options, binding);
  const list = verifyingList(options.otherList, whole, binding);
  return {
    name: document.name,
    description: document.description ?? "",
    source: source.text,
    file: source.file,
    digest: digestOfText(source.text),
    service: options.service,
    inputs,
    secrets: secretNames(declared),
    lookups: lookupsOf(options, binding),
    enumerate: { ...whole, ...firstList(options, whole, binding) },
    filter: clauses(options, binding),
    ...(options.reads.length > 0 && {
      reads: options.reads.map((read) => resolveRead(read, options.catalogue, binding)),
    }),
    change: changeRule(options, binding),
    ...(document.undo && { undo: undoRule(options, binding) }),
    guards: guardsOf(document, compiled, binding),
    ...(options.described && { paths: declaredPaths(options, options.described) }),
    ...(compiled.warn.length > 0 && { warnings: warningsOf(compiled, binding) }),
    ...(document.accept_risks && { accepts: Object.keys(document.accept_risks) }),
    pace: paceOf(document, document.pace?.per === undefined ? undefined : present(compiled.per), binding),
    stop: stopsOf(document),
    ...(document.hold && { hold: holdOf(document.hold, present(compiled.hold), binding) }),
    ...(document.gate && { gate: gate(document.gate, options, binding) }),
    ...(document.window && { window: windowOf(document.window) }),
    verify: { ...lookingOf(document), ...(list && { list }) },
  };
}

function gate(written: GateDocument, { compiled, measured, catalogue }: ResolveOptions, binding: Binding): Gate {
  const isSecret = (member: string): boolean => catalogue.isSecret?.(member) ?? false;
  return gateOf(written, { ...compiled.gate, rows: present(measured) }, { binding, isSecret });
}

/**
 * Computed fields, and what says which items there are, are made anew with every enumeration; whether an item is busy,
 * whenever that is asked.
 */
function lookupsOf(
  { lookups, scopes, compiled, custom, madeFields, reads, otherList, catalogue }: ResolveOptions,
  binding: Binding,
): Plan["lookups"] {
  const { list, total, expect, pending, hold } = compiled;
  const columns = [...custom.values()].map(({ template }) => template);
  const items = [expect, pending, hold, ...madeFields.expressions.values(), ...reads];
  // Compiling a key adds to what its scope has compiled.
  const lookedFor = [scopes.item, scopes.set, scopes.params].flatMap((scope) => [...scope.lookedFor]);
  return resolveLookups(lookups, {
    binding,
    lists: usesOf([list.forEach, list.ids, total, otherList.params, ...columns]),
    items: usesOf(items),
    lookedFor,
    item: scopes.item,
    isSecret: (member) => catalogue.isSecret?.(member) ?? false,
  });
}

function usesOf(expressions: readonly (Pick<Expression, "uses"> | undefined)[]): ReadonlySet<string> {
  return new Set(expressions.flatMap((one) => [...(one?.uses ?? [])]));
}

/** What holds for the list that is decided on, and not for another. */
function firstList({ compiled }: ResolveOptions, whole: Enumeration, binding: Binding): Partial<Enumeration> {
  const { total, list } = compiled;
  const { narrow } = list;
  return {
    ...(narrow && {
      narrowed: (frozen, part) => {
        return deepMerge(whole.params(frozen, part), rendered(narrow, binding.part(frozen, part, list)));
      },
    }),
    ...(total && { total: (frozen) => lower(total.evaluate(binding.list(frozen))) }),
  };
}

function wholeList(options: ResolveOptions, binding: Binding): Enumeration {
  const { document, list, described, fields, made, madeFields, compiled, custom } = options;
  const sources = customSources(custom, list, binding);
  const complete = completion(madeFields, made, binding);
  const own = new Set(fieldsOf(options.reads).map(({ name }) => name));
  const isMade = (name: string): boolean => madeFields.expressions.has(name) && !madeFields.ofRow.has(name);
  const listed = fields.filter(({ name }) => !own.has(name) && !isMade(name));
  const key = fields.find(({ source }) => source !== "" && source === list.field(list.key)?.source)?.name ?? list.key;
  return {
    ...listingOf(compiled.list, binding),
    fields,
    ...(listed.length < fields.length && { asked: listed }),
    key,
    title: document.enumerate.title ?? key,
    ...(described && { described: describedAs(options, described, key, binding) }),
    ...(sources && { sources }),
    ...(complete && { complete: (frozen, item) => ({ ...pick(item.fields, own), ...complete(frozen, item) }) }),
  };
}

function describedAs(
  { compiled, madeFields, made, catalogue }: ResolveOptions,
  list: DescribedList,
  key: string,
  binding: Binding,
): NonNullable<Enumeration["described"]> {
  const isSecret = (member: string): boolean => catalogue.isSecret?.(member) ?? false;
  return {
    paging: compiled.list.paging,
    items: itemsFrom({ list, key, madeFields, made, binding, isSecret }),
  };
}

/** Those that are read of an item by itself, and belong to it. */
function fieldsOf(reads: readonly CompiledRead[]): readonly FieldFacts[] {
  return reads.filter(({ when }) => when === "before").flatMap(({ fields }) => fields.map(({ facts }) => facts));
}

/** Those that show only what became of it. */
function laterFields({ reads }: Pick<ResolveOptions, "reads">): readonly FieldFacts[] {
  return reads.filter(({ when }) => when === "verify").flatMap(({ fields }) => fields.map(({ facts }) => facts));
}

function clauses({ source, document, compiled, reads }: ResolveOptions, binding: Binding): readonly Clause[] {
  const own = fieldsOf(reads);
  return clausesOf(document).map(({ text, path }, place) => {
    const expression = present(compiled.filter[place]);
    const { uses } = expression;
    const isLate = own.length > 0 && (uses.has("item") || own.some(({ name }) => uses.has(`item.${name}`)));
    const late: { readonly late?: true } = isLate ? { late: true } : {};
    return {
      text,
      line: source.lineOf(path),
      ...late,
      holds: (frozen, item) => truth(expression, binding.item(frozen, item)),
    };
  });
}

interface SetField {
  readonly name: string;
  readonly template: Template;
  readonly field: FieldFacts;
}

function changeRule(options: ResolveOptions, binding: Binding): ChangeRule {
  const { document, fields, compiled } = options;
  const set = setFields(options);
  const { call, unless, pending } = compiled;
  return {
    ...resolveCall(call, callAround(options, binding)),
    sets: set.map(({ name }) => name),
    uses: fieldsUsed([call.params, ...(call.route ? [call.route] : []), ...Object.values(compiled.set)], fields),
    ...looks(options),
    ...(document.change.only_if_unchanged === true && { onlyIfUnchanged: true }),
    desired: (frozen, item) => {
      const names = binding.item(frozen, item);
      const values = set.map(({ name, template, field }) => [name, desiredValue(field, template, names)] as const);
      return Object.fromEntries(values.filter((entry): entry is readonly [string, Value] => entry[1] !== omit));
    },
    ...(unless && { unless: (frozen, item) => truth(unless, binding.item(frozen, item)) }),
    expect: expectation(document, compiled, binding),
    ...(pending && { pending: (frozen, seen) => truth(pending, binding.after(frozen, seen)) }),
  };
}

function setFields({ fields, compiled }: ResolveOptions): readonly SetField[] {
  return Object.entries(compiled.set).map(([name, template]) => ({
    name,
    template,
    field: present(fields.find((one) => one.name === name)),
  }));
}

function callAround(options: ResolveOptions, binding: Binding): Parameters<typeof resolveCall>[1] {
  const { catalogue, document, inputs, fields, list } = options;
  const set = setFields(options);
  const { source } = list.field(list.key) ?? {};
  return {
    catalogue,
    binding,
    inputs: inputValues(document.inputs ?? {}, inputs),
    key: source === undefined ? undefined : fields.find((field) => field.source === source),
    asWritten: (frozen, item, values) => ({ ...values, ...unsetAsWritten(set, values, binding.item(frozen, item)) }),
  };
}

function undoRule(options: ResolveOptions, binding: Binding): UndoRule {
  const { possible = true, reason } = options.document.undo ?? {};
  const { call, unless } = options.compiled.undo;
  return {
    possible,
    reason,
    ...(unless && { unless: (frozen, before) => truth(unless, binding.before(frozen, before)) }),
    ...(call && {
      call: resolveCall(call, callAround(options, binding)),
      uses: fieldsUsed([call.params, ...(call.route ? [call.route] : [])], options.fields),
    }),
  };
}

/** With an expression over what an item has become, the fields that it uses are looked at too. */
function looks(options: ResolveOptions): { readonly looks?: readonly string[] } {
  const { fields, compiled } = options;
  const expressions = [compiled.expect, compiled.pending].filter((one) => one !== undefined);
  if (expressions.length === 0) return {};
  const uses = new Set(expressions.flatMap((one) => [...one.uses]));
  const names = [...fields, ...laterFields(options)].map(({ name }) => name);
  const sets = Object.keys(compiled.set);
  return { looks: names.filter((name) => sets.includes(name) || uses.has("after") || uses.has(`after.${name}`)) };
}

/** Fields of the item that templates are made of; where it is used as a whole, all that do not change by themselves. */
function fieldsUsed(templates: readonly Template[], fields: readonly FieldFacts[]): readonly string[] {
  const uses = new Set(templates.flatMap((template) => [...template.uses]));
  const isWhole = uses.has("item") || uses.has("items");
  return fields
    .filter(({ name, volatile }) => uses.has(`item.${name}`) || (isWhole && !volatile))
    .map(({ name }) => name);
}

function desiredValue(field: FieldFacts, template: Template, names: CelMap): Value | typeof omit {
  const value = template.render(names);
  return value === omit ? omit : canonicalFor(field, value);
}

/** Fields to be unset, as the plan writes that, `""` or 0: null may tell the service to leave them alone. */
function unsetAsWritten(set: readonly SetField[], values: Fields, names: CelMap): Fields {
  const written: Record<string, Value> = {};
  for (const { name, template, field } of set) {
    const value = values[name] === null ? template.render(names) : omit;
    if (value !== omit && canonicalFor(field, value) === null) written[name] = value;
  }
  return written;
}

function expectation({ change }: PlanDocument, { expect }: Compiled, binding: Binding): Expectation {
  if (expect !== undefined)
    return { kind: "expression", holds: (frozen, seen) => truth(expect, binding.after(frozen, seen)) };
  return { kind: change.expect === "absent" || change.expect === "accepted" ? change.expect : "set" };
}

function guardsOf({ guards = {} }: PlanDocument, compiled: Compiled, binding: Binding): Guards {
  const require = (guards.require ?? []).map(({ that: text }, place) => {
    const rule = present(compiled.require[place]);
    const that = present(rule.that);
    return {
      text,
      holds: (frozen: Frozen) => truth(that, binding.list(frozen)),
      message: (frozen: Frozen) => messageText(rendered(rule.message, binding.list(frozen))),
    };
  });
  const changeFromLast = percentOf(guards.change_from_last);
  return {
    require,
    min: guards.min ?? 1,
    ...(guards.max !== undefined && { max: guards.max }),
    ...(guards.max_percent !== undefined && { maxPercent: guards.max_percent }),
    allowEmpty: guards.allow_empty ?? false,
    allowRefused: guards.allow_refused ?? 0,
    ...(guards.allow_absent !== undefined && { allowAbsent: guards.allow_absent }),
    ...(changeFromLast !== undefined && { changeFromLast }),
  };
}

function warningsOf({ warn }: Compiled, binding: Binding): readonly Warning[] {
  return warn.map(({ when, message }) => {
    const condition = present(when);
    return {
      concerns: (frozen, item, set) => truth(condition, binding.params(frozen, item, set)),
      message: (frozen) => messageText(rendered(message, binding.list(frozen))),
    };
  });
}

function messageText(value: Value): string {
  return typeof value === "string" ? value : jsonText(value);
}

/** A part that a document without problems always has. */
function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a plan with problems was resolved");
  return value;
}
