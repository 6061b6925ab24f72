import { RunnerError } from "../../core/model/errors.ts";
import type { LogEntry, LogQuery, LogReport } from "../../core/model/evidence.ts";
import type { Change } from "../../core/model/change.ts";
import type { RunId } from "../../core/model/item.ts";
import type { ShownAs } from "../../core/model/values.ts";
import { Between, HeadsMet } from "../../runs/between.ts";
import { openChangeSet } from "../../runs/change-set.ts";
import { bestFit, customerOf, customerText, fitOf } from "../../runs/customer.ts";
import { listRuns, newestFirst, type RunFolder } from "../../runs/folder.ts";
import { typesIn } from "../../runs/history/list.ts";
import { goneText, isThere } from "../../runs/history/lost.ts";
import { missingText } from "../../runs/missing-run.ts";
import { trailOf, type Trail } from "../../runs/trail.ts";

/** Changes that are read from a change set at once. */
const batch = 256;
const usualLimit = 100;

/**
 * Who changed what, in all runs, the newest first: a row for each field of an item for which something was sent, or may have
 * been. Every record is read, because any may have been gone on with later; in memory are the rows, and 30 bytes for each
 * change of the run that is being read.
 */
export async function auditLog(root: string, query: LogQuery): Promise<LogReport> {
  const limit = query.limit ?? usualLimit;
  const damaged: { run: RunId; message: string }[] = [];
  let entries: readonly LogEntry[] = [];
  let more = false;
  let fit = 1;
  const folders = await listRuns(root);
  const between = await Between.of(folders);
  for await (const folder of newestFirst(folders)) {
    const { run } = folder;
    const heads = between.headsOf(run);
    const met = new HeadsMet(heads);
    try {
      const trail = await trailOf(folder, (record) => met.take(record));
      const isLost = trail === undefined && heads.length > 0 && !(await isThere(folder.ledger));
      const wrong = trail?.damage ?? (isLost ? goneText : met.wrong());
      if (wrong !== undefined) damaged.push({ run, message: wrong });
      if (trail === undefined) continue;
      const found = await entriesOf(folder, trail, { ...query, limit: limit + 1, fit });
      if (found.fit > fit) [fit, entries, more] = [found.fit, [], false];
      const all = [...entries, ...found.entries].sort((left, right) => right.at - left.at);
      more ||= all.length > limit;
      entries = all.slice(0, limit);
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      damaged.push({ run, message: error.message });
    }
  }
  const { holes, notes } = missingIn(between);
  return { entries, more, damaged: [...damaged, ...holes], ...(notes.length > 0 && { notes }) };
}

/** Runs that others name and that are not here: what they did this log does not tell. */
function missingIn(between: Between): { readonly holes: LogReport["damaged"]; readonly notes: readonly string[] } {
  const missing = between.missing();
  return {
    holes: missing.filter(({ isHole }) => isHole).map((hole) => ({ run: hole.named.run, message: missingText(hole) })),
    notes: missing.filter(({ isHole }) => !isHole).map(({ text, by }) => `of run ${by}: ${text}`),
  };
}

/** What is asked of one run; `fit`: how well a customer has to fit, because another one does so already. */
type RunQuery = LogQuery & { readonly limit: number; readonly fit: number };

/**
 * Of one run, at most `limit` and a few fields more, the newest first, of the customers that fit best.
 * @throws {RunnerError} `audit`: its change set is not as it was.
 */
async function entriesOf(
  folder: RunFolder,
  trail: Trail,
  query: RunQuery,
): Promise<{ readonly entries: readonly LogEntry[]; readonly fit: number }> {
  let { fit } = query;
  const { start, selected } = trail.state;
  const candidates = candidatesIn(trail, query);
  if (start === undefined || selected === undefined || candidates.length === 0) return { entries: [], fit };
  await using changes = await openChangeSet(folder.changeSet, selected.changeSet);
  const types = await typesIn(folder);
  let entries: LogEntry[] = [];
  const isFull = (): boolean => entries.length >= query.limit;
  const isDone = (): boolean => isFull() && (query.customer === undefined || fit === bestFit);
  for (let from = 0; from < candidates.length && !isDone(); from += batch) {
    const indexes = candidates.slice(from, from + batch);
    // A change set is read in its own order; when each was sent is another.
    const found = await changes.at(indexes.toSorted((left, right) => left - right));
    const byIndex = new Map(found.map((change) => [change.index, change]));
    for (const index of indexes) {
      const change = byIndex.get(index);
      if (change === undefined || !isWanted(change, query)) continue;
      const own = query.customer === undefined ? fit : fitOf(customerOf(change.item), query.customer);
      if (own > fit) [fit, entries] = [own, []];
      if (own < fit || isFull()) continue;
      entries.push(...rowsOf(change, { trail, run: folder.run, types, field: query.field }));
    }
  }
  return { entries, fit };
}

/** Items for which something was sent, by the right person and late enough; the newest first. */
function candidatesIn(trail: Trail, { by, since = 0 }: LogQuery): number[] {
  const found: number[] = [];
  for (let index = 0; index < trail.state.items.size; index++) {
    const at = trail.sentAt(index);
    if (at === undefined || at < since) continue;
    if (by === undefined || isSame(trail.sentBy(index).name, by)) found.push(index);
  }
  return found.sort((left, right) => (trail.sentAt(right) ?? 0) - (trail.sentAt(left) ?? 0) || left - right);
}

function isWanted({ id, title, after }: Change, { device, field }: LogQuery): boolean {
  if (device !== undefined && !isSame(id, device) && !isSame(title, device)) return false;
  return field === undefined || Object.hasOwn(after, field);
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.trim().toLowerCase();
}

interface Where {
  readonly trail: Trail;
  readonly run: RunId;
  readonly types: Readonly<Record<string, ShownAs>>;
  readonly field: string | undefined;
}

/** A row for each field; one alone for what sets none. */
function rowsOf({ index, id, title, item, before, after }: Change, { trail, run, types, field }: Where): LogEntry[] {
  const { start, items } = trail.state;
  const state = items.stateOf(index);
  const row = {
    at: trail.sentAt(index) ?? 0,
    run,
    plan: start?.plan.name ?? "",
    service: start?.service.name ?? "",
    by: trail.sentBy(index).name,
    method: start?.change.method ?? "",
    ...{ id, title, customer: customerText(customerOf(item)) },
  };
  const ending = { state, confirmed: state === "confirmed" };
  const names = Object.keys(after).filter((name) => field === undefined || name === field);
  if (names.length === 0) return [{ ...row, ...ending }];
  return names.map((name) => {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    const values = { before: before[name] ?? null, after: after[name] ?? null };
    return { ...row, field: name, ...values, ...(type && { type }), ...ending };
  });
}
