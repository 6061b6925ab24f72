import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import type { SimulatorOptions } from "../../runner/simulator/server.ts";
import type { LoadedPlan } from "../../runner/workspace.ts";
import type { ConsentQuestion } from "../../runner/workspace/options.ts";
import { collect, deviceAt, type ValuesOf } from "../support/runs.ts";
import { changesReceived, ended, estate, yes, type Ended, type Estate } from "../support/workspace.ts";

const gallery = join(import.meta.dirname, "../../plans/cove");

/** A plan of the gallery with the inputs of a person who knows this simulator. */
interface Job {
  readonly plan: string;
  /** Of its changes: who does them, and how the service shows them. */
  readonly method: FaultRule["method"] & string;
  readonly expectAbsent?: boolean;
  readonly values: ValuesOf;
  readonly inputs: (here: Estate) => readonly string[];
  /** How many would change, and how many of the others are as wanted. */
  readonly changes: number;
  readonly already?: number;
}

const ofDevice =
  (words: (device: NonNullable<ReturnType<typeof deviceAt>>) => Readonly<Record<string, unknown>>): ValuesOf =>
  (simulator, id, up) => {
    const device = deviceAt(simulator, id, up);
    return device && words(device);
  };

const notes = 843;
const noteOf = (customColumns: string): string | null =>
  (JSON.parse(customColumns || "[]") as readonly (readonly [number, string])[]).find(([id]) => id === notes)?.[1] ??
  null;

/** Devices of the simulator's own fleet, by place. */
const named = (here: Estate, name: string) => {
  const { simulator } = here;
  const id = simulator.ids().find((one) => simulator.device(one)?.name === name);
  if (id === undefined) throw new Error(`the simulator has no ${name}`);
  return { id, device: () => simulator.device(id) };
};

const jobs: readonly Job[] = [
  {
    plan: "assign-product",
    method: "ModifyAccount",
    values: ofDevice(({ productId }) => ({ product_id: productId })),
    inputs: () => ["partner=5010", "from=3", "to=4"],
    changes: 7,
    already: 6,
  },
  {
    plan: "assign-profile",
    method: "ModifyAccount",
    values: ofDevice(({ profileId }) => ({ profile_id: profileId === 0 ? null : profileId })),
    inputs: (here) => [`partner=${here.simulator.rootPartner}`, "profile=14", "os=workstation", "prefix=desktop-00001"],
    changes: 4,
  },
  {
    plan: "write-custom-column",
    method: "UpdateAccountCustomColumnValues",
    values: ofDevice(({ customColumns }) => ({ text: noteOf(customColumns) })),
    inputs: (here) => [
      `partner=${here.simulator.rootPartner}`,
      "column=Notes",
      "clear_empty=true",
      `values=${join(gallery, "examples/values.csv")}`,
    ],
    changes: 3,
  },
  {
    plan: "set-aliases",
    method: "ModifyAccount",
    values: ofDevice(({ nameAlias }) => ({ device_name_alias: nameAlias === "" ? null : nameAlias })),
    inputs: (here) => [`partner=${here.simulator.rootPartner}`, `aliases=${join(gallery, "examples/aliases.csv")}`],
    changes: 2,
  },
  {
    plan: "move-devices",
    method: "ModifyAccount",
    values: ofDevice(({ partnerId, profileId, productId }) => ({
      partner_id: partnerId,
      profile_id: profileId === 0 ? null : profileId,
      product_id: productId,
    })),
    inputs: (here) => [`scope=${here.simulator.rootPartner}`, `moves=${join(gallery, "examples/moves.csv")}`],
    changes: 2,
  },
  {
    plan: "remove-inactive",
    method: "RemoveAccount",
    expectAbsent: true,
    values: ofDevice(() => ({})),
    inputs: (here) => [`partner=${here.simulator.rootPartner}`, `keep=${join(gallery, "examples/keep.csv")}`],
    changes: 18,
  },
];

/** The fleet of `rollcall simulate`, whose names the example files know, seen at this very moment. */
const fleet = (): SimulatorOptions => ({ devices: 1000, epoch: Math.floor(Date.now() / 1000) });

/** The second answer is lost: the change itself was made. */
const lost = (method: Job["method"]): readonly FaultRule[] => [{ method, nth: 2, fault: "reset-after" }];

/** As a person would load it, but for the time between two looks: here nobody waits for the service. */
async function load(
  here: Estate,
  { plan: name, inputs }: Pick<Job, "plan" | "inputs">,
  { withinMs, ...secrets }: { readonly withinMs?: number; readonly password?: string } = {},
): Promise<LoadedPlan> {
  const options = { service: "simulator", set: [...inputs(here)], inputs: secrets };
  const loaded = await here.workspace.loadPlan(join(gallery, `${name}.yaml`), options);
  const { plan } = loaded;
  const verify = { ...plan.verify, everyMs: 200, withinMs: withinMs ?? plan.verify.withinMs };
  return { ...loaded, plan: { ...plan, verify } };
}

const run = async (here: Estate, job: Job, events: AsyncIterable<RunEvent>): Promise<Ended> =>
  ended(here, events, { method: job.method, expectAbsent: job.expectAbsent ?? false, values: job.values });

describe("a plan of the gallery, from preview to proof", () => {
  it.each(jobs.map((job) => [job.plan, job] as const))(
    "%s previews, changes, proves in spite of a lost answer, and has nothing to do the second time",
    async (_, job) => {
      await using here = await estate({ ...fleet(), faults: [...lost(job.method)] });
      const { simulator, workspace } = here;
      const shown = await collect(workspace.preview(await load(here, job)));
      expect(shown.find((event) => event.type === "preview")).toMatchObject({ counts: { selected: job.changes } });
      expect(changesReceived(simulator, job.method)).toEqual([]);

      const questions: ConsentQuestion[] = [];
      const consent = (question: ConsentQuestion) => {
        questions.push(question);
        return yes();
      };
      const first = await run(here, job, workspace.apply(await load(here, job), { consent }));
      expect(first.violations).toEqual([]);
      expect(first.end).toMatchObject({ exit: 0, sealed: true, conserved: true });
      expect(first.end.counts).toMatchObject({ confirmed: job.changes, already: job.already ?? 0, refused: 0 });
      expect(first.records.filter((one) => one.type === "outcome" && one.kind === "lost").length).toBeGreaterThan(0);
      const isDestructive = ["RemoveAccount"].includes(job.method) || job.plan === "move-devices";
      expect(questions).toMatchObject([{ destructive: isDestructive, counts: { selected: job.changes } }]);
      expect(new Set(changesReceived(simulator, job.method)).size).toBe(job.changes);
      expect((await workspace.audit(first.run)).ok).toBe(true);

      const received = changesReceived(simulator, job.method).length;
      const second = await run(here, job, workspace.apply(await load(here, job), { consent }));
      expect(second.end).toMatchObject({ exit: 0, sealed: true });
      const already = job.expectAbsent === true ? 0 : job.changes + (job.already ?? 0);
      expect(second.end.counts).toMatchObject({ confirmed: 0, already, refused: 0 });
      expect(changesReceived(simulator, job.method)).toHaveLength(received);
    },
    60_000,
  );
});

/** What a preview says, and what it warns of. */
async function warned(here: Estate, job: Pick<Job, "plan" | "inputs">) {
  const events = await collect(here.workspace.preview(await load(here, job)));
  const preview = events.find((event) => event.type === "preview");
  if (preview?.type !== "preview") throw new Error("there was no preview");
  return { preview, warnings: preview.warnings };
}

const jobOf = (plan: string): Job => jobs.find((one) => one.plan === plan)!;

describe("what a plan of the gallery is careful about", () => {
  it("write-custom-column leaves a text alone that somebody else has written since the list was read", async () => {
    await using here = await estate(fleet());
    const job = jobOf("write-custom-column");
    const { id, device } = named(here, "desktop-000002");
    const events = async function* () {
      for await (const event of here.workspace.apply(await load(here, job), { consent: yes })) {
        if (event.type === "preview") here.simulator.edit(id, { customColumns: '[[843,"mine"]]' });
        yield event;
      }
    };
    const ran = await run(here, job, events());
    expect(ran.end.counts).toMatchObject({ confirmed: 2, drifted: 1 });
    expect(ran.in("drifted")).toEqual([String(id)]);
    expect(device()?.customColumns).toBe('[[843,"mine"]]');
  });

  it("move-devices keeps the values that a move takes, and the run says where they were", async () => {
    await using here = await estate(fleet());
    const job = jobOf("move-devices");
    const { id, device } = named(here, "desktop-000013");
    expect(device()?.customColumns).toBe('[[843,"checked in week 39"],[105140,"Room 28"]]');
    const { end, folder } = await run(here, job, here.workspace.apply(await load(here, job), { consent: yes }));
    expect(end.counts.confirmed).toBe(2);
    expect(device()).toMatchObject({ partnerId: 5010, customColumns: '[[843,"checked in week 39"]]' });
    const changes = readFileSync(join(folder, "changeset.ndjson"), "utf8").split("\n");
    expect(changes.find((line) => line.includes(`"${id}"`))).toContain("Room 28");
  });

  it("move-devices says before it asks how many devices have values that may be lost", async () => {
    await using here = await estate(fleet());
    here.simulator.edit(1_200_049, { customColumns: "" });
    const { preview, warnings } = await warned(here, jobOf("move-devices"));
    expect(preview.counts.selected).toBe(2);
    expect(warnings).toEqual([
      { items: 1, message: "values in custom columns that the new customer does not have are lost; they stay readable in the run's folder" },
    ]);
  });

  it("what a run of move-devices changed is put back, custom columns and all", async () => {
    await using here = await estate(fleet());
    const move = jobOf("move-devices");
    const ids = [1_200_042, 1_200_049];
    const shown = () => ids.map((id) => here.simulator.device(id));
    const before = structuredClone(shown());
    const moved = await run(here, move, here.workspace.apply(await load(here, move), { consent: yes }));
    expect(moved.end.counts.confirmed).toBe(2);
    expect(shown()).not.toEqual(before);

    const inputs = () => [`scope=${here.simulator.rootPartner}`, `run=${moved.run}`];
    const back = { ...move, plan: "put-back-move", inputs };
    const returned = await run(here, back, here.workspace.apply(await load(here, back), { consent: yes }));
    expect(returned.violations).toEqual([]);
    expect(returned.end).toMatchObject({ exit: 0, counts: { confirmed: 2 } });
    const columns = { plan: "put-back-columns", inputs };
    const written = await ended(here, here.workspace.apply(await load(here, columns), { consent: yes }), {
      method: "UpdateAccountCustomColumnValues",
      values: () => ({}),
    });
    expect(written.end).toMatchObject({ exit: 0, counts: { confirmed: 1 } });
    expect(shown()).toEqual(before);

    for (const plan of ["put-back-move", "put-back-columns"]) {
      const again = await collect(here.workspace.apply(await load(here, { plan, inputs }), { consent: yes }));
      expect(again.findLast(({ type }) => type === "end")).toMatchObject({ exit: 0, counts: { already: 2, confirmed: 0 } });
    }
  });

  it("put-back-product gives devices their product again, but for what somebody has chosen since", async () => {
    await using here = await estate(fleet());
    const { simulator, workspace } = here;
    const products = () => new Map(simulator.ids().map((id) => [id, simulator.device(id)?.productId]));
    const before = products();
    const given = jobOf("assign-product");
    const first = await run(here, given, workspace.apply(await load(here, given), { consent: yes }));
    const [chosen = 0, gone = 0, ...others] = first.in("confirmed").map(Number);
    simulator.edit(chosen, { productId: 1 });
    simulator.remove(gone);
    const back = { ...given, plan: "put-back-product", inputs: () => ["partner=5010", `run=${first.run}`, "given=4"] };
    const { preview } = await warned(here, back);
    expect(preview.lookups).toMatchObject([{ name: "before", unused: 1, keys: [String(gone)] }]);
    const second = await run(here, back, workspace.apply(await load(here, back), { consent: yes }));
    expect(second.violations).toEqual([]);
    expect(second.in("confirmed").map(Number)).toEqual(others);
    expect(products()).toEqual(new Map([...before, [chosen, 1]].filter(([id]) => id !== gone) as [number, number][]));
  });

  it("remove-inactive spares a computer that is to be kept, and goes nowhere with a name that there is not", async () => {
    await using here = await estate(fleet());
    const job = jobOf("remove-inactive");
    const file = (name: string, rows: string): Job => {
      writeFileSync(join(here.cwd, name), rows);
      return { ...job, inputs: () => [`partner=${here.simulator.rootPartner}`, `keep=${join(here.cwd, name)}`] };
    };
    const apply = async (one: Job) => collect(here.workspace.apply(await load(here, one), { consent: yes }));
    const gone = await load(here, file("none.csv", "name\n"));
    await expect(collect(here.workspace.apply(gone, { consent: yes }))).rejects.toThrow(/has no rows/);
    await expect(apply(file("slip.csv", "name\ndesktop-44\n"))).rejects.toThrow(/met no item of the list: "desktop-44"/);
    await expect(apply(file("blank.csv", "name\ndesktop-000044 \n"))).rejects.toThrow(/"desktop-000044 " has a blank/);
    expect(changesReceived(here.simulator, job.method)).toEqual([]);
  });

  it("remove-inactive spares a device that calls in between preview and removal, and those on the list", async () => {
    await using here = await estate(fleet());
    const job = jobOf("remove-inactive");
    const { id, device } = named(here, "desktop-000051");
    const kept = named(here, "desktop-000044");
    const events = async function* () {
      for await (const event of here.workspace.apply(await load(here, job), { consent: yes })) {
        if (event.type === "preview") here.simulator.edit(id, { lastTimestamp: Math.floor(Date.now() / 1000) });
        yield event;
      }
    };
    const ran = await run(here, job, events());
    expect(ran.end.counts).toMatchObject({ confirmed: 17, drifted: 1 });
    expect(ran.in("drifted")).toEqual([String(id)]);
    expect(device()).toBeDefined();
    expect(kept.device()).toBeDefined();
  });
});

/** Devices that take remote commands, by whether they are there to carry them out. */
function takers(
  { simulator }: Estate,
  isMeant: (device: NonNullable<ReturnType<Estate["simulator"]["device"]>>) => boolean,
): { readonly there: readonly number[]; readonly away: readonly number[] } {
  const documents = { product: 2, profile: 13 };
  const ids = simulator.ids().filter((id) => {
    const device = simulator.device(id);
    const isTaker = device?.accountType === 1 && device.productId !== documents.product;
    return isTaker && device.profileId !== documents.profile && isMeant(device);
  });
  const isThere = (id: number): boolean => simulator.device(id)!.lastTimestamp > Date.now() / 1000 - 3 * 86_400;
  return { there: ids.filter(isThere), away: ids.filter((id) => !isThere(id)) };
}

describe("a plan of the gallery that tells devices something", () => {
  const told = { method: "SendAccountCommand", repeat: "once" } as const;

  /** How it ends when it is applied once more; nothing is sent to anybody. */
  const appliedAgain = async (here: Estate, job: Parameters<typeof load>[1]) => {
    const sent = changesReceived(here.simulator, told.method).length;
    const { end } = await ended(here, here.workspace.apply(await load(here, job), { consent: yes }), told);
    expect(changesReceived(here.simulator, told.method)).toHaveLength(sent);
    return end;
  };
  const among = (partner: number) => (device: { readonly partnerId: number }) =>
    Math.floor(device.partnerId / 10) * 10 === partner;

  it("gui-password sends it once to devices that are there, confirms nothing, and writes it nowhere", async () => {
    await using here = await estate({ ...fleet(), commandMs: 1, faults: [...lost(told.method)] });
    const password = "correct-horse-battery";
    const { there, away } = takers(here, ({ name }) => name.startsWith("srv-0000"));
    expect(away.length).toBeGreaterThan(0);
    const job = {
      plan: "gui-password",
      inputs: () => [`partner=${here.simulator.rootPartner}`, "prefix=srv-0000", "seen_within=3d"],
    };
    const plan = await load(here, job, { password });
    const { end, violations, folder } = await ended(here, here.workspace.apply(plan, { consent: yes }), told);
    expect(violations).toEqual([]);
    // Whether the lost one was heard nobody can tell, and it is not sent again.
    expect(end.counts).toMatchObject({ unverifiable: there.length - 1, unknown: 1, confirmed: 0 });
    expect(changesReceived(here.simulator, told.method).sort()).toEqual(there.map(String).sort());
    for (const file of readdirSync(folder)) {
      expect(readFileSync(join(folder, file), "utf8"), file).not.toContain(password);
    }
  });

  it("archive-schedule is confirmed by the audit trail of each device, of those that were away once they are back", async () => {
    await using here = await estate({ ...fleet(), commandMs: 1 });
    const { simulator, workspace } = here;
    const partner = 5020;
    const { there, away } = takers(here, (device) => device.osType === 2 && among(partner)(device));
    for (const id of there.slice(0, 1)) simulator.edit(id, { lastTimestamp: 1_700_000_000 });
    const gone = [...away, ...there.slice(0, 1)];
    const job = { plan: "archive-schedule", inputs: () => [`partner=${partner}`, "seen_within=20y"] };
    const seen = { ...job, inputs: () => [`partner=${partner}`, "seen_within=3d"] };
    const [shown] = (await collect(workspace.preview(await load(here, seen)))).filter(({ type }) => type === "preview");
    expect(shown).toMatchObject({ counts: { selected: there.length - 1 } });
    const first = await ended(
      here,
      workspace.apply(await load(here, job, { withinMs: 2000 }), { consent: yes }),
      told,
    );
    expect(first.end.counts).toMatchObject({ confirmed: there.length - 1, pending: gone.length, unknown: 0 });
    expect(first.in("pending").sort()).toEqual(gone.map(String).sort());
    for (const id of gone) simulator.online(id);
    const later = await collect(workspace.verify(first.run));
    expect(later.findLast((event) => event.type === "end")).toMatchObject({
      exit: 0,
      counts: { confirmed: there.length + away.length, pending: 0 },
    });
    expect(await appliedAgain(here, job)).toMatchObject({ exit: 0, counts: { confirmed: 0, already: 0 } });
  });

  it("dashboard-mail is confirmed by the list, of devices that were away once they are back", async () => {
    await using here = await estate({ ...fleet(), commandMs: 1 });
    const { simulator, workspace } = here;
    const { there, away } = takers(here, ({ name }) => name.startsWith("srv-0000"));
    const job = {
      plan: "dashboard-mail",
      inputs: () => [
        `partner=${simulator.rootPartner}`,
        "prefix=srv-0000",
        "mail=it@example.net;ops@example.net",
        "frequency=wednesday_saturday",
      ],
    };
    const values = ofDevice(({ mailAddress, mailDays }) => ({
      email: mailAddress === "" ? null : mailAddress,
      dashboard_frequency: { 0: "never", 32: "saturday", 36: "wednesday_saturday", 127: "daily" }[mailDays] ?? null,
    }));
    const first = await ended(
      here,
      workspace.apply(await load(here, job, { withinMs: 2000 }), { consent: yes }),
      { ...told, values },
    );
    expect(first.violations).toEqual([]);
    expect(first.end.counts).toMatchObject({ confirmed: there.length, pending: away.length, unknown: 0 });
    for (const id of away) simulator.online(id);
    const later = await collect(workspace.verify(first.run));
    expect(later.findLast((event) => event.type === "end")).toMatchObject({
      exit: 0,
      counts: { confirmed: there.length + away.length, pending: 0 },
    });
    expect(await appliedAgain(here, job)).toMatchObject({ exit: 0, counts: { already: there.length + away.length, confirmed: 0 } });
  });
});
