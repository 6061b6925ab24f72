import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoadedPlan } from "../../runner/workspace.ts";
import { collect } from "../support/runs.ts";
import { estate, runsIn, yes, type Estate } from "../support/workspace.ts";

const gallery = join(import.meta.dirname, "../../plans/cove");
const example = (name: string): string => join(gallery, "examples", `${name}.csv`);

let here: Estate;
beforeAll(async () => {
  here = await estate({ devices: 1000, epoch: Math.floor(Date.now() / 1000), commandMs: 1 });
});
afterAll(() => here[Symbol.asyncDispose]());

/** Plans of the gallery with the inputs of a person who knows this simulator. */
const jobs: readonly (readonly [plan: string, inputs: readonly string[]])[] = [
  ["assign-product", ["partner=5010", "from=3", "to=4"]],
  ["assign-profile", ["partner=4001", "profile=14", "os=workstation", "prefix=desktop-00001"]],
  ["write-custom-column", ["partner=4001", "column=Notes", "clear_empty=true", `values=${example("values")}`]],
  ["set-aliases", ["partner=4001", `aliases=${example("aliases")}`]],
  ["move-devices", ["scope=4001", `moves=${example("moves")}`]],
  ["remove-inactive", ["partner=4001", `keep=${example("keep")}`]],
  ["customer-external-code", ["partner=4001", "clear_empty=true", `codes=${example("codes")}`]],
  ["trial-to-production", ["partner=4001", "ends_within=60d"]],
  ["auto-deployed-setup", ["partner=4001", "from=3", "product=4", "newer_than=1000d", "lifetime=1500d"]],
  ["label-devices", ["partner=4001", "label=front", "prefix=desktop-00001"]],
  ["user-roles", ["partner=4001", "from=Manager", "role=Reporter"]],
  ["remove-leavers", ["partner=4001", `leavers=${example("leavers")}`]],
  ["profile-exclusion", ["partner=4001", "mask=*.iso"]],
  ["archive-schedule", ["partner=5020", "seen_within=20y"]],
  ["dashboard-mail", ["partner=4001", "prefix=srv-0000", "mail=it@example.net", "frequency=wednesday_saturday"]],
  ["gui-password", ["partner=4001", "prefix=srv-0000", "seen_within=3d"]],
];

const load = (plan: string, set: readonly string[]): Promise<LoadedPlan> =>
  here.workspace.loadPlan(join(gallery, `${plan}.yaml`), { service: "simulator", set: [...set], withoutSecrets: true });

/** @returns How many of its items would change. */
async function previewed(plan: LoadedPlan): Promise<number> {
  const events = await collect(here.workspace.preview(plan));
  return events.find((event) => event.type === "preview")?.counts.selected ?? 0;
}

describe("a plan of the gallery, rehearsed on the list that a preview has read", () => {
  it.each(jobs)("%s comes to a good end where nothing goes wrong, and to some end in a rough world", async (plan, set) => {
    const loaded = await load(plan, set);
    const selected = await previewed(loaded);
    expect(selected).toBeGreaterThan(0);
    const requests = here.simulator.witness.requests();
    const good = await here.workspace.rehearse(loaded, { run: "latest", profile: "none" });
    const { exit, counts, limits, refused } = good;
    expect({ refused, exit, limits }).toEqual({ refused: undefined, exit: 0, limits: [] });
    // Nothing shows which password a device has.
    expect(counts).toMatchObject({ [plan === "gui-password" ? "unverifiable" : "confirmed"]: selected });

    const rough = await here.workspace.rehearse(loaded, { run: "latest", profile: "rough", seed: 11 });
    expect(rough.counts).toBeDefined();
    expect([0, 6, 7, 8]).toContain(rough.exit);
    expect(rough.durationMs).toBeGreaterThan(0);
    expect(here.simulator.witness.requests()).toBe(requests);
  });

  it("put-back-product is rehearsed with what an earlier run had changed, which lies in the workspace", async () => {
    const given = await load("assign-product", ["partner=5010", "from=3", "to=4"]);
    await collect(here.workspace.apply(given, { consent: yes }));
    const run = runsIn(here.cwd).at(-1) ?? "";
    const set = ["partner=5010", `run=${run}`, "given=4"];
    const loaded = await load("put-back-product", set);
    const once = await here.workspace.rehearse(loaded, { profile: "none" });
    expect(once).toMatchObject({ exit: 0, list: { from: "service" } });
    expect(once.counts?.confirmed).toBeGreaterThan(0);
    const selected = await previewed(loaded);
    const again = await here.workspace.rehearse(loaded, { run: "latest", profile: "none" });
    expect(again.counts?.confirmed).toBe(selected);
  });
});
