import type { Change } from "../model/change.ts";
import type { Origin, Undone } from "../model/origin.ts";
import type { Fields, ItemId, RunId } from "../model/item.ts";
import type { ItemState } from "../model/outcome.ts";
import { type Plan } from "../model/plan.ts";
import { ExpressionError, type Frozen } from "../model/frozen.ts";
import type { Absences, Gone, Refusal } from "../model/preview.ts";
import { isWithheld } from "../model/withheld.ts";

/** Why something can not be taken back, for people. */
export interface WhyNot {
  readonly why: string;
  readonly hint?: string;
}

/** What a run left of one of its items: what it wrote and what stood there before, or why that can not be put back. */
export type Trace = WhyNot | { readonly before: Fields; readonly after: Fields };

/** What an earlier run did to its items. */
export interface Past {
  readonly run: RunId;
  /** How many items it changed, or may have changed. */
  readonly size: number;
  /** Undefined: it did nothing to the item. */
  of(id: ItemId): Trace | undefined;
  /** Of a list that is to be read: what of it that has lost. */
  absences(): Absences;
}

/** Where an item of a sealed run stands: its state, and who is known to have done what is confirmed. */
export interface Standing {
  readonly state: ItemState | "open";
  readonly credit: "ours" | "unsure" | "despite";
}

/** The run that a run takes back, if it does; also when it applies what an undo has saved, or takes up what that left. */
export function undoneBy(from: Origin | undefined): Undone | undefined {
  if (from?.kind !== "undo") return from?.undoes;
  const { run, seq, only } = from;
  return { run, seq, ...(only && { only }) };
}

/** What can not be put back since there is nothing any more that it could be given to. */
export function goneForGood({ items }: Gone): readonly Refusal[] {
  return items.map(({ id, title }) => ({ id, title, why: "it is gone from the list" }));
}

/** Why nothing that a plan does can be taken back. Undefined: some of it may. */
export function whyNothingGoesBack({ undo, change, enumerate }: Plan): WhyNot | undefined {
  if (undo?.possible === false) return { why: undo.reason ?? "the plan says so" };
  if (change.expect.kind === "absent")
    return {
      why: "what was removed is not in the list any more, so there is nothing that old values could be given to",
      hint: "Create it again with a plan of its own; what it held stands in the run's folder.",
    };
  if (change.expect.kind === "accepted") return { why: "no read shows what the change did, or what was there before" };
  if (change.sets.length === 0)
    return {
      why: "the change sets no field, so nothing is known of what was there before",
      hint: "Where a field shows what the change does, let the plan set it.",
    };
  const secret = enumerate.fields.find(
    (field) => change.sets.includes(field.name) && (field.secret || field.type === "secret"),
  );
  return secret && { why: `the old value of ${secret.name} is secret, and is never kept` };
}

/**
 * What a sealed run left of one of its items. Only what is confirmed and known to be ours is taken back.
 * @param frozen What was frozen in that run: `undo.unless` is about the item as it was then.
 * @returns Undefined: nothing was done to it.
 */
export function traceOf(
  plan: Plan,
  frozen: Frozen,
  { change, standing }: { readonly change: Change; readonly standing: Standing },
): Trace | undefined {
  if (untouched.has(standing.state)) return undefined;
  const whyNot = doubtOf(standing) ?? whyNotThis(plan, frozen, change);
  return whyNot ?? { before: change.before, after: change.after };
}

/** States of which no request was done, as far as can be known. */
const untouched: ReadonlySet<string> = new Set<ItemState>([
  "filtered-out",
  "already",
  "refused",
  "not-started",
  "drifted",
  "rejected",
]);

function doubtOf({ state, credit }: Standing): WhyNot | undefined {
  switch (state) {
    case "confirmed":
      if (credit === "ours") return undefined;
      return credit === "unsure"
        ? { why: "the answer was lost, so it is not known whether the run or somebody else wrote what is there" }
        : { why: "the service said no and what was asked for is there, so it is not known who wrote it" };
    case "pending":
      return {
        why: "the change was accepted, and could not be seen yet when the run ended",
        hint: "`rollcall verify` looks again; what it confirms can be taken back.",
      };
    case "unknown":
      return {
        why: "it is not known whether the change was made",
        hint: "`rollcall verify` looks again; `rollcall rerun` decides anew.",
      };
    case "diverged":
      return { why: "the run left it with another value than it wrote" };
    case "vanished":
      return { why: "it was gone from the list when the run ended" };
    default:
      return { why: "no read has shown what the run did to it" };
  }
}

function whyNotThis({ undo, change }: Plan, frozen: Frozen, { item, before }: Change): WhyNot | undefined {
  const lost = change.sets.find((name) => name in before && isWithheld(before[name] ?? null));
  if (lost !== undefined) return { why: `the old value of ${lost} holds something that is never kept` };
  try {
    if (undo?.unless?.(frozen, item) !== true) return undefined;
    return { why: undo.reason ?? "undo.unless leaves it alone" };
  } catch (error) {
    if (error instanceof ExpressionError) return { why: `undo.unless can not be evaluated: ${error.message}` };
    throw error;
  }
}
