import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { planProblems } from "../../runner/plan/load.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { assignProduct } from "../support/plan.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-slips-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = assignProduct({
  inputs: [
    "partner: { type: integer, default: 4001 }",
    "from: { type: integer, default: 3 }",
    "to: { type: integer, default: 4 }",
  ],
  fields: "device_id, device_name, os_type, product_id, used_storage",
  filter: '\n  - item.os_type == "workstation"\n  - item.product_id in [inputs.from, inputs.to]',
});

type Edit = readonly [from: string, to: string];

function edited(...edits: readonly Edit[]): string {
  return edits.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, plan);
}

async function told(text: string, set: readonly string[] = []): Promise<readonly string[]> {
  const file = join(folder, "plan.yaml");
  writeFileSync(file, text);
  const catalogueOf = () => Promise.resolve(cove.catalogue());
  const problems = await planProblems({ file, set, env: {}, serviceNames: ["cove", "simulator"], catalogueOf });
  return problems.map(({ line, column, severity, code, message, hint }) => {
    return `${line}:${column} ${severity === "note" ? "note " : ""}${code}: ${message}${hint === undefined ? "" : ` | ${hint}`}`;
  });
}

describe("one slip of a plan is told once, with its place and what to do", () => {
  it("and a plan without one is told nothing", async () => {
    expect(await told(plan)).toEqual([]);
  });

  it.each<[string, Edit, string]>([
    [
      "an input with a capital letter",
      ["  partner: {", "  Partner: {"],
      '5:3 bad-name: "Partner" can not be a name | Use small letters, digits and _, beginning with a letter.',
    ],
    [
      "a name in set that begins with a digit",
      ["    product_id: $", "    5x: $"],
      '20:5 bad-name: "5x" can not be a name | Use letters, digits and _, beginning with a letter.',
    ],
    [
      "a lookup with a capital letter",
      ["change:\n", "lookups: { N: { call: EnumerateProducts, params: { partnerId: 1 }, fields: [Id] } }\nchange:\n"],
      '18:12 bad-name: "N" can not be a name | Use small letters, digits and _, beginning with a letter.',
    ],
    [
      "a lookup of a wrong shape, though it is used",
      [
        'filter:\n  - item.os_type == "workstation"',
        "lookups: { moves: 5 }\nfilter:\n  - item.device_id in lookup.moves",
      ],
      "15:19 bad-type: lookups.moves must be a map, found 5",
    ],
    [
      "a type that inputs do not have",
      ["to: { type: integer", "to: { type: int"],
      '7:15 bad-value: inputs.to.type must be one of string, integer, number, boolean, bytes, duration, time, secret, file, list, found "int" | Did you mean integer?',
    ],
    ["a misspelt key", ["  set:\n", "  sett:\n"], "19:3 unknown-key: change has no key sett | Did you mean set?"],
    [
      "a misspelt field, used by its right name",
      ["product_id, used", "produkt_id, used"],
      "13:45 unknown-field: EnumerateAccountStatistics has no field produkt_id | Did you mean product_id?",
    ],
    [
      "a column as the console might call it",
      ["device_name, os", "Devise Name, os"],
      "13:23 unknown-field: EnumerateAccountStatistics has no field Devise Name | Did you mean device_name?",
    ],
    [
      "a code in small letters",
      ["used_storage]", "i78]"],
      "13:57 unknown-field: EnumerateAccountStatistics has no field i78 | Did you mean I78?",
    ],
    [
      "an old code that is not offered",
      ["used_storage]", "AP]"],
      "13:57 unknown-field: EnumerateAccountStatistics has no field AP | AP writes the active data sources as one letter each; I78 gives them as D01D02. Use active_data_sources (I78).",
    ],
    [
      "a word of filters among the fields",
      ["used_storage]", "ANY]"],
      "13:57 unknown-field: EnumerateAccountStatistics has no field ANY | ANY stands for any text column, in params.query.Filter only.",
    ],
    [
      "a number among the fields",
      ["used_storage]", "843]"],
      "13:57 bad-type: enumerate.fields[4] must be a text, found 843",
    ],
    [
      "a field that hangs on an input that is not there",
      ["used_storage]", '"AA${{ inputs.column }}"]'],
      "13:71 unknown-input: inputs has no column | Known are: partner, from, to.",
    ],
    [
      "an input that is misspelt wherever it is used",
      ["  to: {", "  too: {"],
      "17:45 unknown-input: inputs has no to, here and once more | Did you mean too?",
    ],
    [
      "a parameter in the wrong case",
      ["    accountInfo:", "    accountinfo:"],
      "23:5 unknown-param: ModifyAccount has no parameter accountinfo | Did you mean accountInfo?",
    ],
    [
      "a read where a change is due",
      ["call: ModifyAccount", "call: GetAccountInfoById"],
      "21:9 not-a-change: GetAccountInfoById is a read call, which changes nothing | Use a call that changes items.",
    ],
    [
      "a login where a change is due",
      ["call: ModifyAccount", "call: Login"],
      "21:9 not-a-change: Login is a session call, which changes nothing | Use a call that changes items.",
    ],
    [
      "a change where a list is due",
      ["call: EnumerateAccountStatistics", "call: ModifyAccount"],
      "9:9 not-a-list: ModifyAccount is a change call: reading a list with it could change things | Use a call that enumerates.",
    ],
    [
      "a change where one item is read",
      [
        "change:\n",
        'read: { call: ModifyAccount, params: { accountId: "${{ item.device_id }}" }, fields: [X] }\nchange:\n',
      ],
      "18:15 not-a-read: ModifyAccount is a change call: reading an item with it could change things | Use a call that reads.",
    ],
    [
      "a member of set that is misspelt where it is sent",
      ["set.product_id }}", "set.produkt_id }}"],
      "25:26 unknown-field: set has no produkt_id | Did you mean product_id?",
    ],
    [
      "a field that is set by the name of the member",
      ["    product_id: $", "    ProductId: $"],
      "20:5 unknown-field: ProductId is set but not among the fields | Did you mean product_id?",
    ],
    [
      "a call that can not be made without what was forgotten",
      [plan.slice(plan.indexOf("    accountInfo:")), "    {}\n"],
      "22:3 missing-param: ModifyAccount needs the parameter accountInfo (AccountInfo) | Add accountInfo: …",
    ],
    [
      "a list to verify in that has other fields",
      ["change:\n", "verify: { call: EnumerateAccounts, params: { partnerId: 1 } }\nchange:\n"],
      "18:17 unknown-field: EnumerateAccounts does not have these of enumerate.fields: device_id, device_name, os_type, product_id, used_storage | Verify in a list that has the same key and the same fields, or leave verify.call out.",
    ],
    [
      "a change to verify with",
      ["change:\n", "verify: { call: ModifyAccount }\nchange:\n"],
      "18:17 not-a-list: ModifyAccount is a change call: reading a list with it could change things | Use a call that enumerates.",
    ],
    [
      "a misspelt call of the undo",
      [
        "change:\n",
        'undo: { call: ModifyAccont, params: { accountInfo: { Id: "${{ item.device_id }}" } } }\nchange:\n',
      ],
      "18:15 unknown-method: the catalogue has no method ModifyAccont | Did you mean ModifyAccount?",
    ],
    [
      "an undo without params",
      ["change:\n", "undo: { call: ModifyAccount }\nchange:\n"],
      "18:9 missing-key: undo.call has no params | Add params.",
    ],
    [
      "a word of expect",
      ["change:\n", "change:\n  expect: absnt\n"],
      "19:11 bad-value: expect: absnt is no word that is known, and no expression | Did you mean absent?",
    ],
    [
      "the service with a capital letter",
      ["service: cove", "service: Cove"],
      "3:10 unknown-service: there is no service Cove | Did you mean cove?",
    ],
    [
      "a page by offset",
      ["  call: Enum", "  page: { by: offset }\n  call: Enum"],
      "9:3 known-list: how EnumerateAccountStatistics comes in pages belongs to the service",
    ],
    [
      "no filter",
      [plan.slice(plan.indexOf("filter:"), plan.indexOf("change:")), ""],
      "1:1 missing-key: the plan needs the key filter",
    ],
    [
      "no params",
      [plan.slice(plan.indexOf("  params:\n    accountInfo")), ""],
      "18:1 missing-key: change needs the key params",
    ],
    [
      "an expression in braces without quotes",
      ["    accountInfo:\n", "    accountInfo: { Id: ${{ item.device_id }} }\n    x:\n"],
      '23:25 bad-yaml: unexpected flow-map-start at node end | Inside { … } and [ … ] YAML needs quotes: "${{ … }}".',
    ],
  ])("%s", async (_, edit, wanted) => {
    const found = await told(edited(edit));
    expect(found).toEqual([expect.stringContaining(wanted)]);
  });

  it("a value that is not sent, though what the call may need is only noted", async () => {
    const label = edited(
      ["ModifyAccount", "AddAccountLabel"],
      [plan.slice(plan.indexOf("    accountInfo:")), '    labelCollection: ["${{ item.device_name }}"]\n'],
    );
    expect(await told(label)).toEqual([
      expect.stringMatching(/^20:5 set-not-sent: change\.params does not use set\.product_id/),
      expect.stringMatching(/^22:3 note missing-param: AddAccountLabel probably needs/),
    ]);
  });

  it("a time that is set as a text", async () => {
    const text = edited(
      ["product_id, used_storage", "expiration_date"],
      ["\n  - item.product_id in [inputs.from, inputs.to]", ""],
      ["product_id: ${{ inputs.to }}", "expiration_date: 2027-01-31"],
      ["ProductId: ${{ set.product_id", "ExpirationTime: ${{ set.expiration_date"],
    );
    expect(await told(text)).toEqual([
      '19:22 bad-value: set.expiration_date: expected a whole number, found "2027-01-31" | Write ${{ time("2027-01-31") }}.',
    ]);
  });

  it("a number of items in a call that is none", async () => {
    const labels =
      'call: AddAccountLabel\n  chunk: 0\n  params: { accountIdCollection: "${{ items.map(i, i.device_id) }}", labelCollection: [a] }\n';
    const text = edited(["  set:\n    product_id: ${{ inputs.to }}\n", "  expect: accepted\n"]);
    expect(await told(text.slice(0, text.indexOf("call: Mod")) + labels)).toEqual([
      "21:10 bad-value: change.chunk must be at least 1, found 0",
    ]);
  });

  it("a column that a file is asked for twice", async () => {
    writeFileSync(join(folder, "moves.csv"), "device_id\n1\n");
    const lookup = "lookups: { moves: { csv: moves.csv, fields: [device_id, device_id], key: device_id } }\n";
    const text = edited(
      ["change:\n", `${lookup}change:\n`],
      ["item.product_id in", "string(item.device_id) in lookup.moves || item.product_id in"],
    );
    expect(await told(text)).toEqual(["18:57 duplicate-field: the column device_id is there twice"]);
  });
});

describe("the slips of one plan are told together", () => {
  it("ten at once, as ten problems in the order of the file", async () => {
    const text = edited(
      ["service: cove", "service: Cove"],
      ["  from: { type: integer", "  from: { type: int"],
      ["call: EnumerateAccountStatistics", "call: enumerateAccountStatistics"],
      ["PartnerId:", "PartnerID:"],
      ["device_name, os", "Devise Name, os"],
      ["used_storage]", "D02F00]"],
      ['item.os_type == "workstation"', 'item.product_id == "12"'],
      ["call: ModifyAccount", "call: modifyAccount"],
      ["ProductId: ${{ set.product_id }}", "ProductId: ${{ inputs.to }}"],
    );
    expect(await told(`${text}gaurds: { max: 5 }\n`)).toEqual([
      "3:10 unknown-service: there is no service Cove | Did you mean cove?",
      expect.stringMatching(/^6:17 bad-value: inputs\.from\.type .* \| Did you mean integer\?$/),
      expect.stringMatching(/^9:9 unknown-method: .* \| Did you mean EnumerateAccountStatistics\?$/),
      "12:7 unknown-member: AccountStatisticsQuery has no member PartnerID | Did you mean PartnerId?",
      expect.stringMatching(/^13:23 unknown-field: .* has no field Devise Name \| Did you mean device_name\?$/),
      expect.stringMatching(/^13:57 deprecated-field: D02F00 is deprecated\./),
      expect.stringMatching(/^16:5 bad-type: no such operation: int == string/),
      "21:9 unknown-method: the catalogue has no method modifyAccount | Did you mean ModifyAccount?",
      expect.stringMatching(/^25:18 set-not-sent: .* \| Write \$\{\{ set\.product_id \}\} here\.$/),
      "26:1 unknown-key: the plan has no key gaurds | Did you mean guards?",
    ]);
  });

  it("and what stands under a misspelt key is looked at, at its place", async () => {
    expect(await told(`${plan}gaurds:\n  min: 5\n  max: 4\n`)).toEqual([
      "26:1 unknown-key: the plan has no key gaurds | Did you mean guards?",
      "27:8 bad-bounds: guards.min 5 is more than guards.max 4: a first run could never pass",
    ]);
  });

  it("and a name that could mean two things is not taken for either", async () => {
    const text = edited(["call: ModifyAccount", "call: EnumerateAccountLabelsByAccountIdd"]);
    expect((await told(text)).map((line) => line.slice(0, 20))).toEqual(["21:9 unknown-method:"]);
  });
});

describe("a plan whose inputs have no value yet", () => {
  const open = edited(
    ["default: 4001", "description: Customer"],
    ["  to: { type: integer, default: 4 }", "  to: { type: integer }\n  pw: { type: secret }\n  moves: { type: file }"],
  );
  const notes = [
    "5:3 note missing-input: input partner (Customer) has no value | Give it when it runs, as --set partner=…, ROLLCALL_INPUT_PARTNER, or with --inputs FILE.",
    "7:3 note missing-input: input to has no value | Give it when it runs, as --set to=…, ROLLCALL_INPUT_TO, or with --inputs FILE.",
    "8:3 note missing-input: input pw has no value | Give it when it runs, as ROLLCALL_SECRET_PW, in an --inputs FILE of mode 0600, or on a terminal when asked for it.",
    "9:3 note missing-input: input moves has no value | Give it when it runs, as --set moves=…, ROLLCALL_INPUT_MOVES, or with --inputs FILE.",
  ];

  it("has notes, and nothing that follows from them", async () => {
    const text = open
      .replace("used_storage]", '"AA${{ inputs.to }}"]')
      .replace("change:\n", 'lookups: { m: { csv: "${{ inputs.moves }}", fields: [a], key: a } }\nchange:\n')
      .replace("item.product_id in", "item.AA843 in lookup.m || item.product_id in");
    const unused = expect.stringMatching(
      /^8:3 note unused-input: nothing uses the input pw, so its value has no effect/,
    );
    expect(await told(text)).toEqual([...notes.slice(0, 3), unused, ...notes.slice(3)]);
  });

  it("is checked all the same", async () => {
    expect(await told(open.replace("ProductId:", "ProductID:"))).toEqual([
      ...notes,
      "27:7 unknown-member: AccountInfo has no member ProductID | Did you mean ProductId?",
    ]);
  });

  it("is wrong where a value is given that can not be", async () => {
    expect(await told(open, ["partner=x"])).toEqual([
      '5:3 bad-input: input partner from --set: expected a whole number, found "x"',
      ...notes.slice(1),
    ]);
  });
});
