import { RunnerError } from "../core/model/errors.ts";
import type { FieldFacts } from "../core/model/catalogue.ts";
import type { Fields, Item } from "../core/model/item.ts";
import type { Frozen, Plan } from "../core/model/plan.ts";
import type { Connection } from "../core/model/ports.ts";
import type { Service } from "../core/model/service.ts";
import { canonical } from "../core/model/values.ts";
import { KeyIndex } from "../core/tally/key-index.ts";
import { readInventory, readInventoryHeader, type InventoryHeader } from "../runs/inventory.ts";

const pageSize = 500;

interface Wanted {
  readonly plan: Plan;
  readonly service: Service;
  /** What comes of it is to be saved for an `apply`: then the list must be that service's. */
  readonly save: boolean;
}

/** The list of an earlier run in place of the service's. */
export interface OfflineLine {
  readonly line: Connection;
  readonly frozen: Pick<Frozen, "now" | "login">;
}

/**
 * Decide on a list that was read before, without a network. `now` is the moment it was read, so that the same items match.
 * @param path An `inventory.ndjson` of a run folder.
 * @throws {RunnerError} `usage` when it is not the list that the plan asks for; `audit` when it is damaged.
 */
export async function offlineLine(path: string, wanted: Wanted): Promise<OfflineLine> {
  const header = await readInventoryHeader(path);
  const { now, login } = header;
  const unusable = wrongMember(header);
  if (unusable !== undefined) throw otherList(path, `its header has no usable ${unusable}`);
  const names = namesOf(path, header, wanted);
  const line: Connection = {
    login,
    skewMs: undefined,
    pages: (_, signal) => pagesOf(path, names, signal),
    read: () => Promise.reject(new Error("a list that was read before can not be asked for one item")),
    write: () => Promise.reject(new Error("nothing can be sent without a network")),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { line, frozen: { now, login } };
}

async function* pagesOf(path: string, names: Names, signal: AbortSignal): AsyncGenerator<readonly Item[]> {
  let page: Item[] = [];
  const known = new KeyIndex();
  for await (const { id, fields } of readInventory(path)) {
    if (signal.aborted) return;
    if (typeof id !== "string" || !isMembers(fields))
      throw otherList(path, "it has a row without an id or without fields");
    if (!known.set(id, known.size)) throw otherList(path, `it has item ${id} twice`);
    page.push({ id, fields: renamed(fields, names) });
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** What the header must have for anything to be decided by it. */
function wrongMember({ now, login, fields }: InventoryHeader): string | undefined {
  if (!Number.isSafeInteger(now) || now < 0 || now > 8.64e12) return "now";
  if (!isMembers(login) || typeof login.name !== "string") return "login";
  const areFields = Array.isArray(fields) && fields.every((field: unknown) => isMembers(field) && "source" in field);
  return areFields ? undefined : "fields";
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The plan's name of each field, and the inventory's. */
type Names = readonly (readonly [plan: string, inventory: string])[];

function renamed(fields: Fields, names: Names): Fields {
  return Object.fromEntries(names.map(([name, theirs]) => [name, fields[theirs] ?? null]));
}

function namesOf(path: string, header: InventoryHeader, { plan, service, save }: Wanted): Names {
  const { method, fields } = plan.enumerate;
  if (header.call !== method) throw otherList(path, `it was read with ${header.call}, the plan reads ${method}`);
  const params = plan.enumerate.params({ ...header, run: unknownRun });
  if (canonical(header.params) !== canonical(params)) {
    throw otherList(path, `it was asked for with ${shown(header.params)}, the plan asks with ${shown(params)}`);
  }
  if (save && header.endpoint !== service.url) {
    throw otherList(path, `it was read from ${header.endpoint}, the service ${service.name} is ${service.url}`);
  }
  return fields.map((field) => [field.name, theirNameOf(path, field, header.fields)]);
}

/** Templates of a list know no run. */
const unknownRun = { id: "", started: 0 } as unknown as Frozen["run"];

/** The same values mean the same only where they were read as the same type, enums with the same names. */
function theirNameOf(path: string, field: FieldFacts, fields: readonly FieldFacts[]): string {
  const { name, source, type, tokens } = field;
  const theirs = fields.find((one) => one.source === source && !one.secret);
  if (theirs !== undefined && theirs.type !== type) {
    throw otherList(path, `${name} is of type ${theirs.type} there, and of type ${type} for this plan`);
  }
  if (theirs !== undefined && canonical(theirs.tokens ?? {}) !== canonical(tokens ?? {})) {
    throw otherList(path, `the names of the values of ${name} are others there`);
  }
  if (theirs !== undefined) return theirs.name;
  const known = fields.map((field) => field.name).join(", ");
  throw otherList(path, `it has no ${name}; its fields are ${known}`);
}

function otherList(path: string, why: string): RunnerError {
  return new RunnerError("usage", `${path} is not the list that this plan needs: ${why}.`, {
    hint: "Preview the plan without --from; the inventory of that run fits.",
  });
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
