import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Fields, Item } from "../core/model/item.ts";
import type { Frozen, Login, Transition } from "../core/model/plan.ts";
import type { FieldType } from "../core/model/values.ts";
import { omit, type CelMap } from "../language/cel.ts";
import { Scope, type CelType, type Names, type RecordType } from "../language/expression.ts";
import type { InputDocument, InputType } from "./document.ts";

/** The names that are known in each part of a plan. */
export interface Scopes {
  /** Before anything is read: inputs alone. */
  readonly load: Scope;
  /** For the list as a whole. */
  readonly list: Scope;
  readonly item: Scope;
  readonly set: Scope;
  readonly params: Scope;
  readonly after: Scope;
}

export interface ScopeFacts {
  readonly inputs: Readonly<Record<string, InputDocument>>;
  /** Undefined: not known, because the list is not; any member passes then. */
  readonly fields: readonly Pick<FieldFacts, "name" | "type">[] | undefined;
  /** Fields that were declared but are not known: they were reported already. */
  readonly unknownFields: readonly string[];
  readonly sets: readonly string[];
}

export function scopesFor(facts: ScopeFacts): Scopes {
  const secrets = new Set(secretNames(facts.inputs).map((name) => `inputs.${name}`));
  const inputs: Names = { inputs: inputsRecord(facts.inputs) };
  const list: Names = {
    ...inputs,
    now: "int",
    login: { kind: "login", members: { user_id: "dyn", partner_id: "dyn", name: "string" } },
  };
  const item = itemType(facts);
  const set =
    typeof item === "string"
      ? item
      : {
          kind: "set_fields",
          members: Object.fromEntries(
            facts.sets.map((name) => [name, Object.hasOwn(item.members, name) ? (item.members[name] ?? "dyn") : "dyn"]),
          ),
        };
  const run: RecordType = { kind: "run", members: { id: "string", started: "int" } };
  const scope = (names: Names): Scope => new Scope(names, secrets);
  return {
    load: scope(inputs),
    list: scope(list),
    item: scope({ ...list, item }),
    set: scope({ ...list, item, omit: "dyn" }),
    params: scope({ ...list, item, set, omit: "dyn", run }),
    after: scope({ ...list, before: item, after: item, set, run }),
  };
}

export function secretNames(inputs: Readonly<Record<string, InputDocument>>): readonly string[] {
  return Object.keys(inputs).filter((name) => inputs[name]?.type === "secret");
}

/** Makes the names for evaluating; whole numbers that files keep as digits become numbers again. */
export class Binding {
  readonly #inputs: CelMap;
  readonly #numeric: readonly string[];
  readonly #sets: readonly string[];
  /** Of the last call: the clauses of a filter and the change ask for the same item one after another. */
  #list: { readonly frozen: Frozen; readonly names: CelMap } | undefined;
  #item: { readonly item: Item; readonly frozen: Frozen; readonly names: CelMap } | undefined;

  constructor(options: {
    readonly inputs: CelMap;
    readonly fields: readonly FieldFacts[];
    readonly sets: readonly string[];
  }) {
    this.#inputs = options.inputs;
    this.#numeric = options.fields.filter(({ type }) => celTypes[type] === "int").map(({ name }) => name);
    this.#sets = options.sets;
  }

  list(frozen: Frozen): CelMap {
    if (this.#list?.frozen !== frozen) {
      const { now, login } = frozen;
      this.#list = { frozen, names: { inputs: this.#inputs, now, login: told(login), omit } };
    }
    return this.#list.names;
  }

  item(frozen: Frozen, item: Item): CelMap {
    if (this.#item?.item !== item || this.#item.frozen !== frozen) {
      this.#item = { item, frozen, names: { ...this.list(frozen), item: this.#exact(item.fields) } };
    }
    return this.#item.names;
  }

  params(frozen: Frozen, item: Item, set: Fields): CelMap {
    const omitted = this.#sets.filter((name) => !Object.hasOwn(set, name)).map((name) => [name, omit] as const);
    return {
      ...this.item(frozen, item),
      set: { ...this.#exact(set), ...Object.fromEntries(omitted) },
      run: { ...frozen.run },
    };
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

  #exact(fields: Fields): CelMap {
    const digits = this.#numeric.filter((name) => typeof fields[name] === "string");
    if (digits.length === 0) return fields;
    return { ...fields, ...Object.fromEntries(digits.map((name) => [name, BigInt(fields[name] as string)])) };
  }
}

/** What the service said of who is logged in: `item.Id != login.user_id` must not hold only because it did not say. */
function told(login: Login): CelMap {
  return Object.fromEntries(Object.entries(login).filter(([, value]) => value !== null));
}

/** Inputs as expressions see them. */
export function inputValues(declared: Readonly<Record<string, InputDocument>>, values: Fields): CelMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const type = declared[name]?.type;
      const digits = type !== undefined && inputTypes[type] === "int" && typeof value === "string";
      return [name, digits ? BigInt(value) : value];
    }),
  );
}

/** The type of a field in expressions. */
export const celTypes: Readonly<Record<FieldType, CelType>> = {
  string: "string",
  integer: "int",
  number: "double",
  boolean: "bool",
  bytes: "int",
  unix_time: "int",
  set: "list",
  list: "list",
  object: "map",
  hex: "int",
  enum: "string",
  secret: "string",
};

const inputTypes: Readonly<Record<InputType, CelType>> = {
  string: "string",
  integer: "int",
  number: "double",
  boolean: "bool",
  bytes: "int",
  duration: "int",
  time: "int",
  secret: "string",
  file: "string",
  list: "list<string>",
};

function inputsRecord(inputs: Readonly<Record<string, InputDocument>>): RecordType {
  const open = Object.entries(inputs).filter(([, { type }]) => type !== "secret");
  const members = open.map(
    ([name, { type, of }]) => [name, type === "list" && of === "integer" ? "list<int>" : inputTypes[type]] as const,
  );
  return { kind: "inputs", members: Object.fromEntries(members) };
}

function itemType({ fields, unknownFields }: ScopeFacts): RecordType | "map" {
  if (fields === undefined) return "map";
  const known = fields.map(({ name, type }) => [name, celTypes[type]] as const);
  return {
    kind: "item",
    members: {
      ...Object.fromEntries(unknownFields.map((name) => [name, "dyn" as const])),
      ...Object.fromEntries(known),
    },
  };
}
