import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { itemId, type Value } from "../../runner/core/model/item.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import * as plans from "../support/plan.ts";
import { frozen, itemOf, places } from "../support/plan.ts";

const read = (name: string): string => readFileSync(new URL(`../support/plans/${name}.yaml`, import.meta.url), "utf8");
const profile = read("profile-exclusion");
const labels = read("label-devices");
const moves = read("move-devices");

/** As a plan for Cove is loaded. */
const catalogueOf = () => Promise.resolve(cove.catalogue());
const load = (text: string, options: object) => plans.load(text, { ...options, catalogueOf });
const problemsOf = (text: string, options: object) => plans.problemsOf(text, { ...options, catalogueOf });

const partner = { set: ["partner=1"] };

/** The plan with one thing changed; the places of what is then wrong with it. */
async function placesOf(text: string, [from, to]: readonly [string, string], set = ["partner=1"]) {
  expect(text).toContain(from);
  return places(await problemsOf(text.replace(from, to), { set }));
}

describe("reads of single items", () => {
  it("make fields that items have, and clauses that use them come later", async () => {
    const { plan } = await load(profile, partner);
    expect(plan.enumerate.fields.map(({ name }) => name)).toEqual(
      "Id PartnerId Name profile version vault_user has_source masked masks".split(" "),
    );
    expect(plan.enumerate.asked?.map(({ name }) => name)).toEqual(["Id", "PartnerId", "Name"]);
    expect(plan.filter.map(({ late }) => late ?? false)).toEqual([false, true, true]);
    expect(plan.change.uses).toEqual(["profile", "masks"]);
    expect(plan.change.looks).toEqual(["version", "masks"]);
    expect(plan.change.onlyIfUnchanged).toBe(true);
  });

  it("keep an answer as it came, and withhold what is secret or can not be kept exactly", async () => {
    const { plan } = await load(profile, partner);
    const [one] = plan.reads ?? [];
    const item = { id: itemId("11"), fields: { Id: 11, PartnerId: 1, Name: "x" } };
    expect(one?.params(frozen, item)).toEqual({ accountProfileId: 11 });
    const answer = (more: Readonly<Record<string, Value>> = {}): Value => ({
      ...{ Id: 11, Version: 3, Odd: { b: 1, a: [1, "1", null, 1.5] } },
      ProfileData: {
        BackupDataSourceSettings: [],
        LocalSpeedVaultSettings: { UserName: null, Password: null },
        ...more,
      },
    });
    const taken = one!.take(frozen, item, answer());
    expect(JSON.stringify(taken.profile)).toBe(JSON.stringify(answer()));
    expect(taken).toMatchObject({ version: 3, vault_user: null, has_source: false, masks: [] });
    const hidden = one!.take(frozen, item, answer({ LocalSpeedVaultSettings: { Password: "hunter2", UserName: "u" } }));
    expect(JSON.stringify(hidden)).not.toContain("hunter2");
    expect(() => plan.change.params(frozen, { ...item, fields: { ...item.fields, ...hidden } }, { masks: [] })).toThrow(
      /not kept: a secret/,
    );
    const large = one!.take(frozen, item, answer({ Size: 2 ** 60 }));
    expect(() => plan.change.params(frozen, { ...item, fields: { ...item.fields, ...large } }, { masks: [] })).toThrow(
      /too large to be exact/,
    );
  });

  it.each<[string, readonly [string, string], string]>([
    ["a call that changes something", ["call: GetAccountProfileInfo", "call: ModifyAccountProfile"], "20:9 not-a-read"],
    ["an unknown call", ["call: GetAccountProfileInfo", "call: GetAccountProfile"], "20:9 unknown-method"],
    ["an unknown parameter", ["accountProfileId: ${{ item.Id }}", "profileId: ${{ item.Id }}"], "22:5 unknown-param"],
    ["a field that is there already", ["version: Version", "Name: Version"], "25:5 duplicate-field"],
    ["a path that is none", ["version: Version", "version: a..b"], "25:14 bad-path"],
    ["a secret", ["version: Version", "version: ProfileData.LocalSpeedVaultSettings.Password"], "25:14 secret-field"],
    ["a name that nobody declares", ["item.vault_user == null", "item.vault_usr == null"], "18:10 unknown-field"],
    ["a wrong type", ["type: boolean", "type: integer"], "28:14 bad-type"],
    ["what can not be set, having no type", ["masks: ${{ union", "profile: ${{ union"], "40:14 missing-type"],
    ["what no read supplies", ["masks: ${{ union(item.masks, [inputs.mask]) }}", "mask: x"], "40:5 unknown-field"],
  ])("refuse %s", async (_, edit, place) => {
    expect(await placesOf(profile, edit)).toContain(place);
  });

  it("refuse a read that is made for nothing", async () => {
    const text = moves.replace("  fields:\n    custom_values: .\n", "");
    expect(places(await problemsOf(text, { set: ["from=1", "to=2"] }))).toEqual(["16:1 useless-read"]);
  });

  it("settle and verify with fields of their own, which items do not have", async () => {
    const later = moves.replace(
      "  params:\n    query:\n      PartnerId: ${{ inputs.to }}",
      '  read: { call: GetAccountCustomColumnValues, params: { accountId: "${{ item.device_id }}" }, fields: { left: { value: size(rows), type: integer } } }',
    );
    const text = later
      .replace("      PartnerId: ${{ inputs.from }}", "      Filter: AT == 1")
      .replace("only_if_unchanged: true", "expect: after.left == 0");
    const { plan } = await load(text, { set: ["from=1", "to=2"] });
    expect(plan.enumerate.fields.map(({ name }) => name)).not.toContain("left");
    expect(plan.change.looks).toEqual(["partner_id", "left"]);
    const wrong = text.replace("item.partner_id in", "item.left == 0 && item.partner_id in");
    expect(places(await problemsOf(wrong, { set: ["from=1", "to=2"] }))).toContain("15:14 unknown-field");
  });
});

describe("another scope for verification", () => {
  it("is what a change out of the scope needs", async () => {
    const { plan } = await load(moves, { set: ["from=1", "to=2"] });
    expect(plan.verify.list?.params(frozen)).toEqual({ query: { PartnerId: 2 } });
    const without = moves.slice(0, moves.indexOf("  params:\n    query:\n      PartnerId: ${{ inputs.to }}"));
    const [problem] = await problemsOf(without, { set: ["from=1", "to=2"] });
    expect(problem).toMatchObject({ code: "scope-on-set", hint: expect.stringContaining("verify.params") });
  });

  it("is another list where that has the fields", async () => {
    const call = moves
      .replace("fields: [device_id, device_name, partner_id]", "fields: { id: device_id, partner_id: partner_id }")
      .replaceAll("device_id }}", "id }}")
      .replace("title: device_name", "title: id")
      .replace(
        "  params:\n    query:\n      PartnerId: ${{ inputs.to }}",
        "  call: EnumerateAccounts\n  params: { partnerId: 2 }",
      );
    const found = places(await problemsOf(call, { set: ["from=1", "to=2"] }));
    expect(found.every((place) => place.endsWith("unknown-field") || place.endsWith("bad-key"))).toBe(true);
  });
});

describe("calls about several items", () => {
  it("know from the catalogue what an answer says, or from the plan", async () => {
    const { plan } = await load(labels, partner);
    const chunk = plan.change.chunk!;
    expect(chunk.size).toBe(10);
    const items = [5, 7].map((id) => ({ id: itemId(String(id)), fields: { device_id: id } }));
    expect(chunk.params(frozen, items, { has_label: true })).toEqual({
      accountIdCollection: [5, 7],
      labelCollection: ["blue"],
    });
    const resultOf = chunk.results({ SucceedAccounts: [5, 9], FailedAccounts: [7, 9] });
    // The answer contradicts itself about 9, and does not name 11.
    expect(["5", "7", "9", "11"].map((id) => resultOf(itemId(id))?.done)).toEqual([true, false, undefined, undefined]);
    expect(chunk.results(null)(itemId("5"))).toBeUndefined();
    const rows = labels.replace(
      "  chunk: 10\n",
      "  chunk: 10\n  result: { rows: 'a[]', id: Id, ok: row.Code == 0, message: Text }\n",
    );
    const told = (await load(rows, partner)).plan.change.chunk!.results({
      a: [{ Id: 5, Code: 0 }, { Id: 7, Code: 3, Text: "busy" }, { Id: 8 }],
    });
    expect(["5", "7", "8"].map((id) => told(itemId(id)))).toEqual([
      { done: true },
      { done: false, message: "busy" },
      undefined,
    ]);
    const all = labels.replace("  chunk: 10\n", "  chunk: 10\n  result: { all: true }\n");
    const said = (await load(all, partner)).plan.change.chunk!.results("success");
    expect(["5", "11"].map((id) => said(itemId(id)))).toEqual([{ done: true }, { done: true }]);
  });

  it.each<[string, readonly [string, string], string]>([
    ["an answer nobody knows how to read", ["call: AddAccountLabel", "call: AddLabels"], "34:3 missing-result"],
    ["item where there are several", ["items.map(i, i.device_id)", "[item.device_id]"], "37:31 unknown-name"],
    ["params without items", ["${{ items.map(i, i.device_id) }}", "[1]"], "36:3 items-not-used"],
    [
      "an answer for all and for each",
      [
        "result: { succeeded: SucceedAccounts, failed: FailedAccounts }",
        "result: { all: true, rows: a, id: b, ok: 'true' }",
      ],
      "46:13 bad-result",
    ],
    ["a result without a chunk", ["  chunk: 100\n", ""], "46:3 result-without-chunk"],
    [
      "half a result",
      ["result: { succeeded: SucceedAccounts, failed: FailedAccounts }", "result: { succeeded: a }"],
      "46:3 missing-key",
    ],
  ])("refuse %s", async (_, edit, place) => {
    const found = await placesOf(labels, edit);
    expect(found.join()).toContain(place);
  });
});

describe("undo", () => {
  it("is carried in the plan, with a call of its own", async () => {
    const { plan } = await load(labels, partner);
    expect(plan.undo).toMatchObject({ possible: true, call: { method: "RemoveAccountLabel", destructive: true } });
    expect(plan.undo?.call?.chunk?.size).toBe(100);
  });

  it("goes where the devices live, or where it says", async () => {
    const wiped = (route: string): string =>
      moves.replace(
        "undo:\n  reason: Custom-column values do not come back by themselves.\n",
        `undo: { call: SendAccountCommand, ${route}params: { command: set settings, parameters: {} } }\n`,
      );
    const routeOf = async (text: string) => {
      const { plan } = await load(text, { ...partner, set: ["from=1", "to=2"] });
      return plan.undo?.call?.route?.(frozen, itemOf({ device_id: 7, device_name: "a", partner_id: 1 }));
    };
    expect(await routeOf(wiped(""))).toEqual({ device: "7" });
    expect(await routeOf(wiped('route: { device: "${{ item.partner_id }}" }, '))).toEqual({ device: "1" });
  });

  it.each<[string, string, string]>([
    ["no reason why not", "{ possible: false }", "missing-reason"],
    ["items left alone without a reason", "{ unless: before.partner_id == 1 }", "missing-reason"],
    [
      "a call although it is not possible",
      "{ possible: false, reason: x, call: ModifyAccount, params: {} }",
      "bad-key",
    ],
    ["params without a call", "{ params: {} }", "missing-key"],
    ["a call that changes nothing", "{ call: GetAccountInfoById, params: {} }", "not-a-change"],
    ["a removal that does not say so", "{ call: RemoveAccount, params: { accountId: 1 } }", "destructive"],
    ["unless over what there is not", "{ unless: before.nothing == 1, reason: x }", "unknown-field"],
  ])("refuses %s", async (_, undo, code) => {
    const text = moves.replace(
      "undo:\n  reason: Custom-column values do not come back by themselves.\n",
      `undo: ${undo}\n`,
    );
    expect(text).not.toBe(moves);
    const found = await problemsOf(text, { set: ["from=1", "to=2"] });
    expect(found.map((problem) => problem.code)).toContain(code);
  });
});
