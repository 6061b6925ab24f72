import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import type { Catalogue } from "../../runner/core/model/catalogue.ts";
import { catalogue } from "../support/catalogue.ts";
import { assignProduct, frozen, itemOf, load, places, problemsOf } from "../support/plan.ts";

const assign = assignProduct({
  inputs: ["partner: { type: integer }", "from: { type: integer, default: 5 }", "to: { type: integer, default: 7 }"],
  fields: "device_id, device_name, os_type, product_id, last_timestamp",
  filter: '\n  - item.os_type == "workstation"\n  - item.product_id in [inputs.from, inputs.to]',
});

const device = itemOf({ device_id: 1, device_name: "a", os_type: "workstation", product_id: 5, last_timestamp: null });

describe("a plan", () => {
  it("is compiled to what the engine runs, with its defaults", async () => {
    const { plan } = await load(assign, { set: ["partner=843"] });
    expect(plan.enumerate.params(frozen)).toEqual({ query: { PartnerId: 843 } });
    expect(plan.enumerate).toMatchObject({ key: "device_id", title: "device_name" });
    expect(plan.filter.map(({ line }) => line)).toEqual([16, 17]);
    expect(plan.filter.map((clause) => clause.holds(frozen, device))).toEqual([true, true]);
    expect(plan.change.desired(frozen, device)).toEqual({ product_id: 7 });
    expect(plan.change.params(frozen, device, { product_id: 7 })).toEqual({ accountInfo: { Id: 1, ProductId: 7 } });
    expect(plan.change).toMatchObject({
      repeat: "set",
      destructive: false,
      sets: ["product_id"],
      expect: { kind: "set" },
    });
    expect(plan.guards).toMatchObject({ min: 1, allowEmpty: false, allowRefused: 0 });
    expect(plan.pace).toEqual({ concurrency: 4 });
    expect(plan.stop).toEqual({ errors: 3, consecutive: 3, unknown: 0, driftedPercent: 10 });
    expect(plan.verify).toEqual({ withinMs: 120_000, everyMs: 10_000 });
    expect(plan.inputs).toEqual({ partner: 843, from: 5, to: 7 });
    expect(plan.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("of the gallery loads", async () => {
    const text = readFileSync(new URL("../../plans/cove/assign-product.yaml", import.meta.url), "utf8");
    const problems = await problemsOf(text, { set: ["partner=1", "from=2", "to=3"] });
    // The small catalogue of the tests lacks three of its columns; nothing else is wrong.
    expect(problems.map(({ message }) => message)).toEqual([
      "EnumerateAccountStatistics has no field account_type",
      "EnumerateAccountStatistics has no field profile_name",
      "EnumerateAccountStatistics has no field product_name",
    ]);
  });

  it("shows ten mistakes at once, each at its place, in the order of the file", async () => {
    const problems = await problemsOf(`rollcall: 1
name: Bad Name
service: cove
inputs:
  partner: { type: integer }
enumerate:
  call: EnumerateAccountStatistics
  params:
    query: { Columns: [I1], PartnerId: 1 }
  fields: [device_id, device_nam, os_type, product_id, password]
filter:
  - item.os_typ == "workstation"
  - item.product_id == "5"
  - \${{ item.product_id == 5 }}
change:
  set: { product_id: abc, os_type: laptop }
  call: RemoveAccount
  params:
    accountId: \${{ item.device_id + itm }}
    acountInfo: 1
gaurds: { max: 5 }
pace: { concurrency: 0, waves: [0] }
stop: { errors: many }
`);
    expect(places(problems)).toEqual([
      "2:7 bad-value",
      "5:3 missing-input",
      "9:14 reserved-param",
      "10:23 unknown-field",
      "10:56 secret-field",
      "12:10 unknown-field",
      "13:5 bad-type",
      "14:5 wrapped-expression",
      "16:10 set-not-sent",
      "16:22 bad-value",
      "16:27 set-not-sent",
      "16:36 bad-value",
      "17:9 destructive",
      "19:37 unknown-name",
      "20:5 unknown-param",
      "21:1 unknown-key",
      "22:22 bad-value",
      "22:33 bad-value",
      "23:17 bad-type",
    ]);
    expect(problems.find(({ line }) => line === 21)?.hint).toBe("Did you mean guards?");
    expect(problems.find(({ line, code }) => line === 10 && code === "unknown-field")?.hint).toBe(
      "Did you mean device_name?",
    );
  });

  it("refuses items by its expressions, never drops them", async () => {
    const { plan } = await load(
      assign.replace('- item.os_type == "workstation"', "- 100 / (item.device_id - item.device_id) > 1"),
      { set: ["partner=1"] },
    );
    expect(() => plan.filter[0]?.holds(frozen, device)).toThrow(ExpressionError);
  });

  it("keeps whole numbers beyond 2^53 exact, from the item to the request", async () => {
    const { plan } = await load(assign, { set: ["partner=9007199254740993"] });
    expect(plan.enumerate.params(frozen)).toEqual({ query: { PartnerId: { $int: "9007199254740993" } } });
    const big = itemOf({ ...device.fields, device_id: "9007199254740993" });
    expect(plan.change.params(frozen, big, { product_id: 7 })).toEqual({
      accountInfo: { Id: { $int: "9007199254740993" }, ProductId: 7 },
    });
  });

  it("leaves out what is omitted, in the change and in the request", async () => {
    const { plan } = await load(
      assign.replace("product_id: ${{ inputs.to }}", 'product_id: "${{ item.product_id == 5 ? omit : inputs.to }}"'),
      { set: ["partner=1"] },
    );
    expect(plan.change.desired(frozen, device)).toEqual({});
    expect(plan.change.params(frozen, device, {})).toEqual({ accountInfo: { Id: 1 } });
  });

  it("overrides its service by the operator's", async () => {
    expect((await load(assign, { set: ["partner=1"], service: "simulator" })).plan.service).toBe("simulator");
    const [problem] = await problemsOf(assign, { set: ["partner=1"], service: "cvoe" });
    expect(problem).toMatchObject({ code: "unknown-service", hint: "Did you mean cove?" });
  });

  it("is loaded again for a resume from its frozen text and inputs", async () => {
    const first = await load(assign, { set: ["partner=1", "to=9"] });
    const again = await load("not the plan any more", {
      frozen: { source: first.plan.source, inputs: first.plan.inputs },
      env: { ROLLCALL_INPUT_TO: "11" },
    });
    expect(again.plan.inputs).toEqual({ partner: 1, from: 5, to: 9 });
    expect(again.plan.digest).toBe(first.plan.digest);
  });

  it("is resumed though a newer catalogue would refuse it", async () => {
    const text = assign.replace("ProductId:", "ProductID:");
    expect(places(await problemsOf(text, { set: ["partner=843"] }))).toEqual(["25:7 unknown-member"]);
    const { plan } = await load("", { frozen: { source: text, inputs: { partner: 843, from: 5, to: 7 } } });
    expect(plan.change.params(frozen, device, { product_id: 7 })).toEqual({ accountInfo: { Id: 1, ProductID: 7 } });
  });

  it("says so when its file is not there", async () => {
    await expect(load(assign, { file: "/nowhere/plan.yaml" })).rejects.toMatchObject({
      exitCode: 3,
      problems: [{ code: "unreadable" }],
    });
  });
});

describe("rules", () => {
  const edit = (from: string, to: string): string => {
    expect(assign).toContain(from);
    return assign.replace(from, to);
  };

  it.each<[string, string, string, string]>([
    [
      "a list call that does not exist",
      "call: EnumerateAccountStatistics",
      "call: EnumerateAccountStatistic",
      "9:9 unknown-method",
    ],
    ["a change used to enumerate", "call: EnumerateAccountStatistics", "call: ModifyAccount", "9:9 not-a-list"],
    ["a list that can not be paged", "call: EnumerateAccountStatistics", "call: EnumeratePartners", "9:9 not-yet"],
    ["a read used to change", "call: ModifyAccount", "call: GetAccountInfoById", "21:9 not-a-change"],
    ["a change call that does not exist", "call: ModifyAccount", "call: modifyAccount", "21:9 unknown-method"],
    [
      "setting the key",
      "product_id: ${{ inputs.to }}",
      "product_id: ${{ inputs.to }}\n    device_id: 5",
      "21:5 key-in-set",
    ],
    [
      "setting a field that is not declared",
      "product_id: ${{ inputs.to }}",
      "product_id: ${{ inputs.to }}\n    partner_id: 5",
      "21:5 unknown-field",
    ],
    [
      "a set field that is not sent",
      "ProductId: ${{ set.product_id }}",
      "ProductId: ${{ inputs.to }}",
      "25:18 set-not-sent",
    ],
    [
      "a filter of the service over a set field",
      "PartnerId: ${{ inputs.partner }}",
      'Filter: "AT == 1 AND PD == 5"',
      "12:15 filter-on-set",
    ],
    [
      "a filter with the field's other code",
      "PartnerId: ${{ inputs.partner }}",
      'Filter: "I9 == ${{ inputs.from }}"',
      "12:15 filter-on-set",
    ],
    [
      "accepted together with set",
      "call: ModifyAccount",
      "expect: accepted\n  call: ModifyAccount",
      "21:11 expect-with-set",
    ],
    [
      "absent together with set",
      "call: ModifyAccount",
      "expect: absent\n  call: ModifyAccount",
      "21:11 expect-with-set",
    ],
    [
      "destructive without a ceiling",
      "call: ModifyAccount",
      "destructive: true\n  call: ModifyAccount",
      "21:3 destructive-without-max",
    ],
    ["a title that is no field", "title: device_name", "title: customer_name", "14:10 unknown-field"],
    ["a field twice", "fields: [device_id,", "fields: [device_id, I0,", "13:23 duplicate-field"],
    ["a reserved parameter", "PartnerId: ${{ inputs.partner }}", "OrderBy: AU", "12:7 reserved-param"],
    [
      "what narrows a list by a member that its parameter does not have",
      "  fields: [device_id,",
      "  narrow: { query: { Filtr: PD == 1 } }\n  fields: [device_id,",
      "13:22 unknown-member",
    ],
    ["a field whose name is no template", "last_timestamp]", '"$${{ inputs.to }}"]', "13:57 unknown-field"],
    ["a field whose name can not be made", "last_timestamp]", '"AA${{ inputs.to / 0 }}"]', "13:76 bad-value"],
    ["an unknown parameter", "    accountInfo:", "    force: true\n    accountInfo:", "23:5 unknown-param"],
    ["a key that is not the list's", "title: device_name", "key: device_name", "14:8 bad-key"],
    ["bounds that exclude each other", "change:\n", "guards: { min: 5, max: 4 }\nchange:\n", "18:16 bad-bounds"],
    [
      "a wrong enum name in set",
      "product_id: ${{ inputs.to }}",
      "product_id: ${{ inputs.to }}\n    os_type: laptop",
      "21:14 bad-value",
    ],
    [
      "a text for a number in set",
      "product_id: ${{ inputs.to }}",
      "product_id: ${{ item.device_name }}",
      "20:17 bad-type",
    ],
    ["an input with a reserved name", "  to: {", "  in: { type: integer, default: 1 }\n  to: {", "7:3 reserved-name"],
    [
      "filter: false",
      'filter:\n  - item.os_type == "workstation"\n  - item.product_id in [inputs.from, inputs.to]',
      "filter: false",
      "15:9 bad-value",
    ],
    ["a $secret member", "      Id: ${{ item.device_id }}", "      $secret: [{ input: to }]", "24:7 bad-key"],
    ["a lookup of an unknown call", "change:\n", "lookups: { a: { call: B } }\nchange:\n", "18:23 unknown-method"],
    ["a lock", "change:\n", "lock: mine\nchange:\n", "18:1 not-yet"],
    [
      "a computed field whose expression is no text",
      "fields: [device_id, device_name, os_type, product_id, last_timestamp]",
      "fields: { device_name: device_name, os_type: os_type, product_id: PD, x: { value: 1 } }",
      "13:85 bad-type",
    ],
  ])("refuse %s", async (_, from, to, place) => {
    expect(places(await problemsOf(edit(from, to), { set: ["partner=1"] }))).toContain(place);
  });

  it("refuse a change out of the scope of its own list", async () => {
    const text = assign
      .replace("product_id: ${{ inputs.to }}", "partner_id: ${{ inputs.to }}")
      .replace("set.product_id", "set.partner_id")
      .replace("os_type, product_id,", "os_type, product_id, partner_id,");
    expect(places(await problemsOf(text, { set: ["partner=1"] }))).toEqual(["12:18 scope-on-set"]);
    const unscoped = text.replace("    query:\n      PartnerId: ${{ inputs.partner }}\n", "    query: {}\n");
    await expect(load(unscoped, { set: ["partner=1"] })).resolves.toBeDefined();
  });

  it("do not take a word inside the quotes of a filter for a field", async () => {
    await expect(
      load(edit("PartnerId: ${{ inputs.partner }}", `Filter: "AN == 'PD'"`), { set: ["partner=1"] }),
    ).resolves.toBeDefined();
  });

  it("let an undocumented call pass when asked to, once and never twice", async () => {
    const text = edit("call: ModifyAccount", "call: ModifyAccountQuietly") + "allow_undocumented: true\n";
    expect((await load(text, { set: ["partner=1"] })).plan.change.repeat).toBe("once");
  });

  it("note, and do not refuse, a call that the vendor does not document", async () => {
    const unsure: Catalogue = {
      ...catalogue,
      method: (name) => {
        const method = catalogue.method(name);
        return method && { ...method, confidence: "code" };
      },
    };
    const options = { set: ["partner=1"], catalogueOf: () => Promise.resolve(unsure) };
    const { notes } = await load(assign, options);
    expect(places(notes)).toEqual(["9:9 unsure-method", "21:9 unsure-method"]);
    expect(notes.every(({ severity }) => severity === "note")).toBe(true);
    expect((await load(`${assign}allow_undocumented: true\n`, options)).notes).toEqual([]);
  });

  it("want a removal to be said, bounded and expected", async () => {
    const removal = (rest: string): string =>
      assign.slice(0, assign.indexOf("change:")) +
      `change:\n  call: RemoveAccount\n  params: { accountId: "\${{ item.device_id }}" }\n${rest}`;
    expect(places(await problemsOf(removal(""), { set: ["partner=1"] }))).toEqual([
      "18:1 missing-expect",
      "19:9 destructive",
    ]);
    const { plan } = await load(removal("  expect: absent\n  destructive: true\nguards: { max: 5 }\n"), {
      set: ["partner=1"],
    });
    expect(plan.change).toMatchObject({ destructive: true, sets: [], expect: { kind: "absent" } });
    expect(plan.change.desired(frozen, device)).toEqual({});
  });
});

describe("a secret input", () => {
  const secret = (params: string): string => `rollcall: 1
name: gui-password
service: cove
inputs:
  pw: { type: secret, description: The new password }
enumerate:
  call: EnumerateAccountStatistics
  fields: [device_id]
filter: true
change:
  expect: accepted
  call: SendRemoteCommands
  params:
    accountId: \${{ item.device_id }}
    command: ${params}
`;
  const env = { ROLLCALL_INPUT_PW: "hunter22" };

  it("is rendered as a reference, whole or inside a text, and never as its value", async () => {
    const { plan, secretValues } = await load(secret('"set password ${{ inputs.pw }} for ${{ item.device_id }}"'), {
      env,
    });
    expect(plan.change.params(frozen, device, {})).toEqual({
      accountId: 1,
      command: { $secret: ["set password ", { input: "pw" }, " for ", "1"] },
    });
    expect(plan.inputs).toEqual({});
    expect(plan.secrets).toEqual(["pw"]);
    expect(secretValues.pw?.reveal()).toBe("hunter22");
    const whole = await load(secret("${{ inputs.pw }}"), { env });
    expect(whole.plan.change.params(frozen, device, {})).toMatchObject({ command: { $secret: [{ input: "pw" }] } });
  });

  it.each(["${{ inputs.pw + 'x' }}", "${{ inputs['pw'] }}", "${{ size(inputs.pw) }}", "${{ { 'a': inputs.pw } }}"])(
    "can not be part of %s",
    async (expression) => {
      const problems = await problemsOf(secret(`>-\n      ${expression}`), { env });
      expect(problems[0]?.code).toMatch(/secret-input|unknown-input/);
    },
  );

  it("can not be used outside of change.params", async () => {
    const problems = await problemsOf(secret("x").replace("filter: true", "filter: inputs.pw == 'hunter22'"), { env });
    expect(places(problems)).toEqual(["9:9 secret-input"]);
    expect(problems[0]?.hint).toMatch(/change\.params/);
  });

  it("never comes from --set, and says where else", async () => {
    const problems = await problemsOf(secret("x"), { set: ["pw=hunter22"] });
    expect(problems.map(({ code }) => code)).toEqual(["secret-input", "missing-input"]);
    expect(JSON.stringify(problems)).not.toContain("hunter22");
    expect(problems[0]?.hint).toMatch(/ROLLCALL_SECRET_PW/);
  });

  it("can not be smuggled in by the data of an item", async () => {
    const text = secret("${{ dyn(item.labels) }}").replace("[device_id]", "[device_id, labels]");
    const { plan } = await load(text, { env });
    const item = itemOf({ device_id: 1, labels: [{ $secret: [{ input: "pw" }] }] });
    expect(() => plan.change.params(frozen, item, {})).toThrow(/\$secret/);
  });
});
