import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import { frozen, itemOf, load, places, problemsOf } from "../support/plan.ts";

/** Line 12 is the first of `rest`. */
const plan = (rest: string, change = "set: { product_id: 7 }"): string => `rollcall: 1
name: portions
service: cove
enumerate:
  call: EnumerateAccountStatistics
  fields: [device_id, product_id, partner_id, os_type, labels, last_timestamp]
filter: [item.product_id == 5, item.partner_id != null]
change:
  ${change}
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: ${change.includes("set:") ? '"${{ set.product_id }}"' : "7"} } }
${rest}
`;
const loaded = async (rest: string): Promise<Plan> => (await load(plan(rest))).plan;

describe("waves", () => {
  it("are numbers and shares, in the order written", async () => {
    const { pace } = await loaded(
      "pace: { waves: [1, 10%, 0.5%, 100%], pause: 5m, ramp: double, cover: [os_type, partner_id] }",
    );
    expect(pace).toEqual({
      concurrency: 4,
      waves: [{ count: 1 }, { percent: 10 }, { percent: 0.5 }, { percent: 100 }],
      pauseMs: 300_000,
      ramp: "double",
      cover: ["os_type", "partner_id"],
    });
  });

  it("are the engine's to choose where the plan says nothing of them", async () => {
    expect((await loaded("pace: { ramp: none }")).pace).toEqual({ concurrency: 4 });
  });

  it.each(["0", "0%", "00.0%", '"0%"'])("of %s are refused, for that never means everybody", async (size) => {
    const [problem, ...others] = await problemsOf(plan(`pace: { waves: [1, ${size}] }`));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      ...{ line: 12, column: 20, code: "bad-value" },
      hint: "Everybody is 100%; a 0 never means that: a wave of 0 would be nothing.",
    });
    expect(problem?.message).toMatch(/^pace\.waves\[1\] must be /);
  });

  it("of any other size are told with what fits", async () => {
    const all = await problemsOf(plan("pace: { waves: [-1, 2.5, 101%, 10 %, all, 100.0%] }"));
    expect(places(all)).toEqual(
      ["12:17", "12:21", "12:26", "12:32", "12:38"].map((at) => expect.stringContaining(at) as string),
    );
    expect(all.at(-1)?.message).toBe(
      'pace.waves[4] must be a number of items from 1, or a percentage above 0% and up to 100% such as 10%, found "all"',
    );
  });

  it("of any number and any share above 0% are read as they are written", async () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 1_000_000 }).map((count) => [String(count), { count }] as const),
      fc.integer({ min: 1, max: 100_000 }).map((share) => {
        return [`${(share / 1000).toFixed(3)}%`, { percent: share / 1000 }] as const;
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 20 }), async (sizes) => {
        const { pace } = await loaded(`pace: { waves: [${sizes.map(([text]) => text).join(", ")}] }`);
        expect(pace.waves).toEqual(sizes.map(([, meant]) => meant));
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ["none at all", "pace: { waves: [] }", "12:16 bad-value"],
    ["a pause that is no duration", "pace: { pause: 5 }", "12:16 bad-type"],
    ["a pause of thousands of years", "pace: { pause: 999999999999y }", "12:16 bad-value"],
    ["an unknown ramp", "pace: { ramp: dubble }", "12:15 bad-value"],
    ["a cover that is no field", "pace: { cover: [os_typ] }", "12:17 unknown-field"],
    ["a cover twice", "pace: { cover: [os_type, os_type] }", "12:26 duplicate-field"],
  ])("refuse %s", async (_, rest, place) => {
    expect(places(await problemsOf(plan(rest)))).toEqual([place]);
  });

  it("say which field is meant", async () => {
    const [near] = await problemsOf(plan("pace: { cover: [os_typ] }"));
    expect(near?.hint).toBe("Did you mean os_type?");
    const [ofList] = await problemsOf(plan("pace: { cover: [device_name] }"));
    expect(ofList?.hint).toBe("Add it to enumerate.fields.");
  });
});

describe("groups", () => {
  const groupOf = async (per: string, fields: object): Promise<string | undefined> => {
    const { pace } = await loaded(`pace: { per: ${JSON.stringify(per)} }`);
    return pace.per?.of(
      frozen,
      itemOf({
        device_id: 1,
        product_id: 5,
        partner_id: 9,
        os_type: "server",
        labels: [],
        last_timestamp: null,
        ...fields,
      }),
    );
  };

  it.each([
    ["partner_id", {}, "9"],
    ["partner_id", { partner_id: "9007199254740993" }, "9007199254740993"],
    ["os_type", {}, "server"],
    ["item.partner_id", {}, "9"],
    ["item.partner_id % 2 == 1", {}, "true"],
    ['item.os_type == "server" ? "servers" : "others"', { os_type: null }, "others"],
    ["last_timestamp", {}, "(none)"],
    // The filter has found a customer: here it has one.
    ['"c" + string(item.partner_id)', {}, "c9"],
  ])("by %s", async (per, fields, name) => {
    expect(await groupOf(per, fields)).toBe(name);
  });

  it("are named as the plan has them, and have a concurrency of their own", async () => {
    const { pace, stop } = await loaded("pace: { per: partner_id, per_concurrency: 2 }");
    expect(pace.per).toMatchObject({ text: "partner_id", concurrency: 2 });
    expect(stop).toEqual({ errors: 3, consecutive: 3, unknown: 0, driftedPercent: 10, of: "group" });
  });

  it.each([
    ["a field that is not there", "pace: { per: partnerid }", "12:14 unknown-field", "Did you mean partner_id?"],
    ["a member that is not there", "pace: { per: item.partnerid }", "12:19 unknown-field", "Did you mean partner_id?"],
    ["a set", "pace: { per: labels }", "12:14 bad-type", undefined],
    [
      "a template",
      'pace: { per: "${{ item.partner_id }}" }',
      "12:14 wrapped-expression",
      "Write it without ${{ }}: item.partner_id",
    ],
    ["what may be null", 'pace: { per: "item.os_type + item.os_type" }', "12:14 may-be-empty", expect.any(String)],
    ["no call at a time", "pace: { per: partner_id, per_concurrency: 0 }", "12:43 bad-value", undefined],
    [
      "a concurrency of no groups",
      "pace: { per_concurrency: 2 }",
      "12:9 missing-key",
      expect.stringContaining("Add per"),
    ],
  ])("refuse %s", async (_, rest, place, hint) => {
    const problems = await problemsOf(plan(rest));
    expect(places(problems)).toEqual([place]);
    expect(problems[0]?.hint).toEqual(hint);
  });

  it("refuse an item that names no group", async () => {
    const { pace } = await loaded('pace: { per: "dyn(item.labels)" }');
    expect(() => pace.per?.of(frozen, itemOf({ device_id: 1, labels: ["a"] }))).toThrow(
      'pace.per dyn(item.labels) gives ["a"], which can not name a group',
    );
  });
});

describe("stops", () => {
  it("are counted over the run, and verify, where the plan says nothing", async () => {
    expect((await loaded("stop: { of: run, on_stop: verify }")).stop).toEqual({
      errors: 3,
      consecutive: 3,
      unknown: 0,
      driftedPercent: 10,
    });
  });

  it("are counted over waves or groups, and may undo", async () => {
    expect((await loaded("stop: { of: wave, on_stop: undo }")).stop).toMatchObject({ of: "wave", onStop: "undo" });
    const groups = await loaded("pace: { per: partner_id }\nstop: { groups: 0, on_stop: drain }");
    expect(groups.stop).toMatchObject({ of: "group", groups: 0, onStop: "drain" });
    expect((await loaded("pace: { per: partner_id }\nstop: { of: run }")).stop.of).toBeUndefined();
  });

  it.each([
    ["groups that are none", "stop: { of: group }", undefined, "12:13 no-groups"],
    ["a number of groups that are none", "stop: { groups: 2 }", undefined, "12:9 no-groups"],
    [
      "a number of groups where waves count",
      "pace: { per: partner_id }\nstop: { of: wave, groups: 2 }",
      undefined,
      "13:19 no-groups",
    ],
    [
      "an undo that is not possible",
      "undo: { possible: false, reason: gone }\nstop: { on_stop: undo }",
      undefined,
      "13:18 no-undo",
    ],
    ["an undo of what nothing shows", "stop: { on_stop: undo }", "expect: accepted", "12:18 no-undo"],
    ["an undo without old values", "stop: { on_stop: undo }", "expect: after.product_id == 7", "12:18 no-undo"],
    ["an unknown word", "stop: { on_stop: rollback }", undefined, "12:18 bad-value"],
  ])("refuse %s", async (_, rest, change, place) => {
    expect(places(await problemsOf(plan(rest, change)))).toEqual([place]);
  });

  it("say why nothing can be taken back", async () => {
    const [problem] = await problemsOf(plan("undo: { possible: false, reason: gone }\nstop: { on_stop: undo }"));
    expect(problem?.message).toBe("on_stop: undo can not take anything back: undo.possible is false");
  });

  it("undo with a call of the plan's own where the change has no set", async () => {
    const rest =
      'undo: { call: ModifyAccount, params: { accountInfo: { Id: "${{ item.device_id }}", ProductId: 5 } } }\nstop: { on_stop: undo }';
    const { stop } = (await load(plan(rest, "expect: after.product_id == 7"))).plan;
    expect(stop.onStop).toBe("undo");
  });
});

describe("verification", () => {
  it("is of each wave and reports what else changed, where the plan says nothing", async () => {
    const usual = { withinMs: 120_000, everyMs: 10_000 };
    expect((await loaded("verify: { mode: each_wave, collateral: report }")).verify).toEqual(usual);
    expect((await loaded("verify: { mode: end, collateral: fail }")).verify).toEqual({
      ...usual,
      mode: "end",
      collateral: "fail",
    });
  });

  it("refuses words that it does not know", async () => {
    const problems = await problemsOf(plan("verify: { mode: each_waves, collateral: warn }"));
    expect(places(problems)).toEqual(["12:17 bad-value", "12:41 bad-value"]);
    expect(problems[0]?.hint).toBe("Did you mean each_wave?");
  });
});

describe("the difference to the last run", () => {
  it.each(["20%", "20", '"20%"'])("is a share: %s", async (share) => {
    expect((await loaded(`guards: { change_from_last: ${share} }`)).guards.changeFromLast).toBe(20);
  });

  it.each(["-1", "101", "twenty", "20 %"])("is not %s", async (share) => {
    expect(places(await problemsOf(plan(`guards: { change_from_last: ${share} }`)))).toEqual(["12:29 bad-value"]);
  });
});
