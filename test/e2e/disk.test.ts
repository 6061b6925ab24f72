import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RecordError } from "../../runner/core/model/errors.ts";
import type { Journal } from "../../runner/core/model/run-ports.ts";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { openWith } from "../../runner/workspace/open.ts";
import type { Seams } from "../../runner/workspace/inside.ts";
import { narrowDisk } from "../ledger/sample.ts";
import { rollcall } from "../support/cli.ts";
import { idsOf, inParallel, productsPlan, quickConfig, runIn } from "../support/crash.ts";
import { check } from "../support/oracle.ts";
import { collect, evidenceOf, newFolder, witnessOf } from "../support/runs.ts";

const method = "ModifyAccount";
const consent = () => Promise.resolve({ given: true, how: "library" } as const);

/** A disk that takes the first so many notes or syncs of the ledger and nothing afterwards. */
function failing(call: keyof Journal, nth: number): { readonly seams: Seams; readonly failed: () => boolean } {
  let counted = 0;
  let error: RecordError | undefined;
  const strike = (kind: keyof Journal): void => {
    if (kind === call && ++counted === nth) error = new RecordError(`${kind} ${nth} failed: EIO`);
    if (error !== undefined) throw error;
  };
  const journal = (inner: Journal): Journal => ({
    note: (facts) => {
      strike("note");
      return inner.note(facts);
    },
    sync: async () => {
      strike("sync");
      await inner.sync();
    },
  });
  return { seams: { journal }, failed: () => error !== undefined };
}

/** Apply on a disk that fails; then resume on a copy of the folder, on a disk that does not. */
async function failAndResume(call: keyof Journal, nth: number): Promise<"did not fail" | "too early" | "finished"> {
  const faults = [{ method, nth: [3, 9], fault: "reset-after" } as const];
  await using simulator = await startSimulator({ devices: 120, faults });
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), quickConfig(simulator.url));
  const { seams, failed } = failing(call, nth);
  const workspace = await openWith({ cwd, env: { CI: "" } }, seams);
  const set = [`partner=${simulator.rootPartner}`, "from=3", "to=4", `ids=${idsOf(simulator, 14).join(",")}`];
  const plan = await workspace.loadPlan(productsPlan, { set, service: "simulator" });
  const applied = await collect(workspace.apply(plan, { consent })).catch((error: unknown) => error);
  if (!failed()) return "did not fail";
  expect(applied).toBeInstanceOf(RecordError);
  expect(applied).toMatchObject({ exitCode: 10 });
  const sent = simulator.witness.requests(method);
  const copy = newFolder();
  cpSync(cwd, copy, { recursive: true });
  const healthy = await openWith({ cwd: copy, env: { CI: "" } }, {});
  const resumed = await collect(healthy.resume("latest")).catch((error: unknown) => error);
  if (!Array.isArray(resumed)) {
    // Nothing was sent before the lock was on narrowDisk, so there is nothing to go on with.
    expect(resumed).toMatchObject({ code: "stale" });
    expect(sent).toBe(0);
    return "too early";
  }
  expectFinished(copy, simulator);
  return "finished";
}

function expectFinished(cwd: string, simulator: Simulator): void {
  const evidence = evidenceOf(runIn(cwd)!);
  expect(check({ ...evidence, witness: witnessOf(simulator), method, repeat: "set" })).toEqual([]);
  expect(evidence.records.at(-1)).toMatchObject({ type: "end", sealed: true });
}

describe("T8: a run whose disk fails", () => {
  beforeEach(() => void vi.spyOn(process.stderr, "write").mockReturnValue(true));
  afterEach(() => void vi.restoreAllMocks());

  for (const call of ["note", "sync"] as const) {
    it(`at any ${call}: exit 10, and resume finishes it on another disk`, { timeout: 300_000 }, async () => {
      const ended = await inParallel(
        // A run writes often and syncs rarely: how rarely, its timing decides.
        Array.from({ length: 15 }, (_, place) => (call === "note" ? 2 * place + 1 : place + 1)),
        3,
        (nth) => failAndResume(call, nth),
      );
      expect(ended.filter((one) => one === "finished").length).toBeGreaterThan(2);
    });
  }
});

it("T8: a disk of 2 MB runs full: exit 10, outcomes on stderr, nothing sent afterwards; with room again it is resumed", async () => {
  const { path: small, widen } = narrowDisk(2 * 1024 * 1024, 900 * 1024);
  await using simulator = await startSimulator({ devices: 6000, latencyMs: 5 });
  writeFileSync(join(small, "rollcall.config.yaml"), quickConfig(simulator.url));
  const ids = idsOf(simulator, 1500).join(",");
  const inputs = [`partner=${simulator.rootPartner}`, "from=3", "to=4", `ids=${ids}`].flatMap((one) => ["--set", one]);
  // The list alone is less than the disk; the ledger of the changes is not.
  writeFileSync(join(small, "ballast"), Buffer.alloc(200 * 1024));
  const applied = await rollcall(["apply", productsPlan, ...inputs, "--yes"], { cwd: small });
  expect({ exit: applied.exit, stderr: applied.stderr.slice(0, 2000) }).toMatchObject({ exit: 10 });
  expect(applied.stderr).toMatch(/ENOSPC|EFBIG|the disk is probably full/);
  const sent = simulator.witness.requests(method);
  expect(sent).toBeGreaterThan(10);
  expect(sent).toBeLessThan(1500);
  const told = applied.stderr.split("\n").filter((line) => line.startsWith('{"type":"outcome"'));
  const { records } = evidenceOf(await wholeCopy(small));
  const answered = new Set(records.flatMap((one) => (one.type === "outcome" ? [one.intent] : [])));
  for (const line of told) answered.add((JSON.parse(line) as { intent: number }).intent);
  for (const { rpcId, method: called } of witnessOf(simulator).received)
    if (called === method) expect(answered.has(Number(rpcId.split("-").at(-2))), rpcId).toBe(true);
  widen();
  const resumed = await rollcall(["resume", "latest"], { cwd: small });
  expect({ exit: resumed.exit, stderr: resumed.exit === 0 ? "" : resumed.stderr }).toEqual({ exit: 0, stderr: "" });
  expectFinished(small, simulator);
});

/** The run with a ledger that ends with its last whole line. */
async function wholeCopy(cwd: string): Promise<string> {
  const { readFileSync } = await import("node:fs");
  const copy = newFolder();
  cpSync(runIn(cwd)!, copy, { recursive: true });
  const path = join(copy, "ledger.ndjson");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.slice(0, text.lastIndexOf("\n") + 1));
  return copy;
}
