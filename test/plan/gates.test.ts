import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../runner/core/model/catalogue.ts";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import { type Gate, type Measured } from "../../runner/core/model/precautions.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { catalogue } from "../support/catalogue.ts";
import { frozen, itemOf, load, problemsOf } from "../support/plan.ts";

/** Line 14 is that of the gate. */
const plan = (gate: string): string => `rollcall: 1
name: gates
service: cove
inputs:
  most: { type: integer, default: 2 }
  partner: { type: integer, default: 8 }
enumerate: { call: EnumerateAccountStatistics, fields: [device_id, product_id, os_type, last_timestamp] }
filter: [item.device_id != inputs.most, item.os_type != null]
change:
  set: { product_id: 7 }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}", PartnerId: "\${{ inputs.partner }}" } }
gate:
  ${gate}
`;
const loaded = async (text: string): Promise<Gate> => {
  const { gate } = (await load(plan(text))).plan;
  if (gate === undefined) throw new Error("the plan has no gate");
  return gate;
};
const item = (fields: object) =>
  itemOf({ device_id: 1, product_id: 7, os_type: "server", last_timestamp: 5, ...fields });
const seen = (rows: Measured["rows"], changed: Measured["changed"] = []): Measured => ({ rows, changed });

const list = (more: string): string =>
  `{ call: EnumerateAccountStatistics, params: { query: { PartnerId: "\${{ inputs.partner }}" } }, fields: [device_id, last_timestamp], ${more} }`;
const call = (more: string): string => `{ call: GetAccountInfoById, params: { accountId: 1 }, ${more} }`;

describe("a gate on a list that the service knows", () => {
  it("has rows with the types of its fields, and asks with the inputs", async () => {
    const gate = await loaded(
      list('pass: "rows.all(r, r.last_timestamp != null && r.last_timestamp > ago(\\"1d\\"))"'),
    );
    expect(gate).toMatchObject({
      method: "EnumerateAccountStatistics",
      waitMs: 0,
      everyMs: 10_000,
      count: 1,
      observeOnly: false,
    });
    expect(gate.source).toMatchObject({ kind: "list", key: "device_id", optional: false });
    expect(gate.source.listing.params(frozen)).toEqual({ query: { PartnerId: 8 } });
    const rows = gate.take([[{ device_id: "9007199254740993", last_timestamp: frozen.now }]], frozen);
    expect(gate.pass?.(frozen, seen(rows))).toBe(true);
    expect(gate.pass?.(frozen, seen([{ device_id: 1, last_timestamp: null }]))).toBe(false);
    expect(gate).not.toHaveProperty("fail");
  });

  it("keeps ids exact", async () => {
    const gate = await loaded(list("pass: 'rows.exists(r, r.device_id == 9007199254740993)'"));
    const rows = gate.take([[{ device_id: "9007199254740993", last_timestamp: 1 }]], frozen);
    expect(gate.pass?.(frozen, seen(rows))).toBe(true);
    expect(gate.pass?.(frozen, seen([{ device_id: "9007199254740992", last_timestamp: 1 }]))).toBe(false);
  });

  it("is measured as often as the plan says", async () => {
    const gate = await loaded(
      list("wait: 5m, every: 30s, count: 4, observe_only: true, fail: rows.size() > inputs.most"),
    );
    expect(gate).toMatchObject({ waitMs: 300_000, everyMs: 30_000, count: 4, observeOnly: true });
  });
});

describe("a gate on any other call", () => {
  it("takes rows and fields from where they are in the answer", async () => {
    const gate = await loaded(
      call(
        "rows: jobs, fields: { errors: { from: count.errors, type: integer } }, fail: 'rows.exists(r, r.errors > inputs.most)'",
      ),
    );
    const rows = gate.take([{ jobs: [{ count: { errors: 1 } }, { count: { errors: 3 } }] }], frozen);
    expect(rows).toEqual([{ errors: 1 }, { errors: 3 }]);
    expect(gate.fail?.(frozen, seen(rows))).toBe(true);
  });

  it("takes an object for one row", async () => {
    const gate = await loaded(call("fields: { failed: { from: failed, type: integer } }, pass: 'rows[0].failed == 0'"));
    expect(gate.pass?.(frozen, seen(gate.take([{ failed: 0 }], frozen)))).toBe(true);
    expect(gate.take([null], frozen)).toEqual([]);
  });

  it("takes single values for rows", async () => {
    const gate = await loaded(call("rows: ids, pass: '!(5 in rows)'"));
    expect(gate.pass?.(frozen, seen(gate.take([{ ids: [1, 5] }], frozen)))).toBe(false);
  });

  it("does not pass on what has another type than the plan says", async () => {
    const gate = await loaded(call("fields: { failed: { from: failed, type: integer } }, pass: 'rows[0].failed == 0'"));
    expect(() => gate.take([{ failed: "some" }], frozen)).toThrow(ExpressionError);
  });
});

describe("what a gate makes of it", () => {
  it("is made of the wave's items as they are now, with the types of their fields", async () => {
    const gate = await loaded(
      call(
        "rows: ids, pass: 'changed.all(i, i.product_id == 7)', fail: 'changed.exists(i, i.os_type == \"server\" && i.last_timestamp == null)'",
      ),
    );
    const items = [item({}), item({ device_id: 2, last_timestamp: null })];
    expect([gate.pass?.(frozen, seen([], items)), gate.fail?.(frozen, seen([], items))]).toEqual([true, true]);
  });

  it("knows the run, the login and the time", async () => {
    const gate = await loaded(call("rows: ids, pass: run.started <= now && login.name == 'demo' && inputs.most == 2"));
    expect(gate.pass?.(frozen, seen([]))).toBe(true);
  });

  it("is that nothing failed, where the plan says only what does: each is looked at once", async () => {
    const gate = await loaded(call("rows: ids, fail: rows.size() > 1"));
    expect(gate.fail?.(frozen, seen([1]))).toBe(false);
    expect(gate.fail?.(frozen, seen([1, 2]))).toBe(true);
    expect(gate).not.toHaveProperty("pass");
  });

  it("is made of a fleet of 50 000 as of one of 50, and no plan can go on for ever", async () => {
    const fail = "rows.exists(r, r.last_timestamp == 0 && changed.exists(i, i.device_id == r.device_id))";
    const gate = await loaded(list(`fail: "${fail}"`));
    const rows = Array.from({ length: 50_000 }, (_, id) => ({ device_id: id, last_timestamp: id % 100 === 0 ? 0 : 1 }));
    const changed = (first: number) => Array.from({ length: 5000 }, (_, id) => item({ device_id: first + id }));
    expect(gate.fail?.(frozen, seen(rows, changed(50_000)))).toBe(false);
    expect(gate.fail?.(frozen, seen(rows, changed(49_900)))).toBe(true);
    const endless = await loaded(list('fail: "rows.exists(r, rows.exists(s, s.device_id == -1))"'));
    expect(() => endless.fail?.(frozen, seen(rows))).toThrow(/more than 25200000 steps/);
  });
});

describe("gates", () => {
  /** Each with what stands where the problem is. */
  it.each([
    ["that say nothing", call("rows: ids"), "gate:", "missing-key"],
    ["that call nothing", "{ pass: rows.size() == 0 }", "gate:", "missing-key"],
    [
      "that change something",
      "{ call: ModifyAccount, params: { accountInfo: { Id: 1 } }, pass: 'true' }",
      "ModifyAccount",
      "not-a-read",
    ],
    ["with a call that is not there", "{ call: GetNothing, pass: 'true' }", "GetNothing", "unknown-method"],
    [
      "with a call that is nearly there",
      call("pass: 'true'").replace("InfoById", "InfoByIds"),
      "GetAcc",
      "unknown-method",
    ],
    [
      "with a parameter that is not there",
      call("pass: 'true'").replace("1 }", "1, account: 1 }"),
      "account: 1",
      "unknown-param",
    ],
    ["without a parameter that is needed", call("pass: 'true'").replace("accountId: 1", ""), "params", "missing-param"],
    ["with a value of another type", call("pass: 'true'").replace("1 }", "one }"), "one", "bad-type"],
    ["with a route that is none", call("route: { device: 1 }, pass: 'true'"), "route", "no-route"],
    [
      "with what belongs to the service",
      list("pass: 'true'").replace("PartnerId", "OrderBy"),
      "OrderBy",
      "reserved-param",
    ],
    [
      "with a list of which nothing is kept",
      list("pass: 'true'").replace("fields: [device_id, last_timestamp],", ""),
      "gate:",
      "missing-key",
    ],
    [
      "with a field that the list has not",
      list("pass: 'true'").replace("last_timestamp]", "last_time]"),
      "last_time]",
      "unknown-field",
    ],
    ["with a secret", list("pass: 'true'").replace("last_timestamp]", "password]"), "password]", "secret-field"],
    [
      "with a member that rows have not",
      list("pass: rows.all(r, r.product_id == 1)").replace(/pass: (.*) }/, "pass: '$1' }"),
      "product_id",
      "unknown-field",
    ],
    ["with an item", list("pass: item.device_id == 1"), "item.device_id", "unknown-name"],
    ["with what may be empty", list("pass: 'rows.all(r, r.last_timestamp > 1)'"), "r.last_timestamp", "may-be-empty"],
    [
      "with what the wave may have emptied",
      list("pass: 'changed.all(i, i.os_type + i.os_type == \"ss\")'"),
      "i.os_type +",
      "may-be-empty",
    ],
    [
      "with lists in lists in lists",
      list("pass: 'rows.all(r, changed.all(i, rows.all(q, q == r)))'"),
      "rows.all(q",
      "nested-lists",
    ],
    ["that are not true or false", list("fail: rows.size()"), "rows.size", "bad-type"],
    ["all the time", list("count: 3, every: 10ms, pass: 'true'"), "10ms", "bad-value"],
    ["of no measurement", list("count: 0, pass: 'true'"), "0, pass", "bad-value"],
    ["with rows that are half said", call("rows: { at: . }, pass: 'true'"), "rows", "bad-rows"],
  ])("are refused %s", async (_, text, at, code) => {
    const written = plan(text);
    const problems = await problemsOf(written);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    const { line = 0, column = 0 } = problems[0] ?? {};
    expect(line).toBe(at === "gate:" ? 13 : 14);
    expect(written.split("\n")[line - 1]?.slice(column - 1)).toMatch(
      new RegExp(`^'?${at.replace(/[()+[\]]/g, "\\$&")}`),
    );
  });

  it("say what to do", async () => {
    const [mute] = await problemsOf(plan(call("rows: ids")));
    expect(mute?.hint).toBe("Add pass, fail or both: expressions over rows and changed.");
    const [changing] = await problemsOf(
      plan("{ call: ModifyAccount, params: { accountInfo: { Id: 1 } }, pass: 'true' }"),
    );
    expect(changing?.message).toBe("ModifyAccount is a change call: measuring must change nothing");
  });

  it("need fields where the rows of the answer are known to have members", async () => {
    const known: Catalogue = {
      ...catalogue,
      answer: () => ({ shape: { kind: "object", name: "Info", members: [{ name: "Id", type: "int" }] }, beside: [] }),
    };
    const options = { catalogueOf: () => Promise.resolve(known) };
    const [problem] = await problemsOf(plan(call("pass: rows.size() == 1")), options);
    expect(problem).toMatchObject({
      code: "missing-key",
      message: "the rows of GetAccountInfoById have members: say which are kept",
    });
    const { gate } = (await load(plan(call("fields: [Id], pass: 'rows[0].Id == 1'")), options)).plan;
    expect(gate?.pass?.(frozen, seen(gate.take([{ Id: 1, Secret: 2 }], frozen)))).toBe(true);
  });

  it("know the calls of Cove, and where they are answered", async () => {
    const coves = { catalogueOf: () => Promise.resolve(cove.catalogue()) };
    const queried = (more: string): string =>
      plan(`{ call: QueryErrors, params: { query: { SessionId: 1 } }, ${more} pass: rows.size() == 0 }`);
    expect((await problemsOf(queried(""), coves)).map(({ code }) => code)).toContain("missing-route");
  });
});
