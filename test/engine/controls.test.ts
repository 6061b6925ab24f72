import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ControlRequest } from "../../runner/core/model/run-ports.ts";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { leaveRequest } from "../../runner/runs/mailbox.ts";
import { drive, expectSound, productsOf } from "../support/drive.ts";

const by = { name: "ada", host: "desk" };

/** Leaves requests in the run's mailbox when an event comes by. */
function asking(
  plan: readonly (readonly [(event: RunEvent, nth: number) => boolean, Omit<ControlRequest, "id" | "by" | "why">])[],
) {
  const left = [...plan];
  let folder = "";
  let nth = 0;
  const pending: Promise<unknown>[] = [];
  return {
    pending,
    on: (event: RunEvent): boolean => {
      if (event.type === "run") folder = `${event.folder}/control`;
      if (event.type === "outcome") nth += 1;
      const [next] = left;
      if (next?.[0](event, nth) === true) {
        left.shift();
        pending.push(leaveRequest(folder, { ...next[1], by, why: "because" }, Date.now()));
      }
      return true;
    },
  };
}

const outcomes = (many: number) => (_: RunEvent, nth: number) => nth >= many;
const controlFolder = (path: string): readonly string[] =>
  existsSync(`${path}/control`) ? readdirSync(`${path}/control`) : [];

describe.concurrent("asked from another terminal", () => {
  it("pause sends nothing more until continue, and both are in the record once", async () => {
    const ask = asking([
      [outcomes(5), { op: "pause" }],
      [(event) => event.type === "paused", { op: "continue" }],
    ]);
    const run = await drive({
      simulator: { devices: 200, latencyMs: 40 },
      plan: productsOf({ pace: { concurrency: 2 } }),
      on: ask.on,
    });
    await Promise.all(ask.pending);
    expectSound(run);
    expect(run.all("control").map(({ op, by: who, why }) => [op, who, why])).toEqual([
      ["pause", by, "because"],
      ["continue", by, "because"],
    ]);
    expect(run.all("withdrawn").some(({ reason }) => reason === "operator")).toBe(true);
    expect(run.end).toMatchObject({ exit: 0, notStarted: {} });
    expect(controlFolder(run.folder.path)).toEqual([]);
  });

  it("abort stops for good: what was sent is verified, the rest is not started", async () => {
    const ask = asking([[outcomes(4), { op: "abort" }]]);
    const run = await drive({
      simulator: { devices: 200, latencyMs: 60 },
      plan: productsOf({ pace: { concurrency: 2 } }),
      on: ask.on,
    });
    await Promise.all(ask.pending);
    expectSound(run);
    expect(run.all("stopped")).toMatchObject([{ reason: "aborted", detail: "because" }]);
    expect(run.end.exits).toEqual([6]);
    expect(run.end.counts.pending).toBe(0);
    expect(run.end.notStarted.aborted).toBe(run.changes.length - run.end.counts.confirmed);
  });

  it("set concurrency narrows the run, never beyond what it began with", async () => {
    const ask = asking([[outcomes(2), { op: "set", concurrency: 1 }]]);
    const run = await drive({
      simulator: { devices: 200, latencyMs: 25 },
      plan: productsOf({ pace: { concurrency: 4 } }),
      on: ask.on,
    });
    await Promise.all(ask.pending);
    expectSound(run);
    const [control] = run.all("control");
    expect(control).toMatchObject({ op: "set", concurrency: 1 });
    let under = 0;
    let most = 0;
    for (const record of run.records) {
      if (record.type === "sent") under += record.intents.length;
      if (record.type === "outcome") under -= 1;
      // Those that were under way finish first.
      if (record.seq > (control?.seq ?? 0) + 12 && record.type === "sent") most = Math.max(most, under);
    }
    expect(most).toBe(1);
  });

  it("what comes too late, while the run is only verified, is in the record all the same", async () => {
    const ask = asking([[(event) => event.type === "pass", { op: "pause" }]]);
    const run = await drive({
      simulator: { devices: 200, lagMs: 400 },
      plan: productsOf({ count: 5 }),
      on: ask.on,
    });
    await Promise.all(ask.pending);
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 0, notStarted: {} });
    expect(run.all("control").map(({ op }) => op)).toEqual(["pause"]);
    expect(controlFolder(run.folder.path)).toEqual([]);
  });

  it("what is no request is left where it is", async () => {
    const { writeFileSync, mkdirSync } = await import("node:fs");
    const run = await drive({
      simulator: { devices: 100 },
      plan: productsOf({ count: 5 }),
      on: (event) => {
        if (event.type !== "run") return true;
        mkdirSync(`${event.folder}/control`);
        writeFileSync(`${event.folder}/control/0000000000001-aaaaaaaaaaaa.json`, '{"op":"rm"}');
        writeFileSync(`${event.folder}/control/0000000000002-aaaaaaaaaaaa.json`, "{");
        return true;
      },
    });
    expectSound(run);
    expect(run.all("control")).toEqual([]);
    expect(controlFolder(run.folder.path)).toHaveLength(2);
  });
});
