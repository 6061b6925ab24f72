import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectError, IncompleteError } from "../../../runner/core/model/errors.ts";
import { itemId, type Item, type Value } from "../../../runner/core/model/item.ts";
import type { Connection, ListRequest, Outside } from "../../../runner/core/model/ports.ts";
import { rowsOf } from "../../../runner/providers/cove/answers.ts";
import { cove } from "../../../runner/providers/cove/connect.ts";
import {
  never,
  outsideFor,
  serviceFor,
  silentLog,
  startRpcServer,
  type Answering,
  type Asked,
} from "../../support/rpc-server.ts";

type Answers = (asked: Asked, answering: Answering) => void;

interface Setup {
  readonly line: Connection;
  readonly asked: (method: string) => readonly Asked[];
}

async function withLine(
  answers: Answers,
  test: (setup: Setup) => Promise<void>,
  { user = { Id: 7, PartnerId: 5, Name: "bob" }, outside = {} }: { user?: object; outside?: Partial<Outside> } = {},
): Promise<void> {
  await using server = await startRpcServer((asked, answering) => {
    if (asked.method === "Login") answering.result({ result: user }, { visa: "v" });
    else answers(asked, answering);
  });
  await using line = await cove.connect(serviceFor(server.url), outsideFor(outside), never);
  await test({ line, asked: (method) => server.asked.filter((call) => call.method === method) });
}

function listOf(method: string, params: Value, ...names: readonly string[]): ListRequest {
  const facts = cove.catalogue().list(method)!;
  return { method, params, fields: names.map((name) => facts.field(name)!), key: facts.key };
}

async function all(line: Connection, list: ListRequest): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of line.pages(list, never)) items.push(...page);
  return items;
}

const says =
  (result: unknown): Answers =>
  (_asked, answering) =>
    answering.result(result);
const users = (...names: readonly string[]): ListRequest => listOf("EnumerateUsers", { partnerIds: [5, 6] }, ...names);
const partners = (...names: readonly string[]): ListRequest =>
  listOf("EnumeratePartners", { parentPartnerId: 5, fetchRecursively: true }, ...names);
const accounts = (...names: readonly string[]): ListRequest => listOf("EnumerateAccounts", { partnerId: 5 }, ...names);

describe("a list that comes in one answer", () => {
  it("gives users their roles by name, their flags as a set, and null for what is not there", async () => {
    const rows = [
      { Id: 1, RoleId: 4, Flags: null, LastLoginTime: 0, EmailAddress: "", TwoFactorAuthenticationStatus: "Enabled" },
      { Id: "2", RoleId: "7", Flags: ["SecurityOfficer"], LastLoginTime: "1700000000", Password: null },
      { Id: 3, RoleId: "SuperUser" },
    ];
    const { warnings, ...log } = silentLog();
    await withLine(
      says({ result: rows }),
      async ({ line, asked }) => {
        const names = ["Id", "RoleId", "Flags", "LastLoginTime", "EmailAddress", "TwoFactorAuthenticationStatus"];
        const items = await all(line, users(...names));
        expect(items.map(({ id }) => id)).toEqual(["1", "2", "3"]);
        expect(items.map(({ fields }) => Object.values(fields))).toEqual([
          [1, "Operator", [], null, null, "Enabled"],
          [2, "Notifier", ["SecurityOfficer"], 1_700_000_000, null, null],
          [3, "SuperUser", [], null, null, null],
        ]);
        expect(asked("EnumerateUsers").map(({ params }) => params)).toEqual([{ partnerIds: [5, 6] }]);
        expect(warnings).toEqual([]);
      },
      { outside: { log } },
    );
  });

  it("asks for the members of customers by their numbers, once each, and never for none", async () => {
    await withLine(says({ result: null }), async ({ line, asked }) => {
      expect(await all(line, partners("Id", "ExternalCode", "Name", "MailFrom", "ParentId", "State"))).toEqual([]);
      expect(await all(line, partners("Id"))).toEqual([]);
      expect(asked("EnumeratePartners").map(({ params }) => params)).toEqual([
        { parentPartnerId: 5, fetchRecursively: true, fields: [0, 5, 18] },
        { parentPartnerId: 5, fetchRecursively: true, fields: [0] },
      ]);
    });
  });

  it("keeps objects of customers as they are, and values nobody has a name for with one warning", async () => {
    const { warnings, ...log } = silentLog();
    const company = { LegalCompanyName: "Acme", PostAddress: { City: "X" } };
    const rows = [8, 9].map((Id) => ({ Id, ParentId: 5, Level: "Galaxy", Company: company, ChildServiceTypes: null }));
    await withLine(
      says({ result: rows }),
      async ({ line }) => {
        const [first] = await all(line, partners("Id", "ParentId", "Level", "Company", "ChildServiceTypes"));
        const fields = { Id: 8, ParentId: 5, Level: "Galaxy", Company: company, ChildServiceTypes: [] };
        expect(first!.fields).toEqual(fields);
        expect(warnings).toEqual(["unknown value of Level; kept as its text"]);
      },
      { outside: { log } },
    );
  });

  it("is read under the plan's own names for members", async () => {
    const list = users("Id", "RoleId");
    const named = { ...list, fields: list.fields.map((field) => ({ ...field, name: `my_${field.name}` })) };
    await withLine(says({ result: [{ Id: 1, RoleId: 1 }] }), async ({ line }) => {
      expect((await all(line, named)).map(({ fields }) => fields)).toEqual([{ my_Id: 1, my_RoleId: "SuperUser" }]);
    });
  });

  it("is handed on in pieces, and ends quietly when the run stops", async () => {
    const stop = new AbortController();
    const rows = Array.from({ length: 1203 }, (_, place) => ({ Id: place + 1 }));
    await withLine(says({ result: rows }), async ({ line }) => {
      const sizes: number[] = [];
      for await (const page of line.pages(accounts("Id"), never)) sizes.push(page.length);
      expect(sizes).toEqual([500, 500, 203]);
      let count = 0;
      for await (const page of line.pages(accounts("Id"), stop.signal)) {
        count += page.length;
        stop.abort();
      }
      expect(count).toBe(500);
    });
  });

  it.each<[string, Answers, RegExp]>([
    [
      "is refused by the service",
      (_asked, { error }) => error(13501, "no"),
      /EnumerateAccounts could not be read: no \(/,
    ],
    ["is no list", says({ result: "rows" }), /EnumerateAccounts came back as something that is not a list/],
    ["is an object", says({ result: { Id: 1 } }), /not a list/],
    ["is nothing with a result", says([]), /not a list/],
    ["holds null", says({ result: [null] }), /one account came back without Id/],
    ["holds a row without a key", says({ result: [{ Id: 1 }, { Name: "PC" }] }), /one account came back without Id/],
    ["holds a row whose key is null", says({ result: [{ Id: null }] }), /without Id, or with an unusable one/],
    ["holds a padded key", says({ result: [{ Id: "07" }] }), /without Id, or with an unusable one/],
    ["holds a rounded key", says({ result: [{ Id: 2 ** 60 }] }), /the Id 1152921504606847000 of one account can not/],
    ["holds a key twice", says({ result: [{ Id: 7 }, { Id: 8 }, { Id: "7" }] }), /has the account 7 twice/],
    ["holds text in a number", says({ result: [{ Id: 7, ProductId: "x" }] }), /Account 7, ProductId: expected a whole/],
  ])("that %s is not whole", async (_name, answers, message) => {
    await withLine(answers, async ({ line }) => {
      const reading = all(line, accounts("Id", "ProductId"));
      await expect(reading).rejects.toThrow(IncompleteError);
      await expect(reading).rejects.toThrow(message);
    });
  });

  it("tells of a refused login as what it is", async () => {
    let logins = 0;
    await using server = await startRpcServer(({ method }, { result, error }) => {
      if (method === "Login" && logins++ === 0) result({ result: { Id: 7 } }, { visa: "v" });
      else if (method === "Login") error(2100, "bad password");
      else error(1701, "Visa is inconsistent/corrupted.");
    });
    await using line = await cove.connect(serviceFor(server.url), outsideFor(), never);
    await expect(all(line, users("Id"))).rejects.toThrow(ConnectError);
  });

  it("may have its rows further inside: then null in front of them is none, and behind them is an error", () => {
    const tree = { ...treeData, rows: "result.Children[].Info" };
    const ids = (result: unknown): readonly string[] => rowsOf(result, tree).map(({ id }) => id);
    expect(ids({ result: { Children: [{ Info: { Id: 3 } }, { Info: { Id: 4 } }] } })).toEqual(["3", "4"]);
    for (const none of [null, {}, { result: null }, { result: { Children: null } }, { result: {} }]) {
      expect(ids(none)).toEqual([]);
    }
    for (const broken of [
      { result: { Children: [null] } },
      { result: { Children: [{ Info: null }] } },
      { result: 1 },
    ]) {
      expect(() => ids(broken)).toThrow(IncompleteError);
    }
  });
});

const treeData = {
  method: "EnumerateChildPartners",
  item: "partner",
  struct: "PartnerInfo",
  key: "Id",
  lagMs: 0,
  scope: [],
};

it("of any answer at all, either gives rows that can be told apart or is not whole", () => {
  const row = fc.oneof(
    fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text) as unknown),
    keyed(),
  );
  const answer = fc.oneof(row, fc.record({ result: fc.oneof(row, fc.array(row, { maxLength: 6 })) }));
  fc.assert(
    fc.property(answer, (result) => {
      try {
        const ids = rowsOf(result, { ...treeData, rows: "result[]" }).map(({ id }) => id);
        expect(new Set(ids.map(Number)).size).toBe(ids.length);
      } catch (error) {
        expect(error).toBeInstanceOf(IncompleteError);
      }
    }),
    { seed: 20261126, numRuns: 500 },
  );

  function keyed(): fc.Arbitrary<object> {
    return fc.record({
      Id: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom("1", "01", "", null, 2 ** 53, -1)),
    });
  }
});

describe("one item of such a list", () => {
  const user = { Id: 12, PartnerId: 5, RoleId: 1, EmailAddress: null, Flags: null };
  const fields = ["Id", "PartnerId", "RoleId", "EmailAddress", "Flags"];

  const byIds = [
    { list: users(...fields), method: "GetUserInfoById", params: { userId: 12 }, body: user },
    {
      list: accounts("Id", "ProductId"),
      method: "GetAccountInfoById",
      params: { accountId: 12 },
      body: { Id: 12, PartnerId: 5, ProductId: 9 },
    },
    {
      list: partners("Id", "ExternalCode"),
      method: "GetPartnerInfoById",
      params: { partnerId: 12 },
      body: { Id: 12, ParentId: 6, ExternalCode: "" },
    },
  ];
  it.each(byIds)("is read by $method, with every declared field", async ({ list, method, params, body }) => {
    await withLine(says({ result: body }), async ({ line, asked }) => {
      const names = list.fields.map(({ name }) => name);
      const reading = await line.read(list, itemId("12"), names, never);
      expect(reading).toMatchObject({ kind: "found", source: method, lagMs: 0 });
      expect(Object.keys(reading.kind === "found" ? reading.fields : {})).toEqual(names);
      expect(asked(method).map((call) => call.params)).toEqual([params]);
    });
  });

  it.each<[string, (answering: Answering) => void]>([
    ["refuses", ({ error }) => error(13501, "no")],
    ["says nothing", ({ result }) => result(null)],
    ["says null", ({ result }) => result({ result: null })],
    ["knows another one", ({ result }) => result({ result: { ...user, Id: 13 } })],
    ["leaves out what is asked for", ({ result }) => result({ result: { Id: 12, PartnerId: 5 } })],
    ["knows it below another customer", ({ result }) => result({ result: { ...user, PartnerId: 99 } })],
    ["does not say below which customer it is", ({ result }) => result({ result: { ...user, PartnerId: undefined } })],
  ])("is looked up in the whole list when the call by id %s", async (_name, byId) => {
    const rows = [{ Id: 11 }, { ...user, RoleId: 2 }];
    const answers: Answers = ({ method }, answering) =>
      method === "GetUserInfoById" ? byId(answering) : answering.result({ result: rows });
    await withLine(answers, async ({ line }) => {
      expect(await line.read(users(...fields), itemId("12"), ["RoleId"], never)).toMatchObject({
        kind: "found",
        source: "EnumerateUsers",
        lagMs: 200,
        fields: { Id: 12, PartnerId: 5, RoleId: "Administrator", EmailAddress: null, Flags: [] },
      });
      rows.pop();
      expect(await line.read(users(...fields), itemId("12"), ["RoleId"], never)).toMatchObject({
        kind: "absent",
        source: "EnumerateUsers",
        lagMs: 200,
      });
    });
  });

  it("that was removed is absent, though it can still be asked for by id", async () => {
    const answers: Answers = ({ method }, { result }) =>
      result({ result: method === "EnumerateAccounts" ? [] : { Id: 3, PartnerId: 5, RemovalTime: 1_700_000_000 } });
    await withLine(answers, async ({ line }) => {
      expect(await line.read(accounts("Id"), itemId("3"), ["Id"], never)).toMatchObject({ kind: "absent" });
    });
  });

  it("that was moved out of a list of direct children is absent, and below a whole tree is asked for by id", async () => {
    const answers: Answers = ({ method }, { result }) =>
      result({ result: method === "EnumeratePartners" ? [] : { Id: 8, ParentId: 6 } });
    await withLine(answers, async ({ line }) => {
      expect(await line.read(partners("Id"), itemId("8"), ["Id"], never)).toMatchObject({ kind: "found" });
      const direct = listOf("EnumeratePartners", { parentPartnerId: 5, fetchRecursively: false }, "Id");
      expect(await line.read(direct, itemId("8"), ["Id"], never)).toMatchObject({ kind: "absent" });
    });
  });

  it("is unreadable, not absent, when nobody answers or the answer is broken", async () => {
    const seen: string[] = [];
    let byId: (answering: Answering) => void = ({ raw }) => raw("", 500);
    let list: (answering: Answering) => void = ({ result }) => result({ result: [] });
    const answers: Answers = ({ method }, answering) =>
      method === "GetUserInfoById" ? byId(answering) : list(answering);
    await withLine(answers, async ({ line }) => {
      const look = async (): Promise<void> => {
        const reading = await line.read(users(...fields), itemId("12"), ["RoleId", "Flags"], never);
        seen.push(reading.kind === "unreadable" ? reading.failure.code : reading.kind);
      };
      await look();
      byId = ({ result }) => result({ result: { ...user, RoleId: 1, Flags: "many" } });
      await look();
      byId = ({ error }) => error(13501, "no");
      await look();
      list = ({ result }) => result({ result: [{ Name: "no key" }] });
      await look();
      list = ({ error }) => error(13501, "no");
      await look();
    });
    expect(seen).toEqual(["http-500", "bad-value", "absent", "bad-value", "13501"]);
  });
});

describe("a custom column of one device", () => {
  const device = { Id: 3, PartnerId: 5, ProductId: 9 };
  const list = listOf("EnumerateAccountStatistics", { query: { PartnerId: 5 } }, "device_id", "product_id", "AA843");

  const read = async (values: unknown, account: unknown = device, names: readonly string[] = ["AA843"]) => {
    const found: unknown[] = [];
    const answers: Answers = ({ method }, { result }) => {
      if (method === "GetAccountCustomColumnValues") result(values);
      else if (method === "GetAccountInfoById") result(account === null ? null : { result: account });
      else result({ result: [{ AccountId: 3, Settings: [{ AA843: "listed" }] }] });
    };
    await withLine(answers, async ({ line, asked }) => {
      const reading = await line.read(list, itemId("3"), names, never);
      found.push(reading.source, reading.kind === "found" ? reading.fields : reading.kind, reading.lagMs);
      for (const call of asked("GetAccountCustomColumnValues")) expect(call.params).toEqual({ accountId: 3 });
    });
    return found;
  };
  const byId = (fields: unknown): readonly unknown[] => ["GetAccountCustomColumnValues", fields, 0];

  it("is read by id: a pair is its value, no pair and an empty text are none", async () => {
    expect(
      await read({
        result: [
          [842, "a"],
          [843, "hello"],
        ],
      }),
    ).toEqual(byId({ AA843: "hello" }));
    expect(await read({ result: [["843", "hello"]] })).toEqual(byId({ AA843: "hello" }));
    for (const none of [[[842, "a"]], [[843, ""]], [[843, null]], [], null]) {
      expect(await read({ result: none })).toEqual(byId({ AA843: null }));
    }
  });

  it("is read together with what the device itself has", async () => {
    const fields = { AA843: "hello", product_id: 9 };
    expect(await read({ result: [[843, "hello"]] }, device, ["AA843", "product_id"])).toEqual(byId(fields));
  });

  it("is looked up in the list where those calls do not know the device, or say nothing", async () => {
    const listed = { AA843: "listed", device_id: 3, product_id: null };
    for (const account of [null, { ...device, RemovalTime: 1 }, { Id: 4 }]) {
      expect(await read({ result: [] }, account)).toEqual(["EnumerateAccountStatistics (AU == 3)", listed, 200]);
    }
    expect(await read(null)).toEqual(["EnumerateAccountStatistics (AU == 3)", listed, 200]);
  });

  it.each([
    [{ result: "x" }],
    [{ result: [843, "x"] }],
    [{ result: [["AA843", "x"]] }],
    [
      {
        result: [
          [1, "x"],
          [1, "y"],
        ],
      },
    ],
  ])("is unreadable where the answer holds something else than pairs: %j", async (values) => {
    expect(await read(values)).toEqual(byId("unreadable").with(2, 200));
  });
});

it("compares a user id that the login gives as text with numbers", async () => {
  await withLine(
    says(null),
    ({ line }) => {
      expect(line.login).toEqual({ user_id: 7, partner_id: 5, name: "" });
      return Promise.resolve();
    },
    { user: { Id: "7", PartnerId: "5" } },
  );
});
