import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CoveCatalogue } from "../../../runner/providers/cove/catalogue.ts";
import { errorClasses } from "../../../runner/providers/cove/errors.ts";
import { coveReference } from "../../../runner/providers/cove/reference.ts";
import { parse } from "yaml";
import type { LoadedPlan } from "../../../runner/plan/load.ts";
import { load } from "../../support/plan.ts";

const options = { catalogueOf: () => Promise.resolve(CoveCatalogue.shared()) };

type Document = Readonly<Record<string, unknown>>;

/** The parts that a plan can not do without, where the example has none of them. */
const rest: Readonly<Record<string, string>> = {
  enumerate: "enumerate:\n  call: EnumerateAccountStatistics\n  fields: [device_id]\n",
  filter: "filter: true\n",
  change: "change:\n  call: ModifyAccount\n  params: { accountInfo: {} }\n  expect: accepted\nguards: { max: 1 }\n",
};

const values: Readonly<Record<string, string>> = { integer: "1", string: "x", secret: "x" };

/** The smallest plan that an example is a part of, with a value for each of its inputs; those are for `--set` and the environment. */
async function loadAround(example: string): Promise<LoadedPlan> {
  const document = parse(example) as Document;
  const parts = Object.entries(rest).filter(([key]) => document[key] === undefined);
  const inputs = Object.entries((document.inputs ?? {}) as Readonly<Record<string, { readonly type: string }>>);
  const open = inputs.filter(([, { type }]) => type !== "secret");
  const secret = inputs.filter(([, { type }]) => type === "secret");
  return load(`rollcall: 1\nname: x\nservice: cove\n${parts.map(([, text]) => text).join("")}${example}`, {
    ...options,
    set: open.map(([name, { type }]) => `${name}=${values[type]}`),
    env: Object.fromEntries(secret.map(([name]) => [`ROLLCALL_INPUT_${name.toUpperCase()}`, "x"])),
  });
}

describe("examples", () => {
  const methods = coveReference.methods();

  it.each(methods)("$name: is a part of a plan without a fault, or says why it is of none", async (method) => {
    const { kind, example, notInPlans, elsewhere, isRouted = false } = method;
    expect([example, notInPlans].filter((one) => one !== undefined)).toHaveLength(1);
    expect(notInPlans !== undefined).toBe(
      kind === "session" || (elsewhere !== undefined && !isRouted) || withoutPlan.includes(method.name),
    );
    if (example !== undefined) await loadAround(example);
  });

  /** Reads that take a secret, and those whose answer is not the result. */
  const withoutPlan = [
    ...["EnumerateAccountNodesByAccountToken", "EnumerateAccountPartnerIdTree", "GetAccountId", "GetAccountInfo"],
    ...["GetAccountInfoByToken", "GetCommonStatisticsByToken", "GetEncryptionKeyByPassphrase", "GetUserInfo"],
    ...["VerifyEncryptionKey", "GetAccountFeatures", "GetPartnerBranding", "GetPartnerWebBranding"],
  ];

  type Members = Readonly<Record<string, unknown>>;
  interface Example {
    readonly enumerate?: { readonly call: string };
    readonly lookups?: Members;
    readonly read?: { readonly call: string; readonly params: Members };
    readonly change?: {
      readonly call: string;
      readonly params: Members;
      readonly expect?: string;
      readonly destructive?: boolean;
    };
    readonly guards?: { readonly max: number };
  }
  const exampleOf = (name: string): Example =>
    parse(methods.find((one) => one.name === name)?.example ?? "") as Example;
  const changes = methods.filter(({ kind, example }) => kind === "change" && example !== undefined);

  it.each([
    ["ModifyUser", "EnumerateUsers", { userInfo: { Id: "${{ item.Id }}" } }],
    ["ModifyPartner", "EnumeratePartners", { partnerInfo: { Id: "${{ item.Id }}" } }],
    ["ModifyAccount", "EnumerateAccountStatistics", { accountInfo: { Id: "${{ item.device_id }}" } }],
    ["ModifyProduct", undefined, { productInfo: { Id: "${{ inputs.product_id }}" } }],
    ["ModifyStorage", undefined, { storageId: "${{ inputs.storage_id }}" }],
    ["AddUser", "EnumeratePartners", { userInfo: { PartnerId: "${{ item.Id }}" } }],
    ["AddPartner", "EnumeratePartners", { partnerInfo: { ParentId: "${{ item.Id }}" } }],
    ["AddContactNote", "EnumeratePartners", { contactNoteInfo: { PartnerId: "${{ item.Id }}" } }],
    ["RemoveUser", "EnumerateUsers", { userId: "${{ item.Id }}" }],
    ["RemovePartner", "EnumeratePartners", { partnerId: "${{ item.Id }}" }],
    ["RemoveNotificationRule", undefined, { id: "${{ inputs.notification_rule_id }}" }],
  ])("%s: names the thing it is about by the id of that thing, not of another", (name, list, params) => {
    const { enumerate, change } = exampleOf(name);
    expect(enumerate?.call).toBe(list);
    expect(change?.params).toMatchObject(params);
  });

  it("give a new thing no id, and no device's id to anything else", () => {
    for (const { name, example = "" } of changes.filter((one) => one.name.startsWith("Add"))) {
      expect(example, name).not.toMatch(/^ +Id:/m);
    }
    const others = methods.filter(({ example = "" }) => !example.includes("call: EnumerateAccountStatistics\n"));
    for (const { name, example = "" } of others) expect(example, name).not.toContain("item.device_id");
  });

  it("of a change make another call for each item, or are for one item only", () => {
    for (const { name, example = "" } of changes) {
      const { change, guards } = exampleOf(name);
      const isOfItem =
        /\bitems?\b/.test(JSON.stringify(change?.params)) || /route/.test(example) || name === "SendAccountCommand";
      if (!isOfItem) expect(guards?.max, name).toBe(1);
    }
  });

  it.each(["RemoveAccount", "RemoveUser", "RemovePartner", "RemoveAccountProfile"])(
    "%s: wait until the list does not have the item, and say that it is for good",
    (name) => {
      expect(exampleOf(name)).toMatchObject({ change: { expect: "absent", destructive: true }, guards: { max: 10 } });
    },
  );

  it("ask for lists with enumerate, for what is of an item with read, and look everything else up", () => {
    const lists = CoveCatalogue.shared();
    const reading = methods.filter(({ kind, example }) => kind !== "change" && example !== undefined);
    for (const { name } of reading) {
      const { enumerate, lookups, read } = exampleOf(name);
      const facts = lists.list(name);
      const isList = facts !== undefined && facts.presentIs === undefined && facts.isConcluded === undefined;
      if (isList) expect(enumerate?.call, name).toBe(name);
      else if (read !== undefined)
        expect([read.call, /\bitem\./.test(JSON.stringify(read.params)) || name === "QueryAudit"], name).toEqual([
          name,
          true,
        ]);
      else expect(Object.values(lookups ?? {}), name).toMatchObject([{ call: name }]);
    }
    expect(exampleOf("GetAccountInfoById").read).toMatchObject({ params: { accountId: "${{ item.device_id }}" } });
    expect(exampleOf("EnumerateAccountHistoryStatistics").lookups).toBeDefined();
  });

  it("of every column that is a field are plans without a fault", async () => {
    const columns = coveReference.columns().filter(({ example }) => example !== undefined);
    expect(columns.length).toBeGreaterThan(100);
    for (const { name, example = "" } of columns) {
      await expect(loadAround(example), name).resolves.toBeDefined();
    }
  });
});

it("has the same columns as the catalogue, under every spelling", () => {
  const devices = CoveCatalogue.shared().list("EnumerateAccountStatistics")!;
  for (const name of devices.fieldNames) expect(coveReference.column(name), name).toBeDefined();
  for (const spelling of ["PD", "I9", "F6", "D1F7", "D9F00", "AA12", "AccountId"]) {
    expect(coveReference.column(spelling), spelling).toBeDefined();
  }
  for (const spelling of ["nonsense", "S0", "D99F00", "__proto__"])
    expect(coveReference.column(spelling)).toBeUndefined();
});

describe("errors", () => {
  it("have a meaning and something to do, all of them", () => {
    const errors = coveReference.errors();
    expect(errors.length).toBeGreaterThan(350);
    for (const { code, meaning, remedy = "" } of errors) {
      expect(meaning.length, code).toBeGreaterThan(8);
      expect(remedy.length, code).toBeGreaterThan(12);
    }
  });

  it("say how sure they are: of a name alone everything is concluded", () => {
    for (const { code, class: taken, confidence } of coveReference.errors()) {
      const isNumber = /^-?\d+$/.test(code);
      expect(taken !== undefined, code).toBe(isNumber);
      if (!isNumber) expect(confidence, code).toBe("inferred");
    }
  });

  it("name none that says there is no such thing, and the plan's `optional` says so", () => {
    expect([...errorClasses().values()]).not.toContain("not_found");
    const schema = readFileSync(new URL("../../../schemas/plan.schema.json", import.meta.url), "utf8");
    expect(schema).toContain("for Cove no such number is known, so there it has no effect");
  });
});
