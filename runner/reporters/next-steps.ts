import type { Repeat } from "../core/model/change.ts";
import type { FactOf } from "../core/model/events.ts";
import type { NotStartedReason } from "../core/model/outcome.ts";

/** A command that helps after a run. */
export interface Step {
  /** The run stands behind them. */
  readonly verb: readonly string[];
  readonly options?: readonly string[];
  readonly why: string;
}

/** Reasons that a resume meets again, so that it would send nothing. */
const lasting: ReadonlySet<string> = new Set<NotStartedReason>(["limit", "expired", "aborted", "parked", "held"]);

/** What helps, most useful first. */
export function nextSteps(end: FactOf<"end">, repeat: Repeat | undefined): readonly Step[] {
  const { counts, notStarted } = end;
  const stopped = Object.keys(notStarted).filter((reason) => !lasting.has(reason));
  const ended = Object.keys(notStarted).length > stopped.length;
  const steps: Step[] = [];
  if (!end.conserved) steps.push({ verb: ["audit", "verify"], why: "find out what is wrong with the record" });
  if ((notStarted.person ?? 0) > 0) {
    steps.push({ verb: ["promote"], why: "say that the wave is good; then resume" });
    steps.push({ verb: ["abort"], why: "or that the rest is not to be changed" });
  }
  const isAtLast = end.gate !== undefined && counts["not-started"] === 0;
  if (isAtLast) steps.push({ verb: ["promote"], why: "if the last wave is good all the same; then resume" });
  if (!end.sealed || stopped.length > 0 || isAtLast) steps.push({ verb: ["resume"], why: resumeText(end) });
  const unseen = counts.pending + counts.unknown + counts.vanished;
  if (unseen > 0) steps.push({ verb: ["verify"], why: "look again; nothing is sent" });
  const toSee = counts.rejected + counts.refused + counts.drifted + counts.diverged + unseen;
  if (toSee + counts["not-started"] > 0) steps.push({ verb: ["show"], why: "every item that is not confirmed" });
  if (end.sealed && (counts.rejected + counts.unknown > 0 || ended)) {
    steps.push({ verb: ["rerun"], why: "when the cause is gone: what was rejected, unknown or not started" });
  }
  // A `once` that may have been done is not sent again.
  if (end.sealed && counts.diverged > 0 && repeat === "set") {
    const options = ["--only", "diverged"];
    steps.push({ verb: ["rerun"], options, why: "to ask again for what was asked for, when the cause is gone" });
  }
  return steps;
}

function resumeText({ gate, notStarted }: FactOf<"end">): string {
  if (gate === "fail") return "look at the wave again, and go on only if its gate passes then";
  if ((notStarted.window ?? 0) > 0) return "go on where it stopped, as soon as the change window is open";
  return gate === undefined ? "go on where it stopped" : "look at the wave again";
}

/** A run that was stopped because of what it did may have to be taken back. */
export function wayBack({ counts, notStarted, sealed, gate }: FactOf<"end">): readonly Step[] {
  const isStopped = (notStarted.limit ?? 0) > 0 || gate === "fail";
  if (!isStopped || !sealed || counts.confirmed === 0) return [];
  return [{ verb: ["undo"], why: "to put back what was changed, where nobody has changed it since" }];
}
