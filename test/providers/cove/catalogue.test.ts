import { describe, expect, it } from "vitest";
import type { Value } from "../../../runner/core/model/item.ts";
import { CoveCatalogue, deviceList } from "../../../runner/providers/cove/catalogue.ts";
import { deviceColumns } from "../../../runner/providers/cove/columns.ts";
import {
  columnsData,
  enumsData,
  errorsData,
  listsData,
  methodsData,
  sourcesData,
  structsData,
} from "../../../runner/providers/cove/data.ts";
import { coveDialect, errorClasses } from "../../../runner/providers/cove/errors.ts";

const catalogue = CoveCatalogue.shared();
const devices = catalogue.list(deviceList)!;

describe("columns", () => {
  it.each([
    ["product_id", "product_id", "I9"],
    ["I9", "I9", "I9"],
    ["PD", "PD", "I9"],
    ["device_id", "device_id", "AccountId"],
    ["AU", "AU", "AccountId"],
    ["partner_id", "partner_id", "PartnerId"],
    ["I83", "I83", "PartnerId"],
    ["flags", "flags", "Flags"],
    ["total_last_status", "total_last_status", "D09F00"],
    ["D01F07", "D01F07", "D01F07"],
    ["D1F7", "D1F7", "D01F07"],
    ["D1F07", "D1F07", "D01F07"],
    ["F6", "F6", "D01F07"],
    ["T0", "T0", "D09F00"],
    ["G@", "G@", "D19F21"],
    ["AA843", "AA843", "AA843"],
  ])("%s is a field named %s and asked for as %s", (asked, name, source) => {
    expect(devices.field(asked)).toMatchObject({ name, source });
  });
  it.each(["i9", "pd", "nonsense", "D99F00", "AA", "AA0", "AA1e5", "S0", "constructor", "__proto__"])(
    "%s is none",
    (asked) => {
      expect(devices.field(asked)).toBeUndefined();
    },
  );
  it("have one meaning for every name and every spelling", () => {
    const { columns, sources, statistics, named } = columnsData();
    const codes = columns
      .flatMap(({ code, legacy, member }) => [code, legacy, member])
      .filter((code) => code !== undefined);
    const old = sources.flatMap((source) =>
      statistics.flatMap(({ legacy }) => (source.legacy && legacy ? [source.legacy + legacy] : [])),
    );
    const all = [...codes, ...old, ...[...columns, ...named].map(({ name }) => name)];
    expect(all.filter((spelling, place) => all.indexOf(spelling) !== place && !isOwnName(spelling))).toEqual([]);
    function isOwnName(spelling: string): boolean {
      return columns.some(({ name, code }) => name === spelling && code === spelling);
    }
  });
  it("name a plain token for every published value, each once in its column", () => {
    const tables = [
      ...columnsData().columns.flatMap(({ tokens }) => (tokens ? [tokens] : [])),
      ...Object.values(columnsData().tokens),
    ];
    expect(tables.length).toBeGreaterThan(8);
    for (const tokens of tables) {
      const names = Object.values(tokens);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    }
    expect(devices.field("account_type")!.tokens).toMatchObject({ "1": "backup_manager", "2": "microsoft_365" });
    expect(devices.field("dashboard_frequency")!.tokens).toMatchObject({ "36": "wednesday_saturday" });
    expect(devices.field("D19F00")!.tokens).toMatchObject({ "8": "completed_with_errors" });
  });
  it("know what changes by itself, what is secret, and how old a value can be", () => {
    expect(devices.field("last_timestamp")).toMatchObject({ volatile: true });
    expect(devices.field("D02F05")).toMatchObject({ volatile: true, type: "bytes" });
    expect(devices.field("device_password")).toMatchObject({ secret: true, type: "secret" });
    for (const name of ["product_id", "profile_id", "device_name_alias", "partner_id", "expiration_date"]) {
      expect(devices.field(name)).toMatchObject({ lagMs: 30_000, volatile: false });
    }
    expect(devices.field("device_name")!.lagMs).toBeUndefined();
  });
  it.each([
    ["PD", "product_id"],
    ["AU", "device_id"],
    ["F6", "D01F07"],
    ["D9F0", "D09F00"],
  ])("%s is an old way to write %s", (old, current) => {
    expect(devices.field(old)).toMatchObject({ current });
  });
  it.each(["product_id", "I9", "device_id", "AccountId", "D01F07", "AA843", "IE", "flags"])("%s is not old", (name) => {
    expect(devices.field(name)!.current).toBeUndefined();
  });
  it("say which source is deprecated, what to use, and how sure they are", () => {
    expect(devices.field("D03F00")!.deprecated).toMatchObject({ use: "D10F00" });
    expect(devices.field("D02F15")!.deprecated!.why).toContain("13501");
    expect(devices.field("D10F00")!.deprecated).toBeUndefined();
    expect(devices.field("cpu_cores")).toMatchObject({ confidence: "code" });
    expect(devices.field("D13F23")).toMatchObject({ confidence: "inferred" });
    expect(devices.field("partner_id")!.confidence).toBeUndefined();
    expect(devices.field("D01F12")).toMatchObject({ type: "integer", unit: "seconds" });
  });
  it("have names that can all be found again", () => {
    for (const name of deviceColumns().names) expect(devices.field(name)).toMatchObject({ name });
  });
});

describe("methods", () => {
  it("may be sent again only where that was argued; reads always", () => {
    const repeated = catalogue.methodNames.filter((name) => catalogue.method(name)!.repeat === "set");
    expect(repeated).toEqual([
      "AddAccountLabel",
      "EnableNotificationRule",
      "ModifyAccount",
      "ModifyAccountsBatch",
      "ModifyPartner",
      "ModifyUser",
      "RemoveAccount",
      "RemoveAccountLabel",
      "RemoveUser",
      "SetAccountFeatures",
      "UpdateAccountCustomColumnValues",
    ]);
    for (const { name, repeat, why } of methodsData().methods) {
      if (repeat === "set") expect(why, `why ${name} may be sent twice`).toMatch(/^[A-Z].*\.$/);
    }
    expect(catalogue.method("AddAccount")).toMatchObject({
      kind: "change",
      repeat: "once",
      params: [
        { name: "accountInfo", type: "AccountInfo", required: "documented" },
        { name: "homeNodeInfo", type: "StorageNodeInfo" },
      ],
    });
    expect(catalogue.method(deviceList)).toMatchObject({ kind: "enumerate", repeat: "read" });
    expect(catalogue.method("Login")).toMatchObject({ kind: "session", repeat: "once" });
    expect(catalogue.method("RemoveAccount")).toMatchObject({ destructive: true });
  });
  it("are exact in case, and those of other endpoints are not offered", () => {
    expect(catalogue.method("modifyAccount")).toBeUndefined();
    expect(catalogue.method("SendRemoteCommands")).toBeUndefined();
    expect(catalogue.elsewhere("SendRemoteCommands")).toMatch(/\w/);
    expect(catalogue.elsewhere("ModifyAccount")).toBeUndefined();
    expect(catalogue.methodNames.length).toBe(258);
  });
  it("of the Reporting Service go to a device's node, and fill in what is the device's own", () => {
    const routed = catalogue.methodNames.filter((name) => catalogue.method(name)!.isRouted);
    expect(routed).toEqual([
      "EnumerateSessionErrorsGroupDetails",
      "QueryAudit",
      "QueryErrors",
      "QuerySessions",
      "SendAccountCommand",
    ]);
    const reserved = (name: string) => catalogue.method(name)!.reserved!.map(({ path }) => path);
    expect(reserved("SendAccountCommand")).toEqual(["account", "token"]);
    expect(reserved("QuerySessions")).toEqual(["accountId", "account", "token", "visa"]);
    expect(catalogue.method("SendAccountCommand")).toMatchObject({ kind: "change", repeat: "once" });
    const lists = catalogue.methodNames.filter((name) => catalogue.list(name)?.isOfDevices);
    expect(lists).toEqual(["EnumerateAccountHistoryStatistics", "EnumerateAccountStatistics", "EnumerateAccounts"]);
  });
  it("offer the lists that can be read whole, and no others", () => {
    const all = catalogue.methodNames.filter((name) => catalogue.list(name) !== undefined);
    const [lists, concluded] = [false, true].map((wanted) =>
      all.filter((name) => (catalogue.list(name)?.isConcluded ?? false) === wanted),
    );
    expect(concluded).toHaveLength(35);
    expect(concluded).toEqual(
      expect.arrayContaining([
        "EnumerateProducts",
        "EnumerateStorages",
        "EnumerateCustomColumns",
        "EnumerateAllLabels",
      ]),
    );
    expect(catalogue.list("EnumerateProducts")).toMatchObject({ key: "Id", fieldNames: ["Id", "Name", "PartnerId"] });
    expect(concluded?.filter((name) => /Removed|Token/.test(name))).toEqual([]);
    expect(lists).toEqual([
      "EnumerateAccountHistoryStatistics",
      "EnumerateAccountProfiles",
      "EnumerateAccountStatistics",
      "EnumerateAccounts",
      "EnumeratePartners",
      "EnumerateUsers",
      "QueryErrors",
      "QuerySessions",
    ]);
    expect(catalogue.list("constructor")).toBeUndefined();
    expect(devices).toMatchObject({ key: "device_id", filterPath: "query.Filter" });
  });
});

describe("the data", () => {
  it("has every method, enum, struct and column that is published", () => {
    const { columns, sources, statistics, named, custom, filters } = columnsData();
    const coded = columns.filter(({ code }) => code !== undefined);
    expect(methodsData().methods.length).toBe(265);
    expect(enumsData().enums.length).toBe(93);
    expect(structsData().structs.length).toBe(108);
    expect([coded, sources, statistics, named, custom, filters].reduce((sum, part) => sum + part.length, 0)).toBe(165);
  });
  it("has every name once in its file", () => {
    for (const all of [methodsData().methods, enumsData().enums, structsData().structs]) {
      expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    }
  });
  it("names only types that are there", () => {
    const parameters = methodsData().methods.flatMap(({ name, params }) => params.map((one) => ({ ...one, of: name })));
    const members = structsData().structs.flatMap((one) => one.members.map((member) => ({ ...member, of: one.name })));
    for (const { of, name, type } of [...parameters, ...members]) {
      for (const [word] of type.replace(/\{.*\}|^\w+(\|\w+)+$/g, "any").matchAll(/[A-Za-z]\w*(::\w+)*/g)) {
        if (/^(set|list|flags|map|pair|any)$/.test(word)) continue;
        expect(catalogue.shape(word).kind, `${of}.${name}: ${type}`).not.toBe("any");
      }
    }
  });
  it("has the permissions of a login as a list, and says that their members are not published", () => {
    const { members } = structsData().structs.find(({ name }) => name === "EffectiveEnvironmentInfo")!;
    const [permissions] = members;
    expect(permissions).toMatchObject({ name: "Permissions", type: "list<any>" });
    expect(permissions!.note).toContain("ActionPermission<ManagementServiceEntity>");
  });
  it("resolves a type to the values it takes, at any depth", () => {
    expect(catalogue.shape("map<int,string>")).toEqual({ kind: "pairs", of: [{ kind: "integer" }, { kind: "text" }] });
    expect(catalogue.shape("flags<AccountFlags>")).toMatchObject({ kind: "list", of: { kind: "enum" } });
    expect(catalogue.shape("AccountInfo")).toMatchObject({ kind: "object", name: "AccountInfo" });
    expect(catalogue.shape("{Offset,Size}")).toMatchObject({ kind: "object", members: [{ name: "Offset" }, {}] });
    expect(catalogue.shape("Exchange|OneDrive")).toMatchObject({ kind: "enum", values: ["Exchange", "OneDrive"] });
    expect(catalogue.shape("NoSuchThing")).toEqual({ kind: "any" });
  });
  it("leaves out the sentinels that end the vendor's lists", () => {
    expect(enumsData().enums.flatMap(({ values }) => values ?? [])).not.toContain("Count");
  });
  it("says in words where each fact is from", () => {
    const { columns, sources, statistics, named, custom, filters } = columnsData();
    const known = [
      ...[...methodsData().methods, ...enumsData().enums, ...structsData().structs, ...errorsData().errors],
      ...[...columns, ...sources, ...statistics, ...named, ...custom, ...filters],
    ];
    for (const { confidence, source } of known) {
      expect(["documented", "code", "inferred"]).toContain(confidence);
      expect(source.length).toBeGreaterThan(0);
      for (const short of source) expect(sourcesData()[short], short).toMatch(/\w/);
    }
  });
  it("classifies errors and says what helps", () => {
    expect(Object.fromEntries(errorClasses())).toEqual({
      "-32601": "reject",
      "-32603": "reject",
      "1701": "auth",
      "2100": "fatal",
      "13501": "reject",
    });
    expect(coveDialect.errors.explain("2100")).toContain("exact");
    expect(coveDialect.errors.explain("-32603")).toContain("the text of the error is all that is known");
    expect(coveDialect.errors.explain("99")).toBeUndefined();
    const names = enumsData().enums.find(({ name }) => name === "Error")!.values!;
    for (const name of Object.keys(errorsData().names)) expect(names).toContain(name);
  });
});

describe("lists that come in one answer", () => {
  const { lists } = listsData();
  const membersOf = (struct: string): readonly string[] =>
    structsData()
      .structs.find(({ name }) => name === struct)!
      .members.map(({ name }) => name);

  it("name only calls, parameters and members that there are", () => {
    for (const { method, struct, key, byId, numbers, whole, scope } of lists) {
      const members = membersOf(struct);
      const named = [key, byId?.goneSince ?? key, ...scope.map(({ member }) => member)];
      expect(members).toEqual(expect.arrayContaining([...named, ...Object.keys(numbers?.of ?? {})]));
      const call = catalogue.method(method)!;
      expect(call.kind).toBe("enumerate");
      const own = scope.flatMap(({ param, deepWith }) => [param, deepWith ?? param]);
      const more = [numbers?.param, whole].filter((param) => param !== undefined);
      expect(call.params.map(({ name }) => name)).toEqual(expect.arrayContaining([...own, ...more]));
      if (byId === undefined) continue;
      expect(catalogue.method(byId.method)).toMatchObject({ kind: "read", params: [{ name: byId.param }] });
    }
  });

  it("have each token once, every enum known and every secret never shown", () => {
    for (const { method } of lists.filter(({ numbers }) => numbers === undefined)) {
      const list = catalogue.list(method)!;
      expect(new Set(list.fieldNames).size).toBe(list.fieldNames.length);
      for (const { name, type, tokens = {}, secret } of list.fieldNames.map((one) => list.field(one)!)) {
        const names = Object.values(tokens);
        expect(names.length > 0).toBe(type === "enum");
        expect(new Set(names).size).toBe(names.length);
        expect(names).not.toContain("Undefined");
        expect(secret).toBe(type === "secret");
        expect(secret, name).toBe(/Password|Token|TakeoverGuid/.test(name));
      }
    }
    const takeover = structsData().structs.find(({ name }) => name === "PartnerInfo")!.members;
    expect(takeover.filter(({ type }) => type === "secret")).toMatchObject([{ name: "TakeoverGuid" }]);
  });

  it("read the members of users as what they are", () => {
    const users = catalogue.list("EnumerateUsers")!;
    expect(users.fieldNames.map((name) => `${name} ${users.field(name)!.type}`)).toEqual([
      ...["Id integer", "PartnerId integer", "Name string", "Password secret", "RoleId enum"],
      ...["ContactPersonId integer", "TwoFactorAuthenticationStatus enum", "EmailAddress string", "Flags set"],
      ...["FirstLoginTime unix_time", "LastLoginTime unix_time", "FirstName string", "FullName string"],
      ...["Title string", "PhoneNumber string"],
    ]);
    expect(users.field("RoleId")!.tokens).toMatchObject({ 1: "SuperUser", 7: "Notifier" });
    const partners = catalogue.list("EnumeratePartners")!;
    expect(partners.field("Company")).toMatchObject({ type: "object" });
    expect(partners.field("State")!.tokens).toMatchObject({ InTrial: "InTrial" });
  });

  it("say what is their key, what bounds them, and how old a value can be", () => {
    expect(catalogue.list("EnumerateUsers")).toMatchObject({
      key: "Id",
      reserved: [],
      scope: [{ path: "partnerIds", field: "PartnerId" }],
    });
    const partners = catalogue.list("EnumeratePartners")!;
    expect(partners).toMatchObject({ scope: [{ path: "parentPartnerId", field: "ParentId" }] });
    expect(partners.field("ExternalCode")).toMatchObject({ type: "string", lagMs: 30_000, emptyIsUnset: true });
    expect(partners.field("Uid")).toBeUndefined();
    expect(partners.whyNot?.("Uid")).toMatch(/by number/);
    expect(partners.whyNot?.("Nonsense")).toBeUndefined();
    expect(catalogue.list("EnumerateUsers")!.field("LastLoginTime")).toMatchObject({ volatile: true });
    expect(catalogue.list("EnumerateUsers")!.whyNot?.("RoleId")).toBeUndefined();
  });
});

describe("params on the wire", () => {
  const sent = (method: string, params: Value): unknown => catalogue.encode(method, params);

  it("have names of enums as the service knows them, and all else as it was", () => {
    const info = { Id: 1, RoleId: "Operator", TwoFactorAuthenticationStatus: "Enabled", FirstName: "Operator" };
    expect(sent("ModifyUser", { userInfo: info })).toEqual({
      params: { userInfo: { ...info, RoleId: 4 } },
      faults: [],
    });
    expect(sent("AddUser", [info])).toEqual({ params: [{ ...info, RoleId: 4 }], faults: [] });
    const others = [4, "4", null, { $secret: [{ input: "role" }] }];
    const roles = others.map((RoleId) => catalogue.encode("ModifyUser", { userInfo: { RoleId } as Value }).params);
    expect(roles).toEqual([4, 4, null, others[3]].map((RoleId) => ({ userInfo: { RoleId } })));
  });

  it("are told of where a value is no name", () => {
    expect(catalogue.encode("ModifyPartner", { partnerInfo: { Level: "Endcustomer", State: 9 } }).faults).toEqual([
      {
        path: ["partnerInfo", "Level"],
        message: 'partnerInfo.Level: "Endcustomer" is not one of its names',
        hint: "Did you mean EndCustomer?",
      },
      {
        path: ["partnerInfo", "State"],
        message: "partnerInfo.State: 9 is not one of its names",
        hint: expect.stringMatching(/^Known are: Registered, InProduction,/) as string,
      },
    ]);
    expect(catalogue.encode("ModifyUser", [{ RoleId: "constructor" }]).faults).toHaveLength(1);
  });

  it("stay as they are for a method that is not in the catalogue, and where no struct is", () => {
    for (const params of [{ userInfo: { RoleId: "Nobody" } }, "text", null, [1]] as const) {
      expect(sent("Undocumented", params)).toEqual({ params, faults: [] });
    }
    for (const params of [{ userInfo: null }, { constructor: { RoleId: "x" } }, "text", [null, [1]]] as const) {
      expect(sent("ModifyUser", params)).toEqual({ params, faults: [] });
    }
  });

  it.each<[string, Value, string]>([
    ["ModifyAccount", { accountInfo: { Id: "PC-1" } }, 'accountInfo.Id must be a whole number, found "PC-1"'],
    ["ModifyAccount", { accountInfo: { Id: "12" } }, 'accountInfo.Id must be a whole number, found "12"'],
    ["ModifyAccount", { accountInfo: { Id: 1.5 } }, "accountInfo.Id must be a whole number, found 1.5"],
    ["ModifyAccount", { accountInfo: { NameAlias: 5 } }, "accountInfo.NameAlias must be a text, found 5"],
    ["ModifyAccount", { accountInfo: { Flags: "x" } }, 'accountInfo.Flags must be a list, found "x"'],
    ["ModifyAccount", { accountInfo: 5 }, "accountInfo must be a map (AccountInfo), found 5"],
    ["ModifyAccount", [{}, "yes"], '1 must be true or false, found "yes"'],
    ["ModifyUser", { userInfo: { RoleId: [4] } }, "userInfo.RoleId must be a name of UserRoleId, found [4]"],
    ["RemoveAccount", { accountId: { Id: 1 } }, 'accountId must be a whole number, found {"Id":1}'],
    ["ModifyAccountsBatch", { accountIds: [1, "a"] }, 'accountIds.1 must be a whole number, found "a"'],
    ["ModifyAccountsBatch", { accountIds: [{ Id: 1 }] }, 'accountIds.0 must be a whole number, found {"Id":1}'],
    ["UpdateAccountCustomColumnValues", { values: { 843: "a" } }, 'values must be a list of pairs, found {"843":"a"}'],
    ["UpdateAccountCustomColumnValues", { values: [[843]] }, "values.0 must be a pair, found [843]"],
    [
      "UpdateAccountCustomColumnValues",
      { values: [["AA843", "a"]] },
      'values.0.0 must be a whole number, found "AA843"',
    ],
    ["ChangePartnerState", { action: 5 }, "action must be a name of PartnerAction, found 5"],
  ])("are told of what %s can not take: %j", (method, params, message) => {
    expect(catalogue.encode(method, params).faults.map((fault) => fault.message)).toEqual([message]);
  });

  it.each<[string, Value]>([
    ["ModifyAccount", { accountInfo: { Id: "9007199254740993", ExpirationTime: 0, Type: null, Flags: null, Odd: {} } }],
    ["ModifyAccount", { accountInfo: { Password: { $secret: [{ input: "p" }] } }, unknown: "x" }],
    ["RemoveAccount", { accountId: "9007199254740993" }],
    [
      "UpdateAccountCustomColumnValues",
      {
        accountId: 1,
        values: [
          [843, "a"],
          [844, ""],
        ],
      },
    ],
    [
      "ModifyAccountProfile",
      { accountProfileInfo: { Id: 1, ProfileData: { Language: 5, BackupSchedule: "odd" }, Version: 2 } },
    ],
    ["GetAccountInfoById", { accountId: 1 }],
    ["SendAccountCommand", { command: "set settings", parameters: "a 1" }],
    ["SendAccountCommand", { command: "set settings", parameters: { a: 1, b: ["x"] } }],
  ])("of %s take what they can, and what is written back as it was read: %j", (method, params) => {
    expect(catalogue.encode(method, params).faults).toEqual([]);
  });
});
