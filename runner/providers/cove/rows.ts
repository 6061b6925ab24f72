import { isDeepStrictEqual } from "node:util";
import type { FieldFacts } from "../../core/model/catalogue.ts";
import { IncompleteError } from "../../core/model/errors.ts";
import { itemId, type Fields, type Item, type ItemId, type Value } from "../../core/model/item.ts";
import type { Log } from "../../core/model/ports.ts";
import type { Body } from "../../rpc/envelope.ts";
import { rowMembers } from "./columns.ts";
import { TypedValues } from "./typed.ts";
import { isObject } from "../../core/model/object.ts";

/** A row of the device list as it came, its key checked. */
export interface Row {
  readonly id: ItemId;
  readonly body: Body;
}

/**
 * The rows of an answer. Null and an empty list are alike.
 * @throws {IncompleteError} when it is not a list of rows with a key.
 */
export function rowsOf(result: unknown): readonly Row[] {
  const rows = isObject(result) ? (result.result ?? []) : result === null ? [] : undefined;
  if (!Array.isArray(rows)) throw new IncompleteError("The device list came back as something that is not a list.");
  return rows.map((body: unknown) => {
    const id = isObject(body) ? body.AccountId : undefined;
    if (!isObject(body) || !isKey(id)) throw keyless(id);
    return { id: itemId(String(id)), body };
  });
}

function keyless(id: unknown): IncompleteError {
  // A JSON number beyond 2^53 was rounded when it was read: two devices could have become one.
  if (typeof id === "number") {
    return new IncompleteError(
      `A row of the device list has the AccountId ${id}, which can not be told apart exactly.`,
    );
  }
  return new IncompleteError("A row of the device list came back without AccountId, or with an unusable one.");
}

function isKey(id: unknown): id is number | string {
  return Number.isSafeInteger(id) || (typeof id === "string" && /^\d{1,19}$/.test(id));
}

/** Turns rows into items with exactly the declared fields, typed. */
export class RowReader {
  readonly #fields: readonly FieldFacts[];
  readonly #values: TypedValues;
  /** Fields by every code an answer may use for them. */
  readonly #byCode = new Map<string, FieldFacts[]>();
  readonly #members: readonly FieldFacts[];

  constructor(fields: readonly FieldFacts[], log: Log) {
    this.#fields = fields;
    this.#values = new TypedValues("Device", log);
    this.#members = fields.filter(({ source }) => rowMembers.has(source));
    for (const field of fields.filter(({ source }) => !rowMembers.has(source))) {
      for (const code of new Set([field.source, ...field.spellings])) {
        this.#byCode.set(code, [...(this.#byCode.get(code) ?? []), field]);
      }
    }
  }

  /** Codes to ask for, each once. Never empty: a query without columns is not known to work. */
  get codes(): readonly string[] {
    const codes = new Set(this.#fields.map(({ source }) => source).filter((source) => !rowMembers.has(source)));
    return codes.size === 0 ? ["I0"] : [...codes];
  }

  /** @throws {IncompleteError} when a value does not fit its column's type: nothing is dropped by an error. */
  item({ id, body }: Row): Item {
    const fields: Record<string, Value> = {};
    for (const { name, type } of this.#fields) fields[name] = type === "set" ? [] : null;
    for (const field of this.#members) fields[field.name] = this.value(field, body[field.source], id);
    for (const setting of settingsOf(body)) {
      for (const code in setting) {
        for (const field of this.#byCode.get(code) ?? []) {
          const value = this.value(field, setting[code], id);
          const before = fields[field.name] ?? null;
          if (!isUnset(before) && !isDeepStrictEqual(value, before)) throw twice(id, code);
          fields[field.name] = value;
        }
      }
    }
    return { id, fields };
  }

  /** One value, typed; of several, the first. @throws {IncompleteError} as above. */
  value(field: FieldFacts, raw: unknown, id: ItemId): Value {
    const single: unknown = field.type === "set" || field.type === "list" || !Array.isArray(raw) ? raw : raw[0];
    return this.#values.read(field, single, id);
  }
}

function isUnset(value: Value): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function twice(id: ItemId, code: string): IncompleteError {
  return new IncompleteError(`Device ${id} came back with two different values of ${code}.`);
}

/** Objects of one key each; null and missing are no settings at all. */
function settingsOf({ Settings }: Body): readonly Body[] {
  if (Settings === undefined || Settings === null) return [];
  if (!Array.isArray(Settings)) throw new IncompleteError("A row of the device list came back with broken Settings.");
  return Settings.filter(isObject);
}

/** The fields of an item that were asked for. */
export function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}
