import { describe, expect, it } from "vitest";
import type { LiarStyle } from "../support/liar.ts";
import type { Lie } from "../support/liar/lies.ts";
import { removalOf } from "../support/liar/papers.ts";
import { liedTo, type Setting } from "../support/lied-to.ts";

describe("however a service gives its list and takes its params", () => {
  const styles: readonly Partial<LiarStyle>[] = [
    { paging: "offset", rows: "array", params: "positional", ids: "text" },
    { paging: "number", rows: "map", params: "named", ids: "text", session: "token" },
    { paging: "cursor", rows: "nested", params: "positional", session: "header" },
    { paging: "none", rows: "map", params: "positional" },
  ];
  const lies: readonly Lie[] = [
    { on: "set", item: 1, does: "hang-up", applied: true },
    { on: "set", item: 2, nth: 1, does: "hang-up", applied: false },
    { on: "set", item: 3, does: "error", applied: true },
    { on: "set", item: 4, nth: 1, does: "nothing" },
  ];
  for (const style of styles)
    it(`${Object.values(style).join(", ")}: lies are caught, and what is left is done by the next run`, async () => {
      await using line = await liedTo({ ...style, items: 9, lies });
      const run = await line.apply();
      expect(run).toMatchObject({ exit: 7, violations: [] });
      const ours = Object.fromEntries([5, 6, 7, 8, 9].map((id) => [id, "confirmed ours"]));
      const caught = { 1: "confirmed unsure", 2: "confirmed unsure", 3: "confirmed despite", 4: "diverged" };
      expect(run.states).toEqual({ ...caught, ...ours });
      expect(run.received).toMatchObject({ 1: 1, 2: 2, 3: 1, 4: 1, 9: 1 });
      const second = await line.apply();
      expect(second).toMatchObject({ exit: 0, violations: [], states: { 4: "confirmed ours" }, received: { 4: 1 } });
      const third = await line.apply();
      expect(third).toMatchObject({ exit: 0, states: {}, received: {} });
      expect(await line.run(["audit", "verify", "latest"])).toMatchObject({ exit: 0 });
    });
});

describe("what proves a change", () => {
  const lies: readonly Lie[] = [
    { on: "set", item: 1, does: "nothing" },
    { on: "set", item: 2, does: "silence", applied: true },
    { on: "set", item: 3, does: "error", applied: true },
  ];
  const states = { 1: "diverged", 2: "confirmed unsure", 3: "confirmed despite", 4: "confirmed ours" };

  it("is another list, where the plan says so, whatever the first one shows", async () => {
    const call = { call: "copy", params: { offset: "${{ page.offset }}", size: "${{ page.size }}" } };
    const plan = { verify: { within: "1s", every: "100ms", ...call } };
    await using line = await liedTo({ items: 4, lies, plan });
    expect(await line.apply()).toMatchObject({ exit: 7, violations: [], states, received: { 1: 1, 2: 1, 3: 1, 4: 1 } });
    expect(line.calls("copy")).toBeGreaterThan(1);
  });

  it("is not another list that always gives its first page", async () => {
    const call = { call: "copy", params: { offset: "${{ page.offset }}", size: "${{ page.size }}" } };
    const plan = { verify: { within: "300ms", every: "100ms", ...call } };
    await using line = await liedTo({ items: 8, lies: [{ on: "copy", does: "first-page" }], plan });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 8, violations: [] });
    expect(new Set(Object.values(run.states))).toEqual(new Set(["pending"]));
  });

  describe("by a read for each item", () => {
    const read = {
      call: "get",
      params: { id: "${{ item.id }}" },
      fields: { stored: { from: "level", type: "integer" } },
    };
    const change = { set: undefined, expect: "after.stored == 5", params: { id: "${{ item.id }}", level: 5 } };

    it("is what the read shows, and nothing else", async () => {
      const plan = { verify: { within: "300ms", every: "100ms", horizon: "200ms", read } };
      await using line = await liedTo({ items: 4, lies, change, plan });
      const run = await line.apply();
      expect(run).toMatchObject({ exit: 7, states, received: { 1: 1, 2: 1, 3: 1, 4: 1 } });
    });

    it("is not a read that fails: such an item stays pending, and the others are confirmed", async () => {
      const plan = { verify: { within: "200ms", every: "100ms", read } };
      const mute: readonly Lie[] = [{ on: "get", item: 2, does: "error", applied: true, message: "not now" }];
      await using line = await liedTo({ items: 3, lies: mute, change, plan });
      const run = await line.apply();
      expect(run.exit).toBe(8);
      expect(run.states).toEqual({ 1: "confirmed ours", 2: "pending", 3: "confirmed ours" });
    });
  });
});

describe("a removal", () => {
  const lies: readonly Lie[] = [
    { on: "remove", item: 4, does: "nothing" },
    { on: "remove", item: 5, does: "silence", applied: true },
    { on: "remove", item: 6, nth: 1, does: "silence", applied: false },
    { on: "remove", item: 7, does: "error", applied: true },
    { on: "remove", item: 8, does: "error", applied: false },
  ];
  const states = {
    4: "diverged",
    5: "confirmed unsure",
    6: "confirmed unsure",
    7: "confirmed despite",
    8: "rejected",
    9: "confirmed ours",
  };
  const received = { 4: 1, 5: 1, 6: 2, 7: 1, 8: 1, 9: 1 };

  it("is proven by the list, by `expect: absent`", async () => {
    await using line = await liedTo({ items: 9, lies, makePlan: removalOf });
    expect(await line.apply(6)).toMatchObject({ exit: 7, violations: [], states, received });
    expect([...line.liar.things.keys()]).toEqual([1, 2, 3, 4, 8]);
  });

  it.each<[string, Setting]>([
    ["that says so in a row", { missing: "row" }],
    ["that the config calls `not_found`", { config: { errors: [{ when: "error.code == 404", class: "not_found" }] } }],
  ])("is proven by a read %s, and one row that the list hides proves nothing", async (_how, setting) => {
    const read = {
      call: "get",
      params: { id: "${{ item.id }}" },
      when: "settle",
      absent: "has(row.gone)",
      fields: { gone: { from: "gone", type: "boolean" } },
    };
    const hidden: readonly Lie[] = [...lies, { on: "list", from: 2, does: "hide", items: [4] }];
    await using line = await liedTo({
      ...{ items: 9, lies: hidden, plan: { read }, makePlan: removalOf, paging: "none" },
      ...setting,
    });
    const run = await line.apply(6);
    expect(run).toMatchObject({ exit: 6, violations: [], received });
    expect(run.states).toEqual({ ...states, 4: "pending" });
  });
});

describe("a call about several items", () => {
  const change = {
    call: "set_many",
    params: { ids: "${{ items.map(one, one.id) }}", level: "${{ set.level }}" },
    chunk: 3,
  };
  const named = { succeeded: "done", failed: "failed" };

  it("with an answer for all of them: each is looked at", async () => {
    const lies: readonly Lie[] = [
      { on: "set_many", item: 2, does: "nothing" },
      { on: "set_many", item: 5, nth: 1, does: "silence", applied: false },
      { on: "set_many", item: 8, does: "error", applied: true },
    ];
    await using line = await liedTo({ items: 12, lies, change: { ...change, result: { all: true } } });
    const run = await line.apply();
    expect(run.violations).toEqual([]);
    expect(run.states).toMatchObject({ 1: "confirmed ours", 2: "diverged", 3: "confirmed ours" });
    expect(run.states).toMatchObject({ 4: "confirmed unsure", 5: "confirmed unsure", 6: "confirmed unsure" });
    expect(run.states).toMatchObject({ 7: "confirmed despite", 8: "confirmed despite", 9: "confirmed despite" });
    expect(run.received).toMatchObject({ 1: 1, 2: 1, 4: 1, 5: 2, 6: 1, 7: 1, 8: 1, 12: 1 });
    expect(run.exit).toBe(7);
  });

  it("whose answer names who was changed: a lie about one of them, and one that is named nowhere", async () => {
    const lies: readonly Lie[] = [
      { on: "set_many", item: 2, does: "nothing" },
      { on: "set_many", item: 5, does: "leave-out", applied: true },
      { on: "set_many", item: 8, nth: 1, does: "leave-out", applied: false },
      { on: "set_many", item: 10, does: "blame", applied: true },
      { on: "set_many", item: 13, does: "blame", applied: false },
    ];
    await using line = await liedTo({ items: 14, lies, change: { ...change, result: named } });
    const run = await line.apply();
    expect(run.violations).toEqual([]);
    expect(run.states).toMatchObject({ 1: "confirmed ours", 2: "diverged", 3: "confirmed ours" });
    expect(run.states).toMatchObject({ 4: "confirmed ours", 5: "confirmed unsure", 6: "confirmed ours" });
    expect(run.states).toMatchObject({ 7: "confirmed ours", 8: "confirmed unsure", 9: "confirmed ours" });
    expect(run.states).toMatchObject({ 10: "confirmed despite", 11: "confirmed ours", 13: "rejected" });
    expect(run.received).toMatchObject({ 2: 1, 5: 1, 7: 1, 8: 2, 9: 1, 10: 1, 13: 1 });
    expect(run.exit).toBe(7);
  });

  it("that must not be repeated: nobody in it is asked for again", async () => {
    const lies: readonly Lie[] = [
      { on: "set_many", item: 2, does: "silence", applied: false },
      { on: "set_many", item: 5, does: "leave-out", applied: false },
    ];
    const config = { methods: { list: { kind: "enumerate" } } };
    await using line = await liedTo({ items: 6, lies, config, change: { ...change, result: named } });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 7, violations: [] });
    expect(run.states).toEqual({
      1: "confirmed unsure",
      2: "unknown",
      3: "confirmed unsure",
      4: "confirmed ours",
      5: "unknown",
      6: "confirmed ours",
    });
    expect(new Set(Object.values(run.received))).toEqual(new Set([1]));
  });
});
