import type { Change } from "../core/model/change.ts";
import { pick } from "../core/model/pick.ts";
import type { FactOf } from "../core/model/events.ts";
import type { Reading } from "../core/model/ports.ts";
import { compare, fieldsToSee } from "../core/settle/compare.ts";
import { readItem } from "./read-item.ts";
import type { Job, Parts } from "./job.ts";

/**
 * Settle a lost answer by reading, never by sending again blind. Looks at once, because the new value counts whenever it is
 * seen; anything else counts only from a read begun after the request could still act and after the read's own lag, which
 * may be a longer one when the second look goes another way than the first.
 * @param sinceUp The last moment the request's bytes can have left, ms since boot.
 * @returns The read that decided, noted; undefined when the signal ended it first and the item stays open.
 */
export async function settle(
  change: Change,
  sinceUp: number,
  { job, parts, signal }: { readonly job: Job; readonly parts: Parts; readonly signal: AbortSignal },
): Promise<FactOf<"read"> | undefined> {
  const { timeoutMs, lateMs } = parts.book.state.facts;
  const countsFrom = sinceUp + timeoutMs + lateMs;
  if (job.plan.change.expect.kind === "accepted") return note(nothingToSee(change, parts), parts);
  const ended = (): boolean => signal.aborted;
  for (;;) {
    const { fact, lagMs } = await look(change, { job, parts, signal, countsFrom });
    // An abort makes a read fail: that says nothing about the item.
    if (ended()) return undefined;
    note(fact, parts);
    if (fact.seen !== "early-before") return fact;
    await parts.clock.sleep(Math.max(0, countsFrom + lagMs - parts.clock.up()), signal);
    if (ended()) return undefined;
  }
}

/** `expect: accepted`: no read can show this change, so none is made. */
function nothingToSee(change: Change, { clock }: Parts): FactOf<"read"> {
  const { index, id } = change;
  return {
    type: "read",
    index,
    id,
    why: "settle",
    began: clock.up(),
    source: "none",
    seen: "unreadable",
    found: null,
  };
}

interface Look {
  readonly fact: FactOf<"read">;
  readonly lagMs: number;
}

async function look(
  change: Change,
  { job, parts, signal, countsFrom }: { job: Job; parts: Parts; signal: AbortSignal; countsFrom: number },
): Promise<Look> {
  const names = fieldsToSee(job.plan);
  const wanted = { names: names.length > 0 ? names : [job.plan.enumerate.key], purpose: "settle" as const };
  const { reading, frozen } = await readItem(change, wanted, { job, parts, signal });
  const seen = judge(change, reading, { job: { ...job, frozen }, early: reading.began < countsFrom + reading.lagMs });
  const found = reading.kind === "found" ? pick(reading.fields, job.plan.change.sets) : null;
  const { began, source, lagMs } = reading;
  return {
    lagMs,
    fact: { type: "read", index: change.index, id: change.id, why: "settle", began, source, seen, found },
  };
}

function judge(change: Change, reading: Reading, { job, early }: { job: Job; early: boolean }): FactOf<"read">["seen"] {
  if (reading.kind === "unreadable") return early ? "early-before" : "unreadable";
  const seen =
    compare(job.plan, job.frozen, change, reading.kind === "found" ? reading.fields : undefined) ?? "unreadable";
  return early && seen !== "after" ? "early-before" : seen;
}

function note(fact: FactOf<"read">, parts: Parts): FactOf<"read"> {
  parts.book.note([fact]);
  return fact;
}
