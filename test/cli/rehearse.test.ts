import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultSetting } from "../../runner/cli/commands/rehearse.ts";
import { instantMs } from "../../runner/cli/options.ts";
import type { Rehearsal } from "../../runner/core/model/rehearsed.ts";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { openWorkspace } from "../../runner/workspace.ts";
import { configFor } from "../support/cli.ts";
import { rollcall, type Session } from "./stand-in.ts";

const plan = `rollcall: 1
name: extend
service: simulator
inputs:
  partner: { type: integer }
  pin: { type: secret, min_length: 40 }
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: "\${{ inputs.partner }}" } }
  fields: [device_id, device_name, os_type, expiration_date]
  title: device_name
filter: item.os_type == "workstation"
change:
  set: { expiration_date: '\${{ time("2031-01-31") }}' }
  call: ModifyAccount
  params:
    accountInfo: { Id: "\${{ item.device_id }}", ExpirationTime: "\${{ set.expiration_date }}", Password: "\${{ inputs.pin }}" }
pace: { concurrency: 2, rate: 300/m, waves: [5, 100%] }
stop: { errors: 2 }
`;

const folder = mkdtempSync(join(tmpdir(), "rollcall-rehearse-"));
let simulator: Simulator;
let list: readonly string[];

beforeAll(async () => {
  simulator = await startSimulator({ devices: 60 });
  writeFileSync(join(folder, "rollcall.config.yaml"), configFor(simulator.url));
  writeFileSync(join(folder, "plan.yaml"), plan);
  list = ["plan.yaml", "--set", `partner=${simulator.rootPartner}`];
  const preview = await run({ ROLLCALL_INPUT_PIN: "p".repeat(40) }, "preview", ...list);
  expect(preview.exit).toBe(0);
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** On a terminal on which nobody types anything: who asks for a secret waits for ever. */
async function run(env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Session> {
  await using workspace = await openWorkspace({ cwd: folder, env });
  return await rollcall(words, { workspace, cwd: folder, env, terminal: 140 });
}
const rehearse = (...words: readonly string[]): Promise<Session> =>
  run({}, "rehearse", ...list, "--run", "latest", ...words);

describe("rollcall rehearse", () => {
  it("tells how long it takes, the waves, the limits, the calls and the exit code, and asks for no secret", async () => {
    const { exit, out, err } = await rehearse("--faults", "none");
    expect({ exit, err }).toEqual({ exit: 0, err: "" });
    expect(out).toMatch(/^Rehearsal of extend on simulator \(http:.*\); no change was sent\.\n/);
    expect(out).toMatch(/^list {5}60 items, of run 2\S+, read 2\S+$/m);
    expect(out).toMatch(/^faults {3}none: nothing goes wrong; seed 1$/m);
    expect(out).toMatch(/^latency {2}300 ms a call, assumed: /m);
    expect(out).toMatch(/^Would take \d+ s, from .* to read the list, .* for the changes, .* to prove them\.$/m);
    expect(out).toMatch(/^wave +size +begins after +lasts +confirmed +rejected +unknown +others$/m);
    expect(out).toMatch(/^ +1 +5 +\d.* +5 +0 +0 +0$/m);
    expect(out).toContain("No limit would trip.");
    expect(out).toMatch(/^Calls: \d+ changes, \d+ reads, 1 login; \d+% of the 300 calls a minute that are allowed\.$/m);
    expect(out).toContain("Secret inputs were not asked for: nothing was sent.");
    expect(out).toContain("apply would end with exit code 0: all confirmed, or nothing to do.");
    expect(out).toContain("only a run tells");
  });

  it("shows on a narrow terminal how many items ended how, and lets go of when the waves were", async () => {
    await using workspace = await openWorkspace({ cwd: folder, env: {} });
    const words = ["rehearse", ...list, "--run", "latest", "--faults", "none"];
    const { out } = await rollcall(words, { workspace, cwd: folder, env: {}, terminal: 56 });
    expect(out).toMatch(/^wave +size +confirmed +rejected +unknown +others$/m);
    expect(out).toMatch(/^ +1 +5 +5 +0 +0 +0$/m);
  });

  it("prints the same text for the same seed", async () => {
    const { out } = await rehearse("--faults", "rough", "--seed", "4");
    expect((await rehearse("--faults", "rough", "--seed", "4")).out).toBe(out);
    expect((await rehearse("--faults", "rough", "--seed", "5")).out).not.toBe(out);
  });

  it("is exit 2 where a limit would trip, and says at which item, when, and what is left", async () => {
    const { exit, out } = await rehearse("--faults", "none", "--fault", "reject=100%", "--latency", "2s");
    expect(exit).toBe(2);
    expect(out).toMatch(/^stop\.errors would trip after \d+ s at item .* \(\d+\): 3, tolerated 2\.$/m);
    expect(out).toMatch(/^It would stop after \d+ s: limit, stop\.errors: 3, tolerated 2\.$/m);
    expect(out).toMatch(/^\d+ items would not be started: limit \d+\.$/m);
    expect(out).toContain("apply would end with exit code 6");
  });

  it("prints the same as one line of JSON", async () => {
    const { exit, out } = await rehearse(
      "--json",
      "--fault",
      "throttle=5%",
      "--fault",
      "late=2s",
      "--at",
      "2026-01-31T22:00+01:00",
    );
    const found = JSON.parse(out) as Rehearsal & { readonly v: number; readonly type: string };
    expect(exit).toBe(found.exit === 0 ? 0 : 2);
    expect(found).toMatchObject({
      v: 1,
      type: "rehearsal",
      plan: "extend",
      profile: "usual",
      begins: Date.UTC(2026, 0, 31, 21),
    });
    expect(found.faults).toMatchObject({ throttle: 0.05, lateMs: 2000, timeout: 0.02 });
  });

  it("says that it reads the list, where none is named", async () => {
    const { exit, err } = await run({}, "rehearse", ...list, "--faults", "none");
    expect(exit).toBe(0);
    expect(err).toContain("Reading the list of simulator once; no change is sent.");
  });

  it.each([
    [["--fault", "timeout=2"], 'expected a share such as 2%, found "2"'],
    [["--fault", "timeut=2%"], "expected one of timeout, lost-after-apply"],
    [["--fault", "late=soon"], "expected a duration"],
    [["--fault", "constructor=2%"], "expected one of timeout"],
    [["--at", "2026-02-30T22:00Z"], "expected a moment such as"],
    [["--from", "nowhere.ndjson"], "not from both"],
    [["--faults", "wild"], "late-visibility"],
  ])("%j is exit 3, and the message helps", async (words, message) => {
    const { exit, out, err } = await rehearse(...words);
    expect({ exit, out }).toEqual({ exit: 3, out: "" });
    expect(err).toContain(message);
  });
});

describe("the settings of a rehearsal", () => {
  it("takes every share from 0 to 100% and no other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (tenths) => {
        expect(faultSetting(`reject=${tenths / 10}%`)).toEqual({ reject: tenths / 10 / 100 });
      }),
    );
    for (const wrong of [
      "reject=101%",
      "reject=-1%",
      "reject=",
      "=5%",
      "reject",
      "reject=1e1%",
      "late=-5m",
      "busy=-1s",
    ])
      expect(() => faultSetting(wrong)).toThrow(/^expected/);
  });

  it("reads every moment that it could have written, and nothing else", () => {
    const moments = fc.date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(moments, (date) => {
        const text = date.toISOString().replace(/\.\d+Z$/, "Z");
        expect(instantMs(text)).toBe(Math.floor(date.getTime() / 1000) * 1000);
        expect(instantMs(text.slice(0, 10))).toBe(Date.parse(text.slice(0, 10)));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (/^\d{4}-\d\d-\d\d/.test(text)) return;
        expect(() => instantMs(text)).toThrow(/^expected a moment/);
      }),
    );
  });
});
