import type { Catalogue, Encoded, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import { digestOfText } from "../core/model/digest.ts";
import type { Fields, Value } from "../core/model/item.ts";
import {
  ExpressionError,
  type ChangeRule,
  type Clause,
  type Enumeration,
  type Expectation,
  type Frozen,
  type Guards,
  type Plan,
  type Stops,
} from "../core/model/plan.ts";
import { lower, omit, type CelMap } from "../language/cel.ts";
import type { Expression } from "../language/expression.ts";
import type { Source } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import { parseDuration, parsePercent, parseRate } from "../language/units.ts";
import type { Compiler } from "./compiler.ts";
import { Binding } from "./binding.ts";
import { completion, type MadeFields } from "./computed.ts";
import { canonicalFor, setFault } from "./desired.ts";
import type { PlanDocument } from "./document.ts";
import { resolveLookups, type KnownLookup } from "./lookups.ts";
import { deepMerge } from "./merge.ts";
import { listingOf, rendered, type CompiledList } from "./parts.ts";
import type { MadeField } from "./rules/fields.ts";
import { routeFrom } from "./route.ts";
import { inputValues, secretNames, type Scopes } from "./scopes.ts";

/** Everything of a plan that is an expression or a template, compiled. A part with a problem is undefined, or null. */
export interface Compiled {
  readonly list: CompiledList;
  readonly total: Expression | undefined;
  readonly filter: readonly (Expression | undefined)[];
  readonly set: Readonly<Record<string, Template>>;
  readonly params: Template;
  readonly route: Template | undefined;
  readonly unless: Expression | undefined;
  readonly expect: Expression | undefined;
  readonly pending: Expression | undefined;
  readonly require: readonly { readonly that: Expression | undefined; readonly message: Template }[];
}

/** Compile a plan's expressions and templates; problems are left in the compiler. */
export function compilePlan(
  document: PlanDocument,
  scopes: Scopes,
  { compiler, list }: { readonly compiler: Compiler; readonly list: CompiledList },
): Compiled {
  const { enumerate, change, guards = {} } = document;
  const optional = (name: "unless" | "pending", scope: Scopes["item"]): Expression | undefined => {
    const text = change[name];
    return text === undefined ? undefined : compiler.condition(["change", name], text, scope);
  };
  return {
    list,
    total:
      enumerate.total === undefined
        ? undefined
        : compiler.expression(["enumerate", "total"], enumerate.total, {
            scope: scopes.list,
            gives: "a whole number",
            fits: (type) => type === "int",
          }),
    filter: clausesOf(document).map(({ text, path }) => compiler.condition(path, text, scopes.item)),
    set: Object.fromEntries(
      Object.entries(change.set ?? {}).map(([name, value]) => [
        name,
        compiler.template(["change", "set", name], value, scopes.set),
      ]),
    ),
    params: compiler.sentTemplate(["change", "params"], change.params, scopes.params),
    route: change.route && compiler.template(["change", "route"], { device: change.route.device }, scopes.item),
    unless: optional("unless", scopes.item),
    pending: optional("pending", scopes.after),
    expect: isWord(change.expect) ? undefined : compiler.condition(["change", "expect"], change.expect, scopes.after),
    require: (guards.require ?? []).map(({ that, message }, place) => ({
      that: compiler.condition(["guards", "require", place, "that"], that, scopes.list),
      message: compiler.template(["guards", "require", place, "message"], message, scopes.list),
    })),
  };
}

/** What a plan sets, against the types of its fields. */
export function* setFindings(
  compiled: Compiled,
  fields: readonly FieldFacts[],
): Generator<{ path: readonly string[]; code: string; message: string; hint?: string | undefined }> {
  for (const [name, template] of Object.entries(compiled.set)) {
    const field = fields.find((one) => one.name === name);
    const fault = field && setFault(field, template);
    if (fault) yield { path: ["change", "set", name], ...fault };
  }
}

export interface ResolveOptions {
  readonly source: Source;
  readonly document: PlanDocument;
  readonly service: string;
  readonly catalogue: Catalogue;
  readonly list: ListFacts;
  readonly fields: readonly FieldFacts[];
  readonly made: ReadonlyMap<string, MadeField>;
  readonly madeFields: MadeFields;
  readonly lookups: readonly KnownLookup[];
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
    ...{ inputs: inputValues(declared, inputs), fields, sets },
    lookups: options.lookups.map(({ view }) => view),
    each: compiled.list.each,
  });
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
    enumerate: enumeration(options, binding),
    filter: clauses(options, binding),
    change: changeRule(options, binding),
    guards: guardsOf(document, compiled, binding),
    pace: { concurrency: document.pace?.concurrency ?? 4, ...optional("perMinute", document.pace?.rate, parseRate) },
    stop: stopsOf(document),
    verify: {
      withinMs: parseDuration(document.verify?.within ?? "2m") ?? 0,
      everyMs: parseDuration(document.verify?.every ?? "10s") ?? 0,
      ...optional("horizonMs", document.verify?.horizon, parseDuration),
    },
  };
}

/** Computed fields, and what says which items there are, are made anew with every enumeration. */
function lookupsOf({ lookups, scopes, compiled, madeFields }: ResolveOptions, binding: Binding): Plan["lookups"] {
  const { list, total, expect, pending } = compiled;
  const items = [expect, pending, ...madeFields.expressions.values()];
  // Compiling a key adds to what its scope has compiled.
  const lookedFor = [scopes.item, scopes.set, scopes.params].flatMap((scope) => [...scope.lookedFor]);
  return resolveLookups(lookups, {
    binding,
    lists: usesOf([list.forEach, list.ids, total]),
    items: usesOf(items),
    lookedFor,
    item: scopes.item,
  });
}

function usesOf(expressions: readonly (Expression | undefined)[]): ReadonlySet<string> {
  return new Set(expressions.flatMap((one) => [...(one?.uses ?? [])]));
}

function enumeration(options: ResolveOptions, binding: Binding): Enumeration {
  const { document, list, fields, made, madeFields, compiled } = options;
  const { narrow } = compiled.list;
  const { total } = compiled;
  const complete = completion(madeFields, made, binding);
  const key = fields.find(({ source }) => source !== "" && source === list.field(list.key)?.source)?.name ?? list.key;
  const listing = listingOf(compiled.list, binding);
  return {
    ...listing,
    fields,
    ...(madeFields.expressions.size > 0 && { asked: fields.filter(({ name }) => !madeFields.expressions.has(name)) }),
    key,
    title: document.enumerate.title ?? key,
    ...(narrow && {
      narrowed: (frozen, part) =>
        deepMerge(listing.params(frozen, part), rendered(narrow, binding.part(frozen, part, compiled.list))),
    }),
    ...(total && { total: (frozen) => lower(total.evaluate(binding.list(frozen))) }),
    ...(complete && { complete }),
  };
}

function clauses({ source, document, compiled }: ResolveOptions, binding: Binding): readonly Clause[] {
  return clausesOf(document).map(({ text, path }, place) => {
    const expression = present(compiled.filter[place]);
    return { text, line: source.lineOf(path), holds: (frozen, item) => truth(expression, binding.item(frozen, item)) };
  });
}

function clausesOf({
  filter,
}: PlanDocument): readonly { readonly text: string; readonly path: readonly (string | number)[] }[] {
  if (typeof filter === "boolean") return [];
  if (typeof filter === "string") return [{ text: filter, path: ["filter"] }];
  return filter.map((text, place) => ({ text, path: ["filter", place] }));
}

interface SetField {
  readonly name: string;
  readonly template: Template;
  readonly field: FieldFacts;
}

function changeRule({ document, catalogue, fields, compiled }: ResolveOptions, binding: Binding): ChangeRule {
  const { change } = document;
  const set = Object.entries(compiled.set).map(([name, template]): SetField => ({
    name,
    template,
    field: present(fields.find((one) => one.name === name)),
  }));
  const { route, unless, pending } = compiled;
  const method = catalogue.method(change.call);
  return {
    method: change.call,
    repeat: method?.repeat ?? "once",
    destructive: change.destructive ?? false,
    sets: set.map(({ name }) => name),
    uses: fieldsUsed([compiled.params, ...(route ? [route] : []), ...Object.values(compiled.set)], fields),
    desired: (frozen, item) => {
      const names = binding.item(frozen, item);
      const values = set.map(({ name, template, field }) => [name, desiredValue(field, template, names)] as const);
      return Object.fromEntries(values.filter((entry): entry is readonly [string, Value] => entry[1] !== omit));
    },
    params: (frozen, item, values) => {
      const sent = { ...values, ...unsetAsWritten(set, values, binding.item(frozen, item)) };
      const params = rendered(compiled.params, binding.params(frozen, item, sent));
      return asSent(catalogue.encode?.(change.call, params) ?? { params, faults: [] });
    },
    ...(method?.isRouted && {
      route: (frozen, item) => (route ? routeFrom(route, binding.item(frozen, item)) : { device: item.id }),
    }),
    ...(unless && { unless: (frozen, item) => truth(unless, binding.item(frozen, item)) }),
    expect: expectation(document, compiled, binding),
    ...(pending && { pending: (frozen, seen) => truth(pending, binding.after(frozen, seen)) }),
  };
}

/** Fields of the item that templates are made of; all of them where an item is used as a whole. */
function fieldsUsed(templates: readonly Template[], fields: readonly FieldFacts[]): readonly string[] {
  const uses = new Set(templates.flatMap((template) => [...template.uses]));
  return fields.map(({ name }) => name).filter((name) => uses.has("item") || uses.has(`item.${name}`));
}

/** The reviewed change set holds what goes over the wire. */
function asSent({ params, faults: [fault] }: Encoded): Value {
  if (fault !== undefined) throw new ExpressionError(`change.params.${fault.message}`, fault.hint);
  return params;
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

/** `absent` and `accepted` are words; anything else is an expression. */
function isWord(expect: string | undefined): expect is "absent" | "accepted" | undefined {
  return expect === undefined || expect === "absent" || expect === "accepted";
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
  return {
    require,
    min: guards.min ?? 1,
    ...(guards.max !== undefined && { max: guards.max }),
    ...(guards.max_percent !== undefined && { maxPercent: guards.max_percent }),
    allowEmpty: guards.allow_empty ?? false,
    allowRefused: guards.allow_refused ?? 0,
    ...(guards.allow_absent !== undefined && { allowAbsent: guards.allow_absent }),
  };
}

function messageText(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function stopsOf({ stop = {} }: PlanDocument): Stops {
  const percent = typeof stop.percent === "string" ? parsePercent(stop.percent) : stop.percent;
  const { drifted } = stop;
  return {
    errors: stop.errors ?? 3,
    ...(percent !== undefined && { percent }),
    consecutive: stop.consecutive ?? 3,
    unknown: stop.unknown ?? 0,
    // A count stands alone: the share is then no bound.
    driftedPercent: typeof drifted === "number" ? 100 : (parsePercent(drifted ?? "10%") ?? 10),
    ...(typeof drifted === "number" && { drifted }),
  };
}

function truth(expression: Expression, names: CelMap): boolean {
  const result = expression.evaluate(names);
  if (typeof result === "boolean") return result;
  throw new ExpressionError(`${expression.text} gives ${result === null ? "null" : typeof result}, not true or false`);
}

function optional<Name extends string, Raw, Result>(
  name: Name,
  raw: Raw | undefined,
  parse: (raw: Raw) => Result | undefined,
): { readonly [key in Name]?: Result } {
  const value = raw === undefined ? undefined : parse(raw);
  return (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: Result };
}

/** A part that a document without problems always has. */
function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a plan with problems was resolved");
  return value;
}
