import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import { configFor, demoPlan } from "../support/cli.ts";
import { collect, newFolder } from "../support/runs.ts";
import { openWorkspace } from "../../runner/workspace.ts";
import { rollcall } from "../cli/stand-in.ts";

interface Done {
  readonly cwd: string;
  readonly run: string;
  readonly lines: readonly string[];
  readonly ledger: string;
  readonly tell: (...words: readonly string[]) => ReturnType<typeof rollcall>;
}

/** A finished run, and the command line that looks at it. */
async function withRun(test: (done: Done) => Promise<void>): Promise<void> {
  await using simulator = await startSimulator({ devices: 40 });
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url));
  await using workspace = await openWorkspace({ cwd, env: { CI: "" } });
  const inputs = { set: ["partner=4001", "from=3", "to=4"], service: "simulator" };
  await collect(workspace.apply(await workspace.loadPlan(demoPlan, inputs), { consent: () => true }));
  const [run = ""] = readdirSync(join(cwd, ".rollcall/runs"));
  const ledger = join(cwd, ".rollcall/runs", run, "ledger.ndjson");
  const lines = readFileSync(ledger, "utf8").split(/(?<=\n)/);
  await test({ cwd, run, ledger, lines, tell: (...words) => rollcall(words, { cwd, workspace, terminal: 120 }) });
}

/** Cut the record where a process died, and say who held the lock. */
function die({ cwd, ledger, lines }: Done, owner: object): void {
  const at = lines.findIndex((line) => line.includes('"type":"outcome"'));
  const kept = lines.slice(0, at + 1).join("");
  truncateSync(ledger, Buffer.byteLength(kept));
  rmSync(join(dirname(ledger), "summary.json"));
  const locks = join(cwd, ".rollcall/locks");
  const [scope = ""] = readdirSync(locks);
  rmSync(join(locks, scope, "1.released"));
  const lock = JSON.parse(readFileSync(join(locks, scope, "1"), "utf8")) as { owner: object };
  writeFileSync(join(locks, scope, "1"), `${JSON.stringify({ ...lock, owner: { ...lock.owner, ...owner } })}\n`);
}

it("a damaged record is said to be damaged, with its place and what it still says: exit 9", async () => {
  await withRun(async ({ run, ledger, lines, tell }) => {
    const at = lines.findIndex((line) => line.includes('"type":"outcome"'));
    const changed = lines.map((line, place) => (place === at ? line.replace("accepted", "rejected") : line));
    writeFileSync(ledger, changed.join(""));
    const { exit, out } = await tell("show", run);
    expect(exit).toBe(9);
    expect(out).toContain(`${run}  damaged`);
    expect(out).toContain(
      `record ${at + 1}, at byte ${Buffer.byteLength(lines.slice(0, at).join(""))}, does not follow`,
    );
    expect(out).toMatch(/say: filtered-out \d+, already \d+; of \d+ items they say\s+nothing/);
    expect(out).toContain(`rollcall audit verify ${run}`);
    // What came after the damage is not known, and not told as if it had not been.
    expect(out).not.toMatch(/not-started|crash|resume/);
    expect(JSON.parse((await tell("show", run, "--json")).out)).toMatchObject({
      summary: { status: "damaged", counts: { "not-started": 0 } },
      items: [],
    });
    expect((await tell("runs")).out).toMatch(/ assign-product +simulator +damaged /);
  });
});

it("a record damaged from its first line is listed and told as damaged, too", async () => {
  await withRun(async ({ run, ledger, lines, tell }) => {
    writeFileSync(ledger, ["{}\n", ...lines.slice(1)].join(""));
    expect(await tell("show", run)).toMatchObject({ exit: 9 });
    expect((await tell("runs")).out).toContain(run);
    expect((await tell("runs")).out).toContain("damaged");
  });
});

it("a last line that a crash has torn is no damage", async () => {
  await withRun(async ({ run, ledger, lines, tell }) => {
    writeFileSync(ledger, lines.join("").slice(0, -20));
    const { exit, out } = await tell("show", run);
    expect({ exit, isDamaged: out.includes("DAMAGED") }).toEqual({ exit: 0, isDamaged: false });
  });
});

it("a run that died says so, counts every item of the list, and how to go on", async () => {
  await withRun(async (done) => {
    die(done, { pid: 999_999_999 });
    const { exit, out } = await done.tell("show", done.run);
    expect(exit).toBe(0);
    expect(out).toContain(`${done.run}  died, resume it`);
    const [counts = ""] = /^filtered-out .*$/m.exec(out) ?? [];
    expect(counts).toMatch(/, open \d+$/);
    const total = [...counts.matchAll(/ (\d+)/g)].reduce((sum, [, number]) => sum + Number(number), 0);
    expect(total).toBe(40);
    expect(out).toContain(`Go on where it stopped: rollcall resume ${done.run}`);
    expect((await done.tell("runs")).out).toContain("died, resume it");
  });
});

it("a run that a process has in hand is running, by the process, and nothing is to be done", async () => {
  await withRun(async (done) => {
    die(done, {});
    const { out } = await done.tell("show", done.run);
    expect(out).toContain(`${done.run}  running (pid ${process.pid})`);
    expect(out).toContain(`In the hands of process ${process.pid}`);
    expect(out).not.toMatch(/resume|crash/);
    expect((await done.tell("runs")).out).toContain(`running (pid ${process.pid})`);
  });
});

it("a run whose process is on another machine is neither said to run nor to have died", async () => {
  await withRun(async (done) => {
    die(done, { machine: "other", host: "ws2", pid: 7 });
    const { out } = await done.tell("show", done.run);
    expect(out).toContain("open (pid 7 on ws2)");
    expect(out).toContain("can not be seen from here");
    expect(out).toContain(`rollcall unlock ${done.run} --why TEXT`);
  });
});
