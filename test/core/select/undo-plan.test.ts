import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemId, type Fields, type Item } from "../../../runner/core/model/item.ts";
import type { Plan } from "../../../runner/core/model/plan.ts";
import type { Lookup } from "../../../runner/core/model/listing.ts";
import { decide } from "../../../runner/core/select/decide.ts";
import { undoPlan } from "../../../runner/core/select/undo-plan.ts";
import type { Past, Trace } from "../../../runner/core/settle/undo.ts";
import { frozen } from "../../support/plan.ts";
import { productPlan } from "../../support/runs.ts";

const plan = productPlan(1, { from: 3, to: 4 });
const item = (id: number, product: number): Item => ({
  id: itemId(String(id)),
  fields: { device_id: id, device_name: `d${id}`, product_id: product },
});
const pastOf = (traces: Readonly<Record<string, Trace>>): Past => ({
  run: frozen.run.id,
  size: Object.keys(traces).length,
  of: (id) => traces[id],
  absences: () => ({ see: () => undefined, gone: () => Promise.resolve(undefined) }),
});
const wrote = (before: number, after: number): Trace => ({
  before: { product_id: before },
  after: { product_id: after },
});
const decided = (of: Plan, traces: Readonly<Record<string, Trace>>, one: Item) =>
  decide(undoPlan(of, pastOf(traces)), frozen, one);

describe("the plan that takes a run back", () => {
  it("gives an item its old value by the same call, the item as it is now", () => {
    expect(decided(plan, { 7: wrote(3, 4) }, item(7, 4))).toMatchObject({
      as: "selected",
      before: { product_id: 4 },
      after: { product_id: 3 },
      params: { accountInfo: { Id: 7, ProductId: 3 } },
    });
  });

  it("says that what is unset now is unset, as everywhere", () => {
    const unset: Item = { id: itemId("7"), fields: { device_id: 7, device_name: "d7", product_id: null } };
    expect(decided(plan, { 7: wrote(3, 4) }, unset)).toMatchObject({
      as: "refused",
      why: "changed since: product_id is unset now",
    });
  });

  it.each([
    ["filtered-out", "the run did not touch", {}, 4, undefined],
    ["already", "is as it was before", { 7: wrote(3, 4) }, 3, undefined],
    ["refused", "somebody else has changed since", { 7: wrote(3, 4) }, 9, "changed since: product_id is 9 now"],
    ["refused", "is not known to be ours", { 7: { why: "lost" } }, 4, "lost"],
  ] as const)("leaves alone, as %s, what %s", (...[as, , traces, product, why]) => {
    expect(decided(plan, traces, item(7, product))).toMatchObject({ as, ...(why && { why }) });
  });

  it("refuses what its call says the same for, whatever the value", () => {
    const deaf: Plan = { ...plan, change: { ...plan.change, params: (_, { id }) => ({ touch: Number(id) }) } };
    expect(decided(deaf, { 7: wrote(3, 4) }, item(7, 4))).toMatchObject({
      as: "refused",
      why: expect.stringContaining("do not use the value") as string,
      hint: expect.stringContaining("undo") as string,
    });
  });

  it("goes by the plan's own undo call", () => {
    const call = {
      ...{ method: "RemoveThing", repeat: "set" as const, destructive: true },
      params: (_: unknown, { id }: Item, set: Fields) => ({ id, back: set.product_id ?? null }),
    };
    const undoing = undoPlan(
      { ...plan, undo: { possible: true, reason: undefined, call } },
      pastOf({ 7: wrote(3, 4) }),
    );
    expect(undoing.change).toMatchObject({ method: "RemoveThing", destructive: true, onlyIfUnchanged: true });
    expect(decide(undoing, frozen, item(7, 4))).toMatchObject({ params: { id: "7", back: 3 } });
    // And is itself taken back by what the plan did first.
    const again = undoPlan(undoing, pastOf({ 7: wrote(4, 3) }));
    expect(again.change.method).toBe("ModifyAccount");
    expect(decide(again, frozen, item(7, 3))).toMatchObject({ params: { accountInfo: { Id: 7, ProductId: 4 } } });
  });

  it("looks where the run's verification looked, and proves it where the items came from", () => {
    const elsewhere = { ...plan.enumerate, params: () => ({ query: { PartnerId: 2 } }) };
    const narrowed = { ...plan.enumerate, narrowed: () => ({ query: { PartnerId: 1, Filter: "product 3" } }) };
    const verify = { ...plan.verify, list: elsewhere };
    const undoing = undoPlan({ ...plan, enumerate: narrowed, verify }, pastOf({}));
    expect(undoing.enumerate.params(frozen)).toEqual({ query: { PartnerId: 2 } });
    expect(undoing.verify.list?.params(frozen)).toEqual({ query: { PartnerId: 1 } });
    expect(undoing.verify.list).not.toHaveProperty("narrowed");
    // The narrowed list leaves out what has changed.
    expect(undoPlan({ ...plan, enumerate: narrowed }, pastOf({})).enumerate).not.toHaveProperty("narrowed");
  });

  it("keeps pace, waves and limits, and none of the ceilings, gates, warnings and wanted rows of the way there", () => {
    const pace = { concurrency: 2, waves: [{ count: 1 }, { percent: 100 }] };
    const warnings = [{ concerns: () => true, message: () => "careful" }];
    const stop = { ...plan.stop, onStop: "undo" as const };
    const lookup = { name: "moves", unused: "error", unique: true } as Lookup;
    const guards = { ...plan.guards, min: 5, max: 1, changeFromLast: 10 };
    const undoing = undoPlan({ ...plan, pace, warnings, stop, guards, lookups: [lookup] }, pastOf({ 7: wrote(3, 4) }));
    expect(undoing).toMatchObject({ pace, undoes: frozen.run.id, stop: { errors: 3, onStop: "verify" } });
    expect(undoing).not.toHaveProperty("warnings");
    expect(undoing.guards).toEqual({ require: [], min: 0, allowEmpty: false, allowRefused: 1 });
    expect(undoing.lookups).toEqual([{ name: "moves", unused: "ignore", unique: false }]);
  });

  it("selects exactly what still holds what the run wrote, and gives back what was there (property)", () => {
    const values = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(values, values, values, fc.boolean(), (before, after, now, isOurs) => {
        const traces = { 7: isOurs ? wrote(before, after) : { why: "unsure" } };
        const decision = decided(plan, traces, item(7, now));
        const isSelected = isOurs && now === after && before !== after;
        expect(decision.as === "selected").toBe(isSelected);
        if (decision.as === "selected") expect(decision.after).toEqual({ product_id: before });
        if (isOurs && now === before) expect(decision.as).toBe("already");
      }),
    );
  });
});
