import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { Simulator, SimulatorOptions } from "../../runner/simulator/server.ts";
import type { LoadedPlan } from "../../runner/workspace.ts";
import { collect, deviceAt, type ValuesOf } from "../support/runs.ts";
import { changesReceived, ended, estate, textOf, yes, type Ended, type Estate } from "../support/workspace.ts";

const gallery = join(import.meta.dirname, "../../plans/cove");

/** One plan of the gallery, and what a person would give it. */
interface Job {
  readonly plan: string;
  readonly method: string;
  readonly repeat: "set" | "once";
  readonly inputs: (here: Estate) => readonly string[];
  readonly values: ValuesOf;
  readonly chunk?: number;
  readonly expectAbsent?: true;
}

const roles = ["", "SuperUser", "Administrator", "Manager", "Operator", "Supporter", "Reporter", "Notifier"];
const day = 86_400;

const externalCodes: Job = {
  plan: "customer-external-code",
  method: "ModifyPartner",
  repeat: "set",
  inputs: (here) => [
    "partner=4001",
    "clear_empty=true",
    `codes=${csv(here, "id,code", ["5010,PSA-1", "5020,", "5030,PSA-3"])}`,
  ],
  values: (simulator, id, up) => {
    const partner = simulator.partner(id, up);
    return partner && { ExternalCode: partner.externalCode === "" ? null : partner.externalCode };
  },
};

const trials: Job = {
  plan: "trial-to-production",
  method: "ChangePartnerState",
  repeat: "once",
  inputs: () => ["partner=4001", "ends_within=60d"],
  values: (simulator, id, up) => {
    const partner = simulator.partner(id, up);
    return partner && { State: partner.state };
  },
};

const autoDeployed: Job = {
  plan: "auto-deployed-setup",
  method: "ModifyAccount",
  repeat: "set",
  inputs: () => ["partner=4001", "from=3", "product=4", "newer_than=1000d", "lifetime=1500d"],
  values: (simulator, id, up) => {
    const device = deviceAt(simulator, id, up);
    return device && { product_id: device.productId, expiration_date: device.expirationTime || null };
  },
};

const labels: Job = {
  plan: "label-devices",
  method: "AddAccountLabel",
  repeat: "set",
  chunk: 100,
  inputs: () => ["partner=4001", "label=front", "prefix=desktop-00001"],
  values: (simulator, id, up) => {
    const device = deviceAt(simulator, id, up);
    return device && { has_label: device.labels.includes('"front"') };
  },
};

const userRoles: Job = {
  plan: "user-roles",
  method: "ModifyUser",
  repeat: "set",
  inputs: () => ["partner=4001", "from=Manager", "role=Reporter"],
  values: (simulator, id, up) => {
    const user = simulator.user(id, up);
    return user && { RoleId: roles[user.roleId] };
  },
};

const leavers: Job = {
  plan: "remove-leavers",
  method: "RemoveUser",
  repeat: "set",
  expectAbsent: true,
  inputs: (here) => {
    const mails = [304, 30_003].map((id) => here.simulator.user(id)!.emailAddress.toUpperCase());
    return ["partner=4001", `leavers=${csv(here, "email", [...mails, "demo@example.com"])}`];
  },
  values: (simulator, id, up) => simulator.user(id, up) && {},
};

const profiles: Job = {
  plan: "profile-exclusion",
  method: "ModifyAccountProfile",
  repeat: "once",
  inputs: () => ["partner=4001", "mask=*.iso"],
  values: (simulator, id, up) => {
    const data = simulator.profile(id, up)?.profileData as ProfileData | undefined;
    return data && { masks: data.BackupDataSourceSettings[0]?.ExclusionFilter?.split("|") };
  },
};

interface ProfileData {
  readonly BackupDataSourceSettings: readonly { readonly ExclusionFilter: string | null }[];
}

describe("a plan of the gallery, from preview to proof", () => {
  it.each([externalCodes, trials, autoDeployed, labels, userRoles, leavers, profiles])(
    "$plan proves every change though an answer is lost, and then has nothing left to do",
    async (job) => {
      await using here = await site();
      const load = loader(here, job);
      const preview = previewOf(await collect(here.workspace.preview(await load())));
      const { selected } = preview.counts;
      expect(selected).toBeGreaterThan(1);
      expect(changesReceived(here.simulator, job.method)).toEqual([]);

      here.simulator.setFaults([{ method: job.method, nth: 1, fault: "reset-after" }]);
      const run = await applied(here, job, await load());
      expect(run.violations).toEqual([]);
      expect(run.end).toMatchObject({ exit: 0, sealed: true, counts: { confirmed: selected, unknown: 0 } });
      const lost = run.records.filter((one) => one.type === "outcome" && one.kind === "lost");
      expect(lost.length).toBe(job.chunk === undefined ? 1 : Math.min(selected, job.chunk));
      expect((await here.workspace.audit(run.run)).ok).toBe(true);

      // Who has left is found no more, and a row that meets nobody refuses the run.
      if (job === leavers) {
        await expect(applied(here, job, await load())).rejects.toThrow(/2 of 3 rows met no item/);
        return;
      }
      const again = await applied(here, job, await load());
      expect(again.end).toMatchObject({ exit: 0, counts: { confirmed: 0, already: already(job, preview) } });
    },
  );
});

describe("the example files", () => {
  it.each([
    [externalCodes, "codes", 2],
    [leavers, "leavers", 1],
  ] as const)("of $plan name customers and users that the simulator has", async (job, input, count) => {
    await using here = await site();
    const inputs = () => ["partner=4001", `${input}=${join(gallery, "examples", input)}.csv`];
    const run = await applied(here, { ...job, inputs });
    expect(run.end.exit).toBe(0);
    expect(run.end.counts.confirmed + run.end.counts.already).toBe(count);
  });
});

describe("customer-external-code", () => {
  it("takes an empty code for no code, and leaves customers alone that the file does not name", async () => {
    await using here = await site();
    const before = here.simulator.partner(5040)!.externalCode;
    await applied(here, externalCodes);
    expect([5010, 5020, 5030].map((id) => here.simulator.partner(id)!.externalCode)).toEqual(["PSA-1", "", "PSA-3"]);
    expect(here.simulator.partner(5040)!.externalCode).toBe(before);
  });

  it("sends nothing when a row of the file meets no customer", async () => {
    await using here = await site();
    const inputs = () => ["partner=4001", `codes=${csv(here, "id,code", ["5010,PSA-1", "9011,PSA-2"])}`];
    await expect(applied(here, { ...externalCodes, inputs })).rejects.toThrow(/1 of 2 rows met no item.*9011/);
    expect(changesReceived(here.simulator, "ModifyPartner")).toEqual([]);
  });
});

describe("trial-to-production", () => {
  it("approves trials that end in time, and no other customer", async () => {
    await using here = await site();
    const states = (): ReadonlyMap<number, string> =>
      new Map(customers(here.simulator).map((id) => [id, here.simulator.partner(id)!.state]));
    const before = states();
    const limit = Date.now() / 1000 + 10 * day;
    const inputs = () => ["partner=4001", "ends_within=10d"];
    const run = await applied(here, { ...trials, inputs });
    expect(run.in("confirmed").length).toBeGreaterThan(0);
    for (const [id, state] of states()) {
      const { trialExpirationTime: ends } = here.simulator.partner(id)!;
      const due = before.get(id) === "InTrial" && ends <= limit;
      expect([id, state]).toEqual([id, due ? "InProduction" : before.get(id)]);
    }
    expect([...before.values()]).toContain("Expired");
  });

  it("is pending, and not proved, while the customer waits for somebody's approval", async () => {
    await using here = await site();
    const set = { state: "WaitingForProduction" };
    here.simulator.setFaults([{ method: "ChangePartnerState", nth: 1, fault: "editor", when: "after", set }]);
    const run = await applied(here, trials, await loader(here, trials)({ withinMs: 600 }));
    expect(run.in("pending")).toHaveLength(1);
    expect(run.end.exit).toBe(8);
  });

  it("never approves twice: a request that may have been lost stays unknown, and stops the run", async () => {
    await using here = await site();
    here.simulator.setFaults([{ method: "ChangePartnerState", nth: 1, fault: "reset-before" }]);
    const run = await applied(here, trials);
    expect(run.violations).toEqual([]);
    expect(run.in("unknown")).toHaveLength(1);
    expect(changesReceived(here.simulator, "ChangePartnerState")).toHaveLength(1);
  });
});

describe("auto-deployed-setup", () => {
  it("gives the product to new devices that auto-deployment made, and an expiry to those without one", async () => {
    await using here = await site();
    const { simulator } = here;
    const load = loader(here, autoDeployed);
    const due = previewOf(await collect(here.workspace.preview(await load()))).sample.map(({ id }) => Number(id));
    simulator.edit(due[0]!, { expirationTime: simulator.device(due[0]!)!.creationTime + 5 * day });
    const before = new Map(simulator.ids().map((id) => [id, simulator.device(id)!.expirationTime]));
    const run = await applied(here, autoDeployed);
    expect(run.in("confirmed").map(Number)).toEqual(due);
    for (const id of simulator.ids()) {
      const { creationTime, expirationTime, productId } = simulator.device(id)!;
      const isDue = due.includes(id);
      if (isDue) expect([id, productId]).toEqual([id, 4]);
      if (isDue) expect(creationTime).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1000) - 1001 * day);
      const kept = before.get(id)!;
      expect([id, expirationTime]).toEqual([id, isDue && kept === 0 ? creationTime + 1500 * day : kept]);
    }
    expect(due.map((id) => before.get(id))).toContain(0);
  });

  it("is green when nothing new was deployed", async () => {
    await using here = await site();
    const inputs = () => ["partner=4001", "from=3", "product=4"];
    const run = await applied(here, { ...autoDeployed, inputs });
    expect(run.end).toMatchObject({ exit: 0, counts: { confirmed: 0 } });
  });

  it("refuses a product that this customer is not offered", async () => {
    await using here = await site();
    const inputs = () => ["partner=4001", "from=3", "product=99"];
    await expect(applied(here, { ...autoDeployed, inputs })).rejects.toThrow(/Product 99 is not offered/);
  });
});

describe("label-devices", () => {
  it("tells which devices of a call were labelled and which were not", async () => {
    await using here = await site();
    const [gone = 0] = here.simulator.ids().filter((id) => here.simulator.device(id)!.name.startsWith("desktop-00001"));
    here.simulator.setFaults([{ method: "AddAccountLabel", nth: 1, fault: "vanish", device: gone }]);
    const run = await applied(here, labels);
    expect(run.violations).toEqual([]);
    expect(run.in("vanished")).toEqual([String(gone)]);
    expect(run.end.counts.confirmed).toBeGreaterThan(1);
  });
});

describe("user-roles", () => {
  it("leaves alone who has a second factor, who is a program, and who is logged in", async () => {
    await using here = await site();
    here.simulator.editUser(30_004, { flags: ["AllowApiAuthentication"] });
    const inputs = () => ["partner=4001", "from=SuperUser"];
    const managers = await applied(here, userRoles);
    const supers = await applied(here, { ...userRoles, inputs });
    const changed = [...managers.in("confirmed"), ...supers.in("confirmed")].map(Number);
    expect(changed).not.toContain(30_004);
    expect(changed).not.toContain(301);
    expect(here.simulator.user(301)!.roleId).toBe(1);
    for (const id of changed) expect(here.simulator.user(id)!.twoFactorAuthenticationStatus).toBe("Disabled");
  });

  it("lowers SuperUsers where another one stays, and nowhere else", async () => {
    await using here = await site();
    const { simulator } = here;
    const [kept, lowered, alone] = [302, 303, 304];
    const common = { roleId: 1, twoFactorAuthenticationStatus: "Disabled", flags: [] };
    simulator.editUser(kept, { ...common, partnerId: 5010, twoFactorAuthenticationStatus: "Enabled" });
    simulator.editUser(lowered, { ...common, partnerId: 5010 });
    simulator.editUser(alone, { ...common, partnerId: 5020 });
    for (const id of simulator.userIds().filter((one) => ![301, kept, lowered, alone].includes(one)))
      simulator.editUser(id, { roleId: 7 });
    const run = await applied(here, { ...userRoles, inputs: () => ["partner=4001", "from=SuperUser"] });
    expect(run.in("confirmed").map(Number)).toEqual([lowered]);
    expect([kept, lowered, alone].map((id) => simulator.user(id)!.roleId)).toEqual([1, 4, 1]);
  });
});

describe("remove-leavers", () => {
  it("removes whom the file names, whatever the case, but never who is logged in", async () => {
    await using here = await site();
    const before = here.simulator.userIds();
    const run = await applied(here, leavers);
    expect(run.in("confirmed").sort()).toEqual(["30003", "304"]);
    expect(here.simulator.userIds()).toEqual(before.filter((id) => id !== 304 && id !== 30_003));
  });

  it("removes nobody when an address is nobody's", async () => {
    await using here = await site();
    const inputs = () => ["partner=4001", `leavers=${csv(here, "email", ["nobody@example.com"])}`];
    await expect(applied(here, { ...leavers, inputs })).rejects.toThrow(/met no item of the list: "nobody@example.com"/);
    expect(changesReceived(here.simulator, "RemoveUser")).toEqual([]);
  });

  it("knows a user by the name, too", async () => {
    await using here = await site();
    const { emailAddress } = here.simulator.user(304)!;
    here.simulator.editUser(304, { name: emailAddress, emailAddress: "" });
    const inputs = () => ["partner=4001", `leavers=${csv(here, "email", [emailAddress])}`];
    expect((await applied(here, { ...leavers, inputs })).in("confirmed")).toEqual(["304"]);
  });
});

describe("profile-exclusion", () => {
  it("changes the mask and not a byte more, also of a customer's own profile, and never that of Documents", async () => {
    await using here = await site();
    const shown = (): ReadonlyMap<number, string> =>
      new Map([11, 12, 13, 14, 25_010, 25_020].map((id) => [id, JSON.stringify(here.simulator.profile(id))]));
    const before = shown();
    const run = await applied(here, profiles);
    expect(run.in("confirmed").map(Number)).toEqual([11, 14, 25_010]);
    for (const [id, text] of shown()) {
      const isOurs = ![12, 13, 25_020].includes(id);
      const wanted = before.get(id)!.replace("*.bak", "*.bak|*.iso").replace('"version":3', '"version":4');
      expect(text).toBe(isOurs ? wanted : before.get(id));
    }
  });

  it("leaves a profile alone whose vault has a password, and keeps that nowhere", async () => {
    await using here = await site();
    const run = await applied(here, profiles);
    expect(changesReceived(here.simulator, "ModifyAccountProfile")).not.toContain("25020");
    for (const name of ["ledger", "inventory", "changeset"])
      expect(textOf(join(run.folder, `${name}.ndjson`))).not.toContain("vault-password");
  });

  it("does not write over what somebody else has written since the list was read", async () => {
    await using here = await site();
    const load = loader(here, profiles);
    const events: RunEvent[] = [];
    for await (const event of here.workspace.apply(await load(), { consent: yes })) {
      events.push(event);
      if (event.type !== "selected") continue;
      here.simulator.editProfile(11, { ...here.simulator.profile(11)!.profileData, Language: "de" });
    }
    expect(events.find(({ type }) => type === "end")).toMatchObject({ counts: { drifted: 1 } });
    expect(here.simulator.profile(11)!.profileData.Language).toBe("de");
    expect(changesReceived(here.simulator, "ModifyAccountProfile")).not.toContain("11");
  });

  it("does not call it proved when the rest of the profile is another afterwards", async () => {
    await using here = await site();
    const load = loader(here, profiles);
    let broken = false;
    const events: RunEvent[] = [];
    for await (const event of here.workspace.apply(await load({ withinMs: 600 }), { consent: yes })) {
      events.push(event);
      if (event.type !== "outcome" || broken) continue;
      broken = true;
      const { profileData } = here.simulator.profile(Number(event.id))!;
      here.simulator.editProfile(Number(event.id), { ...profileData, BackupSchedule: [] });
    }
    expect(events.findLast(({ type }) => type === "end")).toMatchObject({ exit: 7, counts: { diverged: 1 } });
  });
});

/** Few enough devices to be quick, and customers in every state. */
function site(options: SimulatorOptions = {}): Promise<Estate> {
  return estate({ devices: 600, ...options });
}

/** Loads the plan as a person would, but does not wait as long as a person for what the simulator shows at once. */
function loader(here: Estate, { plan, inputs }: Job) {
  const file = join(gallery, `${plan}.yaml`);
  const set = inputs(here);
  return async (more: { readonly withinMs?: number } = {}): Promise<LoadedPlan> => {
    const loaded = await here.workspace.loadPlan(file, { service: "simulator", set });
    const verify = { ...loaded.plan.verify, withinMs: 4000, everyMs: 150, ...more };
    return { ...loaded, plan: { ...loaded.plan, verify } };
  };
}

async function applied(here: Estate, job: Job, loaded?: LoadedPlan): Promise<Ended> {
  const plan = loaded ?? (await loader(here, job)());
  return ended(here, here.workspace.apply(plan, { consent: yes }), job);
}

const previewOf = (events: readonly RunEvent[]) =>
  events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview")!;

/** What is removed is in no list any more. */
function already({ expectAbsent }: Job, { counts }: ReturnType<typeof previewOf>): number {
  return expectAbsent === true ? 0 : counts.selected + counts.already;
}

function csv({ cwd }: Estate, header: string, rows: readonly string[]): string {
  const file = join(cwd, "rows.csv");
  writeFileSync(file, [header, ...rows, ""].join("\r\n"));
  return file;
}

function customers(simulator: Simulator): readonly number[] {
  return Array.from({ length: 15 }, (_, place) => 5010 + 10 * place).filter((id) => simulator.partner(id));
}
