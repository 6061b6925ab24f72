import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { documentOf } from "../../../runner/reporters/documents/report.ts";
import { fleetPlan } from "../../support/fleet-plan.ts";
import { ended, estate, yes } from "../../support/workspace.ts";

it("waves are told with their times, and with how their own items ended", async () => {
  await using here = await estate();
  const ids = here.movable(6);
  const [first = 0, , third = 0] = ids;
  here.simulator.setFaults([{ method: "ModifyAccount", item: third, fault: "error", data: 13501 }]);
  const more = "pace: { waves: [1, 100%] }\nstop: { errors: 2 }\nverify: { within: 2s, every: 100ms }\n";
  writeFileSync(join(here.cwd, "fleet.yaml"), fleetPlan(here.simulator, `item.device_id in [${ids.join(", ")}]`, more));
  const plan = await here.workspace.loadPlan("fleet.yaml");
  const run = await ended(here, here.workspace.apply(plan, { consent: yes }));
  expect(run.in("confirmed")).toContain(String(first));
  const { waves } = await documentOf(here.cwd, run.run, { stories: false });
  expect(waves.map(({ number, size, states, gate }) => ({ number, size, states, gate }))).toEqual([
    { number: 0, size: 1, states: { confirmed: 1 }, gate: undefined },
    { number: 1, size: 5, states: { confirmed: 4, rejected: 1 }, gate: undefined },
  ]);
  const [one, two] = waves;
  expect(one!.ended).toBeGreaterThanOrEqual(one!.began);
  expect(two!.began).toBeGreaterThanOrEqual(one!.ended!);
  expect(two!.ended).toBeGreaterThanOrEqual(two!.began);
});
