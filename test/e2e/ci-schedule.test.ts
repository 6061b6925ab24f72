import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import { kit } from "../support/ci/repository.ts";
import { bash, programFolder } from "../support/ci/shell.ts";
import { configFor, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

/** It changes one device, and then somebody has to judge whether that was good. */
const gated = (partner: number): string => `rollcall: 1
name: gated
service: simulator
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: ${partner} } }
  fields: [device_id, device_name_alias]
filter: item.device_id > 0
change:
  set: { device_name_alias: "checked" }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", NameAlias: "\${{ set.device_name_alias }}" } }
guards: { max_percent: 100 }
pace: { waves: [1, 100%] }
gate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: ${partner} } }
  fields: [device_id]
  fail: rows.size() == 0
  pass: rows.size() == 0
verify: { within: 3s, every: 200ms }
`;

it("the schedule is red, and names the run, while one waits for a person, and is silent once somebody has decided", async () => {
  await using simulator = await startSimulator({ devices: 8 });
  const cwd = newFolder();
  const checkout = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url));
  writeFileSync(join(checkout, "rollcall.config.yaml"), configFor(simulator.url));
  writeFileSync(join(cwd, "plan.yaml"), gated(simulator.rootPartner));
  const state = join(cwd, ".rollcall");
  mkdirSync(state, { mode: 0o700 });
  const verify = () =>
    bash(`"${join(kit, "verify.sh")}"`, {
      cwd: checkout,
      env: { ROLLCALL_CONFIG: join(checkout, "rollcall.config.yaml"), ROLLCALL_STATE: state },
      path: [programFolder()],
    });
  expect((await verify()).exit).toBe(0);

  const applied = await rollcall(["apply", "plan.yaml", "--yes"], { cwd });
  expect(applied.exit, applied.stderr).toBe(8);
  const [, run = ""] = /promote (\d{8}T\d{6}Z-\w{5})/.exec(applied.stdout) ?? [];
  const waiting = await verify();
  expect([waiting.exit, waiting.stderr]).toEqual([8, expect.stringContaining(`Run ${run} `)]);
  expect(waiting.stderr).toContain(`rollcall show ${run}`);
  expect(simulator.witness.requests("ModifyAccount")).toBe(1);

  expect((await rollcall(["abort", run, "--why", "not now"], { cwd })).exit).toBe(0);
  expect((await verify()).exit).toBe(8);
  await rollcall(["resume", run], { cwd });
  const decided = await verify();
  expect([decided.exit, decided.stderr]).toEqual([0, ""]);
});
