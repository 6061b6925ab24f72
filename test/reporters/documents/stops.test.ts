import { describe, expect, it } from "vitest";
import type { Fact } from "../../../runner/core/model/events.ts";
import { annotationsOf } from "../../../runner/reporters/documents/github.ts";
import { verdictOf } from "../../../runner/reporters/documents/outcome.ts";
import { hostile, toldRun, type HowTold, type ToldItem } from "../../support/told-run.ts";
import { documentOf, textOf } from "./told.ts";

const by = { name: "bob", host: "lab" };
const items: readonly ToldItem[] = [
  { id: "1", title: "DESK-1", ends: "confirmed" },
  { id: "2", title: "DESK-2", ends: "not-started" },
];
const abort = (why: string): Fact => ({ type: "control", op: "abort", by, why });
const stop = (reason: Extract<Fact, { type: "stopped" }>["reason"], detail: string): Fact => {
  return { type: "stopped", reason, detail };
};
const gate = (result: "fail" | "inconclusive"): Fact => ({ type: "gate", wave: 0, result, detail: "5 alerts" });
const left = `What is left can be taken up: rollcall rerun ${toldRun}`;
const judge = `If the wave is good: rollcall promote ${toldRun}, then rollcall resume ${toldRun}. If it is not: rollcall abort ${toldRun}`;

const aborted: HowTold = {
  ...{ exit: 6, end: { notStarted: { aborted: 1 } } },
  stopped: [abort("wrong list"), stop("aborted", "wrong list")],
};

describe("the line under the verdict", () => {
  it.each<readonly [string, HowTold, string]>([
    ["who aborted it, and why", aborted, `Aborted by bob on lab: wrong list. Exit 6: 1 not-started. ${left}`],
    [
      "which limit stopped it",
      {
        ...{ exit: 6, end: { notStarted: { limit: 1 } } },
        stopped: [stop("limit", "stop.errors: 4, tolerated 3")],
      },
      `Stopped by a limit: stop.errors: 4, tolerated 3. Exit 6: 1 not-started. ${left}`,
    ],
    [
      "what its gate found",
      { exit: 6, end: { notStarted: { gate: 1 }, gate: "fail" }, stopped: [gate("fail"), stop("gate", "5 alerts")] },
      `The gate after wave 1 failed: 5 alerts. Exit 6: 1 not-started. It goes on with: rollcall resume ${toldRun}, which looks at the wave again`,
    ],
    [
      "what a person has to judge",
      { exit: 8, end: { notStarted: { person: 1 }, gate: "inconclusive" }, stopped: [gate("inconclusive")] },
      `Waits for a person: 5 alerts. Exit 8: 1 not-started. ${judge}`,
    ],
    [
      "that a person has judged since",
      {
        ...{ exit: 8, end: { notStarted: { person: 1 } }, stopped: [stop("person", "nothing is confirmed")] },
        later: [{ type: "control", op: "promote", by, why: "seen it" }],
      },
      `Waited for a person: nothing is confirmed. Promoted by bob on lab: seen it. Exit 8: 1 not-started. It goes on with: rollcall resume ${toldRun}`,
    ],
    [
      "that it waits for a person, whatever its exit code is of",
      { exit: 7, end: { notStarted: { person: 1 } }, stopped: [stop("person", "nothing is confirmed")] },
      `Waits for a person: nothing is confirmed. Exit 7: items whose state is unknown or not as wanted. ${judge}`,
    ],
    [
      "who interrupted it",
      {
        ...{ exit: 130, end: { notStarted: { interrupted: 1 } } },
        stopped: [{ type: "control", op: "interrupt", by, why: "signal" }, stop("interrupted", "signal")],
      },
      `Interrupted by bob on lab. Exit 130: interrupted. It goes on with: rollcall resume ${toldRun}`,
    ],
    [
      "that its window is closed",
      { exit: 8, end: { notStarted: { window: 1 } }, stopped: [stop("window", "opens at 22:00")] },
      `Waits for its change window: opens at 22:00. Exit 8: 1 not-started. It goes on with: rollcall resume ${toldRun}`,
    ],
    [
      "that a lock was lost, while answers are open",
      { exit: 6, end: { notStarted: { lock: 1 }, sealed: false }, stopped: [stop("lock", "")] },
      `Stopped: another run took over. Some answers are still open. It goes on with: rollcall resume ${toldRun}`,
    ],
  ])("says %s, and the command that goes on", async (_, how, detail) => {
    const document = await documentOf(items, how);
    expect(verdictOf(document).detail).toBe(detail);
    expect(annotationsOf(document).split("\n")[0]).toContain(`::${detail}`);
    for (const format of ["html", "junit", "md"] as const) expect(await textOf(document, { format })).toContain(detail);
  });

  it("keeps room for the command, and lets nothing that a person says be markup", async () => {
    for (const why of hostile) {
      const how = { ...aborted, stopped: [abort(why), stop("aborted", why)] };
      const page = await textOf(await documentOf(items, how), { format: "md" });
      const line = page.split("\n")[2] ?? "";
      expect(line).toMatch(/^Aborted by bob on lab/);
      expect(line.endsWith(left)).toBe(true);
      expect(line).not.toMatch(/<[a-z/!]|@someone|https?:\/\/evil|[^\\]`/i);
    }
  });

  it("names the groups that were parked, and of many how many more", async () => {
    const limits = [0, 1, 2, 3].map((group): Fact => {
      return { type: "limit", limit: "errors", value: 2, tolerated: 1, inFlight: 0, group };
    });
    const groups = ["North", "<b>", "West", "East"].map((name) => ({ name, size: 1 }));
    const how: HowTold = { exit: 6, groups, end: { notStarted: { parked: 1 } }, stopped: limits };
    expect(verdictOf(await documentOf(items, how)).detail).toMatch(
      /^Groups that were parked: North \(stop\.errors is 2, tolerated 1\), .*, 1 more\. Exit 6/,
    );
  });

  it("says of a gate that did not pass after the last wave what it found", async () => {
    const all: readonly ToldItem[] = [{ id: "1", ends: "confirmed" }];
    const how: HowTold = { exit: 8, end: { gate: "inconclusive" }, stopped: [gate("inconclusive")] };
    expect(verdictOf(await documentOf(all, how)).detail).toMatch(/^Waits for a person: 5 alerts\. Exit 8: .*promote/);
  });

  it("is about the items alone where nothing stopped the run", async () => {
    const bad: readonly ToldItem[] = [
      { id: "1", ends: "rejected" },
      { id: "2", ends: "refused" },
    ];
    expect(verdictOf(await documentOf(bad, { exit: 6 })).detail).toBe("Exit 6: 1 rejected, 1 refused.");
    expect(verdictOf(await documentOf([{ id: "1", ends: "confirmed" }])).detail).toMatch(/^Exit 0: all confirmed/);
  });
});
