import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { collect } from "../support/runs.ts";
import { ended, estate, runsIn, yes } from "../support/workspace.ts";

const file = join(import.meta.dirname, "../support/plans/trial-to-production.yaml");

const previewOf = (events: readonly RunEvent[]) =>
  events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview")!;

describe("a plan that reads each item", () => {
  it("is decided on again from an inventory, without a network, with what was read", async () => {
    await using here = await estate({ devices: 100 });
    const plan = await here.workspace.loadPlan(file, { set: [`partner=${here.simulator.rootPartner}`] });
    const first = previewOf(await collect(here.workspace.preview(plan)));
    expect(first.counts.selected).toBeGreaterThan(0);
    const [run] = runsIn(here.cwd) as [string];
    const requests = here.simulator.witness.requests();
    const from = join(here.cwd, ".rollcall", "runs", run, "inventory.ndjson");
    const again = previewOf(await collect(here.workspace.preview(plan, { from })));
    expect(again.counts).toEqual(first.counts);
    expect(again.sample).toEqual(first.sample);
    expect(here.simulator.witness.requests()).toBe(requests);
  });

  it("is applied as it was reviewed, each item read again right before", async () => {
    await using here = await estate({ devices: 100 });
    const plan = await here.workspace.loadPlan(file, { set: [`partner=${here.simulator.rootPartner}`] });
    const saved = join(here.cwd, "changes.ndjson");
    const preview = previewOf(await collect(here.workspace.preview(plan, { out: { file: saved } })));
    const read = here.simulator.witness.requests("GetPartnerInfoById");
    const changes = here.workspace.apply(await here.workspace.loadChangeSet(saved), { consent: yes });
    const run = await ended(here, changes, { method: "ChangePartnerState", repeat: "once" });
    expect(run.end.counts).toMatchObject({ confirmed: preview.counts.selected, drifted: 0 });
    expect(here.simulator.witness.requests("GetPartnerInfoById")).toBeGreaterThan(read);
    expect((await here.workspace.audit(run.run)).ok).toBe(true);
  });
});
