import type { FieldFacts } from "../../core/model/catalogue.ts";
import { IncompleteError } from "../../core/model/errors.ts";
import type { Fields, ItemId, Value } from "../../core/model/item.ts";
import type { Failure } from "../../core/model/outcome.ts";
import type { ListRequest, Log, Reading } from "../../core/model/ports.ts";
import type { Service } from "../../core/model/service.ts";
import type { Client } from "../../rpc/client.ts";
import { isObject, type Body } from "../../rpc/envelope.ts";
import { columnsData } from "./data.ts";
import { deviceRequest, queryOf } from "./lists.ts";
import { pick, RowReader, rowsOf } from "./rows.ts";

export interface SingleRead {
  readonly list: ListRequest;
  readonly id: ItemId;
  /** Fields that must be in the answer. */
  readonly names: readonly string[];
  readonly signal: AbortSignal;
}

/** Reads single devices: by id where that call has all that is asked for, else by narrowing the list to one row. */
export class SingleReads {
  readonly #client: Client;
  readonly #lag: Service["lag"];
  readonly #log: Log;
  readonly #now: () => number;

  constructor(client: Client, { lag }: Service, { log, now }: { readonly log: Log; readonly now: () => number }) {
    this.#client = client;
    this.#lag = lag;
    this.#log = log;
    this.#now = now;
  }

  /** Whatever goes wrong with this one device is a reading too. */
  async read(wanted: SingleRead): Promise<Reading> {
    if (!/^\d{1,15}$/.test(wanted.id)) {
      return this.#unreadable("id", this.#now(), fatal("bad-id", `${wanted.id} is not a device id`));
    }
    return (await this.#byId(wanted)) ?? (await this.#narrowed(wanted));
  }

  /** Undefined: this call can not say, ask the list. */
  async #byId({ list, id, names, signal }: SingleRead): Promise<Reading | undefined> {
    const fields = names.map((name) => list.fields.find((field) => field.name === name));
    const members = fields.map((field) => field && memberOf(field));
    if (!members.every((member) => member !== undefined)) return undefined;
    const answer = await this.#client.read({ method: byId, params: { accountId: Number(id) } }, signal);
    if (answer.kind === "failed") {
      const { failure, began } = answer;
      return failure.class === "reject" || failure.class === "not_found"
        ? undefined
        : this.#unreadable(byId, began, failure);
    }
    const account = isObject(answer.result) ? answer.result.result : undefined;
    if (!isObject(account) || String(account.Id) !== id || isRemoved(account)) return undefined;
    // A member that is missing may be unset or merely not told.
    if (members.some((member) => account[member] === undefined)) return undefined;
    const reader = new RowReader(list.fields, this.#log);
    const read = (): Fields => {
      return Object.fromEntries(
        fields.map((field, place) => [
          (field as FieldFacts).name,
          reader.value(field as FieldFacts, account[members[place] as string], id),
        ]),
      );
    };
    return this.#found(byId, { began: answer.began, lagMs: this.#lag.byIdMs }, read);
  }

  async #narrowed({ list, id, names, signal }: SingleRead): Promise<Reading> {
    const reader = new RowReader(list.fields, this.#log);
    const members = { Filter: narrowedFilter(queryOf(list).Filter, id), Columns: reader.codes, StartRecordNumber: 0 };
    const answer = await this.#client.read(deviceRequest(list, { ...members, RecordsCount: 10 }), signal);
    const source = `${list.method} (AU == ${id})`;
    const { began } = answer;
    if (answer.kind === "failed") return this.#unreadable(source, began, answer.failure);
    const age = { began, lagMs: this.#lag.listMs };
    try {
      const rows = rowsOf(answer.result);
      if (rows.length === 0) return { source, ...age, kind: "absent" };
      const [row] = rows;
      if (row === undefined || rows.length > 1 || row.id !== id) {
        const message = `the list narrowed to device ${id} holds other rows: the filter was not honoured`;
        return this.#unreadable(source, began, fatal("filter-ignored", message));
      }
      return this.#found(source, age, () => pick(reader.item(row).fields, namesOf(list, names)));
    } catch (error) {
      return this.#notUnderstood(error, source, began);
    }
  }

  #found(source: string, age: { readonly began: number; readonly lagMs: number }, read: () => Fields): Reading {
    try {
      return { source, ...age, kind: "found", fields: read() };
    } catch (error) {
      return this.#notUnderstood(error, source, age.began);
    }
  }

  #notUnderstood(error: unknown, source: string, began: number): Reading {
    if (!(error instanceof IncompleteError)) throw error;
    return this.#unreadable(source, began, fatal("bad-value", error.message));
  }

  #unreadable(source: string, began: number, failure: Failure): Reading {
    return { source, began, lagMs: this.#lag.listMs, kind: "unreadable", failure };
  }
}

const byId = "GetAccountInfoById";

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
