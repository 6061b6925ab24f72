import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../runner/core/model/events.ts";
import { Tally } from "../../../runner/reporters/live/tally.ts";
import { intent, outcome, settling, started } from "../events.ts";

function tallyOf(...events: readonly RunEvent[]): Tally {
  const tally = new Tally();
  for (const event of events) tally.take(event);
  return tally;
}

describe("the progress counts", () => {
  it.each([
    ["accepted", [intent(0), outcome(0, "accepted")], { done: 1, inFlight: 0 }],
    ["under way", [intent(0), intent(1), outcome(0, "accepted")], { done: 1, inFlight: 1 }],
    ["rejected", [intent(0), outcome(0, "rejected")], { done: 1, rejected: 1 }],
    ["drifted or already there", [intent(0), intent(1), outcome(0, "drifted"), outcome(1, "already")], { done: 2 }],
    ["turned away, and sent again", [intent(0), outcome(0, "not-acted"), intent(0, 2)], { done: 0, inFlight: 1 }],
    ["withdrawn", [intent(0), intent(1), { type: "withdrawn", intents: [0, 1], reason: "limit" }], { inFlight: 0 }],
    ["lost", [intent(0), outcome(0, "lost")], { done: 0, settling: 1, inFlight: 0 }],
    [
      "lost, then seen changed",
      [intent(0), outcome(0, "lost"), settling(0, "after")],
      { done: 1, settling: 0, unknown: 0 },
    ],
    ["lost, read too early", [intent(0), outcome(0, "lost"), settling(0, "early-before")], { done: 0, settling: 1 }],
    ["lost, unreadable", [intent(0), outcome(0, "lost"), settling(0, "unreadable")], { done: 1, unknown: 1 }],
    [
      "lost, read unchanged, sent again and accepted",
      [intent(0), outcome(0, "lost"), settling(0, "before"), intent(0, 2), outcome(0, "accepted", 2)],
      { done: 1, unknown: 0, inFlight: 0 },
    ],
    [
      "lost, then refused: which proves nothing",
      [intent(0), outcome(0, "lost"), settling(0, "before"), intent(0, 2), outcome(0, "rejected", 2)],
      { done: 0, rejected: 0, settling: 1 },
    ],
  ] as const)("hold for a change %s", (_, events, expected) => {
    expect(tallyOf(...events)).toMatchObject(expected);
  });

  it("pass over events of a later version", () => {
    const unheard = { type: "gated", wave: 1 } as unknown as RunEvent;
    expect(tallyOf(intent(0), unheard)).toMatchObject({ phase: "changing", inFlight: 1 });
  });
});

describe("the calls, held against the rate", () => {
  const answered = (index: number, ms: number): RunEvent => ({ ...outcome(index, "accepted"), ms }) as RunEvent;

  it("are changes and the reads that belong to them, one for items that share a call, none for what was only looked at", () => {
    const events = [answered(0, 50), answered(1, 61.2), answered(2, 61.2), settling(0, "after"), outcome(3, "drifted")];
    expect(tallyOf(...events)).toMatchObject({ calls: 3 });
  });

  it("follow the rate: as the run began, slowed by the service, changed by a person", () => {
    const start = { ...started, facts: { ...started.facts, perMinute: 300 } };
    const slowed = { type: "throttle", what: "rate", from: 300, to: 150, cause: "429" } as const;
    const set = { type: "control", op: "set", by: started.by, why: "night", perMinute: 60 } as const;
    expect(tallyOf(started).perMinute).toBeUndefined();
    expect(tallyOf(start).perMinute).toBe(300);
    expect(tallyOf(start, slowed).perMinute).toBe(150);
    expect(tallyOf(start, { ...slowed, what: "concurrency" }).perMinute).toBe(300);
    expect(tallyOf(start, slowed, set).perMinute).toBe(60);
    expect(tallyOf(start, { ...slowed, to: null }).perMinute).toBeUndefined();
  });
});
