import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { openWorkspace } from "../../runner/workspace.ts";
import { configFor } from "../support/cli.ts";
import { bytesInUse } from "../support/heap.ts";

const main = resolve(import.meta.dirname, "../../dist/cli/main.js");

const plan = `rollcall: 1
name: half
service: simulator
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 4001 } }
  fields: [device_id, device_name, os_type, product_id]
  title: device_name
filter:
  - item.os_type == "workstation"
change:
  set: { product_id: 4 }
  call: ModifyAccount
  params:
    accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" }
`;

/** The simulator as a process of its own, so that its memory is not counted. */
async function simulator(devices: number): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [main, "simulate", "--devices", String(devices), "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((done, fail) => {
    child.stdout.once("data", (data: Buffer) => done(data.toString()));
    child.once("exit", () => fail(new Error("the simulator did not start")));
  });
  return { process: child, url: (JSON.parse(line) as { url: string }).url };
}

/** The most that is in use while a whole run goes on: at its preview, when all is sent, and at the end of the last list. */
async function mostInUse(devices: number): Promise<number> {
  const service = await simulator(devices);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-memory-"));
  try {
    writeFileSync(join(folder, "rollcall.config.yaml"), configFor(service.url));
    writeFileSync(join(folder, "plan.yaml"), plan);
    await using workspace = await openWorkspace({ cwd: folder, env: { CI: "" } });
    const loaded = await workspace.loadPlan("plan.yaml");
    let most = 0;
    let confirmed = 0;
    for await (const event of workspace.apply(loaded, {
      consent: () => Promise.resolve({ given: true, how: "yes" }),
    })) {
      const isLast = event.type === "enumerating" && event.rows === devices;
      const isEnd = (event.type === "wave" || event.type === "pass") && event.phase === "end";
      if (isLast || isEnd || event.type === "preview") most = Math.max(most, bytesInUse());
      if (event.type === "end") confirmed = event.counts.confirmed;
    }
    expect(confirmed).toBeGreaterThan(devices / 3);
    return most;
  } finally {
    service.process.kill("SIGTERM");
    rmSync(folder, { recursive: true });
  }
}

// Half a million objects, strings or Map entries of some kind would be noticed; a typed array of some bytes would not.
it("a run keeps some tens of bytes a device, whatever it does with it", { timeout: 300_000 }, async () => {
  const [few, many] = [5_000, 35_000];
  // Once for what is loaded and compiled on the way.
  await mostInUse(few);
  const least = await mostInUse(few);
  const perDevice = ((await mostInUse(many)) - least) / (many - few);
  expect(perDevice).toBeLessThan(90);
});
