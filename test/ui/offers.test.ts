import { describe, expect, it } from "vitest";
import type { Fact, FactOf } from "../../runner/core/model/events.ts";
import { itemStates, type Counts, type NotStartedReason } from "../../runner/core/model/outcome.ts";
import { RunState } from "../../runner/core/tally/fold.ts";
import { runFolder } from "../../runner/runs/folder.ts";
import { FollowedRun } from "../../runner/ui/follow.ts";
import { nextText } from "../../runner/ui/next.ts";
import { offersFor } from "../../runner/ui/offers.ts";
import { remarkOf } from "../../runner/ui/remark.ts";
import { toldRun } from "../support/told-run.ts";

const by = { name: "ada", host: "desk" };
const lock: Fact = { type: "lock", scope: "s", generation: 1 };
const gate: Fact = { type: "gate", wave: 0, result: "inconclusive", detail: "" };
const promoted: Fact = { type: "control", op: "promote", by, why: "", wave: 0 };
const aborted: Fact = { type: "control", op: "abort", by, why: "enough" };
const stopped: Fact = { type: "stopped", reason: "person", detail: "" };

function end(exit: number, notStarted: FactOf<"end">["notStarted"], gated?: "inconclusive"): Fact {
  const left = Object.values(notStarted).reduce((sum, count) => sum + count, 0);
  const none = Object.fromEntries(itemStates.map((state) => [state, 0])) as Record<keyof Counts, number>;
  const counts = { ...none, confirmed: 2, "not-started": left };
  const whole = { type: "end", counts, notStarted, conserved: true, sealed: true, exit, exits: [exit] } as const;
  return gated === undefined ? whole : { ...whole, gate: gated };
}

/** A run whose record says this. */
function followed(facts: readonly Fact[]): FollowedRun {
  const run = new FollowedRun(runFolder("/nowhere", toldRun));
  const state = new RunState();
  for (const [place, fact] of facts.entries()) state.fold(fact, { seq: place + 1, t: 0, up: 0 });
  Object.defineProperty(run, "told", { value: { state, first: undefined, last: undefined, damage: undefined } });
  return run;
}

const left = (reason: NotStartedReason) => ({ [reason]: 3 });

describe("of a run that has ended", () => {
  it.each<[string, readonly Fact[], { offers: readonly string[]; next: string; remark: string | undefined }]>([
    ["and all is done", [lock, end(0, {})], { offers: [], next: "", remark: undefined }],
    [
      "interrupted",
      [lock, end(130, left("interrupted"))],
      { offers: [], next: "resume R (go on where it stopped)", remark: undefined },
    ],
    [
      "for want of a person",
      [lock, stopped, end(8, left("person"))],
      { offers: ["promote", "abort"], next: "promote R (say that the wave is good; then resume)", remark: "unjudged" },
    ],
    [
      "for want of a person, who has come",
      [lock, stopped, end(8, left("person")), promoted],
      { offers: ["abort"], next: "resume R (the wave was promoted)", remark: "promoted" },
    ],
    [
      "for want of a person, who has aborted it",
      [lock, stopped, end(8, left("person")), aborted],
      { offers: [], next: "rerun R --only not-started (to take up anew what it left)", remark: undefined },
    ],
    [
      "with all sent, and a gate that could not say",
      [lock, gate, end(8, {}, "inconclusive")],
      {
        offers: ["promote"],
        next: "promote R (if the last wave is good all the same; then resume)",
        remark: "unjudged",
      },
    ],
    [
      "in the middle of its window",
      [lock, end(8, left("window"))],
      {
        offers: [],
        next: "resume R (go on where it stopped, as soon as the change window is open)",
        remark: undefined,
      },
    ],
  ])("%s, it is said what can be done next, and offered what a page can do", (_, facts, said) => {
    const run = followed(facts);
    const command = (...words: readonly string[]): string => words.join(" ").replace(toldRun, "R");
    const next = nextText(run, { command }).replace("Next: ", "");
    expect({ offers: offersFor(run, "over"), next, remark: remarkOf(run, "over") }).toEqual(said);
  });
});
