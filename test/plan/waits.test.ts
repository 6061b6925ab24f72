import { describe, expect, it } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import { frozen, itemOf, load, places, problemsOf } from "../support/plan.ts";

/** Line 14 is the first of `rest`. */
const plan = (rest: string): string => `rollcall: 1
name: waits
service: cove
inputs: { most: { type: integer, default: 2 } }
lookups:
  busy: { call: GetAccountInfoById, params: { accountId: 1 }, rows: ids }
enumerate: { call: EnumerateAccountStatistics, fields: [device_id, product_id, os_type, last_timestamp] }
read: { call: GetAccountInfoById, params: { accountId: "\${{ item.device_id }}" }, fields: { jobs: { from: jobs, type: integer } } }
filter: [item.last_timestamp != null]
change:
  set: { product_id: 7 }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" } }
${rest}
`;
const loaded = async (rest: string): Promise<Plan> => (await load(plan(rest))).plan;
const item = (fields: object) =>
  itemOf({ device_id: 1, product_id: 5, os_type: "server", last_timestamp: 10, jobs: 0, ...fields });

describe("a hold", () => {
  it("is of items that are busy, with fields that are read and what the filter has tested", async () => {
    const { hold } = await loaded(
      "hold: { when: item.jobs != null && item.jobs > 0 || item.last_timestamp > now, every: 1m, give_up: 2h }",
    );
    expect(hold).toMatchObject({ everyMs: 60_000, giveUpMs: 7_200_000 });
    const busy = (fields: object) => hold?.when(frozen, item(fields));
    expect([busy({}), busy({ jobs: 1 }), busy({ last_timestamp: frozen.now + 1 })]).toEqual([false, true, true]);
  });

  it("looks every 5 minutes for 6 hours where the plan says nothing", async () => {
    expect((await loaded("hold: { when: item.product_id == 1 }")).hold).toMatchObject({
      everyMs: 300_000,
      giveUpMs: 21_600_000,
    });
  });

  it("looks things up again whenever it looks at an item", async () => {
    const { lookups } = await loaded("hold: { when: item.device_id in lookup.busy }");
    expect(lookups[0]?.live).toBe("items");
  });

  it.each([
    ["nothing to wait for", "hold: { every: 1m }", "14:1 missing-key"],
    ["a field that is not there", "hold: { when: item.job > 0 }", "14:20 unknown-field"],
    ["what may be null", "hold: { when: item.os_type.startsWith('s') }", "14:15 may-be-empty"],
    ["what is not true or false", "hold: { when: item.product_id }", "14:15 bad-type"],
    ["what the item becomes", "hold: { when: after.jobs > 0 }", "14:15 unknown-name"],
    ["looking all the time", "hold: { when: 'true', every: 999ms }", "14:30 bad-value"],
    ["giving up before the second look", "hold: { when: 'true', every: 1h, give_up: 30m }", "14:43 bad-bounds"],
    ["looking once in all the time that there is", "hold: { when: 'true', every: 7h }", "14:30 bad-bounds"],
    ["a key that is misspelt", "hold: { when: 'true', giveup: 1h }", "14:23 unknown-key"],
  ])("refuses %s", async (_, rest, place) => {
    expect(places(await problemsOf(plan(rest)))).toEqual([place]);
  });
});

describe("a window", () => {
  it("has days, times and a zone", async () => {
    const { window } = await loaded('window: { days: [fri, mon], from: "22:00", to: 5:30, zone: Europe/Berlin }');
    expect(window).toEqual({ days: [1, 5], from: 1320, to: 330, zone: "Europe/Berlin" });
  });

  it("is of every day, in UTC and up to midnight, where the plan says nothing else", async () => {
    expect((await loaded("window: { from: 20:00 }")).window).toEqual({
      days: [1, 2, 3, 4, 5, 6, 7],
      from: 1200,
      to: 0,
      zone: "UTC",
    });
  });

  it("is told to be none where it is always open", async () => {
    const { notes } = await load(
      plan("window: { zone: UTC }\nguards: { require: [{ that: inputs.most > 0, message: none }] }"),
    );
    expect(places(notes)).toEqual(["14:1 no-bound"]);
  });

  it.each([
    ["nothing", "window: {}", "14:9 bad-value", undefined],
    ["a day that is none", "window: { days: [monday] }", "14:18 bad-value", undefined],
    ["a day twice", "window: { days: [mon, mon] }", "14:17 bad-value", undefined],
    ["no day", "window: { days: [] }", "14:17 bad-value", undefined],
    ["a time that is none", "window: { from: 24:00 }", "14:17 bad-value", undefined],
    [
      "a zone that is nearly one",
      "window: { from: 1:00, zone: Europe/Berln }",
      "14:29 unknown-zone",
      "Did you mean Europe/Berlin?",
    ],
    ["a city alone", "window: { from: 1:00, zone: Berlin }", "14:29 unknown-zone", "Did you mean Europe/Berlin?"],
    [
      "an offset",
      'window: { from: 1:00, zone: "+02:00" }',
      "14:29 unknown-zone",
      "Write its IANA name, such as Europe/Berlin, or UTC.",
    ],
  ])("refuses %s", async (_, rest, place, hint) => {
    const problems = await problemsOf(plan(rest));
    expect(places(problems)).toEqual([place]);
    expect(problems[0]?.hint).toBe(hint);
  });
});
