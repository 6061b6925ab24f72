import type { RunState } from "../core/tally/fold.ts";
import { nextSteps } from "../reporters/next-steps.ts";
import type { Whereabouts } from "../reporters/live/happenings.ts";
import type { FollowedRun } from "./follow.ts";

/** A page shows every item itself; that the rest is not to be changed is no way to go on. */
const shownAnyway: ReadonlySet<string> = new Set(["show", "abort"]);
/** Nothing of it is sent any more, whatever the end said before somebody aborted it. */
const goingOn: ReadonlySet<string> = new Set(["promote", "resume"]);

/** What can be done next about a run that has ended: a command line, and what it is for. Empty: nothing has to be. */
export function nextText({ told: { state }, folder }: FollowedRun, { command }: Pick<Whereabouts, "command">): string {
  const step = stepsOf(state).find(({ verb }) => !isDone(state, verb[0] ?? ""));
  if (step === undefined) return "";
  const { verb, options = [], why } = step;
  const reason = verb[0] === "resume" && isDone(state, "promote") ? "the wave was promoted" : why;
  return `Next: ${command(...verb, folder.run, ...options)} (${reason})`;
}

function stepsOf({ end, start, asked }: RunState): ReturnType<typeof nextSteps> {
  if (end === undefined) return [];
  const steps = nextSteps(end, start?.change.repeat);
  // It ended before it was aborted: what the end says is left for another reason.
  const isLeft = asked.abort !== undefined && end.counts["not-started"] > 0;
  const rest = { verb: ["rerun"], options: ["--only", "not-started"], why: "to take up anew what it left" };
  return isLeft ? [rest, ...steps] : steps;
}

/** Somebody has done it, or it can not be done any more. */
function isDone({ asked, wave }: RunState, verb: string): boolean {
  if (shownAnyway.has(verb) || (asked.abort !== undefined && goingOn.has(verb))) return true;
  return verb === "promote" && asked.isPromoted(wave?.number ?? 0);
}
