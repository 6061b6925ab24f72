import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Fields, Value } from "../core/model/item.ts";
import type { ChangeRule, Expectation, UndoRule } from "../core/model/plan.ts";
import { omit, type CelMap } from "../language/cel.ts";
import type { Template } from "../language/template.ts";
import type { Binding } from "./binding.ts";
import { resolveCall } from "./calls.ts";
import type { Compiled } from "./compile.ts";
import { canonicalFor } from "./desired.ts";
import type { PlanDocument } from "./document.ts";
import { truth } from "./parts.ts";
import { laterFields, present, type ResolveOptions } from "./resolving.ts";
import { inputValues } from "./scopes.ts";

interface SetField {
  readonly name: string;
  readonly template: Template;
  readonly field: FieldFacts;
}

/** What a plan changes, and how it will be known to be done. */
export function changeRule(options: ResolveOptions, binding: Binding): ChangeRule {
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

/** How a plan goes back, where it says that itself. */
export function undoRule(options: ResolveOptions, binding: Binding): UndoRule {
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
