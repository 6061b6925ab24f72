import type { RunEvent } from "../../core/model/events.ts";
import type { NotStartedReason } from "../../core/model/outcome.ts";
import { count, countOf, duration } from "../amount.ts";
import { cleanText } from "../clean.ts";

/** The events an operator wants as a line of its own, in plain words. Undefined: not one of them. */
export function announcement(event: RunEvent): string | undefined {
  switch (event.type) {
    case "run":
      return `Run ${event.run}: ${event.verb} ${cleanText(event.plan)} on ${cleanText(event.service)} (${cleanText(event.endpoint)})`;
    case "limit":
      if (event.group !== undefined) return undefined;
      return `Limit reached: stop.${event.limit} is ${count(event.value)}, tolerated ${count(event.tolerated)}; ${countOf(event.inFlight, "answer is", "answers are")} under way.`;
    case "stopped":
      return event.reason === "interrupted" ? undefined : `Nothing new is sent: ${why(event.reason, event.detail)}.`;
    case "undoing":
      return event.whyNot === undefined
        ? `Taking back what run ${event.run} did, as its plan says.`
        : `Run ${event.run} was not taken back: ${cleanText(event.whyNot)}${hintText(event.hint)}`;
    case "clock":
      return event.kind === "suspend"
        ? `This machine was asleep for ${duration(event.jumpMs)}; answers of that time are settled by reading.`
        : `The clock of this machine jumped by ${duration(Math.abs(event.jumpMs))}.`;
    case "repair":
      return `The end of the record was incomplete (${countOf(event.bytes, "byte")} after record ${event.afterSeq}); moved to ${cleanText(event.kept)}.`;
    default:
      return undefined;
  }
}

/** Why changes were not started, as a person says it. */
export const reasons: Readonly<Record<NotStartedReason, string>> = {
  limit: "a stop limit was reached",
  parked: "their group was parked",
  held: "they were busy",
  gate: "the gate did not pass",
  person: "somebody has to judge a wave first",
  aborted: "the run was aborted",
  interrupted: "the run was interrupted",
  window: "the change window closed",
  expired: "the change set expired",
  login: "the login was refused",
  record: "the record could not be written",
  lock: "another run took over",
  crash: "the run died before it came to them",
};

function hintText(hint: string | undefined): string {
  return hint === undefined ? "" : ` (${cleanText(hint)})`;
}

function why(reason: NotStartedReason, detail: string): string {
  return detail === "" ? reasons[reason] : `${reasons[reason]} (${cleanText(detail)})`;
}
