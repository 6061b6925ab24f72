import type { FieldFacts } from "../../core/model/catalogue.ts";
import type { ItemId, Value } from "../../core/model/item.ts";
import type { Failure } from "../../core/model/outcome.ts";
import type { ListRequest, Log, Reading } from "../../core/model/ports.ts";
import type { Client } from "../../rpc/client.ts";
import type { Body } from "../../rpc/envelope.ts";
import { customNumber } from "./columns.ts";
import { customValuesCall, customValuesOf } from "./custom-values.ts";
import { columnsData } from "./data.ts";
import { deviceRequest, queryOf } from "./lists.ts";
import type { Readings } from "./readings.ts";
import { pick, RowReader, rowsOf } from "./rows.ts";
import { isObject } from "../../core/model/object.ts";

export interface SingleRead {
  readonly list: ListRequest;
  readonly id: ItemId;
  /** Fields that must be in the answer. */
  readonly names: readonly string[] | "listed";
  readonly signal: AbortSignal;
}

/** Reads single devices: by id where those calls have all that is asked for, else by narrowing the list to one row. */
export class SingleDevices {
  readonly #client: Client;
  readonly #readings: Readings;
  readonly #log: Log;
  readonly #now: () => number;

  constructor(client: Client, readings: Readings, { log, now }: { readonly log: Log; readonly now: () => number }) {
    this.#client = client;
    this.#readings = readings;
    this.#log = log;
    this.#now = now;
  }

  /** Whatever goes wrong with this one device is a reading too. */
  async read(wanted: SingleRead): Promise<Reading> {
    if (!/^\d{1,15}$/.test(wanted.id)) {
      const failure = fatal("bad-id", `${wanted.id} is not a device id`);
      return this.#readings.unreadable({ source: "id", began: this.#now() }, failure);
    }
    if (wanted.names === "listed") return this.#narrowed(wanted, []);
    return (await this.#byId(wanted, wanted.names)) ?? (await this.#narrowed(wanted, wanted.names));
  }

  /** Undefined: these calls can not say, ask the list. */
  async #byId({ list, id, signal }: SingleRead, names: readonly string[]): Promise<Reading | undefined> {
    const places = names.map((name) => placeOf(list.fields.find((field) => field.name === name)));
    if (!places.every((place) => place !== undefined)) return undefined;
    const account = await this.#ask(accountCall, id, signal);
    if (account.kind === "failed") return account.reading;
    const body = isObject(account.result) ? account.result.result : undefined;
    if (!isObject(body) || String(body.Id) !== id || isRemoved(body)) return undefined;
    // A member that is missing may be unset or merely not told.
    if (places.some(({ member }) => member !== undefined && body[member] === undefined)) return undefined;
    const custom = places.some(({ column }) => column !== undefined)
      ? await this.#ask(customValuesCall, id, signal)
      : undefined;
    if (custom?.kind === "failed") return custom.reading;
    const pairs = custom === undefined ? {} : custom.result;
    if (!isObject(pairs)) return undefined;
    // The older of the two reads says how old the whole is.
    const age = this.#readings.byId(custom === undefined ? accountCall : customValuesCall, account.began);
    return this.#readings.found(age, () => {
      const reader = new RowReader(list.fields, this.#log);
      const values = customValuesOf(pairs);
      const raw = ({ member, column }: Place): unknown => (member === undefined ? values.get(column) : body[member]);
      return Object.fromEntries(places.map((place) => [place.field.name, reader.value(place.field, raw(place), id)]));
    });
  }

  async #ask(method: string, id: ItemId, signal: AbortSignal): Promise<Asked> {
    const answer = await this.#client.read({ method, params: { accountId: Number(id) } }, signal);
    if (answer.kind === "result") return { kind: "answered", result: answer.result, began: answer.began };
    const { failure, began } = answer;
    const mayBeGone = failure.class === "reject" || failure.class === "not_found";
    const reading = mayBeGone ? undefined : this.#readings.unreadable({ source: method, began }, failure);
    return { kind: "failed", reading };
  }

  async #narrowed({ list, id, signal }: SingleRead, names: readonly string[]): Promise<Reading> {
    const reader = new RowReader(list.fields, this.#log);
    const members = { Filter: narrowedFilter(queryOf(list).Filter, id), Columns: reader.codes, StartRecordNumber: 0 };
    const answer = await this.#client.read(deviceRequest(list, { ...members, RecordsCount: 10 }), signal);
    const age = this.#readings.inList(`${list.method} (AU == ${id})`, answer.began);
    if (answer.kind === "failed") return this.#readings.unreadable(age, answer.failure);
    return this.#readings.understood(age, () => {
      const rows = rowsOf(answer.result);
      if (rows.length === 0) return { ...age, kind: "absent" };
      const [row] = rows;
      if (row === undefined || rows.length > 1 || row.id !== id) {
        const message = `the list narrowed to device ${id} holds other rows: the filter was not honoured`;
        return this.#readings.unreadable(age, fatal("filter-ignored", message));
      }
      return { ...age, kind: "found", fields: pick(reader.item(row).fields, namesOf(list, names)) };
    });
  }
}

const accountCall = "GetAccountInfoById";

type Asked =
  | { readonly kind: "answered"; readonly result: unknown; readonly began: number }
  /** No reading: this call can not say, ask the list. */
  | { readonly kind: "failed"; readonly reading: Reading | undefined };

/** Where the calls by id have a field: a member of the account, or a custom column. */
type Place = { readonly field: FieldFacts } & (
  { readonly member: string; readonly column?: undefined } | { readonly member?: undefined; readonly column: number }
);

function placeOf(field: FieldFacts | undefined): Place | undefined {
  if (field === undefined) return undefined;
  const column = customNumber(field.source);
  if (column !== undefined) return { field, column };
  const member = memberOf(field);
  return member === undefined ? undefined : { field, member };
}

/** Removed devices can be asked for by id for a while; only the list says whether they are still there. */
function isRemoved({ RemovalTime: time }: Body): boolean {
  return time !== undefined && time !== null && Number(time) !== 0;
}

function memberOf({ source }: FieldFacts): string | undefined {
  return columnsData().columns.find((column) => (column.member ?? column.code) === source)?.byId;
}

/** The whole list's fields come with the row: nothing is gained by leaving some out. */
function namesOf(list: ListRequest, names: readonly string[]): readonly string[] {
  return [...new Set([...list.fields.map(({ name }) => name), ...names])];
}

function narrowedFilter(filter: Value | undefined, id: ItemId): string {
  const narrow = `AU == ${id}`;
  return typeof filter === "string" && filter.trim() !== "" ? `(${filter}) AND (${narrow})` : narrow;
}

function fatal(code: string, message: string): Failure {
  return { class: "fatal", code, message };
}
