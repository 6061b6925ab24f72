import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { GuardResult } from "../../runner/core/model/preview.ts";
import type { Clock } from "../../runner/core/model/ports.ts";
import { realClock } from "../../runner/runs/clock.ts";
import { openWith } from "../../runner/workspace/open.ts";
import type { Workspace } from "../../runner/workspace.ts";
import { configFor } from "../support/cli.ts";
import { collect } from "../support/runs.ts";
import { changesReceived, ended, estate, yes, type Estate } from "../support/workspace.ts";

const quick = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 400ms }\n";

/** A clock on the wall that is set by hand; all else is real. */
function wallClock(): Clock & { ahead: number } {
  const real = realClock();
  const clock = { ...real, ahead: 0, now: () => real.now() + clock.ahead, up: () => real.up() };
  return Object.assign(clock, { sleep: real.sleep.bind(real) });
}

/** The workspace of an estate, with a policy in the config. */
async function under(there: Estate, rules: string, clock?: Clock): Promise<Workspace> {
  writeFileSync(join(there.cwd, "policy.yaml"), rules);
  writeFileSync(
    join(there.cwd, "rollcall.config.yaml"),
    `${configFor(there.simulator.url, quick)}policy: policy.yaml\n`,
  );
  const env = { CI: "", XDG_CONFIG_HOME: join(there.cwd, "xdg") };
  return openWith({ cwd: there.cwd, env }, clock === undefined ? {} : { clock });
}

async function guardsOf(events: AsyncIterable<RunEvent>): Promise<readonly GuardResult[]> {
  for await (const event of events)
    if (event.type === "preview") return event.guards.filter(({ guard }) => guard.startsWith("policy"));
  throw new Error("nothing was previewed");
}

async function refusalOf(events: AsyncIterable<RunEvent>): Promise<unknown> {
  try {
    await collect(events);
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

const rule = (deny: string, message = "Not here."): string =>
  `rules:\n  one:\n    deny: ${deny}\n    message: ${message}\n`;

describe("a policy", () => {
  it("refuses a forbidden method before anything is sent, and names the rule, its file and line", async () => {
    await using there = await estate();
    await using workspace = await under(there, rule('plan.method == "ModifyAccount"'));
    const plan = await there.plan(there.movable(3));
    expect(await guardsOf(workspace.preview(plan))).toMatchObject([
      { guard: "policy one", ok: false, found: "denied" },
    ]);
    const refusal = await refusalOf(workspace.apply(plan, { consent: yes }));
    expect(refusal).toMatchObject({ code: "guard", exitCode: 5 });
    expect(String(refusal)).toMatch(/policy one: Not here\. \(.*policy\.yaml:3\)/);
    expect(changesReceived(there.simulator)).toEqual([]);
  });

  it("that forbids a call holds for the list and for lookups as well, before any of them is asked", async () => {
    await using there = await estate();
    const denied = rule(`plan.calls.exists(call, call.startsWith("Enumerate"))`, "Not read.");
    await using workspace = await under(there, denied);
    const plan = await there.plan(there.movable(3));
    for (const events of [workspace.preview(plan), workspace.apply(plan, { consent: yes })]) {
      const refusal = await refusalOf(events);
      expect(refusal).toMatchObject({ code: "guard", exitCode: 5 });
      expect(String(refusal)).toMatch(/policy one: Not read\. \(.*policy\.yaml:3\)/);
    }
    expect(there.simulator.witness.entries.filter(({ method }) => method.startsWith("Enumerate"))).toEqual([]);
  });

  it.each([
    ["who runs it", '&& !(user in ["dora"])'],
    ["the clock", '&& now.date != "2020-01-01"'],
    ["whether a CI system runs it", "&& !ci"],
    ["the list, which changes nothing", "|| changes.selected > 3"],
  ])("that forbids a call and asks for %s is kept before anything is asked", async (_, more) => {
    await using there = await estate();
    const denied = rule(`plan.calls.exists(call, call.startsWith("Enumerate")) ${more}`, "Not read.");
    await using workspace = await under(there, denied);
    const refusal = await refusalOf(workspace.preview(await there.plan(there.movable(3))));
    expect(String(refusal)).toMatch(/policy one: Not read\./);
    expect(there.simulator.witness.entries.filter(({ method }) => method.startsWith("Enumerate"))).toEqual([]);
  });

  it("that forbids a call only of many items waits for the list", async () => {
    await using there = await estate();
    await using workspace = await under(there, rule(`plan.calls.exists(call, true) && changes.selected > 3`));
    expect(await guardsOf(workspace.preview(await there.plan(there.movable(3))))).toMatchObject([{ ok: true }]);
    expect(await guardsOf(workspace.preview(await there.plan(there.movable(4))))).toMatchObject([{ ok: false }]);
  });

  it("knows whether anybody but the plan knows its method", async () => {
    await using there = await estate();
    const deny = "plan.declared == false || plan.calls.all(call, call != 'ModifyAccount')";
    await using workspace = await under(there, rule(deny));
    expect(await guardsOf(workspace.preview(await there.plan(there.movable(1))))).toMatchObject([{ ok: true }]);
  });

  it("lets pass what no rule denies, and keeps that in the record", async () => {
    await using there = await estate();
    await using workspace = await under(there, rule("plan.destructive || changes.selected > 3"));
    const run = await ended(there, workspace.apply(await there.plan(there.movable(3)), { consent: yes }));
    expect(run.end.exit).toBe(0);
    const selected = run.records.find(({ type }) => type === "selected");
    expect(selected).toMatchObject({ guards: [{ guard: "min" }, { guard: "policy one", ok: true }] });
  });

  it("denies what can not be evaluated: the plan does not read the field", async () => {
    await using there = await estate();
    await using workspace = await under(there, rule("largest.os_type.percent > 99"));
    const [result] = await guardsOf(workspace.preview(await there.plan(there.movable(2))));
    expect(result).toMatchObject({ ok: false, found: "not evaluated" });
    expect(result?.message).toMatch(/can not be evaluated, so it denies: largest has no member "os_type"/);
  });

  it("counts the largest group of the items that change, whatever the plan calls the field", async () => {
    await using there = await estate();
    const plan = await there.plan(there.movable(4));
    for (const [most, ok] of [
      [100, true],
      [99, false],
    ] as const) {
      await using workspace = await under(there, rule(`largest.I9.percent > ${most}`));
      expect(await guardsOf(workspace.preview(plan))).toMatchObject([{ ok }]);
    }
  });

  it("is asked again by the clock of now when a saved change set is applied", async () => {
    await using there = await estate();
    const clock = wallClock();
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    await using workspace = await under(there, rule(`now.date != "${today}"`, "Today only."), clock);
    const file = join(there.cwd, "saved.ndjson");
    const week = 8 * 24 * 3_600_000;
    const plan = await there.plan(there.movable(2));
    await collect(workspace.preview(plan, { out: { file, lifeMs: week } }));
    const saved = await workspace.loadChangeSet(file);
    // Once it is connected: a clock that is not the service's is refused before.
    const tomorrow = async function* () {
      for await (const event of workspace.apply(saved, { consent: yes })) {
        if (event.type === "run") clock.ahead = 24 * 3_600_000;
        yield event;
      }
    };
    expect(await refusalOf(tomorrow())).toMatchObject({ code: "guard", exitCode: 5 });
    expect(changesReceived(there.simulator)).toEqual([]);
    clock.ahead = 0;
    const run = await ended(there, workspace.apply(saved, { consent: yes }));
    expect([run.end.exit, run.in("confirmed").length]).toEqual([0, 2]);
  });

  it("that was made stricter after the review holds for the saved change set", async () => {
    await using there = await estate();
    await using before = await under(there, rule("plan.destructive"));
    const file = join(there.cwd, "saved.ndjson");
    await collect(before.preview(await there.plan(there.movable(3)), { out: { file } }));
    await using after = await under(there, rule("changes.selected > 2 && largest.AU.items == 1"));
    const saved = await after.loadChangeSet(file);
    expect(String(await refusalOf(after.apply(saved, { consent: yes })))).toMatch(/policy one/);
    expect(changesReceived(there.simulator)).toEqual([]);
  });

  it("is asked once more after somebody has thought about it for long", async () => {
    await using there = await estate();
    const clock = wallClock();
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    await using workspace = await under(there, rule(`now.date != "${today}"`), clock);
    const consent = () => {
      clock.ahead = 24 * 3_600_000;
      return yes();
    };
    const refusal = await refusalOf(workspace.apply(await there.plan(there.movable(2)), { consent }));
    expect(refusal).toMatchObject({ code: "guard" });
    expect(changesReceived(there.simulator)).toEqual([]);
  });

  it("holds for a rerun", async () => {
    await using there = await estate();
    const ids = there.movable(2);
    const [bad = 0] = ids;
    there.simulator.setFaults([{ method: "ModifyAccount", item: bad, fault: "error", data: 13501 }]);
    await using workspace = await under(there, rule("plan.destructive"));
    const run = await ended(there, workspace.apply(await there.plan(ids), { consent: yes }));
    expect(run.in("rejected")).toEqual([String(bad)]);
    const sent = changesReceived(there.simulator).length;
    await using after = await under(there, rule("plan.method == 'ModifyAccount'"));
    const rerun = after.rerun(run.run, { only: ["rejected"], consent: yes });
    expect(await refusalOf(rerun)).toMatchObject({ code: "guard", exitCode: 5 });
    expect(changesReceived(there.simulator)).toHaveLength(sent);
  });

  it("stops everything where it can not be read", async () => {
    await using there = await estate();
    await using workspace = await under(there, "rules: {}\n");
    const refusal = await refusalOf(workspace.apply(await there.plan(there.movable(1)), { consent: yes }));
    expect(refusal).toMatchObject({ code: "config" });
    expect(changesReceived(there.simulator)).toEqual([]);
  });
});

describe("a policy and validate", () => {
  it("tells what a plan can never do, at its place in the policy, and what hangs on the list or a missing input not", async () => {
    await using there = await estate();
    const rules = `rules:
  methods:
    deny: plan.method == "ModifyAccount"
    message: Not by hand.
  hours: { deny: now.hour >= 0, message: Never. }
  ticket: { deny: inputs.to == 4, message: Not product 4. }
`;
    await using workspace = await under(there, rules);
    const plan = join(import.meta.dirname, "../support/plans/products.yaml");
    const missing = await workspace.lint(plan, { service: "simulator" });
    expect(missing.warnings).toMatchObject([
      { file: join(there.cwd, "policy.yaml"), line: 3, column: 11, severity: "warning", code: "policy" },
    ]);
    const inputs = { service: "simulator", set: ["partner=1", "from=3", "to=4", "ids=5"] };
    const given = await workspace.lint(plan, inputs);
    expect(given.warnings.map(({ line }) => line)).toEqual([3, 6]);
    expect(await workspace.validate(plan, inputs)).toEqual([]);
  });

  it("takes no policy from a plan", async () => {
    await using there = await estate();
    const file = join(there.cwd, "plan.yaml");
    writeFileSync(file, "rollcall: 1\nname: p\nservice: simulator\npolicy: mine.yaml\n");
    const codes = (await there.workspace.validate(file)).map(({ line, code }) => `${line} ${code}`);
    expect(codes).toContain("4 unknown-key");
  });
});
