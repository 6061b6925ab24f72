import { describe, expect, it } from "vitest";
import { itemId, type Value } from "../../runner/core/model/item.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { frozen, load, problemsOf } from "../support/plan.ts";

const catalogueOf = () => Promise.resolve(cove.catalogue());
const plan = (more: { readonly lookups?: string; readonly read?: string; readonly rest?: string }): string =>
  `rollcall: 1
name: knows-answers
service: cove
${more.lookups === undefined ? "" : `lookups:\n  a: ${more.lookups}\n`}enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 1 } }
  fields: [device_id, device_name, product_id]
${more.read === undefined ? "" : `read: ${more.read}\n`}filter: true
change:
  set: { product_id: 7 }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" } }
${more.rest ?? ""}`;

async function told(text: string): Promise<readonly string[]> {
  const problems = await problemsOf(text, { catalogueOf });
  return problems.map(({ column, code, message, hint = "" }) => `${column} ${code}: ${message} | ${hint}`);
}

const account = 'call: GetAccountInfoById, params: { accountId: "${{ item.device_id }}" }';

describe("a member that an answer does not have", () => {
  it.each([
    ["fields: [ProfilId]", "unknown-member: AccountInfo has no member ProfilId | Did you mean ProfileId?"],
    [
      "fields: { a: { from: ProfilId, type: integer } }",
      "unknown-member: AccountInfo has no member ProfilId | Did you mean",
    ],
    [
      "fields: { a: Foo.Bar }",
      "unknown-member: AccountInfo has no member Foo | `rollcall catalog structs AccountInfo`",
    ],
    [
      "fields: { a: Id.Bar }",
      "unknown-member: GetAccountInfoById gives a single value there, which has no member Bar | ",
    ],
    [
      "fields: { a: Flags.x }",
      "unknown-member: GetAccountInfoById gives a list there, which has no member x | Write [0].x",
    ],
    ["fields: { a: 'Id[0]' }", "unknown-member: GetAccountInfoById gives no list there | "],
    ["fields: { a: homeNodeInfo.Id }", "unknown-member: AccountInfo has no member homeNodeInfo | It comes beside what"],
    [
      "fields: { a: result.Id }",
      "unknown-member: AccountInfo has no member result | Paths start at what GetAccountInfoById",
    ],
    ["fields: { a: { value: row.ProfilId } }", "unknown-field: row has no ProfilId | Did you mean ProfileId?"],
    [
      "fields: { a: { value: row != null && row.ProfilId == 1, type: boolean } }",
      "unknown-field: row has no ProfilId | Did",
    ],
    ["when: settle, absent: row.RemovalTim != 0", "unknown-field: row has no RemovalTim | Did you mean RemovalTime?"],
    ["when: settle, absent: row == null || row.RemovalTim != 0", "unknown-field: row has no RemovalTim | Did you mean"],
    [
      'fields: { a: { value: row.ProfileId == "3", type: boolean } }',
      "bad-type: no such operation: int == string | One side",
    ],
    ["fields: { a: { value: row.Name + 1, type: string } }", "bad-type: no such operation: string + int | "],
    ["rows: Settings, fields: { a: x }", "unknown-member: AccountInfo has no member Settings | "],
  ])("is told once, at its place, for a read: %s", async (more, message) => {
    const [only, ...others] = await told(plan({ read: `{ ${account}, ${more} }` }));
    expect(others).toEqual([]);
    expect(only).toContain(message);
  });

  it.each([
    [
      "call: EnumerateProducts, params: { partnerId: 1 }, key: Id, fields: [Id, Nmae]",
      "81 unknown-member: ProductInfo has no member Nmae | Did you mean Name?",
    ],
    [
      "call: EnumerateProducts, params: { partnerId: 1 }, value: ProductID",
      "EnumerateProducts gives a list there, which has no member ProductID | Write [0].ProductID",
    ],
    [
      "call: EnumerateProducts, params: { partnerId: 1 }, rows: abc, fields: [Id]",
      "EnumerateProducts gives a list there, which has no member abc",
    ],
    ["call: GetProductInfo, params: { productId: 1 }, value: ID", "ProductInfo has no member ID | Did you mean Id?"],
    [
      "call: GetAccountInfoById, params: { accountId: 1 }, fields: [Id]",
      "14 bad-path: GetAccountInfoById gives no list to take rows from | Say with rows",
    ],
    [
      "call: EnumerateStorageNodesByAccountId, params: { accounts: [1] }, rows: 'StorageNodes[]', fields: [Id]",
      "gives a list there, which has no member StorageNodes | Write [0].StorageNodes",
    ],
    [
      "call: EnumerateStorageNodesByAccountId, params: { accounts: [1] }, rows: '[].StorageNodes[]', fields: [Idd]",
      "StorageNodeInfo has no member Idd",
    ],
  ])("is told once, at its place, for a lookup: %s", async (lookup, message) => {
    const [only, ...others] = await told(plan({ lookups: `{ ${lookup} }` }));
    expect(others).toEqual([]);
    expect(only).toContain(message);
  });

  it("is told where the rows of a read are gone through", async () => {
    const rows = (value: string): string =>
      plan({
        read: `{ call: EnumerateProducts, params: { partnerId: 1 }, fields: { a: { value: '${value}', type: boolean } } }`,
      });
    expect(await told(rows('rows.exists(r, r.Nmae == "x")'))).toEqual([
      expect.stringContaining("unknown-field: r has no Nmae"),
    ]);
    for (const value of ['rows.exists(r, r.Name == "x")', "size(rows.map(r, merge(r, {}))) > 0", "rows == []"])
      await expect(load(rows(value), { catalogueOf })).resolves.toBeDefined();
  });

  it("is told where changes are verified", async () => {
    const read = `verify: { read: { ${account}, fields: [ProdutId] } }\n`;
    expect(await told(plan({ rest: read }))).toEqual([
      "102 unknown-member: AccountInfo has no member ProdutId | Did you mean ProductId?",
    ]);
  });

  it("passes when the plan goes past the catalogue, and where only words say what is returned", async () => {
    for (const text of [
      `${plan({ read: `{ ${account}, fields: { a: ProfilId, b: { value: row.Nothing } } }` })}allow_undocumented: true\n`,
      `${plan({ lookups: "{ call: EnumerateProducts, params: { partnerId: 1 }, fields: [Nmae] }" })}allow_undocumented: true\n`,
      plan({
        read: "{ call: QueryAudit, params: { query: '0 != 1', orderBy: '' }, fields: { a: { value: 'rows.exists(r, r.Odd == 1)' } , b: { from: '[0].Odd' } } }",
      }),
      plan({
        read: `{ ${account}, fields: { whole: ., more: { value: 'merge(row, {"x": size(row)})', type: object }, none: { value: row == null } } }`,
      }),
      plan({
        lookups:
          "{ call: EnumerateStorageNodesByAccountId, params: { accounts: [1] }, rows: '[].StorageNodes[]', fields: { id: Id, account: ^AccountId } }",
      }),
      plan({
        lookups:
          "{ call: GetAccountCustomColumnValues, params: { accountId: 1 }, fields: { column: '[0]', text: '[1]' } }",
      }),
    ])
      await expect(load(text, { catalogueOf })).resolves.toBeDefined();
  });
});

describe("a member that an answer has", () => {
  const read = async (fields: string, answer: Value) => {
    const { plan: loaded } = await load(plan({ read: `{ ${account}, fields: ${fields} }` }), { catalogueOf });
    const item = { id: itemId("1"), fields: { device_id: 1 } };
    const facts = loaded.enumerate.fields
      .slice(3)
      .map(({ name, type, untyped = false }) => [name, untyped ? "as it came" : type]);
    return { types: Object.fromEntries(facts) as object, values: loaded.reads![0]!.take(frozen, item, answer) };
  };

  it("is read as a list reads it, and everything that is no single value as it came", async () => {
    const answer = {
      Id: 5,
      Name: "",
      Type: "BackupManager",
      ExpirationTime: 0,
      Flags: null,
      CreationTime: 7,
      ProfileId: "9",
    };
    expect(await read("[Id, Name, Type, ExpirationTime, Flags, CreationTime, ProfileId]", answer)).toEqual({
      types: {
        ...{ Id: "integer", Name: "string", Type: "enum", ExpirationTime: "unix_time", Flags: "as it came" },
        ...{ CreationTime: "unix_time", ProfileId: "integer" },
      },
      values: {
        Id: 5,
        Name: null,
        Type: "BackupManager",
        ExpirationTime: null,
        Flags: null,
        CreationTime: 7,
        ProfileId: 9,
      },
    });
  });

  it("is read as the plan says where it says so", async () => {
    const fields = "{ time: { from: ExpirationTime, type: integer }, name: { from: Name, default: none } }";
    const { values } = await read(fields, { ExpirationTime: 0, Name: "" });
    expect(values).toEqual({ time: 0, name: "none" });
  });

  it("has the names of an enum, where the service has numbers", async () => {
    const lookups =
      "{ call: EnumerateUsersByFilter, params: { filter: { NameOrEmail: x } }, key: Id, fields: [Id, RoleId, LastLoginTime] }";
    const { plan: loaded } = await load(plan({ lookups }), { catalogueOf });
    expect(loaded.lookups[0]!.take([[{ Id: 3, RoleId: 4, LastLoginTime: 0 }]], frozen)).toEqual([
      { Id: 3, RoleId: "Operator", LastLoginTime: null },
    ]);
  });

  it("has its type in expressions", async () => {
    const lookups = "{ call: EnumerateProducts, params: { partnerId: 1 }, key: Id, fields: [Id, Name] }";
    const filter = (text: string): string => plan({ lookups }).replace("filter: true", `filter: ${text}`);
    await expect(load(filter("item.product_id in lookup.a"), { catalogueOf })).resolves.toBeDefined();
    expect(await told(filter("item.device_name in lookup.a"))).toEqual([
      expect.stringContaining("bad-type: no such operation: string in map<int"),
    ]);
    const own = plan({ read: `{ ${account}, fields: [ProfileId] }` }).replace(
      "filter: true",
      `filter: item.ProfileId == "3"`,
    );
    expect(await told(own)).toEqual([expect.stringContaining("bad-type: no such operation: int == string")]);
  });
});
