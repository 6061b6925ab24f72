import type { FieldFacts } from "../core/model/catalogue.ts";
import { digestOfText } from "../core/model/digest.ts";
import { jsonText } from "../core/model/exact.ts";
import type { Value } from "../core/model/item.ts";
import { pick } from "../core/model/pick.ts";
import { type Clause, type Plan } from "../core/model/plan.ts";
import { type Enumeration } from "../core/model/listing.ts";
import { type Frozen } from "../core/model/frozen.ts";
import { type Gate, type Guards, type Warning } from "../core/model/precautions.ts";
import { lower } from "../language/cel.ts";
import type { Expression } from "../language/expression.ts";
import { Binding } from "./binding.ts";
import { clausesOf, type Compiled } from "./compile.ts";
import { declaredPaths } from "./declared-paths.ts";
import { completion } from "./computed.ts";
import { customSources } from "./custom-columns.ts";
import { itemsFrom } from "./described-items.ts";
import type { DescribedList } from "./described-list.ts";
import type { GateDocument, PlanDocument } from "./document.ts";
import { deepMerge } from "./merge.ts";
import { listingOf, rendered, truth } from "./parts.ts";
import { gateOf, holdOf } from "./resolve-gate.ts";
import { resolveLookups } from "./resolve-lookups.ts";
import { lookingOf, paceOf, percentOf, stopsOf, windowOf } from "./resolve-pace.ts";
import { resolveRead, type CompiledRead } from "./reads.ts";
import { changeRule, undoRule } from "./resolve-change.ts";
import { laterFields, present, type ResolveOptions } from "./resolving.ts";
import { inputValues, namesOfType } from "./scopes.ts";
import { verifyingList } from "./verify-list.ts";

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
    secrets: namesOfType(declared, "secret"),
    files: namesOfType(declared, "file"),
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
