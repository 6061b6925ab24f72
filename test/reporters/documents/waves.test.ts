import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Fact } from "../../../runner/core/model/events.ts";
import { itemId, type Digest } from "../../../runner/core/model/item.ts";
import { RunState } from "../../../runner/core/tally/fold.ts";
import { documentOf } from "../../../runner/reporters/documents/report.ts";
import { lastedText, waveReports, WaveTimes, type WaveReport } from "../../../runner/reporters/documents/waves.ts";
import { fleetPlan } from "../../support/fleet-plan.ts";
import { ended, estate, yes } from "../../support/workspace.ts";

it("waves are told with their times, and with how their own items ended", async () => {
  await using here = await estate();
  const ids = here.movable(6);
  const [first = 0, , third = 0] = ids;
  here.simulator.setFaults([{ method: "ModifyAccount", item: third, fault: "error", data: 13501 }]);
  const more = "pace: { waves: [1, 100%] }\nstop: { errors: 2 }\nverify: { within: 2s, every: 100ms }\n";
  writeFileSync(join(here.cwd, "fleet.yaml"), fleetPlan(here.simulator, `item.device_id in [${ids.join(", ")}]`, more));
  const plan = await here.workspace.loadPlan("fleet.yaml");
  const run = await ended(here, here.workspace.apply(plan, { consent: yes }));
  expect(run.in("confirmed")).toContain(String(first));
  const { waves } = await documentOf(here.cwd, run.run, { stories: false });
  expect(waves.map(({ number, size, states, gate }) => ({ number, size, states, gate }))).toEqual([
    { number: 0, size: 1, states: { confirmed: 1 }, gate: undefined },
    { number: 1, size: 5, states: { confirmed: 4, rejected: 1 }, gate: undefined },
  ]);
  const [one, two] = waves;
  expect(one!.ended).toBeGreaterThanOrEqual(one!.began!);
  expect(two!.began).toBeGreaterThanOrEqual(one!.ended!);
  expect(two!.ended).toBeGreaterThanOrEqual(two!.began!);
});

it("waves of a run that was stopped are all told, each with all of its items", async () => {
  await using here = await estate();
  const ids = here.movable(9);
  const [, second = 0] = ids;
  here.simulator.setFaults([{ method: "ModifyAccount", item: second, fault: "error", data: 13501 }]);
  const more =
    "pace: { concurrency: 1, waves: [1, 3, 100%] }\nstop: { errors: 0 }\nverify: { within: 2s, every: 100ms }\n";
  writeFileSync(join(here.cwd, "fleet.yaml"), fleetPlan(here.simulator, `item.device_id in [${ids.join(", ")}]`, more));
  const run = await ended(here, here.workspace.apply(await here.workspace.loadPlan("fleet.yaml"), { consent: yes }));
  const { waves, summary } = await documentOf(here.cwd, run.run, { stories: false });
  expect(waves.map(({ size, standing }) => [size, standing])).toEqual([
    [1, "ended"],
    [3, "stopped"],
    [5, "not begun"],
  ]);
  for (const { size, states } of waves) expect(sumOf(states)).toBe(size);
  expect(waves[1]).toMatchObject({ states: { rejected: 1, "not-started": 2 } });
  expect(waves.reduce((sum, { states }) => sum + (states["not-started"] ?? 0), 0)).toBe(
    summary.counts?.["not-started"],
  );
});

const sumOf = (states: Readonly<Record<string, number>>): number =>
  Object.values(states).reduce((sum, of) => sum + of, 0);

describe("waves by their record", () => {
  const id = itemId("x");
  const digest = "ab".repeat(32) as Digest;
  const selected = (...waves: readonly number[]): readonly Fact[] => [
    { type: "selected", changeSet: digest, size: waves.reduce((sum, size) => sum + size, 0), waves, guards: [] },
    { type: "lock", scope: "s", generation: 1 },
  ];
  const wave = (number: number, size: number, phase: "begin" | "end", cut?: true): Fact => {
    return { type: "wave", wave: number, size, phase, ...(cut && { cut }) };
  };
  const intent = (index: number, of: number): Fact => {
    const named = { index, id, title: "x", attempt: 1, wave: of, method: "Set", request: digest };
    return { type: "intent", ...named, before: {}, after: {} };
  };
  const accepted = (seq: number, index: number): Fact => {
    return { type: "outcome", intent: seq, index, id, attempt: 1, ms: 1, kind: "accepted" };
  };
  const end = { type: "end", sealed: true } as Fact;

  function told(facts: readonly Fact[], isWhole = true): readonly WaveReport[] {
    const [state, times] = [new RunState(), new WaveTimes()];
    for (const [place, fact] of facts.entries()) {
      const stamp = { seq: place + 1, t: 1000 * (place + 1), up: place };
      state.fold(fact, stamp);
      times.take({ ...fact, ...stamp, hash: "" });
    }
    return waveReports(state, times, isWhole);
  }
  const begun = [...selected(2, 3), wave(0, 2, "begin"), intent(0, 0), accepted(4, 0)];

  it("are none of a run that was only looked at", () => {
    expect(told(selected(2, 3).slice(0, 1))).toEqual([]);
  });

  it.each<readonly [string, readonly Fact[], string, string]>([
    ["goes on, as far as is known", [], "not over", "not over"],
    ["was stopped", [wave(0, 2, "end", true), end], "stopped", "stopped after 3 s"],
    ["died, and was verified since", [end], "stopped", "stopped"],
    ["was stopped and taken up again", [wave(0, 2, "end", true), wave(0, 2, "begin")], "not over", "not over"],
    ["is through with it", [wave(0, 2, "end")], "ended", "3 s"],
  ])("know how they stand in a run that %s", (_, more, standing, lasted) => {
    const [first, second] = told([...begun, ...more]);
    expect(first).toMatchObject({ standing, states: { pending: 1, "not-started": 1 } });
    expect(lastedText(first!)).toBe(lasted);
    expect(second).toMatchObject({ standing: "not begun", states: { "not-started": 3 } });
  });

  it("have nothing that was surely not started where the record is damaged", () => {
    expect(told(begun, false).map(({ states }) => states)).toEqual([{ pending: 1, open: 1 }, { open: 3 }]);
  });

  it("count an item where it was begun first, and once more in an extra one that it had to wait for", () => {
    const facts = [
      ...selected(1, 1),
      ...[wave(0, 1, "begin"), intent(0, 0)],
      { type: "hold", intent: 4, index: 0, id, until: 0 } as Fact,
      ...[wave(0, 1, "end"), wave(1, 1, "begin"), intent(1, 1), accepted(8, 1), wave(1, 1, "end")],
      ...[wave(2, 1, "begin"), intent(0, 2), accepted(12, 0), wave(2, 1, "end")],
    ];
    const waves = told(facts);
    expect(waves.map(({ size, states }) => [size, states])).toEqual(
      Array.from({ length: 3 }, () => [1, { pending: 1 }]),
    );
    expect(waves.map(({ isExtra }) => isExtra)).toEqual([undefined, undefined, true]);
  });
});
