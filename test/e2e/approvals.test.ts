import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import { configFor, demoInputs, demoPlan, rollcall } from "../support/cli.ts";
import { writePair } from "../support/keys.ts";
import { newFolder } from "../support/runs.ts";

const settings = `    late: 200ms
    lag: { list: 200ms, by_id: 0s }
    limits: { timeout: 2s }
approval:
  keys:
    alice: { file: alice.pub }
    bob: { file: bob.pub }
  require:
    - { above: 2, count: 2 }
`;
const planned = [demoPlan, "--service", "simulator", ...demoInputs];

describe("two people approve a change set, on the command line", () => {
  it("is refused with one approval too few and no request, applied with both, and used up", async () => {
    await using simulator = await startSimulator({ devices: 80 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
    writePair(cwd, "alice");
    writePair(cwd, "bob", "hunter22");
    const requests = (): number => simulator.witness.entries.length;
    const saved = await rollcall(["preview", ...planned, "--out", "changes.ndjson"], { cwd });
    const digest = /^Digest ([0-9a-f]{64})$/m.exec(saved.stdout)?.[1] ?? "";
    const before = requests();

    const none = await rollcall(["apply", "changes.ndjson", "--yes"], { cwd });
    expect([none.exit, none.stderr]).toEqual([5, expect.stringContaining("need 2 approvals, and there is none")]);

    const piped = await rollcall(["approve", "changes.ndjson", "--key", "alice.pem"], { cwd });
    expect([piped.exit, piped.stderr]).toEqual([5, expect.stringContaining(`--yes --digest ${digest}`)]);
    const sure = ["--yes", "--digest", digest];
    const first = await rollcall(["approve", "changes.ndjson", "--key", "alice.pem", ...sure], { cwd });
    expect([first.exit, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toContain("Approved: changes.ndjson.approval-alice.json");

    const one = await rollcall(["apply", "changes.ndjson", "--yes", "--json"], { cwd });
    expect([one.exit, JSON.parse(one.stdout)]).toMatchObject([5, { type: "error", code: "approval", exit: 5 }]);
    expect((await rollcall(["approvals", "changes.ndjson"], { cwd })).exit).toBe(5);

    const closed = await rollcall(["approve", "changes.ndjson", "--key", "bob.pem", ...sure], { cwd });
    expect([closed.exit, closed.stderr]).toEqual([3, expect.stringContaining("--passphrase-env NAME")]);
    const words = ["approve", "changes.ndjson", "--key", "bob.pem", ...sure, "--passphrase-env", "WORD"];
    expect((await rollcall(words, { cwd, env: { WORD: "wrong" } })).exit).toBe(3);
    const second = await rollcall(words, { cwd, env: { WORD: "hunter22" } });
    expect([second.exit, second.stderr]).toEqual([0, ""]);
    expect((await rollcall(["approvals", "changes.ndjson"], { cwd })).exit).toBe(0);
    // All of this without a word to the service.
    expect(requests()).toBe(before);

    const approval = join(cwd, "changes.ndjson.approval-bob.json");
    const whole = readFileSync(approval, "utf8");
    writeFileSync(approval, whole.replace("12", "13"));
    const edited = await rollcall(["apply", "changes.ndjson", "--yes"], { cwd });
    expect([edited.exit, edited.stderr]).toEqual([5, expect.stringContaining("approval-bob.json does not count")]);
    writeFileSync(approval, whole);
    expect(requests()).toBe(before);

    expect((await rollcall(["apply", "changes.ndjson"], { cwd })).exit).toBe(5);
    expect(simulator.witness.requests("ModifyAccount")).toBe(0);
    const applied = await rollcall(["apply", "changes.ndjson", "--yes"], { cwd });
    expect([applied.exit, applied.stdout]).toEqual([0, expect.stringContaining("\nApproved by alice, bob\n")]);
    const sent = simulator.witness.requests("ModifyAccount");
    expect(sent).toBeGreaterThan(2);
    expect((await rollcall(["show", "latest"], { cwd })).stdout).toMatch(
      /^approved by alice \(key [0-9a-f]{16}\) 20\S+, by bob \(key [0-9a-f]{16}\) 20\S+$/m,
    );
    expect((await rollcall(["apply", "changes.ndjson", "--yes"], { cwd })).exit).toBe(5);
    expect(simulator.witness.requests("ModifyAccount")).toBe(sent);
  }, 60_000);

  it("is refused where a plan is applied as it stands, with the way to go", async () => {
    await using simulator = await startSimulator({ devices: 80 });
    const cwd = newFolder();
    writePair(cwd, "alice");
    writePair(cwd, "bob");
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings.replace("above: 2, ", "")));
    const direct = await rollcall(["apply", ...planned, "--yes"], { cwd });
    expect([direct.exit, direct.stderr]).toEqual([5, expect.stringContaining("preview PLAN --out FILE")]);
    expect(simulator.witness.entries).toEqual([]);
  }, 60_000);
});
