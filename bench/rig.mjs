import { spawn } from "node:child_process";
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const main = join(import.meta.dirname, "../dist/cli/main.js");
const peakMeter = new URL("peak.mjs", import.meta.url).href;

// About 54 of 100 simulated devices are workstations, and 49 of them do not have product 4 yet.
const plan = `rollcall: 1
name: scale
service: simulator
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 4001 } }
  fields: [device_id, device_name, os_type, account_type, product_id]
  title: device_name
filter:
  - item.account_type == "backup_manager"
  - item.os_type == "workstation"
change:
  set: { product_id: 4 }
  call: ModifyAccount
  params:
    accountInfo:
      Id: \${{ item.device_id }}
      ProductId: \${{ set.product_id }}
pace: { concurrency: 50 }
stop: { errors: 0 }
`;

/** A folder with the plan and a simulator of its own, each in a process of its own; all of it is gone after `close`. */
export async function openRig(devices) {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-scale-"));
  const simulator = start(folder, ["simulate", "--devices", String(devices), "--json"], "simulator.peak");
  const { url } = JSON.parse(await firstLine(simulator));
  const services = `services: { simulator: { kind: simulator, url: "${url}", limits: { concurrency: 50, timeout: 2s } } }`;
  writeFileSync(join(folder, "rollcall.config.yaml"), `rollcall: 1\n${services}\n`);
  writeFileSync(join(folder, "plan.yaml"), plan);
  return {
    folder,
    /** Start the program; `ended` gives its exit code, wall time and peak memory. */
    rollcall: (...args) => start(folder, args, "rollcall.peak"),
    /** What the simulator has counted. */
    stats: async () => (await fetch(new URL("/stats", url))).json(),
    /** The few records that tell the time of each phase, in order. */
    phases: () => phasesOf(join(folder, ".rollcall/runs")),
    /** Ends the simulator. @returns its peak memory, in bytes. */
    close: async () => {
      simulator.process.kill("SIGTERM");
      const { peak } = await simulator.ended;
      rmSync(folder, { recursive: true, force: true });
      return peak;
    },
  };
}

function start(folder, args, meter) {
  const file = join(folder, meter);
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", peakMeter, main, ...args], {
    cwd: folder,
    env: { ...process.env, CI: "", NO_COLOR: "1", ROLLCALL_BENCH_PEAK: file },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text) => (said = (said + text).slice(-2000)));
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const seconds = (performance.now() - began) / 1000;
      resolve({
        code: signal ?? code,
        seconds,
        said,
        peak: signal === null ? Number(readFileSync(file, "utf8")) : NaN,
      });
    });
  });
  return { process: child, began, ended };
}

/** Without it the process would wait for somebody to read what it says. */
export async function finished(running) {
  running.process.stdout.resume();
  return await running.ended;
}

/** The first line of a process that matches; the rest is thrown away. */
export async function firstLine({ process: child, ended }, wanted = "") {
  const lines = createInterface({ input: child.stdout });
  const found = new Promise((resolve) => {
    lines.on("line", (line) => {
      if (line.includes(wanted)) resolve(line);
    });
  });
  const line = await Promise.race([found, ended]);
  if (typeof line !== "string") throw new Error(`It ended (${line.code}) before it said ${wanted}: ${line.said}`);
  return line;
}

const rare = /"type":"(?:start|enumerated|consent|wave|pass|resume|end)"/;

async function phasesOf(runs) {
  const records = [];
  for (const run of readdirSync(runs).sort()) {
    const lines = createInterface({ input: createReadStream(join(runs, run, "ledger.ndjson")) });
    for await (const line of lines) if (rare.test(line.slice(0, 120))) records.push(JSON.parse(line));
  }
  return records;
}
