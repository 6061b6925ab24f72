import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSimulator, type SimulatorOptions } from "../../runner/simulator/server.ts";
import { configFor, demoInputs, demoPlan, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

const planText = readFileSync(demoPlan, "utf8");
const args = ["--service", "simulator", ...demoInputs, "--yes"];

/** Apply a plan to a simulator by the command line; says how it ended and how many changes the service was asked for. */
async function apply({
  plan = planText,
  config = "",
  flags = args,
  ...options
}: SimulatorOptions & { plan?: string; config?: string; flags?: string[] }) {
  await using simulator = await startSimulator({ devices: 200, ...options });
  const cwd = newFolder();
  writeFileSync(join(cwd, "plan.yaml"), plan);
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, config));
  const ended = await rollcall(["apply", "plan.yaml", ...flags], { cwd });
  return {
    ...ended,
    changes: simulator.witness.requests("ModifyAccount"),
    logins: simulator.witness.requests("Login"),
    cwd,
  };
}

describe("what refuses before anything is sent", () => {
  it("a filter typo: exit 3, the place and the name that was meant", async () => {
    const { exit, stderr, changes } = await apply({ plan: planText.replace("item.os_type", "item.os_typ") });
    expect(exit).toBe(3);
    expect(stderr).toMatch(/plan\.yaml:\d+:\d+/);
    expect(stderr).toContain("os_type");
    expect(changes).toBe(0);
  });

  it("a filter that matches nothing: exit 5 by the guard min", async () => {
    const { exit, stderr, changes } = await apply({
      plan: planText.replace('"workstation"', '"server"').replace("inputs.from, inputs.to", "99"),
    });
    expect(exit).toBe(5);
    expect(stderr).toContain("min");
    expect(changes).toBe(0);
  });

  it("an empty list: exit 5, and it says so", async () => {
    const { exit, stderr, changes } = await apply({ devices: 0 });
    expect(exit).toBe(5);
    expect(stderr).toMatch(/empty/);
    expect(changes).toBe(0);
  });

  it("a list that repeats its first page for ever: exit 5", async () => {
    const faults = [{ method: "EnumerateAccountStatistics", fault: "repeat-first-page" }] as const;
    const { exit, stderr, changes } = await apply({ devices: 1200, faults: [...faults] });
    expect(exit).toBe(5);
    expect(stderr).toMatch(/list/i);
    expect(changes).toBe(0);
  });

  it("a list capped without a word is read in the server's own page size, whole", async () => {
    const { exit, stdout } = await apply({ devices: 700, maxPage: 90 });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/enumerated\s+700/);
  });

  it("a wrong password: exit 4 after one single try", async () => {
    const { exit, stderr, changes, logins } = await apply({
      login: { partner: "Rollcall Demo (demo@example.com)", username: "simulator", password: "another" },
    });
    expect(exit).toBe(4);
    expect(stderr).toMatch(/password/i);
    expect([changes, logins]).toEqual([0, 1]);
  });

  it("an unreachable host: exit 4, with its address", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "plan.yaml"), planText);
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(`http://127.0.0.1:${await freePort()}/jsonapi`));
    const { exit, stderr } = await rollcall(["apply", "plan.yaml", ...args], { cwd });
    expect(exit).toBe(4);
    expect(stderr).toMatch(/127\.0\.0\.1/);
  });

  it("a disk that can not be written: exit 10, with the path", async () => {
    await using simulator = await startSimulator({ devices: 200 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "plan.yaml"), planText);
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url));
    // Not even root can make a folder below a file.
    writeFileSync(join(cwd, ".rollcall"), "");
    const { exit, stderr } = await rollcall(["apply", "plan.yaml", ...args], { cwd });
    expect(exit).toBe(10);
    expect(stderr).toContain(".rollcall");
    expect(simulator.witness.requests("ModifyAccount")).toBe(0);
  });

  it("a full disk: exit 10, and the record of what was sent can be resumed", async () => {
    await using simulator = await startSimulator({ devices: 200 });
    const cwd = newFolder();
    mkdirSync(join(cwd, ".rollcall"));
    writeFileSync(join(cwd, "plan.yaml"), planText);
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url));
    const limited = ["-c", `ulimit -f 24; exec "$0" "$@"`];
    const { exit, stderr } = await limitedRollcall(limited, ["apply", "plan.yaml", ...args], cwd);
    expect({ exit, stderr }).toMatchObject({
      exit: 10,
      stderr: expect.stringMatching(/ledger|inventory|changeset/) as string,
    });
  });

  it("a plan with ten mistakes: exit 3, all ten at once, each with its place", async () => {
    const mistakes = `rollcall: 1
name: Ten_Mistakes
service: cove
inputs:
  partner: { type: integr }
  in: { type: string }
enumerate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: \${{ inputs.partnr }}
      Columns: [AU]
  fields: [device_id, product_idd]
filter:
  - item.os == "server"
  - \${{ item.device_id == 5 }}
change:
  set:
    product_id: 4
  call: ModifyAcount
  params:
    accountInfo:
      Id: \${{ item.device_id + }}
guards:
  mni: 3
pace: { concurrency: 0 }
`;
    const { exit, stderr, changes } = await apply({ plan: mistakes, flags: ["--service", "simulator", "--yes"] });
    expect(exit).toBe(3);
    const places = new Set(stderr.match(/plan\.yaml:\d+:\d+/g));
    expect(places.size).toBeGreaterThanOrEqual(10);
    expect(stderr).toMatch(/did you mean/i);
    expect(changes).toBe(0);
  });

  it("no consent without a terminal: exit 5, and the flag to add", async () => {
    const { exit, stderr, changes } = await apply({ flags: ["--service", "simulator", ...demoInputs] });
    expect(exit).toBe(5);
    expect(stderr).toContain("--yes");
    expect(changes).toBe(0);
  });

  it("a clock that is off: exit 5, and by how much", async () => {
    const { exit, stderr, changes } = await apply({ clockOffsetMs: 10 * 60_000 });
    expect(exit).toBe(5);
    expect(stderr).toMatch(/clock/);
    expect(changes).toBe(0);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === "object" && address !== null ? address.port : 1;
}

/** Under a limit of the shell: no file may grow beyond 24 KiB, which is what a full disk looks like to a writer. */
async function limitedRollcall(shell: readonly string[], command: readonly string[], cwd: string) {
  const { spawn } = await import("node:child_process");
  const main = join(import.meta.dirname, "../../dist/cli/main.js");
  return new Promise<{ exit: number | string; stderr: string }>((done) => {
    const running = spawn("bash", [...shell, process.execPath, main, ...command], {
      cwd,
      env: { ...process.env, CI: "" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    running.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    running.on("close", (code, signal) => done({ exit: signal ?? code ?? -1, stderr }));
  });
}
