import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import { loadPlan } from "../../runner/plan/load.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { configFor, rollcall } from "../support/cli.ts";
import { drive, expectSound, type Driven } from "../support/drive.ts";
import { deviceAt, newFolder, type ValuesOf } from "../support/runs.ts";

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

/** Customers that the users of a simulator belong to, as far as the login may see them. */
function customersOf(simulator: Simulator): readonly number[] {
  const seen = simulator.userIds().filter((id) => id !== unseenUser);
  return [...new Set(seen.map((id) => simulator.user(id)!.partnerId))];
}
const unseenUser = 309;
const loginUser = "301";
const roles = ["", "SuperUser", "Administrator", "Manager", "Operator", "Supporter", "Reporter", "Notifier"];

const roleOf: ValuesOf = (simulator, id, up) => {
  const user = simulator.user(id, up);
  return user && { RoleId: roles[user.roleId] };
};
const codeOf: ValuesOf = (simulator, id, up) => {
  const partner = simulator.partner(id, up);
  return partner && { ExternalCode: partner.externalCode === "" ? null : partner.externalCode };
};
const aliasOf: ValuesOf = (simulator, id, up) => {
  const device = deviceAt(simulator, id, up);
  return device && { alias: device.nameAlias };
};
const column = 843;
const textOf: ValuesOf = (simulator, id, up) => {
  const device = deviceAt(simulator, id, up);
  if (device === undefined) return undefined;
  const pairs = JSON.parse(device.customColumns || "[]") as readonly (readonly [number, string])[];
  return { text: pairs.find(([number]) => number === column)?.[1] ?? null };
};

/** A lost answer of each sort: nothing was done, it was done, it is done late. */
const losses = (method: FaultRule["method"] & string): readonly FaultRule[] => [
  { method, nth: 1, fault: "reset-before" },
  { method, nth: 2, fault: "reset-after" },
  { method, nth: 3, fault: "late", ms: 300, connection: "reset" },
];

/** Everything selected was confirmed, though three answers were lost; and those were settled by the read of one item. */
function expectAllConfirmed(run: Driven, settledBy: string): void {
  expectSound(run);
  expect(run.end).toMatchObject({ exit: 0, sealed: true });
  expect(run.changes.length).toBeGreaterThan(3);
  expect(run.end.counts).toMatchObject({ confirmed: run.changes.length, pending: 0, unknown: 0 });
  expect(run.all("outcome").filter(({ kind }) => kind === "lost").length).toBeGreaterThanOrEqual(3);
  const settling = run.all("read").filter(({ why }) => why === "settle");
  expect(settling.length).toBeGreaterThan(0);
  expect(new Set(settling.map(({ source }) => source))).toEqual(new Set([settledBy]));
}

describe.concurrent("a plan, from preview to proof", () => {
  it("gives accounts an alias, under names of the plan's own", async () => {
    const run = await drive({
      simulator: { devices: 200, faults: losses("ModifyAccount") },
      plan: planOf("account-aliases", ({ rootPartner }) => ({ partner: rootPartner, product: 3 })),
      values: aliasOf,
    });
    // These accounts are further down: whether the list would hold them too, only the list can tell.
    expectAllConfirmed(run, "EnumerateAccounts");
    expect(run.evidence.inventory).toHaveLength(200);
  });

  it("gives customers an external code", async () => {
    const run = await drive({
      simulator: { devices: 200, faults: losses("ModifyPartner") },
      plan: planOf("external-codes", ({ rootPartner }) => ({ partner: rootPartner, code: "PSA-NEW" })),
      values: codeOf,
    });
    expectAllConfirmed(run, "GetPartnerInfoById");
    expect(run.evidence.inventory.length).toBeGreaterThan(run.changes.length);
    expect(run.changes[0]!.request.params).toMatchObject({ partnerInfo: { ExternalCode: "PSA-NEW" } });
  });

  it("takes the external code away again", async () => {
    const run = await drive({
      simulator: { devices: 200 },
      plan: planOf("external-codes", ({ rootPartner }) => ({ partner: rootPartner, code: "" })),
      values: codeOf,
    });
    expectSound(run);
    expect(run.changes.length).toBeGreaterThan(0);
    expect(run.end.counts.confirmed).toBe(run.changes.length);
    expect(run.end.counts.already).toBeGreaterThan(0);
  });

  it("gives users another role, by the number the service knows", async () => {
    const run = await drive({
      simulator: { devices: 200, faults: losses("ModifyUser") },
      plan: planOf("user-roles", (simulator) => ({
        partners: customersOf(simulator),
        from: "Supporter",
        role: "Operator",
      })),
      values: roleOf,
    });
    expectAllConfirmed(run, "GetUserInfoById");
    for (const { request } of run.changes) expect(request.params).toMatchObject({ userInfo: { RoleId: 4 } });
  });

  it("removes users", async () => {
    const run = await drive({
      simulator: { devices: 200, faults: losses("RemoveUser") },
      plan: planOf("remove-users", (simulator) => ({ partners: customersOf(simulator), role: "Supporter" })),
      values: roleOf,
    });
    expectSound(run);
    expect(run.changes.length).toBeGreaterThan(3);
    expect(run.end.counts).toMatchObject({ confirmed: run.changes.length, rejected: 0, unknown: 0 });
    for (const { id } of run.changes) expect(run.evidence.witness.valueNow(id)).toBeUndefined();
  });

  it("confirms no removal by a list that has lost others too, which are still there", async () => {
    const run = await drive({
      simulator: {
        devices: 200,
        faults: [
          { method: "EnumerateUsers", fault: "cap", rows: 1, nth: [2, 3, 4, 5, 6, 7, 8, 9] },
          { method: "RemoveUser", fault: "no-effect" },
        ],
      },
      plan: async (simulator) => ({
        ...(await planOf("remove-users", () => ({ partners: customersOf(simulator), role: "Supporter" }))(simulator)),
        verify: { withinMs: 900, everyMs: 150, horizonMs: 60_000 },
      }),
      values: roleOf,
    });
    expectSound(run);
    expect(run.changes.length).toBeGreaterThan(3);
    expect(run.end.counts).toMatchObject({ confirmed: 0, pending: run.changes.length });
    expect(run.all("pass").some(({ phase, complete }) => phase === "end" && complete)).toBe(false);
    const waits = run.events.filter((event) => event.type === "waiting").map(({ why }) => why);
    expect(waits.join()).toMatch(/also without \d+, which is still there when it is asked for by itself/);
  });

  it("never removes the user who is logged in", async () => {
    const run = await drive({
      simulator: { devices: 200 },
      plan: planOf("remove-users", (simulator) => ({ partners: customersOf(simulator), role: "SuperUser" })),
      values: roleOf,
    });
    expectSound(run);
    expect(run.end.counts.confirmed).toBe(run.changes.length);
    expect(run.evidence.inventory.find(({ id }) => id === loginUser)?.as).toBe("filtered-out");
    expect(run.received).not.toContain(loginUser);
    expect(run.evidence.witness.valueNow(loginUser)).toEqual({ RoleId: "SuperUser" });
  });

  it.each(["checked", ""])("writes a custom column of devices: %j", async (text) => {
    const run = await drive({
      simulator: { devices: 200, faults: losses("UpdateAccountCustomColumnValues") },
      plan: planOf("custom-column", (simulator) => {
        const { rootPartner: partner } = simulator;
        return { partner, column, text, ids: deviceWithOther(simulator, text).slice(0, 8) };
      }),
      values: textOf,
    });
    expectAllConfirmed(run, "GetAccountCustomColumnValues");
  });

  it("looks at a user again before it is changed, and leaves alone whom somebody else changed meanwhile", async () => {
    let edited: number | undefined;
    const run = await drive({
      simulator: { devices: 200 },
      plan: planOf("user-roles", (simulator) => ({
        partners: customersOf(simulator),
        from: "Supporter",
        role: "Operator",
      })),
      values: roleOf,
      job: { recheck: true },
      on: (event, simulator) => {
        if (event.type !== "preview") return;
        edited = Number(event.sample[0]!.id);
        simulator.editUser(edited, { roleId: 3 });
      },
    });
    expectSound(run);
    expect(run.stateOf(String(edited))).toBe("drifted");
    expect(run.received).not.toContain(String(edited));
    const rechecks = run.all("read").filter(({ why }) => why === "recheck");
    expect(rechecks.length).toBe(run.changes.length);
    for (const { found } of rechecks) expect(Object.keys(found ?? {})).toHaveLength(7);
  });
});

function deviceWithOther(simulator: Simulator, text: string): readonly number[] {
  return simulator.ids().filter((id) => (textOf(simulator, id)?.text ?? "") !== text);
}

describe("by the command line", () => {
  it("a preview says what would change, an apply proves it, and the next preview has nothing to do", async () => {
    await using simulator = await startSimulator({ devices: 200 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "plan.yaml"), readFileSync(planFile("user-roles"), "utf8"));
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url));
    const inputs = ["--set", `partners=${customersOf(simulator).join(",")}`, "--set", "role=Notifier"];
    const preview = await rollcall(["preview", "plan.yaml", ...inputs, "--detailed-exitcode"], { cwd });
    expect(preview.stderr + preview.stdout).toMatch(/SuperUser/);
    expect(preview.exit).toBe(2);
    expect(simulator.witness.requests("ModifyUser")).toBe(0);
    const apply = await rollcall(["apply", "plan.yaml", ...inputs, "--yes"], { cwd });
    expect(apply).toMatchObject({ exit: 0 });
    expect(simulator.witness.requests("ModifyUser")).toBeGreaterThan(0);
    const again = await rollcall(["preview", "plan.yaml", ...inputs, "--detailed-exitcode"], { cwd });
    expect(again.exit).toBe(0);
  });
});
