import { describe, expect, it } from "vitest";
import { ConnectError, GuardError, RecordError } from "../../../runner/core/model/errors.ts";
import type { Fact, RunEvent } from "../../../runner/core/model/events.ts";
import type { Notice } from "../../../runner/core/model/notice.ts";
import { runId } from "../../../runner/core/model/item.ts";
import { Notices } from "../../../runner/reporters/live/notices.ts";
import { ended, intent, outcome, previewNote, run, runNote, started } from "../events.ts";

const by = { name: "ada", host: "ws1" };
const consent: Fact = { type: "consent", how: "yes", by };
const preview = previewNote({ rows: 3, "filtered-out": 1, selected: 2 });
const sealed: RunEvent = { type: "sealed", anchor: `${run}:9:abcdef12`, folder: ".rollcall/runs/x" };
const gate = (result: "fail" | "inconclusive", wave = 0): Fact => ({
  type: "gate",
  wave,
  result,
  detail: "SECRET of the service",
});
const stopped = (reason: Extract<Fact, { type: "stopped" }>["reason"], detail = "SECRET of the service"): Fact => ({
  ...{ type: "stopped", reason, detail },
});

const notices = () =>
  new Notices({ now: () => 1_795_000_000_000, command: (...words) => `rollcall ${words.join(" ")}` });

function told(...events: readonly RunEvent[]): readonly Notice[] {
  const made = notices();
  return events.flatMap((event) => made.take(event) ?? []);
}

const begun = [runNote, started, preview, consent];

describe("what others are told of a run", () => {
  it("is its start, once somebody agreed, and its end with counts and anchor, once each", () => {
    const all = told(...begun, intent(0), outcome(0, "accepted"), ended({ confirmed: 2, "filtered-out": 1 }), sealed);
    expect(all).toEqual([
      {
        ...{ event: "start", at: "2026-11-18T11:06:40.000Z", by, run, verb: "apply" },
        ...{ plan: "assign-product", service: "simulator" },
        text: `assign-product on simulator, run ${run}, begins: 2 changes.`,
        counts: { changes: 2, answered: 0, rejected: 0, unknown: 0 },
      },
      {
        ...{ event: "done", at: "2026-11-18T11:06:40.000Z", by, run, verb: "apply" },
        ...{ plan: "assign-product", service: "simulator" },
        text: `assign-product on simulator, run ${run}, is over: 2 confirmed. Exit 0: all confirmed, or nothing to do.`,
        counts: ended({ confirmed: 2, "filtered-out": 1 }).counts,
        ...{ exit: 0, anchor: `${run}:9:abcdef12` },
      },
    ]);
  });

  it("of a preview is nothing", () => {
    expect(told({ ...runNote, verb: "preview" }, started, preview, sealed)).toEqual([]);
  });

  it("of a run with nothing to change is its end", () => {
    const none = previewNote({ rows: 3, already: 3 });
    const all = told(runNote, started, none, ended({ already: 3 }), sealed);
    expect(all.map(({ event, text }) => [event, text])).toEqual([
      ["done", `assign-product on simulator, run ${run}, is over: 3 already. Exit 0: all confirmed, or nothing to do.`],
    ]);
  });

  it.each([
    [{ type: "paused", for: "operator", detail: "" }, "operator", `rollcall continue ${run}`, "was paused by a person"],
    [
      { type: "paused", for: "person", detail: "SECRET" },
      "person",
      `rollcall promote ${run}`,
      "wave 1 could not be judged",
    ],
    [{ type: "paused", for: "window", detail: "", until: 1_795_003_600_000 }, "window", undefined, "change window"],
  ] as const)("of %j is a hold", (event, reason, next, text) => {
    const [, hold] = told(...begun, event);
    expect(hold).toMatchObject({ event: "hold", reason });
    expect(hold?.next).toBe(next);
    expect(hold?.text).toContain(text);
    expect(hold?.until).toBe(reason === "window" ? "2026-11-18T12:06:40.000Z" : undefined);
    expect(JSON.stringify(hold)).not.toContain("SECRET");
  });

  it("of a pause between waves, a busy item, a parked group and a continuation is nothing", () => {
    const all = told(
      ...begun,
      { type: "paused", for: "between-waves", detail: "", until: 1_795_003_600_000 },
      { type: "continued", after: "between-waves" },
      { type: "limit", limit: "errors", tolerated: 1, value: 2, inFlight: 0, group: 0 },
    );
    expect(all).toHaveLength(1);
  });

  it("that waits for a person says what the gate found, not what the service did", () => {
    const [, hold] = told(...begun, gate("inconclusive"), { type: "paused", for: "person", detail: "SECRET" });
    expect(hold).toMatchObject({ reason: "person", detail: "gate after wave 1: inconclusive" });
    expect(hold?.text).toContain(`. On ws1: rollcall promote ${run}`);
    expect(JSON.stringify(hold)).not.toContain("SECRET");
  });

  it.each([
    [
      "limit",
      [{ type: "limit", limit: "errors", tolerated: 5, value: 6, inFlight: 1 }],
      "stop.errors is 6, tolerated 5",
    ],
    ["limit", [], undefined],
    ["gate", [gate("fail")], "gate after wave 1: fail"],
    [
      "aborted",
      [{ type: "control", op: "abort", by: { name: "bea", host: "h" }, why: "wrong customer" }],
      "bea: wrong customer",
    ],
    ["login", [], undefined],
    ["interrupted", [], undefined],
  ] as const)("that stops for %s says why in our words", (reason, before, detail) => {
    const [, stop, ...more] = told(...begun, ...before, stopped(reason));
    expect(more).toEqual([]);
    expect(stop).toMatchObject({ event: "stop", reason, next: `rollcall show ${run}` });
    expect(stop?.detail).toBe(detail);
    expect(JSON.stringify(stop)).not.toContain("SECRET");
  });

  it("that stops still tells its end, after that", () => {
    const end = ended({ confirmed: 1, "not-started": 1 }, { exit: 6 });
    const all = told(...begun, stopped("person"), end, sealed);
    expect(all.map(({ event, exit, next }) => [event, exit, next])).toEqual([
      ["start", undefined, undefined],
      ["stop", undefined, `rollcall promote ${run}`],
      ["done", 6, `rollcall show ${run}`],
    ]);
  });

  it("that is taken back tells both runs, the second with the name of the first", () => {
    const second = runId("20261123T204800Z-aaaaa");
    const all = told(
      ...[...begun, stopped("limit"), ended({ rejected: 2 }, { exit: 6 }), sealed, { type: "undoing", run } as const],
      { ...runNote, run: second, verb: "undo" },
      { ...started, run: second, from: { kind: "undo", run, seq: 9 } },
      ...[preview, { ...consent, how: "on-stop" } as const, ended({ confirmed: 2 }), sealed],
    );
    expect(all.map((one) => [one.event, one.run, one.undoes])).toEqual([
      ["start", run, undefined],
      ["stop", run, undefined],
      ["done", run, undefined],
      ["start", second, run],
      ["done", second, undefined],
    ]);
  });

  it("that should have been taken back and was not is a stop", () => {
    const all = told(...begun, ended({ rejected: 2 }, { exit: 6 }), sealed, { type: "undoing", run, whyNot: "SECRET" });
    expect(all.at(-1)).toMatchObject({ event: "stop", reason: "not-taken-back" });
    expect(JSON.stringify(all)).not.toContain("SECRET");
  });

  it.each([
    ["apply", new GuardError("guard", "SECRET"), "guard", 5],
    ["apply", new ConnectError("connect", "SECRET"), "connect", 4],
    ["rerun", new RecordError("SECRET"), "record", 10],
    ["apply", new TypeError("SECRET"), "bug", 1],
  ] as const)("%s that ends with %s is a stop with its code", (verb, error, reason, exit) => {
    const made = notices();
    for (const event of [{ ...runNote, verb }, started]) made.take(event);
    const notice = made.failed(error);
    expect(notice).toMatchObject({ event: "stop", reason, exit, run });
    expect(JSON.stringify(notice)).not.toContain("SECRET");
  });

  it("of a preview that fails, a person who says no, and a command without a run is nothing", () => {
    const previewing = notices();
    previewing.take({ ...runNote, verb: "preview" });
    expect(previewing.failed(new GuardError("guard", "no"))).toBeUndefined();
    const declined = notices();
    declined.take(runNote);
    expect(declined.failed(new GuardError("consent", "no"))).toBeUndefined();
    expect(notices().failed(new ConnectError("login", "no"))).toBeUndefined();
  });

  it("holds no control character of a name, and no more than a little of what a person says", () => {
    const why = "\u001b[31mlong\u202e ".repeat(200);
    const made = told(
      ...begun,
      { type: "control", op: "abort", by: { name: "b\u0007ea", host: "h" }, why },
      stopped("aborted"),
    );
    // eslint-disable-next-line no-control-regex
    expect(JSON.stringify(made)).not.toMatch(/\\u001b|\\u0007|\u202e|\u001b/);
    expect(made.at(-1)?.detail?.length).toBeLessThanOrEqual(300);
  });
});
