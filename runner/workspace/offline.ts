import { dirname, join } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import type { FieldFacts } from "../core/model/catalogue.ts";
import { jsonText } from "../core/model/exact.ts";
import type { Fields, Item, Value } from "../core/model/item.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Frozen, LookedUp } from "../core/model/frozen.ts";
import type { Connection, ListRequest } from "../core/model/ports.ts";
import type { Service } from "../core/model/service.ts";
import { reasonOf } from "../core/model/reason.ts";
import { canonical } from "../core/model/values.ts";
import { KeyIndex } from "../core/tally/key-index.ts";
import { readInventory, readInventoryHeader, type InventoryHeader, type InventoryItem } from "../runs/inventory.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { readLookups } from "../runs/lookups.ts";
import { askedFor, asksOf, isKept } from "./asked.ts";
import { isObject } from "../core/model/object.ts";

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
  /** What the service was asked beside the list. */
  readonly lookup: LookedUp;
}

/** The same, for whoever goes through it on their own. */
export interface EarlierList extends Pick<OfflineLine, "frozen" | "lookup"> {
  /** Every item once, in order, with the fields of the plan that the list and the reads before a change have shown. */
  items(): AsyncGenerator<Item, void>;
}

/**
 * Decide on a list that was read before, without a network. `now` is the moment it was read, so that the same items match.
 * What the plan looks up in the service is taken from beside it; files are read anew.
 * @param path An `inventory.ndjson` of a run folder.
 * @throws {RunnerError} `usage` when it is no inventory, or not the list that the plan asks for; `audit` when it is damaged.
 */
export async function offlineLine(path: string, wanted: Wanted): Promise<OfflineLine> {
  const { frozen, lookup, lists } = await earlierLists(path, wanted);
  const { login } = frozen;
  const asked = (): Promise<never> => Promise.reject(new Error("nothing can be asked for without a network"));
  const failure = { class: "fatal", code: "offline", message: "it was left out when the list was read" } as const;
  const line: Connection = {
    login,
    skewMs: undefined,
    pages: (list, signal) => lists.pages(list, signal),
    ask: () => Promise.resolve({ kind: "failed", failure }),
    read: asked,
    write: asked,
    [Symbol.asyncDispose]: () => lists.close(),
  };
  return { line, frozen, lookup };
}

/** The items of a list that was read before. @throws {RunnerError} As `offlineLine`. */
export async function earlierList(path: string, wanted: Wanted): Promise<EarlierList> {
  const { frozen, lookup, lists } = await earlierLists(path, wanted);
  return { frozen, lookup, items: () => lists.all() };
}

/** Unix seconds: not later than any item of that list was read. @throws {RunnerError} As `offlineLine`. */
export async function readSince(path: string): Promise<number> {
  const header = await headerOf(path);
  if (wrongMember(header) === "now") throw otherList(path, "its header has no usable now");
  return header.now;
}

async function earlierLists(
  path: string,
  wanted: Wanted,
): Promise<Pick<OfflineLine, "frozen" | "lookup"> & { readonly lists: EarlierLists }> {
  const header = await headerOf(path);
  const { now, login } = header;
  const unusable = wrongMember(header);
  if (unusable !== undefined) throw otherList(path, `its header has no usable ${unusable}`);
  const lookup = await lookupsBeside(path, header, wanted.plan);
  const names = namesOf(path, { header, lookup: { ...lookup, ...filesOf(wanted.plan) } }, wanted);
  return { frozen: { now, login }, lookup, lists: new EarlierLists(path, names) };
}

/** A file that can not be read, or begins as another, was named by mistake: no record is lost or damaged. */
async function headerOf(path: string): Promise<InventoryHeader> {
  try {
    return await readInventoryHeader(path);
  } catch (cause) {
    if (!(cause instanceof RunnerError)) throw cause;
    const why = cause.cause === undefined ? cause.message : `${path} can not be read: ${reasonOf(cause.cause)}.`;
    throw new RunnerError("usage", `--from takes the list of an earlier run: ${why}`, {
      cause,
      hint: "Name its inventory.ndjson, in the run's folder: `rollcall show RUN` tells where that is.",
    });
  }
}

/** What calls and earlier runs gave, as that run had it. */
async function lookupsBeside(path: string, header: InventoryHeader, plan: Plan): Promise<LookedUp> {
  const kept = plan.lookups.filter(isKept);
  if (kept.length === 0) return {};
  const { lookups, asks = {} } = header;
  const beside = join(dirname(path), "lookups.ndjson");
  const found = lookups === undefined ? {} : await readLookups(beside, lookups).catch(ifItIsNot(beside, path));
  const missing = kept.find(({ name }) => !Object.hasOwn(found, name));
  if (missing !== undefined) throw otherList(path, `nothing was looked up for ${missing.name} when it was read`);
  const lookup = Object.fromEntries(kept.map(({ name }) => [name, found[name] ?? null]));
  const wanted = asksOf(plan, { ...header, run: unknownRun, lookup: { ...lookup, ...filesOf(plan) } });
  const other = kept.find(({ name }) => asks[name] !== wanted[name]);
  if (other !== undefined) throw otherList(path, `lookup ${other.name} was asked for something else when it was read`);
  return lookup;
}

/** A list that was copied to another place by itself: no record is damaged. */
function ifItIsNot(beside: string, path: string): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof RunnerError) || errnoOf(cause.cause) !== "ENOENT") throw cause;
    throw new RunnerError("usage", `${path} can not be used by itself: what was looked up with it is not beside it.`, {
      cause,
      hint: `Put ${beside} there, from the folder of the run, or name the list in that folder.`,
    });
  };
}

function filesOf({ lookups }: Plan): LookedUp {
  const files = lookups.map(({ name, source }) => [name, source.kind === "file" ? source.value : undefined] as const);
  return Object.fromEntries(files.filter((file): file is readonly [string, Value] => file[1] !== undefined));
}

/** The lists of an inventory, one behind the other as they were read. */
class EarlierLists {
  readonly #items: AsyncGenerator<InventoryItem, unknown>;
  readonly #names: Names;
  readonly #path: string;
  readonly #known = new KeyIndex();
  /** Read ahead: the first item of a later list. */
  #next: InventoryItem | undefined;

  constructor(path: string, names: Names) {
    this.#path = path;
    this.#items = readInventory(path);
    this.#names = names;
  }

  /** All of them, whatever list each is in. */
  async *all(): AsyncGenerator<Item, void> {
    for (let item = await this.#take(); item !== undefined; item = await this.#take()) {
      const { id, each } = item;
      yield { id, fields: renamed(item.fields, this.#names), ...(each === undefined ? {} : { each }) };
    }
  }

  async *pages({ each = null }: ListRequest, signal: AbortSignal): AsyncGenerator<readonly Item[]> {
    const wanted = canonical(each);
    let page: Item[] = [];
    for (let item = await this.#take(); item !== undefined; item = await this.#take()) {
      if (signal.aborted) return;
      if (canonical(item.each ?? null) !== wanted) {
        this.#next = item;
        break;
      }
      page.push({ id: item.id, fields: renamed(item.fields, this.#names) });
      if (page.length < pageSize) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  async close(): Promise<void> {
    await this.#items.return(undefined);
  }

  async #take(): Promise<InventoryItem | undefined> {
    const item = this.#next;
    this.#next = undefined;
    if (item !== undefined) return item;
    const step = await this.#items.next();
    if (step.done === true) return undefined;
    const { id, fields } = step.value;
    if (typeof id !== "string" || !isObject(fields))
      throw otherList(this.#path, "it has a row without an id or without fields");
    if (!this.#known.set(id, this.#known.size)) throw otherList(this.#path, `it has item ${id} twice`);
    return step.value;
  }
}

/** What the header must have for anything to be decided by it. */
function wrongMember({ now, login, fields }: InventoryHeader): string | undefined {
  if (!Number.isSafeInteger(now) || now < 0 || now > 8.64e12) return "now";
  if (!isObject(login) || typeof login.name !== "string") return "login";
  const areFields = Array.isArray(fields) && fields.every((field: unknown) => isObject(field) && "source" in field);
  return areFields ? undefined : "fields";
}

/** The plan's name of each field, and the inventory's. */
type Names = readonly (readonly [plan: string, inventory: string])[];

/** An item that was left out by the list alone was not read by itself: it has only the fields of the list. */
function renamed(fields: Fields, names: Names): Fields {
  const known = names.filter(([, theirs]) => Object.hasOwn(fields, theirs));
  return Object.fromEntries(known.map(([name, theirs]) => [name, fields[theirs] ?? null]));
}

function namesOf(
  path: string,
  { header, lookup }: { readonly header: InventoryHeader; readonly lookup: LookedUp },
  { plan, service, save }: Wanted,
): Names {
  const { method } = plan.enumerate;
  if (header.call !== method) throw otherList(path, `it was read with ${header.call}, the plan reads ${method}`);
  const { params, asked } = askedFor(plan.enumerate, { ...header, run: unknownRun, lookup });
  if (canonical(header.params) !== canonical(params)) {
    throw otherList(path, `it was asked for with ${shown(header.params)}, the plan asks with ${shown(params)}`);
  }
  if (save && header.endpoint !== service.url) {
    throw otherList(path, `it was read from ${header.endpoint}, the service ${service.name} is ${service.url}`);
  }
  const read = (plan.reads ?? []).filter(({ when }) => when === "before").flatMap((one) => one.fields);
  const names = [...asked, ...read].map((field) => [field.name, theirNameOf(path, field, header.fields)] as const);
  // The key of a list that a plan describes is the plan's own choice.
  const key = names.find(([name]) => name === plan.enumerate.key);
  if (key !== undefined && key[1] !== header.key)
    throw otherList(path, `its items are told apart by ${header.key}, those of the plan by ${plan.enumerate.key}`);
  return names;
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
    hint: "Preview the plan anew, from the service; the inventory of that run fits.",
  });
}

function shown(value: unknown): string {
  const text = jsonText(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
