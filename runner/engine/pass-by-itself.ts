import type { Fact, RunEvent } from "../core/model/events.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { fieldsToSee } from "../core/settle/compare.ts";
import type { Inspector } from "./inspector.ts";
import type { Job, Parts } from "./job.ts";
import { readItem } from "./read-item.ts";

/** More items than this are looked for in the list. */
const mostByThemselves = 200;
/** So few are read by themselves however short the list is: such a read is fresher. */
const fewByThemselves = 20;

export interface Around {
  readonly job: Job;
  readonly parts: Parts;
  readonly signal: AbortSignal;
}

/** Whether so many items are read one by one sooner than the list they are in. */
export function isQuickByItself(items: number, { job, parts }: Pick<Around, "job" | "parts">): boolean {
  const { selection, facts } = parts.book.state;
  const isShownByList = (job.plan.reads ?? []).every(({ when }) => when !== "verify");
  const asQuick = Math.max(fewByThemselves, facts.concurrency * (selection?.pages ?? 1));
  return isShownByList && items <= Math.min(mostByThemselves, asQuick);
}

/** A pass that reads each item that is waited for by itself. It is complete by nature: what could not be read is not judged. */
export async function* passByItself(
  { pass, wave }: { readonly pass: number; readonly wave: number },
  { inspector, changes }: { readonly inspector: Inspector; readonly changes: ChangeSet },
  { job, parts, signal }: Around,
): AsyncGenerator<readonly RunEvent[], undefined> {
  const note = (facts: readonly Fact[]): readonly Fact[] => {
    parts.book.note(facts);
    return facts;
  };
  const which = { type: "pass" as const, pass, wave, by: "id" as const };
  yield note([{ ...which, phase: "begin", rows: 0, complete: false }]);
  inspector.begin(pass);
  const names = fieldsToSee(job.plan);
  const wanted = { names: names.length > 0 ? names : [job.plan.enumerate.key], purpose: "settle" as const };
  const some = await changes.at(inspector.missing());
  // All at once: where only the whole list can be asked, they share one look at it.
  const readings = await Promise.all(
    some.map(async (change) => ({ change, ...(await readItem(change, wanted, { job, parts, signal })) })),
  );
  const complete = !signal.aborted;
  for (const { change, reading, frozen } of readings) inspector.hear(change, reading, frozen);
  const end: Fact = { ...which, phase: "end", rows: readings.length, complete };
  for (const facts of complete ? inspector.verdicts(end) : [[end]]) yield note(facts);
  return undefined;
}
