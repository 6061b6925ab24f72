import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { readCustomValues } from "../../runner/simulator/custom-columns.ts";
import { defaultLogin, startSimulator } from "../../runner/simulator/server.ts";
import { idsOf, PlainClient } from "./client.ts";

describe("the dialect", () => {
  it("lets in who knows partner, user and password exactly, and nobody else", async () => {
    await using simulator = await startSimulator();
    const client = new PlainClient(simulator);
    const answer = await client.call("Login", defaultLogin);
    expect(answer).toMatchObject({
      id: "t-1",
      jsonrpc: "2.0",
      result: { result: { PartnerId: simulator.rootPartner } },
    });
    expect(answer.visa).toMatch(/^4001-301-1-\d{10}-[0-9a-f]+$/);
    for (const wrong of [{ partner: "Rollcall Demo" }, { username: "Simulator" }, { password: "" }]) {
      const refused = await new PlainClient(simulator).call("Login", { ...defaultLogin, ...wrong });
      expect(refused.error).toEqual({ code: -32603, data: 2100, message: "Unknown partner/username or bad password" });
      expect(refused).not.toHaveProperty("visa");
    }
    expect(simulator.witness.entries.map((entry) => entry.authenticated)).toEqual([true, false, false, false]);
  });

  it("rotates the visa on every answer, errors included, and keeps taking the older ones", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const visas = [client.visa];
    for (const method of ["EnumeratePartners", "GetAccountInfoById", "NoSuchMethod"]) {
      await client.call(method, { parentPartnerId: 4001, accountId: 1 });
      visas.push(client.visa);
    }
    expect(new Set(visas).size).toBe(4);
    client.visa = visas[0];
    expect(await client.rows({ RecordsCount: 1 })).toHaveLength(1);
  });

  it("answers 1701 to a visa that is missing, damaged, too old or inside params, and gives none back", async () => {
    await using simulator = await startSimulator({ visaTtlMs: 80 });
    const client = await PlainClient.loggedIn(simulator);
    const { visa } = client;
    const ask = async (wrong: string | undefined, params: object = {}) => {
      client.visa = wrong;
      return client.call("GetAccountInfoById", { accountId: simulator.ids()[0], ...params });
    };
    const answers = [await ask(undefined), await ask(`${visa!}0`), await ask(visa, { visa })];
    await sleep(100);
    answers.push(await ask(visa));
    const corrupted = { code: -32603, data: 1701, message: "Visa is inconsistent/corrupted." };
    expect(answers.map((answer) => [answer.error, answer.visa])).toEqual(Array(4).fill([corrupted, undefined]));
    expect(simulator.witness.entries.filter((entry) => entry.authenticated)).toHaveLength(1);
  });

  it("takes the visa from the Authorization header too", async () => {
    await using simulator = await startSimulator();
    const { visa } = await PlainClient.loggedIn(simulator);
    const body = JSON.stringify({ id: 5, method: "GetAccountInfoById", params: { accountId: simulator.ids()[0] } });
    const headers = { Authorization: `Bearer ${visa!}` };
    const response = await fetch(simulator.url, { method: "POST", body, headers });
    expect(await response.json()).toMatchObject({ id: 5, result: { result: { Id: simulator.ids()[0] } } });
  });

  it("knows methods by their exact case, and escapes what it says for HTML", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    expect((await client.call("modifyAccount")).error).toMatchObject({
      code: -32601,
      message: "Method &apos;modifyAccount&apos; isn&apos;t found",
    });
  });

  it("answers what it can not read with HTTP 200 and an error without an id", async () => {
    await using simulator = await startSimulator();
    const client = new PlainClient(simulator);
    for (const [body, code] of [
      ["{", -32700],
      ["[]", -32600],
      ["{}", -32600],
      ['{"method":"Login","params":[]}', -32600],
    ] as const) {
      const response = await client.post(body);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ id: null, error: { code } });
    }
    expect((await fetch(simulator.url)).status).toBe(404);
  });

  it("shows a clock as wrong as it was told to", async () => {
    await using simulator = await startSimulator({ clockOffsetMs: -86_400_000 });
    const response = await new PlainClient(simulator).post("{}");
    expect(Date.now() - Date.parse(response.headers.get("date")!)).toBeGreaterThan(86_300_000);
  });
});

describe("the device list", () => {
  it("has rows of one-key settings with text values, echoing the spelling, in another order", async () => {
    await using simulator = await startSimulator({ devices: 50 });
    const client = await PlainClient.loggedIn(simulator);
    const Columns = ["I0", "PD", "I9", "D09F03", "D9F3", "T3", "AN", "I2", "I5", "AA843", "F6"];
    const rows = await client.rows({ Columns });
    expect(rows).toHaveLength(50);
    for (const row of rows) {
      const device = simulator.device(row.AccountId)!;
      expect(row).toMatchObject({ PartnerId: device.partnerId });
      expect(row.Flags === null || Array.isArray(row.Flags)).toBe(true);
      for (const setting of row.Settings) expect(Object.keys(setting)).toHaveLength(1);
      const settings = Object.assign({}, ...row.Settings);
      expect(settings).toMatchObject({ I0: String(device.id), PD: String(device.productId), AN: device.name });
      expect(settings.I9).toBe(settings.PD);
      expect(settings.D9F3).toBe(settings.T3);
      expect("I2" in settings).toBe(device.nameAlias !== "");
      expect("I5" in settings).toBe(device.expirationTime !== 0);
      expect(settings.AA843).toBe(readCustomValues(device.customColumns).get(843));
    }
    const orders = rows.map((row) => row.Settings.map((one: object) => Object.keys(one)[0]).join());
    expect(new Set(orders).size).toBeGreaterThan(10);
    expect(await client.rows({ Columns })).toEqual(rows);
  });

  it("pages through everything once, filters, orders, leaves out partners and adds up", async () => {
    await using simulator = await startSimulator({ devices: 300 });
    const client = await PlainClient.loggedIn(simulator);
    const paged: number[] = [];
    for (let start = 0; start < 300; start += 70) {
      paged.push(...idsOf(await client.rows({ StartRecordNumber: start, RecordsCount: 70 })));
    }
    expect(paged).toEqual(simulator.ids());
    expect(await client.rows({ StartRecordNumber: 300, RecordsCount: 70 })).toEqual([]);
    const demo = idsOf(await client.rows({ Filter: "AT == 1 AND OT == 1 AND PD in (3, 4)" }));
    const values = simulator.ids().map((id) => simulator.device(id)!);
    const expected = values.filter(
      ({ accountType, osType, productId }) => accountType === 1 && osType === 1 && [3, 4].includes(productId),
    );
    expect(demo).toEqual(expected.map(({ id }) => id));
    const partner = values[0]!.partnerId;
    const without = await client.rows({ ExcludedPartners: [partner] });
    expect(idsOf(without)).toEqual(values.filter((one) => one.partnerId !== partner).map(({ id }) => id));
    const answer = await client.list({ PartnerId: partner, Totals: ["COUNT(1)", "SUM(US)", "COUNT(AT == 2)"] });
    const own = values.filter((one) => one.partnerId === partner);
    expect(answer.result.totalStatistics[0]).toEqual({ "COUNT(1)": String(own.length) });
    expect(answer.result.totalStatistics[1]["SUM(US)"]).toBe(
      String(own.reduce((sum, one) => sum + one.usedStorage, 0)),
    );
    expect(idsOf(await client.rows({ OrderBy: "US DESC", RecordsCount: 1 }))).toEqual([
      values.reduce((a, b) => (b.usedStorage > a.usedStorage ? b : a)).id,
    ]);
  });

  it.each([
    [{ PartnerId: 4000 }, 13501],
    [{ PartnerId: 9011 }, 13501],
    [{ PartnerId: 1 }, 13501],
    [{ Columns: ["I0", "D02F00"] }, 13501],
    [{ Columns: ["I0", "Q0"] }, 13501],
    [{ Columns: ["I7"] }, 20400],
    [{ PartnerId: "4001" }, 20400],
    [{ OrderBy: "AU" }, 20400],
    [{ SelectionMode: "merged" }, 20400],
    [{ Filter: "PD ==" }, 20401],
    [{ StartRecordNumber: -1 }, 20400],
  ])("refuses %j", async (query, data) => {
    await using simulator = await startSimulator({ devices: 5 });
    const client = await PlainClient.loggedIn(simulator);
    expect((await client.list(query)).error.data).toBe(data);
  });

  it("ignores parameters nobody knows, and refuses them when strict", async () => {
    await using simulator = await startSimulator({ devices: 5 });
    const client = await PlainClient.loggedIn(simulator);
    expect(await client.rows({ recordsCount: 1 })).toHaveLength(5);
    await using strict = await startSimulator({ devices: 5, strictParams: true });
    const refused = await (await PlainClient.loggedIn(strict)).list({ recordsCount: 1 });
    expect(refused.error.message).toBe("query.recordsCount isn&apos;t a known parameter");
  });

  it("cuts pages to the longest it gives", async () => {
    await using simulator = await startSimulator({ devices: 30, maxPage: 10 });
    const client = await PlainClient.loggedIn(simulator);
    expect(idsOf(await client.rows({ RecordsCount: 25 }))).toEqual(simulator.ids().slice(0, 10));
    expect(await client.rows()).toHaveLength(10);
  });
});

describe("changes", () => {
  it("set what was sent and leave the rest, by id or by name", async () => {
    await using simulator = await startSimulator({ devices: 50 });
    const client = await PlainClient.loggedIn(simulator);
    const before = simulator.device(simulator.ids()[3]!)!;
    expect(await client.setProduct(before.id, 1)).toMatchObject({ result: null });
    const accountInfo = {
      Name: before.name,
      NameAlias: "Porch",
      ProfileId: 14,
      ExpirationTime: 1_900_000_000,
      productId: 2,
    };
    expect(await client.call("ModifyAccount", { accountInfo })).toMatchObject({ result: null });
    const changed = { productId: 1, nameAlias: "Porch", profileId: 14, expirationTime: 1_900_000_000 };
    expect(simulator.device(before.id)).toEqual({ ...before, ...changed });
    const info = await client.call("GetAccountInfoById", { accountId: before.id });
    expect(info.result.result).toMatchObject({ Id: before.id, ProductId: 1, NameAlias: "Porch", ProfileId: 14 });
    expect(`http://${info.result.homeNodeInfo.CommonInfo.Host}/repserv_json`).toBe(simulator.nodeUrl);
  });

  it("move a device only with a product that its new partner may use", async () => {
    await using simulator = await startSimulator({ devices: 200 });
    const client = await PlainClient.loggedIn(simulator);
    const move = (Id: number, PartnerId: number, more: object = {}) =>
      client.call("ModifyAccount", { accountInfo: { Id, PartnerId, ...more } });
    const own = simulator.ids().find((id) => simulator.device(id)!.productId > 10_000)!;
    const home = simulator.device(own)!.productId - 10_000;
    const elsewhere = home === 5010 ? 5020 : 5010;
    expect((await move(own, elsewhere)).error.data).toBe(20405);
    expect((await move(own, 9011)).error.data).toBe(13501);
    expect(await move(own, elsewhere, { ProductId: 1 })).toMatchObject({ result: null });
    expect(simulator.device(own)).toMatchObject({ partnerId: elsewhere, productId: 1 });
  });

  it.each([
    [{ ProductId: 99 }, 20405, "Product &apos;99&apos; isn&apos;t available for &apos;"],
    [{ ProfileId: 99 }, 20406, "Profile &apos;99&apos;"],
    [{ ProductId: "4" }, 20400, "accountInfo.ProductId isn&apos;t a whole number"],
    [{ NameAlias: "" }, 20400, "accountInfo.NameAlias can&apos;t be empty"],
    [{ Password: "x" }, 20400, "accountInfo.Password can&apos;t be changed"],
    [{ Name: "other" }, 20400, "accountInfo.Name can&apos;t be changed"],
    [{ Id: 1 }, 20404, "Account &apos;1&apos; doesn&apos;t exist"],
    [{ Id: null }, 20400, "accountInfo.Id or accountInfo.Name is missing"],
  ])("are refused: %j", async (members, data, message) => {
    await using simulator = await startSimulator({ devices: 5 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids()[0]!;
    const answer = await client.call("ModifyAccount", { accountInfo: { Id: id, ...members } });
    expect(answer.error).toMatchObject({ code: -32603, data });
    expect(answer.error.message).toContain(message);
    expect(simulator.witness.applied(id)).toBe(0);
  });

  it("remove a device for good", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids()[4]!;
    expect(await client.call("RemoveAccount", { accountId: id })).toMatchObject({ result: null });
    expect((await client.call("RemoveAccount", { accountId: id })).error.data).toBe(20404);
    expect((await client.call("GetAccountInfoById", { accountId: id })).error.data).toBe(20404);
    expect(await client.rows({ Filter: `AU == ${id}` })).toEqual([]);
    expect(await client.rows()).toHaveLength(9);
  });

  it("of a device that another editor moved out of scope are refused", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids()[4]!;
    simulator.edit(id, { partnerId: 9011 });
    expect((await client.setProduct(id, 1)).error.data).toBe(13501);
    expect((await client.call("GetAccountInfoById", { accountId: id })).error.data).toBe(13501);
    expect(idsOf(await client.rows())).not.toContain(id);
  });

  it("are seen by id at once, and in lists after the lag", async () => {
    await using simulator = await startSimulator({ devices: 10, lagMs: 150 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids()[0]!;
    const listed = async () => (await client.rows({ Columns: ["PD"], RecordsCount: 1 }))[0].Settings[0].PD;
    const old = await listed();
    await client.setProduct(id, 2);
    expect((await client.call("GetAccountInfoById", { accountId: id })).result.result.ProductId).toBe(2);
    expect(await listed()).toBe(old);
    await sleep(160);
    expect(await listed()).toBe("2");
  });
});

describe("small catalogues", () => {
  it("list the products a partner may use", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const ids = async (params: object) =>
      (await client.call("EnumerateProducts", params)).result.result.map((product: { Id: number }) => product.Id);
    expect(await ids({ partnerId: 4001 })).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await ids({ partnerId: 5010 })).toEqual([1, 2, 3, 4, 5, 6, 7, 15010]);
    expect(await ids({ partnerId: 5010, currentPartnerOnly: true })).toEqual([15010]);
    expect((await client.call("EnumerateProducts", { partnerId: 9011 })).error.data).toBe(13501);
  });
});

describe("the size of the fleet", () => {
  it("does not matter to deep pages, to lists narrowed to one id, nor to memory", async () => {
    await using simulator = await startSimulator({ devices: 1_000_000 });
    const client = await PlainClient.loggedIn(simulator);
    const query = { StartRecordNumber: 900_000, RecordsCount: 10 };
    const [first] = await client.rows(query);
    const began = performance.now();
    for (let round = 0; round < 50; round += 1) {
      await client.setProduct(first.AccountId, 1 + (round % 2));
      expect((await client.rows(query))[0].AccountId).toBe(first.AccountId);
      expect(await client.rows({ Filter: `AU == ${first.AccountId}` })).toHaveLength(1);
      expect(await client.rows({ Filter: `AU > ${first.AccountId} and OT == 1`, RecordsCount: 10 })).toHaveLength(10);
    }
    // A scan of the fleet takes more than 100 ms; a hundred and fifty of them would take far longer than this.
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
