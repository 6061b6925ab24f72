import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { Plan } from "../../runner/core/model/plan.ts";
import { loadPlan } from "../../runner/plan/load.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import { drive, expectSound, type Driven } from "../support/drive.ts";
import { deviceAt, type ValuesOf } from "../support/runs.ts";

const planFile = (name: string): string => fileURLToPath(new URL(`../support/plans/${name}.yaml`, import.meta.url));

/** A plan of test/support/plans as a person would load it, with inputs that depend on who is there. */
function planOf(name: string, inputs: (simulator: Simulator) => Readonly<Record<string, unknown>>) {
  return async (simulator: Simulator): Promise<Plan> => {
    const set = Object.entries(inputs(simulator)).map(([input, value]) => `${input}=${String(value)}`);
    const catalogueOf = () => Promise.resolve(cove.catalogue());
    const file = planFile(name);
    return (await loadPlan({ file, set, env: {}, serviceNames: ["simulator"], catalogueOf })).plan;
  };
}

/** A lost answer of each sort: nothing was done, it was done, it is done late. */
const losses = (method: FaultRule["method"] & string): readonly FaultRule[] => [
  { method, nth: 1, fault: "reset-before" },
  { method, nth: 2, fault: "reset-after" },
  { method, nth: 3, fault: "late", ms: 300, connection: "reset" },
];

const previewOf = (events: readonly RunEvent[]) =>
  events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview")!;

const inventoryOf = (run: Driven): readonly Record<string, unknown>[] =>
  readFileSync(run.folder.inventory, "utf8")
    .split("\n")
    .flatMap((line) => (line.startsWith('{"id"') ? [JSON.parse(line) as Record<string, unknown>] : []));

const asked = (run: Driven, method: string): number =>
  run.evidence.witness.received.filter((call) => call.method === method).length;

interface Profile {
  readonly BackupDataSourceSettings: readonly { readonly ExclusionFilter: string | null }[];
}

const profileIds = [11, 12, 13, 14];
const profilePlan = planOf("profile-exclusion", ({ rootPartner }) => ({ partner: rootPartner }));
const masksOf: ValuesOf = (simulator, id, up) => {
  const data = simulator.profile(id, up)?.profileData as Profile | undefined;
  return data && { masks: data.BackupDataSourceSettings[0]?.ExclusionFilter?.split("|") };
};

describe.concurrent("a plan that reads each item, from preview to proof", () => {
  const partnerOf: ValuesOf = (simulator, id, up) => {
    const device = deviceAt(simulator, id, up);
    return device && { partner_id: device.partnerId };
  };

  it("approves customers by a date that only the read of each shows, and reads none that the list leaves out", async () => {
    const run = await drive({
      simulator: { devices: 200, faults: [{ method: "ChangePartnerState", nth: 1, fault: "reset-after" }] },
      plan: planOf("trial-to-production", ({ rootPartner }) => ({ partner: rootPartner })),
      values: (simulator, id, up) => {
        const partner = simulator.partner(id, up);
        return partner && { State: partner.state };
      },
    });
    expectSound(run);
    const inventory = inventoryOf(run);
    expect(run.changes.length).toBeGreaterThan(0);
    expect(run.end.counts).toMatchObject({ confirmed: run.changes.length, unknown: 0 });
    const read = inventory.filter(({ fields }) => "trial_ends" in (fields as object));
    expect(read.length).toBeLessThan(inventory.length);
    expect(asked(run, "GetPartnerInfoById")).toBeGreaterThanOrEqual(read.length);
    expect(run.changes.every(({ item }) => typeof item.trial_ends === "number")).toBe(true);
    expect(previewOf(run.events).undo).toBe("not possible. Going back to trial is another decision.");
  });

  it("writes a profile back whole, byte for byte but for what is set", async () => {
    const before = new Map<number, unknown>();
    let service: Simulator | undefined;
    const run = await drive({
      simulator: { devices: 20, faults: [{ method: "ModifyAccountProfile", nth: 1, fault: "reset-after" }] },
      plan: (simulator) => {
        service = simulator;
        for (const id of profileIds) before.set(id, simulator.profile(id)?.profileData);
        return profilePlan(simulator);
      },
      values: masksOf,
    });
    expectSound(run);
    expect(run.changes.length).toBeGreaterThan(1);
    expect(run.end.counts).toMatchObject({ confirmed: run.changes.length, unknown: 0, diverged: 0 });
    for (const { id } of run.changes) {
      const text = JSON.stringify(before.get(Number(id)));
      expect(JSON.stringify(service?.profile(Number(id))?.profileData)).toBe(text.replace("*.bak", "*.bak|*.iso"));
    }
    // Each was read for the preview, right before it was sent, and to see what became of it.
    expect(asked(run, "GetAccountProfileInfo")).toBeGreaterThanOrEqual(3 * run.changes.length);
  });

  it("leaves a profile alone that somebody else has written since it was read", async () => {
    let edited: string | undefined;
    const run = await drive({
      simulator: { devices: 20 },
      plan: profilePlan,
      values: masksOf,
      on: (event, simulator) => {
        if (event.type !== "selected" || edited !== undefined) return;
        const { profileData } = simulator.profile(11)!;
        edited = "11";
        simulator.editProfile(11, { ...profileData, Language: "de" });
      },
    });
    expectSound(run);
    expect(run.stateOf("11")).toBe("drifted");
    expect(run.received).not.toContain("11");
    expect(run.end.counts).toMatchObject({ drifted: 1, confirmed: run.changes.length - 1 });
    expect(run.all("outcome").find(({ id }) => id === "11")).toMatchObject({
      why: "profile changed since the review",
    });
  });

  it("refuses to write a profile back that holds a secret, which is kept nowhere", async () => {
    const secret = "hunter2-vault";
    const run = await drive({
      simulator: { devices: 20 },
      plan: (simulator) => {
        const { profileData } = simulator.profile(11)!;
        const vault = { LocalSpeedVaultMode: "Local", Location: "D:", UserName: null, Password: secret };
        simulator.editProfile(11, { ...profileData, LocalSpeedVaultSettings: vault });
        return profilePlan(simulator);
      },
    });
    expect(run.error).toMatchObject({ code: "guard" });
    expect(previewOf(run.events).refusals).toEqual([
      expect.objectContaining({ id: "11", why: expect.stringContaining("a part of what was read that is not kept") }),
    ]);
    expect(run.received).toEqual([]);
    const kept = readdirSync(run.folder.path).map((file) => readFileSync(join(run.folder.path, file), "utf8"));
    expect(kept.join("")).not.toContain(secret);
    expect(JSON.stringify(run.events)).not.toContain(secret);
  });

  it("moves devices out of the scope of their list, and finds them in the new one though answers are lost", async () => {
    const run = await drive({
      simulator: { devices: 120, faults: losses("ModifyAccount") },
      plan: planOf("move-devices", movement),
      values: partnerOf,
    });
    expectSound(run);
    expect(run.changes.length).toBeGreaterThan(3);
    expect(run.end.counts).toMatchObject({ confirmed: run.changes.length, vanished: 0, unknown: 0 });
    expect(run.changes.some(({ item }) => item.custom_values !== null)).toBe(true);
    expect(previewOf(run.events).undo).toBe("Custom-column values do not come back by themselves.");
  });

  it("says of devices that are still where they came from that they are pending, then that they diverged", async () => {
    let stuck = "";
    const run = await drive({
      simulator: { devices: 120 },
      plan: planOf("move-devices", movement),
      values: partnerOf,
      lingerMs: 50,
      on: (event, simulator) => {
        if (event.type !== "selected") return;
        const [first] = simulator.ids().filter((id) => simulator.device(id)?.partnerId === movement(simulator).from);
        stuck = String(first);
        simulator.setFaults([{ method: "ModifyAccount", item: Number(first), fault: "no-effect" }]);
      },
    });
    expect(run.error).toBeUndefined();
    expect(run.violations).toEqual([]);
    expect(run.stateOf(stuck)).toBe("diverged");
    expect(run.end.counts).toMatchObject({ diverged: 1, vanished: 0, confirmed: run.changes.length - 1 });
    expect(run.storyOf(stuck).slice(-2)).toEqual(["verdict before", "verdict before"]);
  });

  it("removes devices, and is told by id which are gone", async () => {
    const run = await drive({
      simulator: { devices: 60, faults: losses("RemoveAccount") },
      plan: planOf("remove-by-id", ({ rootPartner }) => ({ partner: rootPartner })),
      values: (simulator, id, up) => deviceAt(simulator, id, up) && {},
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ confirmed: run.changes.length, unknown: 0 });
    expect(
      new Set(
        run
          .all("read")
          .filter(({ why }) => why === "settle")
          .map(({ source }) => source),
      ),
    ).toEqual(new Set(["GetAccountInfoByIdWithRemoved"]));
  });
});

/** From the customer with the most devices to another. */
function movement(simulator: Simulator): { readonly from: number; readonly to: number } {
  const counts = new Map<number, number>();
  for (const id of simulator.ids()) {
    const partner = simulator.device(id)!.partnerId;
    // Neither is above the other.
    if (simulator.partner(partner)?.level === "EndCustomer") counts.set(partner, (counts.get(partner) ?? 0) + 1);
  }
  const [[from] = [0], [to] = [0]] = [...counts].sort(([, left], [, right]) => right - left);
  return { from, to };
}
