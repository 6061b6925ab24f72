import { describe, expect, it } from "vitest";
import { CoveCatalogue, deviceList } from "../../../runner/providers/cove/catalogue.ts";
import { Columns } from "../../../runner/providers/cove/columns.ts";
import { columnsData, methodsData } from "../../../runner/providers/cove/data.ts";

const catalogue = new CoveCatalogue();
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
    const all = [...codes, ...old, ...columns.map(({ name }) => name), ...Object.keys(named)];
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
  it("have names that can all be found again", () => {
    for (const name of new Columns().names) expect(devices.field(name)).toMatchObject({ name });
  });
});

describe("methods", () => {
  it("may be sent again only where that was argued; reads always", () => {
    const repeated = catalogue.methodNames.filter((name) => catalogue.method(name)!.repeat === "set");
    expect(repeated).toEqual([
      "ModifyAccount",
      "ModifyPartner",
      "ModifyUser",
      "RemoveAccount",
      "RemoveUser",
      "UpdateAccountCustomColumnValues",
    ]);
    expect(catalogue.method("AddAccount")).toMatchObject({
      kind: "change",
      repeat: "once",
      params: ["accountInfo", "homeNodeInfo"],
    });
    expect(catalogue.method(deviceList)).toMatchObject({ kind: "enumerate", repeat: "read" });
    expect(catalogue.method("Login")).toMatchObject({ kind: "session", repeat: "once" });
    expect(catalogue.method("RemoveAccount")).toMatchObject({ destructive: true });
  });
  it("are exact in case, and those of other endpoints are not offered", () => {
    expect(catalogue.method("modifyAccount")).toBeUndefined();
    expect(catalogue.method("SendAccountCommand")).toBeUndefined();
    expect(methodsData().methods.length).toBe(265);
    expect(catalogue.methodNames.length).toBe(253);
  });
  it("page one list only", () => {
    expect(catalogue.list("EnumeratePartners")).toBeUndefined();
    expect(devices).toMatchObject({ key: "device_id", filterPath: "query.Filter" });
  });
});
