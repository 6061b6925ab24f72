import type { Counts, ItemState, NotStartedReason } from "../core/model/outcome.ts";
import { count, countOf } from "./amount.ts";
import { cleanText } from "./clean.ts";
import { reasons } from "./live/announce.ts";

/** How a run is to be looked at. `open`: it has changed nothing yet, or is under way, and can be neither. */
export type Tone = "good" | "doubt" | "bad" | "open";

/** Of a run that is over. */
export function toneOf(exit: number | undefined): Tone {
  if (exit === 0) return "good";
  return exit === 8 ? "doubt" : "bad";
}

/** What a state means, where its name does not say it. */
export const remarks: Readonly<Record<ItemState, string>> = {
  "filtered-out": "",
  already: "as desired before we came",
  refused: "could not be decided",
  "not-started": "",
  drifted: "not as reviewed when it was read right before sending, or not readable: not sent",
  confirmed: "read again, and as asked for",
  pending: "accepted, not visible yet",
  rejected: "the service said no, or it could not be sent",
  unknown: "no clear answer, and no read shows the change",
  diverged: "not the value we asked for",
  vanished: "gone from the list",
  unverifiable: "accepted; nothing more can be shown",
};

/** The same of a run, which may be a rehearsal: then it is not the service that said anything. */
export function remarkOn(state: ItemState, { rehearsed = false }: { readonly rehearsed?: boolean }): string {
  const remark = remarks[state];
  return rehearsed && remark !== "" ? `in the rehearsal: ${remark}` : remark;
}

/** States that need no look. */
export const good: ReadonlySet<ItemState> = new Set(["confirmed", "already", "unverifiable", "filtered-out"]);

/** What stands behind the headline of a run that has not come to its end. */
export const unfinished = { underWay: " so far", left: ", not finished" } as const;

/** `assign-product on simulator: 312 of 320 changes confirmed`. */
export function headlineText({
  plan,
  service,
  counts,
  open = 0,
  rehearsed = false,
}: {
  readonly plan: string;
  readonly service: string;
  readonly counts: Counts;
  /** Items without a state yet. */
  readonly open?: number;
  /** Nothing was sent: what it came to is what would be. */
  readonly rehearsed?: boolean;
}): string {
  const what = `${cleanText(plan)} on ${cleanText(service)}`;
  const selected = selectedIn(counts) + open;
  if (selected === 0) return `${what}: nothing to change`;
  const accepted = counts.unverifiable > 0 ? "accepted or confirmed" : "confirmed";
  const so = rehearsed ? `would be ${accepted}` : accepted;
  return `${what}: ${count(counts.confirmed + counts.unverifiable)} of ${countOf(selected, "change")} ${so}`;
}

/** How many items were to change. */
function selectedIn(counts: Counts): number {
  const others = counts["filtered-out"] + counts.already + counts.refused;
  return Object.values(counts).reduce((sum, number) => sum + number, 0) - others;
}

export function reasonsText(notStarted: Readonly<Partial<Record<NotStartedReason, number>>>): string {
  return Object.entries(notStarted)
    .map(([reason, number]) => `${count(number)} because ${reasons[reason as NotStartedReason]}`)
    .join(", ");
}
