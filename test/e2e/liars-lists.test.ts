import { describe, expect, it } from "vitest";
import type { Lie } from "../support/liar/lies.ts";
import { removalOf } from "../support/liar/papers.ts";
import { liedTo, type Setting } from "../support/lied-to.ts";

/** What is said of a list that is refused before anything is sent. */
async function refusal(setting: Setting): Promise<string> {
  await using line = await liedTo(setting);
  const { exit, stderr } = await line.run(["apply", "plan.yaml", "--yes"]);
  expect({ exit, sent: line.calls("set") }, stderr).toEqual({ exit: 5, sent: 0 });
  return stderr;
}

describe("a list that is not what it seems", () => {
  const pages: readonly { readonly what: string; readonly setting: Setting; readonly says: string }[] = [
    {
      what: "by offset that gives the first page whatever it is asked for",
      setting: { lies: [{ on: "list", does: "first-page" }] },
      says: "the first page came again",
    },
    {
      what: "by page number that gives the first page whatever it is asked for",
      setting: { paging: "number", lies: [{ on: "list", does: "first-page" }] },
      says: "the first page came again",
    },
    {
      what: "by cursor that gives the first page whatever it is asked for",
      setting: { paging: "cursor", rows: "map", lies: [{ on: "list", does: "first-page" }] },
      says: "came twice",
    },
    {
      what: "whose cursors lead in a circle",
      setting: { paging: "cursor", lies: [{ on: "list", does: "loop" }] },
      says: "came twice",
    },
    {
      what: "with always another page of nothing",
      setting: { paging: "cursor", lies: [{ on: "list", does: "nothing-there" }] },
      says: "pages in a row are empty, and there is always another cursor",
    },
    {
      what: "by offset in which a row comes twice",
      setting: { lies: [{ on: "list", does: "repeat-row" }] },
      says: "Rows 4 and 5 have the same id: 4.",
    },
    {
      what: "by page number in which a row comes twice",
      setting: { paging: "number", lies: [{ on: "list", does: "repeat-row" }] },
      says: "Rows 4 and 5 have the same id: 4.",
    },
    {
      what: "in one answer in which a row comes twice",
      setting: { paging: "none", lies: [{ on: "list", does: "repeat-row" }] },
      says: "Rows 10 and 11 have the same id: 10.",
    },
    { what: "that is empty", setting: { lies: [{ on: "list", does: "nothing-there" }] }, says: "empty" },
    {
      what: "that is cut short in every page, where the service counts otherwise",
      setting: {
        paging: "cursor",
        plan: { lookups: { count: { call: "count", value: ".", type: "integer" } } },
        enumerate: { total: "lookup.count" },
        lies: [{ on: "list", does: "cut", size: 3 }],
      },
      says: "The list has 8 items; enumerate.total says 10",
    },
    {
      what: "that is cut short in every page, by number, where the service counts otherwise",
      setting: {
        paging: "number",
        plan: { lookups: { count: { call: "count", value: ".", type: "integer" } } },
        enumerate: { total: "lookup.count" },
        lies: [{ on: "list", does: "cut", size: 3 }],
      },
      says: "The list has 8 items; enumerate.total says 10",
    },
  ];
  for (const { what, setting, says } of pages)
    it(`${what} is refused before anything is sent`, async () => {
      expect(await refusal(setting)).toContain(says);
    });

  it("that never comes is given up, and nothing is sent", async () => {
    const config = { limits: { timeout: "100ms" } };
    const said = await refusal({ config, lies: [{ on: "list", does: "silence", applied: true }] });
    expect(said).toContain("list could not be read: no answer within 100 ms");
  });
});

const all = (count: number, state: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [String(place + 1), state]));

/** Everything was as it should be: each item once, and confirmed. */
async function expectAllDone(setting: Setting, items = 10): Promise<void> {
  await using line = await liedTo({ items, ...setting });
  const run = await line.apply();
  expect({ exit: run.exit, violations: run.violations }, run.stdout + run.stderr).toEqual({ exit: 0, violations: [] });
  expect(run.states).toEqual(all(items, "confirmed ours"));
  expect(line.calls("set")).toBe(items);
}

describe("a list that can be made whole", () => {
  const short: readonly { readonly what: string; readonly setting: Setting }[] = [
    {
      what: "by offset, with pages that are shorter than asked for",
      setting: { lies: [{ on: "list", does: "cap", size: 3 }] },
    },
    {
      what: "by number, with pages that are shorter than asked for",
      setting: { paging: "number", lies: [{ on: "list", does: "cap", size: 3 }] },
    },
    {
      what: "by offset, from which a row is missing for a moment",
      setting: { lies: [{ on: "list", nth: 2, does: "skip-row" }] },
    },
    {
      what: "by number, from which a row is missing for a moment",
      setting: { paging: "number", lies: [{ on: "list", nth: 2, does: "skip-row" }] },
    },
    {
      what: "whose first answers are none",
      setting: {
        lies: [
          { on: "list", nth: 1, does: "half-json", applied: true },
          { on: "list", nth: 2, does: "wrong-id" },
          { on: "list", nth: 3, does: "html", status: 502, applied: true },
        ],
      },
    },
    {
      what: "whose keys are numbers, and then texts",
      setting: { lies: [{ on: "list", from: 2, does: "other-key-type" }] },
    },
    {
      what: "whose keys are texts, and then numbers",
      setting: { ids: "text", lies: [{ on: "list", from: 2, does: "other-key-type" }] },
    },
  ];
  for (const { what, setting } of short) it(`${what}: every item is changed once`, () => expectAllDone(setting));
});

it("a list that does not come any more: what was accepted stays pending, and the run ends", async () => {
  const setting = { config: { limits: { timeout: "100ms" } }, plan: { verify: { within: "200ms", every: "100ms" } } };
  const lies: readonly Lie[] = [{ on: "list", from: 2, does: "hang-up", applied: true }];
  await using line = await liedTo({ ...setting, paging: "none", items: 3, lies });
  const run = await line.apply();
  expect(run).toMatchObject({ exit: 8, violations: [], states: all(3, "pending"), received: { 1: 1, 2: 1, 3: 1 } });
  line.liar.lies.stop();
  expect(await line.run(["verify", "latest"])).toMatchObject({ exit: 0 });
  expect(line.latest().states).toEqual(all(3, "confirmed ours"));
});

describe("a list that is empty for a moment", () => {
  /** By one answer, so that the first is what was decided on. */
  const paging = "none";

  it("right after the changes: nothing has vanished", () =>
    expectAllDone({ paging, lies: [{ on: "list", nth: 2, does: "nothing-there" }] }, 4));

  it("when a lost answer is looked for: the item has not vanished", async () => {
    const lies: readonly Lie[] = [
      { on: "set", item: 2, does: "silence", applied: true },
      { on: "list", nth: 2, does: "nothing-there" },
      { on: "list", nth: 3, does: "nothing-there" },
    ];
    await using line = await liedTo({ paging, items: 4, lies });
    expect(await line.apply()).toMatchObject({ exit: 0, violations: [], states: { 2: "confirmed unsure" } });
  });

  it("when a removal that was not made is looked for: it is not taken for made, and is sent again", async () => {
    const lies: readonly Lie[] = [
      { on: "remove", item: 5, nth: 1, does: "silence", applied: false },
      { on: "list", nth: 2, does: "nothing-there" },
    ];
    await using line = await liedTo({ paging, items: 8, lies, makePlan: removalOf });
    const run = await line.apply(5);
    expect(run).toMatchObject({ exit: 0, violations: [] });
    expect(run.states).toMatchObject({ 4: "confirmed ours", 5: "confirmed unsure", 8: "confirmed ours" });
    expect(run.received).toEqual({ 4: 1, 5: 2, 6: 1, 7: 1, 8: 1 });
    expect([...line.liar.things.keys()]).toEqual([1, 2, 3]);
  });

  it("right before a removal, by `only_if_unchanged`: what is still there is not taken for gone", async () => {
    const lies: readonly Lie[] = [2, 3].map((nth) => ({ on: "list", nth, does: "nothing-there" }));
    const setting = { change: { only_if_unchanged: true }, plan: { pace: { concurrency: 1 } } };
    await using line = await liedTo({ ...setting, paging, items: 8, lies, makePlan: removalOf });
    const run = await line.apply(5);
    expect(run).toMatchObject({ exit: 7, violations: [], received: { 4: 0, 5: 1 } });
    expect(run.states).toMatchObject({ 4: "drifted", 5: "confirmed ours", 8: "confirmed ours" });
  });

  it("without the items that were not removed, once: they are not taken for removed", async () => {
    const lies: readonly Lie[] = [
      { on: "remove", item: 5, does: "nothing" },
      { on: "remove", item: 6, does: "hang-up", applied: false },
      { on: "list", from: 2, does: "hide", items: [1, 5, 6] },
    ];
    await using line = await liedTo({ paging, items: 8, lies, makePlan: removalOf });
    const run = await line.apply(5);
    expect(run.states).toMatchObject({ 5: "pending", 6: "unknown" });
    expect(run).toMatchObject({ exit: 7, violations: [], received: { 5: 1, 6: 1 } });
  });
});
