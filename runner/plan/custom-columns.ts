import type { FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import type { Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { type Enumeration } from "../core/model/listing.ts";
import type { Finding, Path } from "../language/source.ts";
import type { Scope } from "../language/expression.ts";
import type { Template } from "../language/template.ts";
import type { Binding } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import { isObject } from "../core/model/object.ts";

/** The `custom` of fields, by their names. */
export type CustomColumns = ReadonlyMap<string, CustomColumn>;

/** `known`: what it comes to, where the inputs alone say it. */
interface CustomColumn {
  readonly template: Template;
  readonly known: Value | undefined;
}

/** @param tryRender What a template comes to before the run; undefined where it needs more than inputs. */
export function compileCustom(
  fields: Value,
  {
    compiler,
    scope,
    tryRender,
  }: {
    readonly compiler: Compiler;
    readonly scope: Scope;
    readonly tryRender: (template: Template) => Value | undefined;
  },
): CustomColumns {
  const written = Object.entries(isObject(fields) ? fields : {}).flatMap(([name, field]) => {
    const { custom = null } = isObject(field) ? field : {};
    return custom === null ? [] : [[name, custom] as const];
  });
  return new Map(
    written.map(([name, custom]) => {
      const path = ["enumerate", "fields", name, "custom"];
      const template = compiler.template(path, custom, scope);
      return [name, { template, known: compiler.faulty.covers(path) ? undefined : tryRender(template) }];
    }),
  );
}

/** What is known of a field that is a custom column, or why it can be none. One that is looked up has no source yet. */
export function customFacts(
  { known }: CustomColumn,
  { list, path }: { readonly list: ListFacts; readonly path: Path },
): FieldFacts | Finding {
  const at = [...path, "custom"];
  const like = list.custom?.("1");
  if (like === undefined) return { path: at, code: "bad-field", message: `${list.method} has no custom columns` };
  if (known === undefined) return { ...like, source: "", spellings: [] };
  const facts = list.custom?.(textOf(known));
  if (facts !== undefined) return facts;
  return {
    path: at,
    code: "unknown-field",
    message: `${textOf(known)} is no number or code of a custom column`,
    hint: 'Write 843 or AA843. A column that is known by its name is looked up: lookups.columns: { call: EnumerateCustomColumns, params: …, key: Name, fields: [Id, Name] }, and here ${{ lookup.columns["its name"].Id }}.',
  };
}

/** The sources of the columns that are looked up. Undefined: there are none. */
export function customSources(columns: CustomColumns, list: ListFacts, binding: Binding): Enumeration["sources"] {
  const late = [...columns].filter(([, { known }]) => known === undefined);
  if (late.length === 0) return undefined;
  return (frozen) => {
    const sources = late.map(([name, { template }]) => [name, sourceOf(name, template, { frozen, list, binding })]);
    return Object.fromEntries(sources) as Readonly<Record<string, string>>;
  };
}

function sourceOf(
  name: string,
  template: Template,
  {
    frozen,
    list,
    binding,
  }: { readonly frozen: Parameters<Binding["list"]>[0]; readonly list: ListFacts; readonly binding: Binding },
): string {
  const value = template.render(binding.list(frozen));
  const found = typeof value === "symbol" ? undefined : list.custom?.(textOf(value));
  if (found !== undefined) return found.source;
  throw new ExpressionError(`${name}: what was looked up is no number or code of a custom column`);
}

function textOf(value: Value): string {
  return typeof value === "string" ? value.trim() : JSON.stringify(value);
}
