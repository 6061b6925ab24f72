import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { digest } from "../../runner/core/model/item.ts";
import { ConnectError, GuardError, RunnerError } from "../../runner/core/model/errors.ts";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { itemId } from "../../runner/core/model/item.ts";
import type { ApplyOptions, Consent, ConsentQuestion, RunOptions } from "../../runner/workspace/options.ts";
import { ended, intent, outcome, previewNote, run, runNote, selection, started } from "../reporters/events.ts";
import { rollcall, telling, workspace, type Surroundings } from "./stand-in.ts";

const sample = [{ id: itemId("1000"), title: "DESK-0", before: { product_id: 3 }, after: { product_id: 4 } }];
const shown = previewNote({ rows: 3, "filtered-out": 2, selected: 1 }, { sample });
const breached = previewNote(
  { rows: 3, selected: 3 },
  { guards: [{ guard: "max", allowed: "at most 1", found: 3, ok: false, message: "3 items would change" }] },
);
const sealed: RunEvent = { type: "sealed", anchor: `${run}:9:abcdef12`, folder: ".rollcall/runs/x" };
const good = [
  runNote,
  started,
  shown,
  intent(0),
  outcome(0, "accepted"),
  ended({ confirmed: 1, "filtered-out": 2 }),
  sealed,
];

const previewing = (...events: readonly RunEvent[]) => workspace({ preview: () => telling(...events) });
const applying = (...events: readonly RunEvent[]) => workspace({ apply: () => telling(...events) });

describe("preview", () => {
  it("puts the table on stdout and the progress on stderr", async () => {
    const { exit, out, err } = await rollcall(["preview", "p.yaml"], { workspace: previewing(runNote, shown) });
    expect(exit).toBe(0);
    expect(out).toContain("DESK-0  1000  product_id  3 -> 4");
    expect(out).not.toContain("Run ");
    expect(err).toBe(`Run ${run}: apply assign-product on simulator (${runNote.endpoint})\n`);
  });

  it("of a rerun shows times in the zone asked for", async () => {
    const times = [{ ...sample[0]!, before: { since: 0 }, after: { since: 1_800_000_000 } }];
    const dated = previewNote({ rows: 1, selected: 1 }, { sample: times, types: { since: { type: "unix_time" } } });
    const again = workspace({ rerun: () => telling(runNote, started, dated, ended({ confirmed: 1 }), sealed) });
    const { out } = await rollcall(["rerun", "latest", "--zone", "Asia/Kolkata"], { workspace: again });
    expect(out).toContain("-> 2027-01-15T13:30:00+05:30");
  });

  it("says in one line on stderr that the plan has notes, and where they can be read", async () => {
    const note = { file: "p.yaml", line: 1, column: 1, severity: "note" as const, code: "old-code", message: "PD" };
    const noted = workspace({
      preview: () => telling(shown),
      loadPlan: async (file) => ({ ...(await workspace({}).loadPlan(file)), notes: [note, note] }),
    });
    const words = ["preview", "p.yaml", "--set", "to=4", "--service", "simulator"];
    const { exit, out, err } = await rollcall(words, { workspace: noted });
    expect(exit).toBe(0);
    expect(err).toBe("2 notes on this plan: rollcall validate p.yaml --set to=4 --service simulator\n");
    expect(out).not.toContain("old-code");
    expect((await rollcall(["preview", "p.yaml"], { workspace: previewing(shown) })).err).toBe("");
  });

  it.each([
    ["changes", shown, [], 0],
    ["changes", shown, ["--detailed-exitcode"], 2],
    ["no changes", previewNote({ rows: 3, already: 3 }), ["--detailed-exitcode"], 0],
    ["a breached guard", breached, [], 5],
    ["a breached guard", breached, ["--detailed-exitcode"], 5],
  ] as const)("with %s exits as documented", async (_, note, flags, exit) => {
    expect((await rollcall(["preview", "p", ...flags], { workspace: previewing(note) })).exit).toBe(exit);
  });

  it("hands over config, inputs and service", async () => {
    const asked: unknown[] = [];
    const made = workspace({
      preview: () => telling(shown),
      loadPlan: (file, inputs) => {
        asked.push(file, inputs);
        return workspace({}).loadPlan(file);
      },
    });
    const words = "preview p.yaml --config c.yaml --set a=1 --set b=x=y --inputs i.yaml --service simulator";
    const { opened } = await rollcall(words.split(" "), { workspace: made });
    expect(asked).toEqual(["p.yaml", { set: ["a=1", "b=x=y"], inputsFile: "i.yaml", service: "simulator" }]);
    expect(opened[0]?.config).toBe("c.yaml");
  });
});

describe("apply", () => {
  it("shows the preview, then how it ended, and exits as the end record says", async () => {
    const { exit, out } = await rollcall(["apply", "p.yaml", "--yes"], { workspace: applying(...good) });
    expect(exit).toBe(0);
    expect(out).toContain("before -> after");
    expect(out).toContain("assign-product on simulator: 1 of 1 change confirmed");
    expect(out).toContain(`Anchor ${run}:9:abcdef12`);
  });

  it.each([6, 7, 8, 130])("exits with %s when the end record says so", async (exit) => {
    const made = workspace({
      apply: () => telling(runNote, ended({ pending: 1 }, { exit })),
      show: () => Promise.resolve({ summary: {} as never, items: [], causes: [], types: {} }),
    });
    expect((await rollcall(["apply", "p", "--yes"], { workspace: made })).exit).toBe(exit);
  });

  it("with --json prints events and nothing else on stdout", async () => {
    const { out, err } = await rollcall(["apply", "p", "--yes", "--json"], { workspace: applying(...good) });
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(good.map((event) => ({ v: 1, ...event })));
    expect(err).toBe("");
  });

  it("prints next commands that can be copied, with the same config", async () => {
    const causes = [{ state: "rejected", code: "1", message: "no", count: 1, examples: ["DESK-0"] }];
    const made = workspace({
      apply: () => telling(runNote, ended({ rejected: 1 }, { exit: 6 })),
      show: () => Promise.resolve({ summary: {} as never, items: [], causes, types: {} }),
    });
    const { out } = await rollcall(["apply", "p", "--yes", "--config", "my config.yaml"], { workspace: made });
    expect(out).toContain(`rollcall show ${run} --config 'my config.yaml'`);
    expect(out).toContain("1 rejected: 1: no");
  });

  it("does not call it 'refused before the first change' when changes were sent", async () => {
    async function* dies(): AsyncGenerator<RunEvent, void> {
      yield* telling(runNote, started, intent(0), outcome(0, "accepted"));
      throw new ConnectError("connect", "The service can not be reached.");
    }
    const { exit, err } = await rollcall(["apply", "p", "--yes"], { workspace: workspace({ apply: dies }) });
    expect(exit).toBe(7);
    expect(err).toContain("The service can not be reached.");
    expect(err).toContain(`The run is not finished. Go on with: rollcall resume ${run}`);
  });

  it("never exits with 0 without an end record", async () => {
    expect((await rollcall(["apply", "p", "--yes"], { workspace: applying(runNote, intent(0)) })).exit).toBe(1);
  });

  it("keeps the code of an error before anything was sent", async () => {
    async function* dies(): AsyncGenerator<RunEvent, void> {
      yield* telling(runNote);
      throw new ConnectError("login", "refused");
    }
    expect((await rollcall(["apply", "p", "--yes"], { workspace: workspace({ apply: dies }) })).exit).toBe(4);
  });
});

describe("consent", () => {
  const question = (more: Partial<ConsentQuestion> = {}): ConsentQuestion => ({
    plan: "assign-product",
    service: "simulator",
    endpoint: "http://127.0.0.1:4711/jsonapi",
    method: "ModifyAccount",
    destructive: false,
    counts: selection({ rows: 1204, selected: 312 }),
    guards: [],
    ...more,
  });

  /** Asks once, as the engine does, and says what was answered. */
  async function answered(
    flags: readonly string[],
    around: Surroundings & { readonly question?: Partial<ConsentQuestion> },
  ): Promise<{ readonly consent: Consent | undefined; readonly exit: number; readonly err: string }> {
    let consent: Consent | undefined;
    const made = workspace({
      async *apply(_plan, { consent: ask }: ApplyOptions) {
        yield* telling(runNote, started, shown);
        const answer = await ask(question(around.question));
        if (typeof answer === "boolean") throw new Error("the command line says more than yes or no");
        consent = answer;
        if (!consent.given) throw new GuardError("consent", consent.why, { hint: consent.hint });
        yield* telling(ended({ confirmed: 312 }));
      },
    });
    const { exit, err } = await rollcall(["apply", "p", ...flags], { ...around, workspace: made });
    return { consent, exit, err };
  }

  const destructive = { question: { destructive: true, method: "RemoveAccount" } };

  it.each([
    ["--yes", ["--yes"], {}, "yes"],
    ["-y", ["-y"], {}, "yes"],
    ["the right count", ["--confirm", "312"], {}, "confirm"],
    ["the right count of a destructive plan", ["--confirm", "312"], destructive, "confirm"],
    ["y at the terminal", [], { terminal: 80, typed: ["y"] }, "tty"],
    ["YES at the terminal", [], { terminal: 80, typed: ["YES"] }, "tty"],
    ["the typed count of a destructive plan", [], { ...destructive, terminal: 80, typed: ["312"] }, "confirm"],
  ] as const)("is given by %s", async (_, flags, around, how) => {
    expect(await answered(flags, around)).toMatchObject({ consent: { given: true, how }, exit: 0 });
  });

  it("says who has approved the change set, before it asks", async () => {
    const approvals = ["alice", "b\u001b[31mob"].map((key) => ({ key, fingerprint: digest("ab".repeat(32)), at: 0 }));
    const { err } = await answered([], { question: { approvals }, terminal: 80, typed: ["y"] });
    expect(err).toContain("Approved by alice, bob.\nApply 312 changes to simulator");
    expect((await answered([], { question: { approvals } })).exit).toBe(5);
  });

  it.each([
    ["without a terminal", [], {}, "add --yes."],
    ["without a terminal, destructive", [], destructive, "add --confirm 312."],
    ["in CI, even with a terminal", [], { terminal: 80, env: { CI: "true" }, typed: ["y"] }, "add --yes."],
    ["by --yes for a destructive plan", ["--yes"], destructive, "add --confirm 312."],
    ["by a wrong count", ["--confirm", "37"], {}, "--confirm 37 was given, but the plan selects 312 items"],
    ["by a wrong count beside --yes", ["--yes", "--confirm", "37"], {}, "say --confirm 312."],
    ["by n", [], { terminal: 80, typed: ["n"] }, "Nothing was sent."],
    ["by an empty line", [], { terminal: 80, typed: [""] }, "Nothing was sent."],
    ["by y for a destructive plan", [], { ...destructive, terminal: 80, typed: ["y"] }, '"y" is not 312'],
  ] as const)("is not given %s: exit 5, and the message says what to do", async (_, flags, around, message) => {
    const { consent, exit, err } = await answered(flags, around);
    expect(consent?.given).toBe(false);
    expect(exit).toBe(5);
    expect(err).toContain(message);
  });

  it("asks with count, service, address and login, after the live line is gone", async () => {
    const { err } = await answered([], { terminal: 120, typed: ["y"] });
    expect(err).toContain(
      "Apply 312 changes to simulator (http://127.0.0.1:4711/jsonapi) as simulator@example.com? [y/N] ",
    );
    expect(err.slice(0, err.indexOf("Apply 312")).endsWith("\r\u001b[2K")).toBe(true);
  });

  it("redraws nothing where a CI system keeps every line of a terminal, or the terminal is dumb", async () => {
    for (const env of [{ CI: "true" }, { TERM: "dumb" }]) {
      const { err } = await answered([], { terminal: 120, env, typed: ["y"] });
      expect(err).not.toContain("\u001b");
      expect(err).not.toContain("\r");
    }
  });

  it("names method and count of a destructive plan", async () => {
    const { err } = await answered([], { ...destructive, terminal: 120, typed: ["312"] });
    expect(err).toContain("This plan is destructive: RemoveAccount for 312 items to simulator");
  });

  it("is ended by Ctrl-C: exit 130, nothing sent", async () => {
    const signals = new EventEmitter();
    setTimeout(() => signals.emit("SIGINT", "SIGINT"), 50);
    const { exit, err } = await answered([], { terminal: 80, signals });
    expect(exit).toBe(130);
    expect(err).toContain("Stopping: nothing was sent; press Ctrl-C again to leave at once.");
  });
});

describe("Ctrl-C", () => {
  const until = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

  it("stops once: says what is waited for, and ends as the run ends", async () => {
    const signals = new EventEmitter();
    const made = workspace({
      async *apply(_plan, { stop }: ApplyOptions) {
        yield* telling(runNote, started, intent(0), intent(1), outcome(0, "accepted"));
        setTimeout(() => signals.emit("SIGINT", "SIGINT"));
        await until(stop!);
        yield* telling(outcome(1, "accepted"), ended({ pending: 2 }, { exit: 130, notStarted: {} }));
      },
      show: () => Promise.resolve({ summary: {} as never, items: [], causes: [], types: {} }),
    });
    const { exit, err } = await rollcall(["apply", "p", "--yes"], { workspace: made, signals });
    expect(exit).toBe(130);
    expect(err).toContain("Stopping: waiting for 1 answer, at most 30 s; press Ctrl-C again to leave at once.");
    expect(signals.eventNames()).toEqual([]);
  });

  it("twice aborts and leaves with 130, even when an answer never comes", async () => {
    const signals = new EventEmitter();
    let aborted = false;
    const made = workspace({
      async *apply(_plan, { abort }: ApplyOptions) {
        yield* telling(runNote, started, intent(0));
        setTimeout(() => signals.emit("SIGINT", "SIGINT"));
        setTimeout(() => signals.emit("SIGINT", "SIGINT"), 20);
        await until(abort!);
        aborted = true;
        await new Promise(() => undefined);
      },
      [Symbol.asyncDispose]: () => new Promise(() => undefined),
    });
    const { exit, err } = await rollcall(["apply", "p", "--yes"], { workspace: made, signals });
    expect({ exit, aborted }).toEqual({ exit: 130, aborted: true });
    expect(err).toContain(`Left at once. The run is not finished. Go on with: rollcall resume ${run}`);
  });

  it.each([
    [80, true],
    [undefined, false],
  ])("on a terminal of %s columns asks for the proof of what was sent: %s", async (terminal, expected) => {
    let options: RunOptions | undefined;
    const made = workspace({
      apply: (_plan, given) => {
        options = given;
        return telling(...good);
      },
    });
    await rollcall(["apply", "p", "--yes"], { workspace: made, ...(terminal === undefined ? {} : { terminal }) });
    expect(options?.verifyAfterStop).toBe(expected);
  });

  it("is not waited for after SIGTERM: verification is left to a later verify", async () => {
    const signals = new EventEmitter();
    const made = workspace({
      async *apply(_plan, { stop, abort }: ApplyOptions) {
        yield* telling(runNote, started, intent(0));
        setTimeout(() => signals.emit("SIGTERM", "SIGTERM"));
        await until(stop!);
        yield* telling(outcome(0, "accepted"), { type: "pass", pass: 1, phase: "begin", rows: 0, complete: false });
        if (!abort!.aborted) throw new RunnerError("bug", "still verifying");
        yield* telling(ended({ pending: 1 }, { exit: 130 }));
      },
      show: () => Promise.resolve({ summary: {} as never, items: [], causes: [], types: {} }),
    });
    const { exit, err } = await rollcall(["apply", "p", "--yes"], { workspace: made, signals, terminal: 80 });
    expect(exit).toBe(130);
    expect(err).toContain("Stopping: waiting for 1 answer, at most 30 s.");
  });
});

describe("resume and verify", () => {
  it.each(["resume", "verify"] as const)(
    "%s goes through the same reporting, with inputs given again",
    async (verb) => {
      const asked: unknown[] = [];
      const made = workspace({
        [verb]: (name: string, options: { inputs?: unknown }) => {
          asked.push(name, options.inputs);
          return telling(runNote, ended({ confirmed: 5 }));
        },
      });
      const { exit, out } = await rollcall([verb, "latest", "--set", "secret=x"], { workspace: made });
      expect(exit).toBe(0);
      expect(asked).toEqual(["latest", { set: ["secret=x"] }]);
      expect(out).toContain("5 of 5 changes confirmed");
    },
  );
});
