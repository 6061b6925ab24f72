import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import type { Frozen } from "../../runner/core/model/frozen.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { frozen, itemOf, load, places, problemsOf } from "../support/plan.ts";

const plan = (lookups: string, more: { fields?: string; filter?: string; enumerate?: string } = {}): string =>
  `rollcall: 1
name: looks-up
service: cove
lookups:
${lookups
  .split("\n")
  .map((line) => `  ${line}`)
  .join("\n")}
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 1 } }
  fields: ${more.fields ?? "[device_id, device_name, product_id]"}
${more.enumerate ?? ""}filter: ${more.filter ?? "true"}
change:
  set:
    product_id: 7
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" } }
`;

const moves = "moves: { csv: moves.csv, key: device_id, fields: { device_id: integer, to: integer, note: string } }";
const rows = "device_id,to,note\n1,5,a\n2,6,\n9007199254740993,7,big\n";
const files = { "moves.csv": rows };
const item = (fields: object) => itemOf({ device_id: 1, device_name: "a", product_id: 5, ...fields });

/** As if the run had read the lookups that a file gives. */
function lookedUp(loaded: Plan, more: Frozen["lookup"] = {}): Frozen {
  const fromFiles = loaded.lookups.flatMap(({ name, source }) =>
    source.kind === "file" && source.value !== undefined ? [[name, source.value] as const] : [],
  );
  return { ...frozen, lookup: { ...Object.fromEntries(fromFiles), ...more } };
}

async function filterOf(filter: string, lookups = moves, content: Record<string, string> = files) {
  const { plan: loaded } = await load(plan(lookups, { filter: JSON.stringify(filter) }), { files: content });
  const now = lookedUp(loaded);
  return (fields: object): boolean => loaded.filter[0]!.holds(now, item(fields));
}

describe("a lookup with a key", () => {
  it("finds whole numbers, of any size", async () => {
    const holds = await filterOf("item.device_id in lookup.moves && lookup.moves[item.device_id].to == 7");
    expect(holds({ device_id: "9007199254740993" })).toBe(true);
    expect(holds({ device_id: "9007199254740992" })).toBe(false);
    expect(holds({ device_id: 3 })).toBe(false);
    expect((await filterOf("1 in lookup.moves && !(13 in lookup.moves)"))({})).toBe(true);
  });

  it("has null where a cell is empty", async () => {
    const holds = await filterOf("lookup.moves[item.device_id].note == null");
    expect([holds({ device_id: 1 }), holds({ device_id: 2 })]).toEqual([false, true]);
  });

  it("says which row is missing, of an item that was not asked for first", async () => {
    const holds = await filterOf("lookup.moves[item.device_id].to == 5");
    expect(() => holds({ device_id: 17 })).toThrow("lookup moves has no row for 17");
    expect(() => holds({ device_id: null })).toThrow("lookup moves has no row for null");
  });

  it("does not have what is unset", async () => {
    expect((await filterOf("item.product_id in lookup.moves"))({ product_id: null })).toBe(false);
  });

  it("may not care about case", async () => {
    const lookup = "names: { csv: n.csv, key: name, ignore_case: true }";
    const holds = await filterOf("item.device_name in lookup.names", lookup, { "n.csv": "name\nÄrmel\n" });
    expect([holds({ device_name: "äRMEL" }), holds({ device_name: "arm" })]).toEqual([true, false]);
  });

  it("may be found by several fields", async () => {
    const lookup = "t: { csv: t.csv, key: [id, name], fields: { id: integer, name: string, to: integer } }";
    const holds = await filterOf("lookup.t[key(item.device_id, item.device_name)].to == 8", lookup, {
      "t.csv": "id,name,to\n1,a,8\n1,b,9\n",
    });
    expect([holds({ device_name: "a" }), holds({ device_name: "b" })]).toEqual([true, false]);
  });

  it("knows the rows that an item is looked up in", async () => {
    const { plan: loaded } = await load(
      plan(moves, { filter: '["item.product_id == 5", "item.device_id in lookup.moves"]' }),
      { files },
    );
    const [lookup] = loaded.lookups;
    expect(lookup).toMatchObject({ name: "moves", unused: "warn", unique: true, live: "never" });
    // Also where an earlier clause has said no.
    const meets = (fields: object) => lookup!.meets(lookedUp(loaded), item(fields));
    expect([meets({ device_id: 2, product_id: 9 }), meets({ device_id: 4 })]).toEqual([[1], []]);
  });
});

describe("a lookup without a key", () => {
  it("is a list of plain values where rows have one field", async () => {
    const lookup = "ids: { csv: i.csv, fields: { id: integer } }";
    const holds = await filterOf("item.device_id in lookup.ids", lookup, {
      "i.csv": "id,x\n1,2\n9007199254740993,2\n",
    });
    expect([holds({}), holds({ device_id: "9007199254740993" }), holds({ device_id: 2 })]).toEqual([true, true, false]);
  });

  it("has no value where the one cell is empty: an item without a name is not one that is listed", async () => {
    const filter = "item.device_name in lookup.names && size(lookup.names) == 2";
    const content = { "n.csv": "id,name\n1,a\n2,\n3,c\n" };
    const holds = await filterOf(filter, "names: { csv: n.csv, fields: [name] }", content);
    expect([holds({}), holds({ device_name: "b" }), holds({ device_name: null })]).toEqual([true, false, false]);
    const a = "a: { call: GetAccountInfoById, params: { accountId: 1 }, rows: list";
    const take = async (more: string, list: readonly unknown[]) =>
      (await load(plan(`${a}${more} }`))).plan.lookups[0]!.take([{ list } as never], frozen);
    expect(await take(", fields: [Name]", [{ Name: "x" }, { Name: null }, {}])).toEqual(["x"]);
    expect(await take("", [1, null, 3])).toEqual([1, 3]);
  });

  it("is a list of rows otherwise", async () => {
    const lookup = "t: { csv: t.csv, fields: { id: integer, to: string } }";
    const holds = await filterOf("lookup.t.exists(r, r.id == item.device_id && r.to == item.device_name)", lookup, {
      "t.csv": "id,to\n1,a\n",
    });
    expect([holds({}), holds({ device_id: 2 })]).toEqual([true, false]);
  });

  it("takes rows, members and values from where they are in an answer", async () => {
    const loaded = await load(
      plan(`a: { call: GetAccountInfoById, params: { accountId: 1 }, rows: "groups[].members", fields: { id: { from: Id, type: integer }, group: "^Name" } }
b: { call: GetAccountInfoById, params: { accountId: 1 }, rows: { at: "by", map_key: id }, key: id, fields: [id, n] }
c: { call: GetAccountInfoById, params: { accountId: 1 }, value: "a[1].n", type: integer }
d: { call: GetAccountInfoById, params: { accountId: 1 }, rows: { at: list, scalar: id }, fields: { id: { from: id, type: integer } } }`),
    );
    const take = (name: string, answer: object) =>
      loaded.plan.lookups.find((one) => one.name === name)!.take([answer as never], frozen);
    const groups = [{ Name: "x", members: [{ Id: "1" }, { Id: 2 }] }, { Name: "y", members: [{ Id: 3 }] }, {}];
    expect(take("a", { groups })).toEqual([
      { id: 1, group: "x" },
      { id: 2, group: "x" },
      { id: 3, group: "y" },
    ]);
    expect(take("b", { by: { k: { n: 1, m: 2 }, l: { n: 3 } } })).toEqual([
      { id: "k", n: 1 },
      { id: "l", n: 3 },
    ]);
    expect(take("c", { a: [null, { n: "12" }] })).toBe(12);
    expect(take("d", { list: ["4", 5] })).toEqual([4, 5]);
    expect(take("d", { list: null })).toEqual([]);
  });

  it("of a list has the plan's default in place of nothing, and may not lack what it needs", async () => {
    const coves = { catalogueOf: () => Promise.resolve(cove.catalogue()) };
    const users = (more: string): string =>
      plan(
        `a: { call: EnumerateUsers, params: { partnerIds: [1] }, fields: { Id: Id, phone: { from: PhoneNumber, ${more} } } }`,
        {
          filter: `lookup.a.exists(user, user.phone.startsWith('0'))`,
        },
      );
    const take = async (more: string) =>
      (await load(users(more), coves)).plan.lookups[0]!.take([[{ Id: 1, phone: null }]], frozen);
    expect(await take('default: "none"')).toEqual([{ Id: 1, phone: "none" }]);
    await expect(take("optional: false")).rejects.toThrow("row 1 has no phone");
    expect(places(await problemsOf(users("type: string"), coves))).toEqual([expect.stringContaining("may-be-empty")]);
  });

  it("of which only rows are kept that have a value may use it", async () => {
    const coves = { catalogueOf: () => Promise.resolve(cove.catalogue()) };
    const text = plan(
      "a: { call: EnumerateUsers, params: { partnerIds: [1] }, fields: [Id, EmailAddress], filter: row.EmailAddress != null }",
      { filter: `lookup.a.exists(user, user.EmailAddress.endsWith('x'))` },
    );
    await expect(load(text, coves)).resolves.toBeDefined();
  });

  it("of a call keeps the key alone where nothing else is named", async () => {
    const coves = { catalogueOf: () => Promise.resolve(cove.catalogue()) };
    for (const call of ["EnumerateProducts", "EnumerateAccountProfiles"]) {
      const { plan: loaded } = await load(
        plan(`a: { call: ${call}, params: { partnerId: 1 }, key: Id }`, { filter: "item.product_id in lookup.a" }),
        coves,
      );
      const [lookup] = loaded.lookups as [Plan["lookups"][number]];
      expect(lookup.source.kind).toBe(call === "EnumerateProducts" ? "call" : "list");
      expect(lookup.take([[{ Id: 5, Name: "a", Features: null }]] as never, frozen)).toEqual([{ Id: 5 }]);
    }
  });

  it("reads a map, which comes as a list of pairs", async () => {
    const { plan: loaded } = await load(
      plan(
        'a: { call: GetAccountInfoById, params: { accountId: 1 }, fields: { id: { from: "[0]", type: integer }, text: "[1]" }, key: id }',
      ),
    );
    const pairs = [
      [843, "checked"],
      ["844", null],
    ];
    expect(loaded.lookups[0]!.take([pairs as never], frozen)).toEqual([
      { id: 843, text: "checked" },
      { id: 844, text: null },
    ]);
  });

  it("keeps of objects only what is declared", async () => {
    const { plan: loaded } = await load(plan("a: { call: GetAccountInfoById, params: { accountId: 1 } }"));
    expect(loaded.lookups[0]!.take([[1, 2]], frozen)).toEqual([1, 2]);
    expect(() => loaded.lookups[0]!.take([[{ Password: "x" }]], frozen)).toThrow("only what is declared is kept");
  });
});

describe("a lookup in an earlier run", () => {
  it("names the run: latest would be the run that looks", async () => {
    expect(places(await problemsOf(plan("old: { run: latest, key: device_id }")))).toEqual(["5:15 bad-run"]);
  });
});

describe("computed fields", () => {
  const fields = `{ device_id: device_id, device_name: { from: device_name, default: none }, product_id: product_id, moved: { value: item.device_id in lookup.moves }, label: { value: 'item.device_name + "!"' } }`;

  it("are made of the fields above, of lookups and of nothing else", async () => {
    const { plan: loaded } = await load(plan(moves, { fields }), { files });
    const made = loaded.enumerate.complete!(lookedUp(loaded), item({ device_id: 2, device_name: null }));
    expect(made).toEqual({ device_id: 2, device_name: "none", product_id: 5, moved: true, label: "none!" });
    expect(loaded.enumerate.asked?.map(({ name }) => name)).toEqual(["device_id", "device_name", "product_id"]);
    expect(loaded.enumerate.fields.find(({ name }) => name === "moved")).toMatchObject({ type: "boolean", lagMs: 0 });
  });

  it("may be read as something else, and have to be there where the plan says so", async () => {
    const strict =
      "{ device_id: device_id, product_id: product_id, code: { from: AA843, type: integer, optional: false } }";
    const { plan: loaded } = await load(plan(moves, { fields: strict, filter: "item.code > 5" }), { files });
    expect(loaded.enumerate.fields.at(-1)).toMatchObject({ name: "code", source: "AA843", type: "integer" });
    const complete = (code: number | null) =>
      loaded.enumerate.complete!(frozen, itemOf({ device_id: 1, product_id: 1, code }));
    expect(complete(7)).toMatchObject({ code: 7 });
    expect(() => complete(null)).toThrow("code is not there");
    const asKey = await problemsOf(
      plan(moves, { fields: "{ id: { from: device_id, type: string }, product_id: product_id }" }),
      { files },
    );
    expect(asKey[0]).toMatchObject({
      code: "bad-type",
      message: "device_id is the key of the list and stays of type integer",
    });
  });

  it("have the types that their expressions give", async () => {
    const problems = await problemsOf(plan(moves, { fields, filter: "item.moved == 1" }), { files });
    expect(problems.map(({ message }) => message)).toEqual(["no such operation: bool == int"]);
  });

  it("can not be made of what stands below them, and say their type where nothing else does", async () => {
    const wrong =
      "{ product_id: product_id, a: { value: item.b == 1 }, b: { value: item.product_id }, c: { value: login.user_id } }";
    const problems = await problemsOf(plan(moves, { fields: wrong }), { files });
    expect(problems.map(({ message }) => message)).toEqual([
      "a uses item.b, which is not above it",
      "the type of c does not follow from its expression",
    ]);
  });

  it("make what they look up live, and what that is made of; files stay as they were", async () => {
    const lookups = `${moves}
all: { call: EnumeratePartners, params: { parentPartnerId: 1 }, rows: ".", fields: { Id: { from: Id, type: integer } } }
some: { call: EnumeratePartners, for_each: lookup.all, params: { parentPartnerId: "\${{ each }}" }, rows: ".", fields: [Id] }
other: { call: EnumeratePartners, params: { parentPartnerId: 1 }, rows: ".", fields: [Id] }
count: { call: EnumeratePartners, params: { parentPartnerId: 1 }, value: "." , type: integer }`;
    const live =
      "{ device_id: device_id, product_id: product_id, x: { value: item.device_id in lookup.some && item.device_id in lookup.moves } }";
    const { plan: loaded } = await load(
      plan(lookups, { fields: live, filter: "item.device_id in lookup.other", enumerate: "  total: lookup.count\n" }),
      { files },
    );
    expect(loaded.lookups.map(({ name, live: when }) => `${name} ${when}`)).toEqual([
      "moves never",
      "all items",
      "some items",
      "other never",
      "count lists",
    ]);
  });
});

describe("lookups are refused", () => {
  it.each([
    ["a name that is not there", moves, "item.device_id in lookup.move", "unknown-field: Did you mean moves?"],
    ["a column that is not there", moves, "lookup.moves[item.device_id].too == 1", "unknown-field: "],
    ["a key of another type", moves, "item.device_name in lookup.moves", "bad-type: "],
    ["a lookup that no plan has", "", "item.device_id in lookup.moves", "unknown-name: Declare"],
    ["each without for_each", moves, "each == 1", "unknown-name: each is known where for_each"],
  ])("%s", async (_, lookups, filter, told) => {
    const text = lookups === "" ? plan(moves).replace(/lookups:\n.*\n/, "") : plan(lookups);
    const problems = await problemsOf(text.replace("filter: true", `filter: ${JSON.stringify(filter)}`), { files });
    expect(problems.map(({ code, hint = "" }) => `${code}: ${hint}`)).toEqual([expect.stringContaining(told)]);
  });

  it.each([
    ["two sources", "a: { csv: moves.csv, run: x }", "5:24 bad-lookup"],
    ["no source", "a: { key: x }", "5:3 missing-key"],
    ["a change", "a: { call: ModifyAccount }", "5:14 not-a-read"],
    ["a reserved name", "if: { csv: moves.csv }", "5:3 reserved-name"],
    ["a list without fields", "a: { call: EnumerateAccountStatistics }", "5:3 missing-key"],
    ["a secret", "a: { call: EnumerateAccountStatistics, fields: [password] }", "5:51 secret-field"],
    [
      "a parameter of the service's",
      "a: { call: EnumerateAccountStatistics, fields: [device_id], params: { query: { OrderBy: x } } }",
      "5:82 reserved-param",
    ],
    [
      "a parameter that the call does not have",
      "a: { call: GetAccountInfoById, params: { accountId: 1, depth: 2 } }",
      "5:58 unknown-param",
    ],
    ["a parameter that is missing", "a: { call: GetAccountInfoById }", "5:6 missing-param"],
    ["a value of another type", "a: { call: GetAccountInfoById, params: { accountId: x } }", "5:55 bad-type"],
    [
      "a member that a parameter does not have",
      "a: { call: EnumerateAccountStatistics, fields: [device_id], params: { query: { Partner: 1 } } }",
      "5:82 unknown-member",
    ],
    ["keys of another source", "a: { csv: moves.csv, optional: true }", "5:24 bad-lookup"],
    [
      "a later lookup",
      "a: { call: EnumeratePartners, for_each: lookup.b, rows: ., fields: [Id] }\nb: { csv: moves.csv }",
      "5:43 unknown-name",
    ],
    ["a column that the file lacks", "a: { csv: moves.csv, fields: { device: string } }", "1:1 bad-csv"],
    ["a key that the file lacks", "a: { csv: moves.csv, key: device }", "5:29 unknown-field"],
    ["a type that no cell has", "a: { csv: moves.csv, fields: { to: set } }", "5:38 bad-type"],
    ["a value that is not of its type", "a: { csv: moves.csv, fields: { note: integer } }", "2:1 bad-csv"],
    ["a key twice", "a: { csv: twice.csv, key: k }", "5:13 bad-file"],
    ["a file that is not there", "a: { csv: gone.csv }", "5:13 bad-file"],
    ["a file outside the plan's folder", "a: { csv: ../moves.csv }", "5:13 bad-file"],
    ["unused rows without a key", "a: { csv: moves.csv, unused: error }", "5:24 bad-lookup"],
    ["a path that is none", 'a: { call: GetAccountInfoById, rows: "a..b" }', "5:40 bad-path"],
    ["paging", "a: { call: GetAccountInfoById, page: { by: ids } }", "5:34 not-yet"],
  ])("%s", async (_, lookups, place) => {
    const all = { ...files, "twice.csv": "k\n1\n2\n1\n" };
    expect(places(await problemsOf(plan(lookups), { files: all }))).toContain(place);
  });

  it("for a column of a type that no cell has, with the type that was meant", async () => {
    const told = async (type: string, filter = "true"): Promise<readonly string[]> => {
      const lookup = `a: { csv: moves.csv, key: device_id, fields: { device_id: ${type}, to: integer } }`;
      const problems = await problemsOf(plan(lookup, { filter: JSON.stringify(filter) }), { files });
      return problems.map(({ line, column, code, hint = "" }) => `${line}:${column} ${code} | ${hint}`);
    };
    expect(await told("int", "item.device_id in lookup.a")).toEqual(["5:61 bad-type | Did you mean integer?"]);
    expect(await told("strng")).toEqual(["5:61 bad-type | Did you mean string?"]);
    expect(await told("{ from: device_id, type: string }")).toEqual(["5:61 bad-type | Write device_id: string"]);
    for (const type of ["constructor", "set"])
      expect(await told(type)).toEqual([expect.stringMatching(/^5:61 bad-type \| Write one of string, integer, /)]);
  });

  it("with the line of each fault of a file, which is not quoted", async () => {
    const csv = "device_id,to,note\n1,x,a\n2,5\n3,6,ok\n";
    const problems = await problemsOf(plan(moves), { files: { "moves.csv": csv } });
    expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 to: expected a whole number, found "x"',
      "3 2 cells where the header has 3",
    ]);
    expect(problems.every(({ file, private: isPrivate }) => file.endsWith("moves.csv") && isPrivate === true)).toBe(
      true,
    );
  });
});

describe("the file of a lookup", () => {
  it("has no blanks around what rows are found by: nobody would see them", async () => {
    const lookup = `a: { csv: "\${{ inputs.moves }}", key: [device_name, note], fields: { device_name: string, note: string, to: integer } }`;
    const csv = 'device_name,note,to\npc 1,x,5\n"pc-2 ",x,5\npc-3,\u00a0x, 5 \n';
    const text = plan(lookup).replace(
      "service: cove",
      "service: cove\ninputs: { moves: { type: file, default: moves.csv } }",
    );
    const problems = await problemsOf(text, { files: { "moves.csv": csv } });
    expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '3 device_name: "pc-2 " has a blank at an end, and it is a key',
      '4 note: "\u00a0x" has a blank at an end, and it is a key',
    ]);
  });

  const text = `rollcall: 1
name: looks-up
service: cove
inputs:
  file: { type: file, default: inside.csv }
lookups:
  a: { csv: "\${{ inputs.file }}", key: id }
enumerate: { call: EnumerateAccountStatistics, params: { query: { PartnerId: 1 } }, fields: [device_id, device_name, product_id] }
filter: item.device_name in lookup.a
change:
  set: { product_id: 7 }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" } }
`;
  const outside = mkdtempSync(join(tmpdir(), "rollcall-outside-"));
  const csv = join(outside, "there.csv");
  writeFileSync(csv, "\ufeffid\nx\n");

  it("is the one that the plan names, below its folder", async () => {
    const { plan: loaded } = await load(text, { files: { "inside.csv": "id\ny\n" } });
    expect(loaded.lookups[0]!.source).toEqual({ kind: "file", value: [{ id: "y" }] });
  });

  it("lies anywhere when the operator names it", async () => {
    const { plan: loaded } = await load(text, { set: [`file=${csv}`] });
    expect(loaded.lookups[0]!.source).toEqual({ kind: "file", value: [{ id: "x" }] });
  });

  it("lies below the folder when an inputs file beside the plan names it, and anywhere when one that lies elsewhere does", async () => {
    const inputs = `file: ${csv}\n`;
    const problems = await problemsOf(text, { inputsFile: "plan.inputs.yaml", files: { "plan.inputs.yaml": inputs } });
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining("lies outside the plan's folder")]);
    expect(problems[0]!.hint).toContain("with --set");
    const elsewhere = join(outside, "in.yaml");
    writeFileSync(elsewhere, inputs);
    const { plan: loaded } = await load(text, { inputsFile: elsewhere });
    expect(loaded.lookups[0]!.source).toEqual({ kind: "file", value: [{ id: "x" }] });
  });

  it("lies below the folder when a link beside the plan, which leads to inputs elsewhere, names it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-linked-"));
    const [elsewhere, inputsFile] = [join(outside, "linked.yaml"), join(folder, "plan.inputs.yaml")];
    writeFileSync(elsewhere, `file: ${csv}\n`);
    symlinkSync(elsewhere, inputsFile);
    writeFileSync(join(folder, "plan.yaml"), text);
    const problems = await problemsOf(text, { file: join(folder, "plan.yaml"), inputsFile });
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining("lies outside the plan's folder")]);
  });

  it("lies below the folder in a test of the plan, whose inputs come with it", async () => {
    const problems = await problemsOf(text, { set: [`file=${csv}`], isTest: true });
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining("lies outside the plan's folder")]);
  });

  it("that the operator names and that is not there is not said to lie outside the plan's folder", async () => {
    const gone = join(outside, "gone.csv");
    const problems = await problemsOf(text, { set: [`file=${gone}`] });
    expect(problems.map(({ message, hint }) => [message, hint])).toEqual([
      [
        `${gone} can not be read: ENOENT: no such file or directory`,
        "Give input file the path of a file that is there: relative ones begin in the current folder.",
      ],
    ]);
  });

  it("has columns and cells that are bounded", async () => {
    const wide = `${Array.from({ length: 2000 }, (_, place) => `c${place}`).join(",")}\n`;
    const problems = await problemsOf(text, { files: { "inside.csv": wide } });
    expect(problems.map(({ message }) => message)).toEqual(["there are more than 1000 cells on one line"]);
  });

  it("is not followed out of the plan's folder by a link", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-linked-"));
    symlinkSync(csv, join(folder, "inside.csv"));
    writeFileSync(join(folder, "plan.yaml"), text);
    const problems = await problemsOf(text, { file: join(folder, "plan.yaml") });
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      expect.stringMatching(/^bad-file .*inside\.csv lies outside the plan's folder$/),
    ]);
  });

  it("is not read again for a run that has it in its folder", async () => {
    const { plan: loaded } = await load("", { frozen: { source: text, inputs: { file: "/nowhere.csv" } } });
    expect(loaded.lookups[0]!.source).toEqual({ kind: "file", value: undefined });
    const now = { ...frozen, lookup: { a: [{ id: "a" }] } };
    expect(loaded.filter[0]!.holds(now, item({}))).toBe(true);
  });
});

describe("secrets of the service that a call answers", () => {
  const catalogueOf = () => Promise.resolve(cove.catalogue());
  /** What this call returns is not known. */
  const about = (more: string): string => plan(`a: { call: GetAccountFeatures, params: { accountId: 1 }, ${more} }`);

  it("are withheld, however deep they stand", async () => {
    const { plan: loaded } = await load(about("fields: [Settings]"), { catalogueOf });
    const answer = { Settings: { Lsv: { User: "u", Password: "p" }, Token: "t", AccessToken: "a", Signature: "s" } };
    const kept = JSON.stringify(loaded.lookups[0]!.take([[answer]], frozen));
    expect(kept).toContain('"User":"u"');
    expect(kept).not.toMatch(/"[ptas]"/);
    expect(() => loaded.lookups[0]!.take([answer.Settings], frozen)).toThrow(/^(?!.*"[ptas]")/);
  });

  it.each([
    "value: result.Token, type: string",
    "fields: { token: Token }",
    "fields: [Password]",
    "rows: Keys.EncryptionKey, fields: [x]",
  ])("are not what a lookup is made of: %s", async (more) => {
    const problems = await problemsOf(about(more), { catalogueOf });
    expect(problems.map(({ code }) => code)).toEqual(["secret-field"]);
  });

  it.each(["Token", "Tokens.Token"])("are told once where the members of the answer are known: %s", async (value) => {
    const text = about(`value: ${value}, type: string`).replace("GetAccountFeatures", "GetAccountInfoById");
    expect((await problemsOf(text, { catalogueOf })).map(({ code }) => code)).toEqual(["secret-field"]);
  });

  it("can not be asked for", async () => {
    const text = plan("a: { call: GetAutoLoginUrl, params: { partnerId: 1 }, value: ., type: string }");
    expect((await problemsOf(text, { catalogueOf })).map(({ code }) => code)).toEqual(["not-a-read"]);
  });
});
