import type { Value } from "../core/model/item.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type Listing, type Paging, type Part } from "../core/model/listing.ts";
import { canonical } from "../core/model/values.ts";
import { isList, isMap, isTable, lower, omit, type Cel, type CelMap } from "../language/cel.ts";
import type { Expression, NameType, RecordType, Scope } from "../language/expression.ts";
import type { Path } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import type { Compiler } from "./compiler.ts";
import type { ListDocument } from "./document.ts";
import type { Binding } from "./binding.ts";
import { firstPage } from "../core/select/first-page.ts";
import { pagingOf, usualSize } from "./paging.ts";
import { routeFrom } from "./route.ts";
import { wholeList, type InsideList } from "./scopes.ts";

/** How a list is asked for, compiled. A part with a problem is undefined, or null. */
export interface CompiledList {
  readonly call: string;
  readonly params: Template;
  readonly narrow: Template | undefined;
  readonly route: Template | undefined;
  readonly forEach: Expression | undefined;
  readonly ids: Expression | undefined;
  readonly size: number;
  readonly paging: Paging;
  /** What its params can use. */
  readonly inside: InsideList;
  /** The type of `each`; undefined: there is none. */
  readonly each: NameType | undefined;
  /** The names that everything about this list can use. */
  readonly uses: ReadonlySet<string>;
}

export interface ListScopes {
  /** For the list as a whole. */
  readonly whole: Scope;
  readonly inside: (names: InsideList) => Scope;
  /** What `each` is where `for_each` gives an expression of that type. */
  readonly elementOf: (type: string) => NameType;
}

/** Compile what a list is asked for with; problems are left in the compiler. */
export function compileList(
  path: Path,
  document: ListDocument & { readonly narrow?: Value },
  {
    compiler,
    scopes,
    page: pageNames,
    hasOmit = false,
  }: {
    readonly compiler: Compiler;
    readonly scopes: ListScopes;
    /** What `page` is in its params. */
    readonly page?: RecordType | undefined;
    readonly hasOmit?: boolean;
  },
): CompiledList {
  const { call, for_each: elements, page, narrow, route } = document;
  const listType = (type: string): boolean => type.startsWith("list");
  const forEach =
    elements === undefined
      ? undefined
      : compiler.expression([...path, "for_each"], elements, {
          scope: scopes.whole,
          gives: "a list or a map",
          fits: (type) => listType(type) || type.startsWith("map"),
        });
  const each = elements === undefined ? undefined : scopes.elementOf(forEach?.type ?? "dyn");
  const inside = { each, page: pageNames, hasOmit };
  const scope = scopes.inside(inside);
  const ids =
    page?.ids === undefined
      ? undefined
      : compiler.expression([...path, "page", "ids"], page.ids, {
          scope: each === undefined ? scopes.whole : scopes.inside({ ...wholeList, each }),
          gives: "a list",
          fits: listType,
        });
  const params = compiler.template([...path, "params"], document.params ?? {}, scope);
  const narrowed = narrow === undefined ? undefined : compiler.template([...path, "narrow"], narrow, scope);
  const routed = route && compiler.template([...path, "route"], { device: route.device }, scope);
  const parts = [params, narrowed, routed, forEach, ids];
  const uses = new Set(parts.flatMap((part) => [...(part?.uses ?? [])]));
  const { size = usualSize } = page ?? {};
  return {
    ...{ call, params, narrow: narrowed, route: routed, forEach, ids, size, each, uses },
    ...{ paging: pagingOf(page), inside },
  };
}

/** Calls that one list is read with: each stands for up to a page of items. */
const mostParts = 100_000;

/** A compiled list, as the engine asks for it. */
export function listingOf(list: CompiledList, binding: Binding): Listing {
  const { call: method, route, forEach, ids } = list;
  const params = (frozen: Frozen, part: Part = {}): Value => {
    return rendered(list.params, binding.part(frozen, onPage(part, list), list));
  };
  const routed = route && {
    route: (frozen: Frozen, part: Part = {}) => routeFrom(route, binding.part(frozen, part, list)),
  };
  if (forEach === undefined && ids === undefined) return { method, params, ...routed };
  const idsFor = (frozen: Frozen, part: Part): readonly Value[] => {
    return ids === undefined ? [] : distinct(ids.evaluate(binding.part(frozen, part, list)), ids.text);
  };
  return {
    method,
    params,
    ...routed,
    parts: (frozen) => {
      const elements = forEach === undefined ? [{}] : eachOf(forEach, binding.list(frozen));
      if (ids === undefined) return elements;
      const all: Part[] = [];
      for (const part of elements) {
        for (const some of chunks(idsFor(frozen, part), list.size)) all.push({ ...part, ids: some });
        if (all.length > mostParts)
          throw new ExpressionError(`for_each and ids make more than ${mostParts} calls of ${method}`);
      }
      return all;
    },
    partOf: (frozen, each) => {
      const part = each === undefined ? {} : { each };
      return ids === undefined ? part : { ...part, ids: idsFor(frozen, part) };
    },
  };
}

/** A part of which no page is named stands for its first one. */
export function onPage(part: Part, { paging }: Pick<CompiledList, "paging">): Part {
  const page = part.page ?? firstPage(paging);
  return page === undefined ? part : { ...part, page };
}

/** @throws {ExpressionError} when the whole is left out. */
export function rendered(template: Template, names: CelMap): Value {
  const value = template.render(names);
  if (value === omit) throw new ExpressionError("`omit` can not be the whole of the params");
  return value;
}

/** @throws {ExpressionError} when it is neither. */
export function truth(expression: Expression, names: CelMap, steps?: number): boolean {
  const result = expression.evaluate(names, steps);
  if (typeof result === "boolean") return result;
  throw new ExpressionError(`${expression.text} gives ${result === null ? "null" : typeof result}, not true or false`);
}

function eachOf(forEach: Expression, names: CelMap): readonly Part[] {
  const elements = forEach.evaluate(names);
  if (isTable(elements)) return elements.keys.map((each) => ({ each: lower(each) }));
  if (isList(elements)) return elements.map((each) => ({ each: lower(each) }));
  if (isMap(elements)) return Object.keys(elements).map((each) => ({ each }));
  throw new ExpressionError(`${forEach.text} gives no list`);
}

/** An id is asked for once, however often it is named. */
function distinct(ids: Cel, text: string): readonly Value[] {
  if (!isList(ids)) throw new ExpressionError(`${text} gives no list`);
  return [...new Map(ids.map(lower).map((id) => [canonical(id), id])).values()];
}

function chunks(ids: readonly Value[], size: number): readonly (readonly Value[])[] {
  const all: (readonly Value[])[] = [];
  for (let start = 0; start < ids.length; start += size) all.push(ids.slice(start, start + size));
  return all;
}
