import { describe, expect, it } from "vitest";
import type { Fact } from "../../../runner/core/model/events.ts";
import { Chronicle } from "../../../runner/reporters/documents/chronicle.ts";
import { toldRun } from "../../support/told-run.ts";

const by = { name: "ada", host: "desk" };
const paused: Fact = { type: "paused", for: "operator", detail: "" };
const resumed = { type: "resume", verb: "resume", by } as Fact;

function told(...facts: readonly Fact[]): readonly string[] {
  const chronicle = new Chronicle(toldRun);
  for (const [place, fact] of facts.entries())
    chronicle.take({ seq: place + 1, t: place, up: place, hash: "", ...fact });
  return chronicle.happenings.map(({ text }) => text);
}

describe("what happened to a run", () => {
  it("names the run in the commands that it tells of", () => {
    expect(told(paused)).toEqual([`Paused. To go on: rollcall continue ${toldRun}`]);
  });

  it("does not say that a resume waits for what the process before it had waited for", () => {
    const gap: readonly Fact[] = [
      { type: "paused", for: "between-waves", detail: "", until: 0 },
      { type: "continued", after: "between-waves" },
    ];
    expect(told(paused, ...gap).at(-1)).toMatch(/^Still waiting/);
    expect(told(paused, resumed, ...gap)).toEqual([
      expect.stringMatching(/^Paused/),
      "Resumed by ada on desk",
      "The next wave begins at 1970-01-01T00:00:00Z.",
    ]);
  });

  it("says of the last group that is parked that none goes on, also behind a resume", () => {
    const groups = ["A", "B", "C"].map((name) => ({ name, size: 2 }));
    const selected = { type: "selected", size: 6, waves: [6], groups } as unknown as Fact;
    const parked = (group: number): Fact => {
      return { type: "limit", limit: "errors", value: 2, tolerated: 1, inFlight: 0, group };
    };
    const lines = told(selected, parked(1), parked(0), resumed, parked(2));
    expect(lines.filter((line) => line.startsWith("Group"))).toEqual([
      "Group B is parked: stop.errors is 2, tolerated 1; the others go on.",
      "Group A is parked: stop.errors is 2, tolerated 1; the other one goes on.",
      "Group C is parked: stop.errors is 2, tolerated 1; no group goes on.",
    ]);
  });

  it("counts what there is too much of", () => {
    const slower: Fact = { type: "throttle", what: "rate", from: 60, to: 30, cause: "HTTP 429" };
    const lines = told(...Array.from({ length: 350 }, () => slower), resumed);
    expect(lines).toHaveLength(202);
    expect(lines.at(-1)).toBe('and 150 more like "Now 30 calls a minute, before 60: HTTP 429."');
  });
});
