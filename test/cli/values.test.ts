import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { openWorkspace } from "../../runner/workspace.ts";
import { configFor } from "../support/cli.ts";
import { rollcall, type Session } from "./stand-in.ts";

const plan = `rollcall: 1
name: extend
service: simulator
inputs: { partner: { type: integer } }
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
    accountInfo: { Id: "\${{ item.device_id }}", ExpirationTime: "\${{ set.expiration_date }}" }
`;
const seconds = Date.UTC(2031, 0, 31) / 1000;

const folder = mkdtempSync(join(tmpdir(), "rollcall-values-"));
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ devices: 40 });
  writeFileSync(join(folder, "rollcall.config.yaml"), configFor(simulator.url));
  writeFileSync(join(folder, "plan.yaml"), plan);
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...words: readonly string[]): Promise<Session> {
  await using workspace = await openWorkspace({ cwd: folder, env: {} });
  return await rollcall(words, { workspace, cwd: folder, terminal: 160 });
}

it("a saved change set shows its times as the preview did, until when it is good included", async () => {
  const file = join(folder, "later.yaml");
  const saved = join(folder, "changes.ndjson");
  writeFileSync(file, plan.replace("2031-01-31", "2032-01-31"));
  const inputs = ["--set", `partner=${simulator.rootPartner}`];
  const preview = await run("preview", file, ...inputs, "--out", saved, "--zone", "Europe/Berlin");
  expect(preview.out).toContain("-> 2032-01-31T01:00:00+01:00");
  expect(preview.out).toMatch(/good until \d{4}-\d\d-\d\dT[\d:]+\+0[12]:00\./);
  const apply = await run("apply", saved, "--yes", "--zone", "Europe/Berlin");
  expect(apply.exit).toBe(0);
  expect(apply.out).toContain("-> 2032-01-31T01:00:00+01:00");
});

it("times of a real run are shown in the zone asked for, by preview and by show, and stay numbers in JSON and on disk", async () => {
  const words = ["preview", join(folder, "plan.yaml"), "--set", `partner=${simulator.rootPartner}`];
  const preview = await run(...words, "--zone", "Europe/Berlin");
  expect(preview.exit).toBe(0);
  expect(preview.out).toContain("-> 2031-01-31T01:00:00+01:00");

  const json = (await run(...words, "--json")).out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  const note = json.find((event) => "sample" in event) as { types: object; sample: readonly { after: object }[] };
  expect(note.types).toEqual({ expiration_date: { type: "unix_time" } });
  expect(note.sample.length).toBeGreaterThan(5);
  for (const { after } of note.sample) expect(after).toEqual({ expiration_date: seconds });

  const apply = await run("apply", ...words.slice(1), "--yes");
  expect(apply.exit).toBe(0);
  expect(apply.out).toContain("-> 2031-01-31T00:00:00Z");
  const shown = await run("show", "latest", "--states", "confirmed");
  expect(shown.out).toContain("-> 2031-01-31T00:00:00Z");
  const report = JSON.parse((await run("show", "latest", "--states", "confirmed", "--json")).out) as {
    items: readonly { after: object }[];
  };
  expect(report).toMatchObject({ types: { expiration_date: { type: "unix_time" }, os_type: { type: "enum" } } });
  for (const { after } of report.items) expect(after).toEqual({ expiration_date: seconds });
});
