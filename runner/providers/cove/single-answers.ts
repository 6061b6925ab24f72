import type { FieldFacts } from "../../core/model/catalogue.ts";
import type { ListRequest, Log, Reading } from "../../core/model/ports.ts";
import type { Value } from "../../core/model/item.ts";
import type { Client } from "../../rpc/client.ts";
import type { Body } from "../../rpc/envelope.ts";
import { keyOf, MemberReader, membersOf, requestFor, rowsOf } from "./answers.ts";
import type { ListData } from "./data.ts";
import type { Readings } from "./readings.ts";
import type { SingleRead } from "./single.ts";
import { isObject } from "../../core/model/object.ts";

/** Reads single items of lists that come in one answer: by id where that call shows them as the list would, else the whole list again. */
export class SingleAnswers {
  readonly #client: Pick<Client, "read">;
  readonly #readings: Readings;
  readonly #log: Log;

  constructor(client: Pick<Client, "read">, readings: Readings, log: Log) {
    this.#client = client;
    this.#readings = readings;
    this.#log = log;
  }

  async read(wanted: SingleRead, data: ListData): Promise<Reading> {
    return (await this.#byId(wanted, data)) ?? (await this.#inList(wanted, data));
  }

  /** Undefined: this call can not say, ask the list. */
  async #byId({ list, id, names, signal }: SingleRead, data: ListData): Promise<Reading | undefined> {
    if (data.byId === undefined || !/^\d{1,15}$/.test(id)) return undefined;
    const { method, param, goneSince } = data.byId;
    const answer = await this.#client.read({ method, params: { [param]: Number(id) } }, signal);
    const age = this.#readings.byId(method, answer.began);
    if (answer.kind === "failed") {
      const { failure } = answer;
      const mayBeGone = failure.class === "reject" || failure.class === "not_found";
      return mayBeGone ? undefined : this.#readings.unreadable(age, failure);
    }
    const body = isObject(answer.result) ? answer.result.result : undefined;
    if (!isObject(body) || keyOf(body[data.key]) !== id || isGone(body, goneSince)) return undefined;
    const fields = fieldsOf(list, names);
    // A member that is missing may be unset or merely not told here.
    if (!isInScope(body, list, data) || fields.some(({ source }) => body[source] === undefined)) return undefined;
    return this.#readings.found(age, () => new MemberReader(fields, data, this.#log).fields({ id, body }));
  }

  async #inList({ list, id, signal }: SingleRead, data: ListData): Promise<Reading> {
    const answer = await this.#client.read(requestFor(list, data), signal);
    const age = this.#readings.inList(data.method, answer.began);
    if (answer.kind === "failed") return this.#readings.unreadable(age, answer.failure);
    return this.#readings.understood(age, () => {
      const row = rowsOf(answer.result, data).find((one) => one.id === id);
      if (row === undefined) return { ...age, kind: "absent", isOfList: true };
      return { ...age, kind: "found", fields: new MemberReader(list.fields, data, this.#log).fields(row) };
    });
  }
}

/** What was removed can be asked for by id for a while; only the list says whether it is still there. */
function isGone(body: Body, goneSince: string | undefined): boolean {
  const time = goneSince === undefined ? undefined : body[goneSince];
  return time !== undefined && time !== null && Number(time) !== 0;
}

/** Whether the list would hold the item too: one that was moved away is still found by id. False where only the list can tell. */
function isInScope(body: Body, { params }: ListRequest, { scope }: ListData): boolean {
  const given = membersOf(params);
  return scope.every(({ param, member, deepWith }) => {
    if (deepWith !== undefined && given[deepWith] === true) return true;
    const bound = given[param] ?? null;
    const found = keyOf(body[member]);
    return (
      found !== undefined && (Array.isArray(bound) ? (bound as readonly Value[]) : [bound]).map(keyOf).includes(found)
    );
  });
}

function fieldsOf({ fields }: ListRequest, names: SingleRead["names"]): readonly FieldFacts[] {
  return names === "listed" ? fields : fields.filter(({ name }) => names.includes(name));
}
