import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { RunnerError } from "../../runner/core/model/errors.ts";
import type { UndoOptions } from "../../runner/workspace/options.ts";
import { collect, labelled } from "../support/runs.ts";
import { changesReceived, ended, estate, yes, type Estate } from "../support/workspace.ts";

const apply = { consent: yes };
const minute = { timeout: 60_000 };

const previewOf = (events: readonly RunEvent[]) =>
  events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview");
const refusalOf = async (events: AsyncIterable<RunEvent>): Promise<unknown> => {
  const found: unknown = await collect(events).catch((error: unknown) => error);
  return found instanceof RunnerError ? { code: found.code, message: found.message, hint: found.hint } : found;
};

const fileOf = (here: Estate, run: string) => join(here.cwd, `undo-${run}.ndjson`);

/** Undo a run, and apply what that has saved. */
async function undone(here: Estate, run: string, options: UndoOptions = {}, how: Parameters<typeof ended>[2] = {}) {
  const events = await collect(here.workspace.undo(run, options));
  const saved = await here.workspace.loadChangeSet(fileOf(here, run), options.inputs);
  return { events, back: await ended(here, here.workspace.apply(saved, apply), how) };
}

async function applied(here: Estate, count: number) {
  const ids = here.movable(count);
  return { ids, first: await ended(here, here.workspace.apply(await here.plan(ids), apply)) };
}

const productsOf = ({ simulator }: Estate, ids: readonly number[]) => ids.map((id) => simulator.device(id)?.productId);

describe("T24: undo", () => {
  it("after a third-party edit on 3 of 100 restores 97 and lists 3", minute, async () => {
    await using here = await estate();
    const { ids, first } = await applied(here, 100);
    expect(first.in("confirmed")).toHaveLength(100);
    const edited = [ids[3]!, ids[50]!, ids[99]!];
    for (const id of edited) here.simulator.edit(id, { productId: 7 });
    const { events, back } = await undone(here, first.run);
    const preview = previewOf(events);
    expect(preview).toMatchObject({ counts: { selected: 97, refused: 3, already: 0 }, undoes: first.run });
    expect(preview?.refusals.map(({ id, why }) => [id, why])).toEqual(
      edited.map((id) => [String(id), "changed since: product_id is 7 now"]),
    );
    expect(previewOf(back.events)?.refusals).toEqual(preview?.refusals);
    expect(preview?.sample[0]).toMatchObject({ before: { product_id: 4 }, after: { product_id: 3 } });
    expect(back.end).toMatchObject({ exit: 6, counts: { confirmed: 97, refused: 3 }, sealed: true, conserved: true });
    expect(back.violations).toEqual([]);
    expect(productsOf(here, ids)).toEqual(ids.map((id) => (edited.includes(id) ? 7 : 3)));
    expect((await here.workspace.audit(back.run)).ok).toBe(true);
    expect(back.records[0]).toMatchObject({ from: { kind: "change-set", undoes: { run: first.run } } });
  });

  it("after apply is the identity on items that nobody touched, and touches no other (property)", minute, async () => {
    const edits = fc.array(fc.record({ place: fc.nat(9), to: fc.constantFrom(3, 4, 7, 9), late: fc.boolean() }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(edits, async (all) => {
        await using here = await estate({ devices: 60 });
        const { ids, first } = await applied(here, 10);
        const edit = (late: boolean) => {
          for (const one of all.filter((each) => each.late === late))
            here.simulator.edit(ids[one.place]!, { productId: one.to });
        };
        edit(false);
        await collect(here.workspace.undo(first.run));
        edit(true);
        const before = productsOf(here, ids);
        if (existsSync(fileOf(here, first.run))) {
          const saved = await here.workspace.loadChangeSet(fileOf(here, first.run));
          const back = await ended(here, here.workspace.apply({ ...saved, loaded: lenient(saved.loaded) }, apply));
          expect(back.violations).toEqual([]);
        }
        // What held the value that the run wrote when it was looked at last has its old one; all else is as it was.
        const between = ids.map((_, place) => all.findLast((one) => !one.late && one.place === place)?.to ?? 4);
        const wanted = before.map((now, place) => (now === 4 && between[place] === 4 ? 3 : now));
        expect(productsOf(here, ids)).toEqual(wanted);
      }),
      { numRuns: 8 },
    );
  });

  it(
    "names what the run changed and is gone, in preview, change set and record, and does not end green",
    minute,
    async () => {
      await using here = await estate();
      const { ids, first } = await applied(here, 10);
      const lost = [ids[2]!, ids[7]!];
      const titles = lost.map((id) => here.simulator.device(id)!.name);
      for (const id of lost) here.simulator.remove(id);
      const { events, back } = await undone(here, first.run);
      const named = lost.map((id, place) => ({ id: String(id), title: titles[place] }));
      const told = { missing: 2, gone: named.map((one) => ({ ...one, why: "it is gone from the list" })) };
      expect(previewOf(events)).toMatchObject({ ...told, counts: { selected: 8, refused: 0 } });
      expect(previewOf(back.events)).toMatchObject(told);
      expect(back.records.find(({ type }) => type === "enumerated")).toMatchObject({
        gone: { count: 2, items: named },
      });
      expect(back.end).toMatchObject({ exit: 6, exits: [6], gone: 2, counts: { confirmed: 8 }, conserved: true });
      expect(back.violations).toEqual([]);
      expect((await here.workspace.audit(back.run)).ok).toBe(true);
    },
  );

  it("lets no change set say that less is gone than its list lacks", minute, async () => {
    await using here = await estate();
    const { ids, first } = await applied(here, 4);
    here.simulator.remove(ids[1]!);
    await collect(here.workspace.undo(first.run));
    const file = fileOf(here, first.run);
    const saved = await here.workspace.loadChangeSet(file);
    expect(saved.header.enumerated.gone).toMatchObject({ count: 1 });
    const { gone: _, ...enumerated } = saved.header.enumerated;
    const forged = { ...saved, header: { ...saved.header, enumerated } };
    expect(await refusalOf(here.workspace.apply(forged, apply))).toMatchObject({
      code: "tampered",
      message: expect.stringContaining("what it says is gone is not what its list lacks"),
    });
  });

  it("leaves alone what was lost, refused, not sent or not visible, each with its reason (I19)", minute, async () => {
    await using here = await estate();
    const ids = here.movable(8);
    const [lost, refused, nothing] = ids as [number, number, number];
    here.simulator.setFaults([
      { method: "ModifyAccount", item: lost, fault: "reset-after" },
      { method: "ModifyAccount", item: refused, fault: "error", data: 13501 },
      { method: "ModifyAccount", item: nothing, fault: "error-after-apply" },
    ]);
    const first = await ended(here, here.workspace.apply(await here.plan(ids), apply));
    here.simulator.setFaults([]);
    expect(first.in("rejected")).toEqual([String(refused)]);
    expect(first.in("confirmed")).toHaveLength(7);
    const { events, back } = await undone(here, first.run);
    const whys = Object.fromEntries(previewOf(events)!.refusals.map(({ id, why }) => [id, why]));
    expect(Object.keys(whys).sort()).toEqual([String(lost), String(nothing)].sort());
    expect(whys[lost]).toContain("the answer was lost");
    expect(whys[nothing]).toContain("the service said no");
    expect(back.in("confirmed")).toEqual(ids.slice(3).map(String));
    expect(productsOf(here, ids)).toEqual([4, 3, 4, 3, 3, 3, 3, 3]);
  });

  it("is refused while the run is open, when it changed nothing, and for a mere preview", minute, async () => {
    await using here = await estate({ latencyMs: 20 });
    const ids = here.movable(10);
    for await (const event of here.workspace.apply(await here.plan(ids), apply)) if (event.type === "outcome") break;
    expect(await refusalOf(here.workspace.undo("latest"))).toMatchObject({
      code: "stale",
      hint: expect.stringContaining("rollcall resume") as string,
    });
    const first = await ended(here, here.workspace.resume("latest"));
    await collect(here.workspace.preview(await here.plan(ids)));
    expect(await refusalOf(here.workspace.undo("latest"))).toMatchObject({
      code: "stale",
      message: expect.stringContaining("sent nothing") as string,
    });
    const file = fileOf(here, first.run);
    writeFileSync(file, "mine\n");
    expect(await refusalOf(here.workspace.undo(first.run))).toMatchObject({ code: "usage" });
    expect(readFileSync(file, "utf8")).toBe("mine\n");
  });

  it(
    "reads nothing before every answer is as old as a list can be, so that no read shows the time before",
    minute,
    async () => {
      await using here = await estate({ lagMs: 150 });
      const { ids, first } = await applied(here, 5);
      const last = first.records.findLast(({ type }) => type === "outcome")?.t ?? 0;
      const { events, back } = await undone(here, first.run);
      const enumerated = events.find((event) => event.type === "enumerated");
      expect((enumerated?.began ?? 0) - last).toBeGreaterThanOrEqual(200 + 200);
      expect(back.end).toMatchObject({ exit: 0, counts: { confirmed: 5 } });
      expect(productsOf(here, ids)).toEqual([3, 3, 3, 3, 3]);
      expect(back.violations).toEqual([]);
    },
  );

  it("is used up by one apply, finds nothing to do after it, and can itself be taken back", minute, async () => {
    await using here = await estate();
    const { ids, first } = await applied(here, 6);
    const { back } = await undone(here, first.run);
    expect(back.in("confirmed")).toHaveLength(6);
    const saved = await here.workspace.loadChangeSet(fileOf(here, first.run));
    expect(await refusalOf(here.workspace.apply(saved, apply))).toMatchObject({
      message: expect.stringContaining("applied already") as string,
    });
    const file = join(here.cwd, "again.ndjson");
    const again = await collect(here.workspace.undo(first.run, { out: { file } }));
    expect(previewOf(again)?.counts).toMatchObject({ selected: 0, already: 6 });
    expect(existsSync(file)).toBe(false);
    const forth = await undone(here, back.run);
    expect(forth.back.in("confirmed")).toHaveLength(6);
    expect(productsOf(here, ids)).toEqual([4, 4, 4, 4, 4, 4]);
    const third = await undone(here, forth.back.run);
    expect(third.back.in("confirmed")).toHaveLength(6);
    expect(productsOf(here, ids)).toEqual([3, 3, 3, 3, 3, 3]);
  });

  it("takes back only the items that were asked for, and knows which are not the run's", minute, async () => {
    await using here = await estate();
    const { ids, first } = await applied(here, 6);
    expect(await refusalOf(here.workspace.undo(first.run, { only: ["12"] }))).toMatchObject({ code: "usage" });
    const some = refusalOf(here.workspace.undo(first.run, { only: [`${ids[1]},12,a "b"`] }));
    expect(await some).toMatchObject({
      message: `Run ${first.run} was to change no item "12" and no item "a \\"b\\"".`,
    });
    const only = [String(ids[1]), String(ids[4])];
    const { back } = await undone(here, first.run, { only: [only.join(",")] });
    expect(back.in("confirmed")).toEqual(only);
    expect(productsOf(here, ids)).toEqual([4, 3, 4, 4, 3, 4]);
  });

  it("goes on where it was left, and takes up again what the service refused", minute, async () => {
    await using here = await estate({ latencyMs: 20 });
    const { ids, first } = await applied(here, 12);
    await collect(here.workspace.undo(first.run));
    const saved = await here.workspace.loadChangeSet(fileOf(here, first.run));
    here.simulator.setFaults([{ method: "ModifyAccount", item: ids[0]!, fault: "error", data: 13501 }]);
    for await (const event of here.workspace.apply(saved, apply)) if (event.type === "outcome") break;
    const back = await ended(here, here.workspace.resume("latest"));
    expect(back.violations).toEqual([]);
    expect(back.end.counts).toMatchObject({ confirmed: 11, rejected: 1 });
    here.simulator.setFaults([]);
    const rest = await ended(here, here.workspace.rerun(back.run, { ...apply, only: ["rejected"] }));
    expect(rest.in("confirmed")).toEqual([String(ids[0])]);
    expect(productsOf(here, ids)).toEqual(ids.map(() => 3));
  });

  it("applies nothing that the record of the run does not say, nor where that record is not", minute, async () => {
    await using here = await estate();
    await using there = await here.elsewhere();
    const { first } = await applied(here, 3);
    await collect(here.workspace.undo(first.run));
    const file = fileOf(here, first.run);
    await expect(there.workspace.loadChangeSet(file)).rejects.toMatchObject({ code: "stale" });
    const made = join(here.cwd, "made-up.ndjson");
    writeFileSync(made, readFileSync(file, "utf8").replaceAll('"product_id":3', '"product_id":9'));
    await expect(here.workspace.loadChangeSet(made)).rejects.toMatchObject({ code: "tampered" });
    expect(changesReceived(here.simulator)).toHaveLength(3);
  });

  it("goes back by the plan's own call, several items at a time", minute, async () => {
    await using here = await estate({ devices: 200 });
    const file = join(import.meta.dirname, "../support/plans/label-devices.yaml");
    const plan = await here.workspace.loadPlan(file, { service: "simulator", set: ["partner=4001"] });
    const first = await ended(here, here.workspace.apply(plan, apply), {
      ...{ method: "AddAccountLabel", chunk: 10, values: labelled },
    });
    const count = first.in("confirmed").length;
    expect(count).toBeGreaterThan(20);
    const how = { method: "RemoveAccountLabel", chunk: 100, values: labelled };
    const { back } = await undone(here, first.run, {}, how);
    expect(back.in("confirmed")).toHaveLength(count);
    expect(back.records[0]).toMatchObject({ change: { method: "RemoveAccountLabel", destructive: true } });
    const calls = here.simulator.witness.entries.filter(({ method }) => method === "RemoveAccountLabel");
    expect(calls).toHaveLength(Math.ceil(count / 100));
  });

  it("that can not be says so before it asks for a secret", minute, async () => {
    await using here = await estate({ devices: 120 });
    const file = join(import.meta.dirname, "../support/plans/gui-password.yaml");
    const loaded = await here.workspace.loadPlan(file, {
      set: [`partner=${here.simulator.rootPartner}`, `ids=${here.simulator.ids().slice(0, 2).join(",")}`],
      inputs: { password: "long enough to be one" },
    });
    const first = await ended(here, here.workspace.apply(loaded, apply), {
      ...{ method: "SendAccountCommand", repeat: "once" },
    });
    const asked: string[] = [];
    const ask = (name: string): Promise<string | undefined> => {
      asked.push(name);
      return Promise.resolve(undefined);
    };
    await expect(collect(here.workspace.undo(first.run, { inputs: { ask } }))).rejects.toMatchObject({
      ...{ code: "stale", message: expect.stringMatching(/can not be taken back: no read shows/) as string },
    });
    expect(asked).toEqual([]);
  });

  it("of a plan with a secret asks for it again, and refuses another one", minute, async () => {
    await using here = await estate();
    const ids = here.movable(3);
    const file = join(here.cwd, "secret.yaml");
    writeFileSync(file, withSecret);
    const inputs = { set: [`ids=${ids.join(",")}`], service: "simulator", inputs: { word: "kQ9zkQ9z" } };
    const first = await ended(here, here.workspace.apply(await here.workspace.loadPlan(file, inputs), apply));
    expect(first.in("confirmed")).toHaveLength(3);
    const other = { inputs: { inputs: { word: "another!" } } };
    await expect(collect(here.workspace.undo(first.run, other))).rejects.toMatchObject({
      problems: [{ code: "other-secret" }],
    });
    const { back } = await undone(here, first.run, { inputs: { inputs: { word: "kQ9zkQ9z" } } });
    expect(back.in("confirmed")).toHaveLength(3);
    expect(productsOf(here, ids)).toEqual([3, 3, 3]);
    expect(readFileSync(fileOf(here, first.run), "utf8")).not.toContain("kQ9z");
  });
});

/** Late edits are drifts, and here none of them is to stop the rest. */
function lenient<Loaded extends { readonly plan: { readonly stop: object } }>(loaded: Loaded): Loaded {
  return { ...loaded, plan: { ...loaded.plan, stop: { ...loaded.plan.stop, driftedPercent: 100 } } };
}

const withSecret = `rollcall: 1
name: secret
service: simulator
inputs:
  ids: { type: list, of: integer }
  word: { type: secret }
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 4001 } }
  fields: [device_id, device_name, product_id]
  title: device_name
filter: item.device_id in inputs.ids
change:
  set: { product_id: 4 }
  call: ModifyAccount
  params:
    accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}", NameAlias: "\${{ inputs.word }}" }
verify: { within: 3s, every: 150ms }
`;
