import { argumentError } from "./api-error.ts";
import { upNow } from "./clock.ts";
import { columnOf } from "./columns.ts";
import type { Column } from "./columns.ts";
import type { Device } from "./device.ts";
import { compileFilter } from "./filter/compile.ts";
import { asksTheTime } from "./filter/names.ts";
import { parseFilter } from "./filter/parse.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { pick } from "./random.ts";
import { listInstant } from "./reads.ts";
import { assertInScope } from "./scope.ts";
import type { Selection } from "./selections.ts";
import type { Bend, Done, World } from "./world.ts";

/** EnumerateAccountStatistics: a page of the device list, as it was `lagMs` ago. */
export function enumerateAccountStatistics(world: World, params: Members, bend: Bend): Done {
  return statisticsAt(world, params, { bend, asOf: listInstant(world, bend) });
}

/**
 * EnumerateAccountHistoryStatistics: the same as it was at a second of the past. What was before the simulator began is as
 * it was then.
 */
export function enumerateAccountHistoryStatistics(world: World, params: Members, bend: Bend): Done {
  const timeslice = new Params(params).integer("timeslice");
  const now = (Date.now() + world.clockOffsetMs) / 1000;
  if (timeslice > now) throw argumentError("timeslice is in the future");
  const asOf = Math.min(upNow() - (now - timeslice) * 1000, listInstant(world, bend));
  return statisticsAt(world, params, { bend, asOf });
}

function statisticsAt(world: World, params: Members, { bend, asOf }: { bend: Bend; asOf: number }): Done {
  const query = new Params(params).members("query");
  if (world.strictParams) query.refuseUnknown(queryMembers);
  const selection = readSelection(world, query, asOf);
  const columns = query.texts("Columns").map((code): [string, Column] => [code, columnOf(code)]);
  const page = readPage(world, { query, selection, bend });
  const rows = page.map((device) => toRow(device, columns));
  const totals = query.texts("Totals");
  if (totals.length === 0) {
    const hidden = isBent(bend) ? leftOut(page, readPage(world, { query, selection, bend: {} })) : [];
    return { result: { result: bend.emptyPage ? null : rows }, asOf, ...(hidden.length > 0 && { hidden }) };
  }
  const devices = world.selections.all(selection);
  return {
    result: { result: rows, totalStatistics: totals.map((total) => ({ [total]: sum(total, devices, world) })) },
    asOf,
  };
}

const queryMembers = [
  "PartnerId",
  "Filter",
  "ExcludedPartners",
  "SelectionMode",
  "Labels",
  "StartRecordNumber",
  "RecordsCount",
  "OrderBy",
  "Columns",
  "Totals",
];

function readSelection(world: World, query: Params, asOf: number): Selection {
  const partnerId = query.integer("PartnerId");
  assertInScope(world, partnerId);
  const mode = query.optionalText("SelectionMode") ?? "Merged";
  // One installation each: the two modes show the same rows.
  if (mode !== "Merged" && mode !== "PerInstallation") throw argumentError(`SelectionMode '${mode}' doesn't exist`);
  const excluded = query.integers("ExcludedPartners");
  const partners = world.fleet.partners.within(partnerId);
  const filter = query.optionalText("Filter") ?? "";
  return {
    partners: excluded.length === 0 ? partners : new Set([...partners].filter((id) => !excluded.includes(id))),
    filter,
    orderBy: query.optionalText("OrderBy") ?? "",
    asOf,
    ...(asksTheTime(filter) ? { now: wholeMinute(world) } : {}),
  };
}

/** Whole minutes, so that the pages of a list that asks the time are pages of one list, worked out once. */
function wholeMinute({ clockOffsetMs }: World): number {
  return Math.floor((Date.now() + clockOffsetMs) / 60_000) * 60;
}

function readPage(
  world: World,
  { query, selection, bend }: { query: Params; selection: Selection; bend: Bend },
): Device[] {
  const start = bend.firstPage ? 0 : (query.optionalInteger("StartRecordNumber") ?? 0);
  const asked = query.optionalInteger("RecordsCount") ?? world.maxPage;
  if (start < 0 || asked < 0) throw argumentError("StartRecordNumber and RecordsCount can't be negative");
  const count = Math.min(asked, world.maxPage, bend.cap ?? Infinity);
  // Read even for an empty page: a query that can not be read is refused whatever happens to the answer.
  const page = world.selections.page(selection, { start, count });
  if (bend.emptyPage) return [];
  const { drop } = bend;
  if (drop === undefined) return page;
  return page.filter((device, row) => (drop.device === undefined ? row !== drop.row : device.id !== drop.device));
}

function isBent({ cap, drop, emptyPage, firstPage }: Bend): boolean {
  return cap !== undefined || drop !== undefined || emptyPage === true || firstPage === true;
}

/** Ids of the devices of the true page that are not on the one given. */
function leftOut(given: readonly Device[], whole: readonly Device[]): number[] {
  const ids = new Set(given.map(({ id }) => id));
  return whole.map(({ id }) => id).filter((id) => !ids.has(id));
}

function toRow(device: Device, columns: readonly [string, Column][]): object {
  const settings = columns.flatMap(([code, column]) => {
    const value = column(device);
    return value === undefined ? [] : [{ [code]: String(value) }];
  });
  return {
    AccountId: device.id,
    PartnerId: device.partnerId,
    Flags: flags(device),
    Settings: shuffle(settings, device),
  };
}

/** Mostly null, as documented for an empty set of flags. */
function flags(device: Device): string[] | null {
  return pick(device.fleet.seed, device.place, { salt: 30, count: 10 }) === 0 ? ["AutoDeployed"] : null;
}

/** Fisher-Yates, always the same for one device, so that nobody relies on the order of `Columns`. */
function shuffle(settings: object[], { fleet, place }: Device): object[] {
  for (let last = settings.length - 1; last > 0; last -= 1) {
    const other = pick(fleet.seed, place, { salt: 1000 + last, count: last + 1 });
    const [first, second] = [settings[last], settings[other]];
    if (first !== undefined && second !== undefined) [settings[last], settings[other]] = [second, first];
  }
  return settings;
}

/** One of `Totals`. How the service spells the answer is not published: here, the text asked for and a number. */
function sum(total: string, devices: readonly Device[], world: World): string {
  const [, name, inner = ""] = /^(SUM|COUNT|MAX|MIN)\((.*)\)$/.exec(total) ?? [];
  if (name === undefined) throw argumentError(`Total '${total}' isn't SUM, COUNT, MAX or MIN of something`);
  if (name === "COUNT") return String(count(inner, devices, world));
  const column = columnOf(inner);
  const values = devices.map((device) => Number(column(device) ?? 0));
  if (name === "SUM") return String(values.reduce((left, right) => left + right, 0));
  const better = name === "MAX" ? Math.max : Math.min;
  return String(values.length === 0 ? 0 : values.reduce((left, right) => better(left, right)));
}

function count(condition: string, devices: readonly Device[], world: World): number {
  const filter = parseFilter(condition);
  if (filter === undefined) throw argumentError("COUNT counts nothing");
  return devices.filter(compileFilter(filter, wholeMinute(world))).length;
}
