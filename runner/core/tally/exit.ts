import type { Counts, NotStartedReason } from "../model/outcome.ts";

/** What decides an exit code once a run has come to its end. */
export interface Ending {
  readonly counts: Counts;
  readonly notStarted: Readonly<Partial<Record<NotStartedReason, number>>>;
  /** Items with bytes possibly sent that nothing has settled. */
  readonly open: number;
  readonly conserved: boolean;
  readonly interrupted: boolean;
  /** Something else changed, and the plan says that this is no good end. */
  readonly collateral?: boolean;
  /** What the gate found last, where that was not good: it counts also where everything had been sent by then. */
  readonly gate?: "fail" | "inconclusive";
  /** Items that were to be put back and are gone. */
  readonly gone?: number;
}

/** Worst first; the exit code is the first that applies (README, exit codes). */
const order = [1, 9, 10, 7, 6, 130, 8] as const;
/** Reasons that leave the run for a person or a window, or were the operator's own wish. */
const waiting: ReadonlySet<string> = new Set(["held", "person", "window"]);

/** Every exit code that applies, worst first; empty stands for 0. Pure: the same end record always gives the same codes. */
export function exitCodesOf(ending: Ending): readonly number[] {
  const { counts, notStarted } = ending;
  const reasons = Object.entries(notStarted)
    .filter(([, count]) => count > 0)
    .map(([reason]) => reason);
  const applies: Readonly<Record<(typeof order)[number], boolean>> = {
    1: !ending.conserved,
    9: false,
    10: reasons.includes("record"),
    7:
      counts.unknown + counts.diverged + counts.drifted + counts.vanished + ending.open > 0 ||
      ending.collateral === true,
    6:
      counts.rejected + counts.refused > 0 ||
      (ending.gone ?? 0) > 0 ||
      ending.gate === "fail" ||
      reasons.some((reason) => reason !== "interrupted" && !waiting.has(reason)),
    130: ending.interrupted || reasons.includes("interrupted"),
    8: counts.pending > 0 || ending.gate === "inconclusive" || reasons.some((reason) => waiting.has(reason)),
  };
  return order.filter((code) => applies[code]);
}
