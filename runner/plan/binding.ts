import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Fields, Item, Value } from "../core/model/item.ts";
import type { Transition } from "../core/model/plan.ts";
import type { Frozen, Login } from "../core/model/frozen.ts";
import type { Measured } from "../core/model/precautions.ts";
import type { Part } from "../core/model/listing.ts";
import { isList, omit, type Cel, type CelMap } from "../language/cel.ts";
import type { NameType } from "../language/expression.ts";
import { indexed } from "../language/operators.ts";
import { Table } from "../language/table.ts";
import { keyOfRow } from "./lookup-rows.ts";
import { celTypes } from "./scopes.ts";
import { isObject } from "../core/model/object.ts";

/** How expressions see what a lookup gave. */
export interface LookupView {
  readonly name: string;
  readonly type: NameType;
  readonly key: readonly string[];
  readonly ignoresCase: boolean;
}

/** Makes the names for evaluating; whole numbers that files keep as digits become numbers again. */
export class Binding {
  readonly #inputs: CelMap;
  readonly #numeric: readonly string[];
  readonly #sets: readonly string[];
  readonly #lookups: readonly LookupView[];
  readonly #each: NameType | undefined;
  /** Made once of what a lookup gave, however often that is asked. */
  readonly #made = new WeakMap<object, Cel>();
  /** Of the last call: the clauses of a filter and the change ask for the same item one after another. */
  #list: { readonly frozen: Frozen; readonly names: CelMap } | undefined;
  #item: { readonly item: Item; readonly frozen: Frozen; readonly names: CelMap } | undefined;

  constructor(options: {
    readonly inputs: CelMap;
    readonly fields: readonly FieldFacts[];
    readonly sets: readonly string[];
    readonly lookups: readonly LookupView[];
    /** The type of the enumeration's `each`. */
    readonly each: NameType | undefined;
  }) {
    this.#inputs = options.inputs;
    this.#numeric = options.fields.filter(({ type }) => celTypes[type] === "int").map(({ name }) => name);
    this.#sets = options.sets;
    this.#lookups = options.lookups;
    this.#each = options.each;
  }

  list(frozen: Frozen): CelMap {
    if (this.#list?.frozen !== frozen) {
      const { now, login } = frozen;
      const names: CelMap = { inputs: this.#inputs, now, login: told(login), omit, ...this.#lookedUp(frozen) };
      this.#list = { frozen, names };
    }
    return this.#list.names;
  }

  /** @param list Whose part it is: its `each` need not be that of the enumeration. */
  part(frozen: Frozen, { each, ids, page }: Part, list: { readonly each: NameType | undefined }): CelMap {
    return {
      ...this.list(frozen),
      ...(each === undefined ? {} : { each: exact(each, list.each) }),
      ...(ids === undefined && page === undefined ? {} : { page: { ...page, ...(ids && { ids }) } }),
    };
  }

  /** A row of a lookup, before it is kept. */
  row(frozen: Frozen, row: Value, type: NameType): CelMap {
    return { ...this.list(frozen), row: exact(row, type) };
  }

  item(frozen: Frozen, item: Item): CelMap {
    if (this.#item?.item !== item || this.#item.frozen !== frozen) {
      const names = { ...this.part(frozen, item.each === undefined ? {} : { each: item.each }, { each: this.#each }) };
      this.#item = { item, frozen, names: { ...names, item: this.#exact(item.fields) } };
    }
    return this.#item.names;
  }

  /** For fields that are computed of the row that an item is made of. */
  inRow(frozen: Frozen, item: Item, row: Value): CelMap {
    return { ...this.item(frozen, item), row };
  }

  params(frozen: Frozen, item: Item, set: Fields): CelMap {
    return { ...this.item(frozen, item), ...this.#call(frozen, set) };
  }

  /** Of a call about several items. */
  chunk(frozen: Frozen, items: readonly Item[], set: Fields): CelMap {
    return { ...this.list(frozen), items: items.map(({ fields }) => this.#exact(fields)), ...this.#call(frozen, set) };
  }

  /** For reading an item by itself. */
  reading(frozen: Frozen, item: Item): CelMap {
    return { ...this.item(frozen, item), run: { ...frozen.run } };
  }

  /** And what was read: a list is `rows`, anything else `row`. */
  answer(frozen: Frozen, item: Item, answer: Value): CelMap {
    const isRows = Array.isArray(answer);
    return { ...this.reading(frozen, item), row: isRows ? null : answer, rows: isRows ? answer : [] };
  }

  before(frozen: Frozen, before: Fields): CelMap {
    return { ...this.list(frozen), before: this.#exact(before), run: { ...frozen.run } };
  }

  /** For the list in which changed items are looked for. */
  verifying(frozen: Frozen, part: Part): CelMap {
    return { ...this.part(frozen, part, { each: this.#each }), run: { ...frozen.run } };
  }

  after(frozen: Frozen, { before, after, set }: Transition): CelMap {
    return {
      ...this.list(frozen),
      before: this.#exact(before),
      after: this.#exact(after),
      set: this.#exact(set),
      run: { ...frozen.run },
    };
  }

  /** What a gate has measured. @param type Of its rows, all together. */
  measured(frozen: Frozen, { rows, changed }: Measured, type: NameType): CelMap {
    return {
      ...this.list(frozen),
      rows: exact(rows, type),
      changed: changed.map(({ fields }) => this.#exact(fields)),
      run: { ...frozen.run },
    };
  }

  /** What a lookup gave, as expressions see it. Undefined: it has not been read yet. */
  lookup(frozen: Frozen, name: string): Cel | undefined {
    const found = this.list(frozen).lookup;
    return found === undefined ? undefined : (found as CelMap)[name];
  }

  #call(frozen: Frozen, set: Fields): CelMap {
    const omitted = this.#sets.filter((name) => !Object.hasOwn(set, name)).map((name) => [name, omit] as const);
    return { set: { ...this.#exact(set), ...Object.fromEntries(omitted) }, run: { ...frozen.run } };
  }

  #lookedUp({ lookup = {} }: Frozen): CelMap {
    if (this.#lookups.length === 0) return {};
    const read = this.#lookups.filter(({ name }) => Object.hasOwn(lookup, name));
    return { lookup: Object.fromEntries(read.map((view) => [view.name, this.#view(view, lookup[view.name] ?? null)])) };
  }

  #view(view: LookupView, value: Value): Cel {
    if (value === null || typeof value !== "object") return exact(value, view.type);
    const made = this.#made.get(value) ?? viewOf(view, value);
    this.#made.set(value, made);
    return made;
  }

  #exact(fields: Fields): CelMap {
    const digits = this.#numeric.filter((name) => typeof fields[name] === "string");
    if (digits.length === 0) return fields;
    return { ...fields, ...Object.fromEntries(digits.map((name) => [name, BigInt(fields[name] as string)])) };
  }
}

function viewOf({ name, type, key, ignoresCase }: LookupView, value: object): Cel {
  const exactly = exact(value as Value, type);
  if (!isList(exactly)) return exactly;
  if (key.length === 0) return indexed(exactly);
  const keyOf = (row: CelMap): unknown => keyOfRow(row, key);
  return new Table(name, exactly as readonly CelMap[], { keyOf, ignoresCase });
}

/** A value whose whole numbers beyond 2^53 are digits, with the numbers in their place. */
function exact(value: Value, type: NameType | undefined): Cel {
  if (type === "int") return typeof value === "string" ? BigInt(value) : value;
  if (type === undefined || typeof type === "string") {
    const inside = type === "list<int>" && Array.isArray(value) && value.some((one) => typeof one === "string");
    return inside ? (value as readonly Value[]).map((one) => exact(one, "int")) : value;
  }
  if ("listOf" in type || "tableOf" in type) {
    const row = "listOf" in type ? type.listOf : type.tableOf;
    const whole = typeof row === "object" && Object.values(row.members).includes("int");
    return whole && Array.isArray(value) ? (value as readonly Value[]).map((one) => exact(one, row)) : value;
  }
  if (!isObject(value)) return value;
  const digits = Object.entries(type.members).filter(
    ([name, member]) => member === "int" && typeof value[name] === "string",
  );
  if (digits.length === 0) return value;
  return { ...value, ...Object.fromEntries(digits.map(([name]) => [name, BigInt(value[name] as string)])) };
}

/** What the service said of who is logged in: `item.Id != login.user_id` must not hold only because it did not say. */
function told(login: Login): CelMap {
  return Object.fromEntries(Object.entries(login).filter(([, value]) => value !== null));
}
