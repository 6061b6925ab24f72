import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { itemId } from "../../runner/core/model/item.ts";
import { decide } from "../../runner/core/select/decide.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { frozen, load, problemsOf } from "../support/plan.ts";

const catalogueOf = () => Promise.resolve(cove.catalogue());
const head = `rollcall: 1
name: sends
service: cove
inputs:
  partner: { type: integer, default: 1 }
  text: { type: string, default: x }
  names: { type: list, default: [a] }
lookups:
  customers: { call: EnumeratePartners, params: { parentPartnerId: 1 }, fields: [Id, Name] }
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: "\${{ inputs.partner }}" } }
  fields: [device_id, device_name, product_id, used_storage, AA843]
filter: true
`;
const account = (members: string): string =>
  `${head}change:\n  expect: accepted\n  call: ModifyAccount\n  params:\n    accountInfo:\n${members}\n`;
const write = (call: string, params: string, more = ""): string =>
  `${head}change:\n  expect: accepted\n  call: ${call}\n${more}  params: ${params}\n`;

async function told(text: string): Promise<readonly string[]> {
  const problems = await problemsOf(text, { catalogueOf });
  return problems.map(
    ({ line, column, code, message, hint = "" }) => `${line}:${column} ${code}: ${message} | ${hint}`,
  );
}

describe("what an expression gives", () => {
  it.each([
    ["a text for an id", "Id: ${{ item.device_name }}", "Id is a whole number, and this gives a text | "],
    [
      "two expressions in a text",
      "Id: ${{ item.device_id }}${{ inputs.partner }}",
      "Id is a whole number, and this gives a text | An expression with text around it gives a text: write it alone.",
    ],
    ["a row", "Id: ${{ item }}", "Id is a whole number, and this gives a map | "],
    ["a fraction", "Id: ${{ item.device_id / 2.0 }}", "Id is a whole number, and this gives a number | "],
    [
      "a number for a text",
      "NameAlias: ${{ item.device_id }}",
      "NameAlias is a text, and this gives a whole number | string(…) makes a text of it.",
    ],
    [
      "a number for an enum by name",
      "Type: ${{ item.device_id }}",
      "Type is a name of AccountType, and this gives a whole number | ",
    ],
    [
      "one value for a set",
      "Flags: ${{ item.device_name }}",
      "Flags is a list, each a name of AccountFlags, and this gives a text | ",
    ],
  ])("is refused where it does not fit: %s", async (_, member, message) => {
    const place = `20:${7 + member.indexOf("$")}`;
    expect(await told(account(`      ${member}`))).toEqual([`${place} bad-type: ${message}`]);
  });

  it.each([
    ["PartnerId: '${{ inputs.text }}'", "", "PartnerId is a whole number, and this gives a text"],
    ["PartnerId: '${{ each }}'", "for_each: lookup.customers", "PartnerId is a whole number, and this gives a map"],
    ["Labels: '${{ inputs.names }}'", "", "Labels is a list, each a whole number, and this gives a list, each a text"],
  ])("is refused in the params of a list too: %s", async (member, more, message) => {
    const text = account("      Id: ${{ item.device_id }}").replace(/query: .*/, `query: { ${member} } }\n  ${more}`);
    expect(await told(text)).toEqual([expect.stringContaining(message)]);
  });

  it("is refused in a chunk that sends items where ids go", async () => {
    const text = write(
      "ModifyAccountsBatch",
      "{ accountIds: '${{ items }}', accountInfo: { ProductId: 1 } }",
      "  chunk: 5\n",
    );
    expect(await told(text)).toEqual([
      expect.stringContaining("accountIds is a list, each a whole number, and this gives a list, each a map"),
    ]);
  });

  it.each([
    account(
      "      Id: ${{ item.device_id }}\n      NameAlias: ${{ string(item.device_id) }}\n      Flags: ${{ inputs.names }}",
    ),
    account("      Id: ${{ dyn(item.device_name) }}\n      Type: ${{ item.device_name }}"),
    account(
      "      Id: ${{ item.device_id }}\n      ExpirationTime: '${{ item.product_id == null ? omit : dyn(ago(5)) }}'",
    ),
    write("ModifyAccount", "{ accountInfo: '${{ {\"Id\": item.device_id} }}' }"),
    write("ModifyAccount", "{ accountInfo: '${{ item }}' }"),
    write("ModifyAccount", "[{ Id: '${{ item.device_id }}' }, true]"),
    write(
      "UpdateAccountCustomColumnValues",
      "{ accountId: '${{ item.device_id }}', values: '${{ [[843, inputs.text]] }}' }",
    ),
    write(
      "UpdateAccountCustomColumnValues",
      "{ accountId: '${{ item.device_id }}', values: ['${{ [843, inputs.text] }}'] }",
    ),
    write("ModifyUser", "{ userInfo: { Id: '${{ item.product_id }}', RoleId: '${{ item.device_name }}' } }"),
    write("ModifyUser", "{ userInfo: { Id: '${{ item.product_id }}', RoleId: '${{ 4 }}' } }"),
    write(
      "AddAccountLabel",
      "{ accountIdCollection: ['${{ item.device_id }}'], labelCollection: '${{ inputs.names }}' }",
    ),
  ])("is taken where it fits, and where only running it can tell", async (text) => {
    await expect(load(text, { catalogueOf })).resolves.toBeDefined();
  });

  it("refuses the item whose value turns out to be of another kind, and sends nothing for it", async () => {
    const { plan } = await load(account("      Id: ${{ dyn(item.AA843) }}"), { catalogueOf });
    const decided = (AA843: string | null) =>
      decide(plan, frozen, { id: itemId("1"), fields: { device_id: 1, AA843 } });
    expect(decided("PC-1")).toMatchObject({
      as: "refused",
      why: 'change.params.accountInfo.Id must be a whole number, found "PC-1"',
    });
    expect(decided("12")).toMatchObject({ as: "refused" });
    expect(decided("9007199254740993")).toMatchObject({ as: "selected" });
    expect(decided(null)).toMatchObject({ as: "selected", params: { accountInfo: { Id: null } } });
  });
});

describe("params in order", () => {
  it("are those of the method, one by one", async () => {
    expect(await told(write("ModifyAccount", "[{ Idx: '${{ item.device_id }}' }, maybe, 5]"))).toEqual([
      "18:14 unknown-member: AccountInfo has no member Idx | Did you mean Id?",
      '18:46 bad-type: forceRemoveCustomColumnValuesInOldScope is true or false, found "maybe" | ',
      "18:53 unknown-param: ModifyAccount has no parameter number 3 | It takes, in this order: accountInfo, forceRemoveCustomColumnValuesInOldScope.",
    ]);
    expect(await told(write("RemoveAccount", "[]", "  destructive: true\n").concat("guards: { max: 1 }\n"))).toEqual([
      expect.stringContaining("missing-param: RemoveAccount needs the parameter accountId"),
    ]);
  });
});

describe("a change that is the same for every item", () => {
  const undo = (params: string): string =>
    `${account("      Id: ${{ item.device_id }}")}undo: { call: ModifyAccount, params: ${params} }\n`;

  it.each([
    ["nothing of the item", account("      Id: 12345"), "18:3"],
    ["inputs alone", write("ModifyAccount", "{ accountInfo: { Id: '${{ inputs.partner }}' } }"), "18:3"],
    [
      "what is set, the same for all",
      account("      Id: 5\n      ProductId: ${{ set.product_id }}").replace(
        "  expect: accepted",
        "  set: { product_id: 7 }",
      ),
      "18:3",
    ],
    ["an undo", undo("{ accountInfo: { Id: 5 } }"), "21:30"],
  ])("is refused: %s", async (_, text, place) => {
    const [only, ...more] = await told(text);
    expect([only, more]).toEqual([
      `${place} item-not-used: the params of ModifyAccount do not use item, so every call would be about the same | Write \${{ item.device_id }} where the item goes; a call that is made once has guards.max: 1.`,
      [],
    ]);
  });

  it.each([
    [
      "by each",
      account("      Id: ${{ each }}")
        .replace("  fields:", "  for_each: '[1, 2]'\n  fields:")
        .replace("inputs.partner", "each"),
    ],
    ["by a choice that it makes", account("      Id: '${{ item.device_id == 1 ? 2 : 3 }}'")],
    ["by where it is sent", write("SendAccountCommand", "{ command: set settings, parameters: { a: 1 } }")],
    [
      "by the whole that is set",
      head
        .replace("[device_id,", "{ device_id: device_id, whole: { value: '{\"Id\": item.device_id}', type: object },")
        .replace(/ device_name, .*/, " }") +
        "change:\n  set: { whole: '${{ merge(item.whole, {\"ProductId\": 1}) }}' }\n  call: ModifyAccount\n  params: { accountInfo: '${{ set.whole }}' }\n",
    ],
  ])("is none where the item is named %s", async (_, text) => {
    await expect(load(text, { catalogueOf })).resolves.toBeDefined();
  });
});

describe("verify.params", () => {
  it("that filter by what is set are told where they are written", async () => {
    const moves = readFileSync(new URL("../support/plans/products.yaml", import.meta.url), "utf8");
    const text = moves.replace("verify: {", 'verify: { params: { query: { Filter: "I9 == 3" } },');
    const place = `${text.trimEnd().split("\n").length}:38 filter-on-set`;
    const set = ["partner=1", "from=1", "to=2", "ids=1"];
    const problems = await problemsOf(text, { set, catalogueOf });
    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([place]);
  });
});
