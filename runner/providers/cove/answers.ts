import type { FieldFacts } from "../../core/model/catalogue.ts";
import { IncompleteError } from "../../core/model/errors.ts";
import { itemId, type Fields, type Item, type ItemId, type Value } from "../../core/model/item.ts";
import type { ListRequest, Log } from "../../core/model/ports.ts";
import { unreadable } from "../../core/model/unreadable.ts";
import { KeyIndex } from "../../core/tally/key-index.ts";
import type { Request } from "../../core/model/change.ts";
import type { Client } from "../../rpc/client.ts";
import type { Body } from "../../rpc/envelope.ts";
import type { ListData } from "./data.ts";
import { TypedValues } from "./typed.ts";
import { isObject } from "../../core/model/object.ts";

/** What helps where the service itself has said nothing. */
export const tryLater = "Try again later; rollcall doctor says whether the service answers.";
/** Items handed on at once, so that progress is seen and what is made of them stays small. */
const pageSize = 500;

/**
 * A list that comes in one answer, in pieces. That it is whole is the service's word: there is no second page to hold
 * against it. When the signal aborts it ends early.
 * @throws {IncompleteError} it is not a list of items, each with a key of its own. @throws {ConnectError} the login was refused.
 */
export async function* answeredPages(
  list: ListRequest,
  data: ListData,
  { client, log, signal }: { readonly client: Pick<Client, "read">; readonly log: Log; readonly signal: AbortSignal },
): AsyncGenerator<readonly Item[]> {
  const answer = await client.read(requestFor(list, data), signal);
  if (signal.aborted) return;
  if (answer.kind === "failed") throw unreadable(answer.failure, { what: data.method, next: tryLater });
  const rows = rowsOf(answer.result, data);
  const reader = new MemberReader(list.fields, data, log);
  const isStopped = (): boolean => signal.aborted;
  for (let start = 0; start < rows.length && !isStopped(); start += pageSize) {
    yield rows.slice(start, start + pageSize).map((row) => ({ id: row.id, fields: reader.fields(row) }));
  }
}

/** The call as the plan wrote it, with the numbers of the declared fields where the service wants them. Never none: that may mean all. */
export function requestFor({ method, params, fields }: ListRequest, { numbers }: ListData): Request {
  if (numbers === undefined) return { method, params };
  const { param, of } = numbers;
  const asked = fields.flatMap(({ source }) => (Object.hasOwn(of, source) ? [of[source] ?? 0] : []));
  const ascending = [...new Set(asked.length > 0 ? asked : [Math.min(...Object.values(of))])].sort((a, b) => a - b);
  return { method, params: { ...membersOf(params), [param]: ascending } };
}

/** The params of a list that are written by name. */
export function membersOf(params: Value): Readonly<Record<string, Value>> {
  return isObject(params) ? params : {};
}

/** A row as it came, its key checked. */
export interface Row {
  readonly id: ItemId;
  readonly body: Body;
}

/** @throws {IncompleteError} it is not a list of items, each with a key of its own: nothing may be decided from a part of it. */
export function rowsOf(result: unknown, data: ListData): readonly Row[] {
  const found = rowsAt(result, data.rows);
  if (found === undefined) throw new IncompleteError(`${data.method} came back as something that is not a list.`);
  const known = new KeyIndex();
  return found.map((body, place) => {
    const id = isObject(body) ? keyOf(body[data.key]) : undefined;
    if (!isObject(body) || id === undefined) throw keyless(isObject(body) ? body[data.key] : undefined, data);
    if (!known.set(id, place)) throw new IncompleteError(`${data.method} has the ${data.item} ${id} twice.`);
    return { id, body };
  });
}

/** Whole numbers from 0, also as text; leading zeros would make two keys of one. */
export function keyOf(value: unknown): ItemId | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? itemId(String(value)) : undefined;
  return typeof value === "string" && /^(?:0|[1-9]\d{0,18})$/.test(value) ? itemId(value) : undefined;
}

/** Makes the declared fields of members. */
export class MemberReader {
  readonly #fields: readonly FieldFacts[];
  readonly #values: TypedValues;

  constructor(fields: readonly FieldFacts[], { item }: ListData, log: Log) {
    this.#fields = fields;
    this.#values = new TypedValues(`${item.charAt(0).toUpperCase()}${item.slice(1)}`, log);
  }

  /** A member that is null or missing is null, a set then an empty one. @throws {IncompleteError} a value of another type. */
  fields({ id, body }: Row): Fields {
    return Object.fromEntries(
      this.#fields.map((field) => [field.name, this.#values.read(field, body[field.source], id)]),
    );
  }
}

/** What stands at a path. Null in front of the rows means that there are none. Undefined: the answer has another shape. */
function rowsAt(result: unknown, path: string): readonly unknown[] | undefined {
  let nodes: readonly unknown[] = [result];
  let areRows = false;
  for (const step of path.split(".")) {
    const isList = step.endsWith("[]");
    const next: unknown[] = [];
    for (const node of nodes) {
      if (!areRows && (node === null || node === undefined)) continue;
      if (!isObject(node)) return undefined;
      const member = node[step.replace("[]", "")] ?? null;
      if (!isList) next.push(member);
      else if (Array.isArray(member)) for (const row of member as readonly unknown[]) next.push(row);
      else if (member !== null) return undefined;
    }
    nodes = next;
    areRows ||= isList;
  }
  return nodes;
}

function keyless(key: unknown, { method, item, key: member }: ListData): IncompleteError {
  // A JSON number beyond 2^53 was rounded when it was read: two items could have become one.
  if (typeof key === "number") {
    return new IncompleteError(`${method}: the ${member} ${key} of one ${item} can not be told apart exactly.`);
  }
  return new IncompleteError(`${method}: one ${item} came back without ${member}, or with an unusable one.`);
}
