import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCustomValues, writeCustomValues } from "../../runner/simulator/custom-columns.ts";
import { startSimulator } from "../../runner/simulator/server.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import type { Answer } from "./client.ts";
import { idsOf, PlainClient } from "./client.ts";

const update = (client: PlainClient, accountId: number, values: unknown) =>
  client.call("UpdateAccountCustomColumnValues", { accountId, values });
const valuesOf = async (client: PlainClient, accountId: number): Promise<Answer> =>
  (await client.call("GetAccountCustomColumnValues", { accountId })).result.result;
const customerOf = (simulator: Simulator, id: number) => {
  const { partnerId } = simulator.device(id)!;
  return partnerId - (partnerId % 10);
};

describe("custom columns", () => {
  it("are listed for their owner and all below it", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const list = async (partnerId: number) =>
      (await client.call("EnumerateCustomColumns", { partnerId })).result.result;
    const shared = [843, 844, 2048, 2500];
    expect((await list(4001)).map(({ Id }: Answer) => Id)).toEqual(shared);
    const own = await list(5010);
    expect(own.map(({ Id }: Answer) => Id)).toEqual([...shared, 105010]);
    expect(own.at(-1)).toEqual({ Id: 105010, PartnerId: 5010, ValueType: "String", Name: "Room" });
    expect((await client.call("EnumerateCustomColumns", { partnerId: 9011 })).error.data).toBe(13501);
  });

  it("hold texts that are set, read back either way, and emptied", async () => {
    await using simulator = await startSimulator({ devices: 50 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids()[3]!;
    const own = 100_000 + customerOf(simulator, id);
    simulator.edit(id, { customColumns: '[[2048,"T-1"]]' });
    expect(await update(client, id, [[843, "it's"], [own, "Room 5"]])).toMatchObject({ result: null }); // prettier-ignore
    expect(await valuesOf(client, id)).toEqual([[843, "it's"], [2048, "T-1"], [own, "Room 5"]]); // prettier-ignore
    const [row] = await client.rows({ Filter: `AU == ${id}`, Columns: ["AA843", "AA844", "AA2048", `AA${own}`] });
    expect(Object.assign({}, ...row.Settings)).toEqual({ AA843: "it's", AA2048: "T-1", [`AA${own}`]: "Room 5" });
    expect(idsOf(await client.rows({ Filter: "AA843 == 'it''s'" }))).toEqual([id]);
    await update(client, id, [[843, ""], [own, ""]]); // prettier-ignore
    expect(await client.rows({ Filter: "AA843 == 'it''s'" })).toEqual([]);
    await update(client, id, [[2048, ""]]);
    expect(await valuesOf(client, id)).toBeNull();
    expect([simulator.witness.received(id), simulator.witness.applied(id)]).toEqual([3, 3]);
    expect(simulator.witness.entries.at(-2)).toMatchObject({
      method: "UpdateAccountCustomColumnValues",
      item: id,
      before: { customColumns: '[[2048,"T-1"]]' },
      after: { customColumns: "" },
    });
  });

  it("are set all together or not at all", async () => {
    await using simulator = await startSimulator({ devices: 50 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids()[3]!;
    const before = simulator.device(id);
    const elsewhere = customerOf(simulator, id) === 5010 ? 105020 : 105010;
    const data = async (values: unknown) => (await update(client, id, [[843, "x"], values])).error.data;
    expect(await data([77, "x"])).toBe(20404);
    expect(await data([elsewhere, "x"])).toBe(13501);
    expect(await data([844, 5])).toBe(20400);
    expect(await data({ 844: "x" })).toBe(20400);
    expect((await update(client, id, undefined)).error.data).toBe(20400);
    expect((await update(client, 5, [[843, "x"]])).error.data).toBe(20404);
    expect(simulator.device(id)).toEqual(before);
  });

  it("make a list fail that asks for one of others, or of nobody", async () => {
    await using simulator = await startSimulator({ devices: 5 });
    const client = await PlainClient.loggedIn(simulator);
    expect((await client.list({ Columns: ["AU", "AA77"] })).error.data).toBe(13501);
    expect((await client.list({ Filter: "AA109011 == ''" })).error.data).toBe(13501);
    expect((await client.list({ Columns: ["AA105010"] })).result.result).toHaveLength(5);
  });

  it("are lost in a move away from their owner, which is refused unless it says so", async () => {
    await using simulator = await startSimulator({ devices: 200 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids().find((one) => simulator.device(one)!.productId < 10_000)!;
    const home = customerOf(simulator, id);
    const PartnerId = home === 5010 ? 5020 : 5010;
    const move = (force?: boolean, more: object = {}) =>
      client.call("ModifyAccount", {
        accountInfo: { Id: id, PartnerId, ...more },
        ...(force === undefined ? {} : { forceRemoveCustomColumnValuesInOldScope: force }),
      });
    await update(client, id, [[843, "stays"], [100_000 + home, "goes"]]); // prettier-ignore
    const before = simulator.device(id);
    for (const force of [undefined, false]) expect((await move(force)).error.data).toBe(20407);
    expect(simulator.device(id)).toEqual(before);
    expect(await move(true, { NameAlias: "Moved" })).toMatchObject({ result: null });
    expect(simulator.device(id)).toMatchObject({ partnerId: PartnerId, nameAlias: "Moved" });
    const kept = readCustomValues(simulator.device(id)!.customColumns);
    expect([kept.get(843), kept.get(100_000 + home)]).toEqual(["stays", undefined]);
    expect(simulator.witness.entries.at(-1)).toMatchObject({ after: { partnerId: PartnerId, nameAlias: "Moved" } });
    // Nothing is lost on the way back, so nothing needs to be said.
    expect(await client.call("ModifyAccount", { accountInfo: { Id: id, PartnerId: home } })).toMatchObject({
      result: null,
    });
    expect(simulator.device(id)!.partnerId).toBe(home);
  });

  it("stay in a move from a customer to its own site", async () => {
    await using simulator = await startSimulator({ devices: 200 });
    const client = await PlainClient.loggedIn(simulator);
    const sites = (
      await client.call("EnumeratePartners", { parentPartnerId: 4001, fetchRecursively: true, fields: [1] })
    ).result.result as { Id: number; ParentId: number; Level: string }[];
    const site = sites.find(({ Level }) => Level === "Site")!;
    const id = simulator.ids().find((one) => simulator.device(one)!.partnerId === site.ParentId)!;
    await update(client, id, [[100_000 + site.ParentId, "here"]]);
    const moved = await client.call("ModifyAccount", { accountInfo: { Id: id, PartnerId: site.Id } });
    expect(moved).toMatchObject({ result: null });
    expect(readCustomValues(simulator.device(id)!.customColumns).get(100_000 + site.ParentId)).toBe("here");
  });

  it("are kept as text that reads back as it was written", () => {
    const values = fc.array(fc.tuple(fc.nat(), fc.string({ minLength: 1 }))).map((pairs) => new Map(pairs));
    fc.assert(
      fc.property(values, (map) => {
        expect(readCustomValues(writeCustomValues(map))).toEqual(map);
      }),
    );
    expect(() => readCustomValues("843=x")).toThrow("customColumns is '843=x'; expected pairs");
  });

  it("can be set by another editor, in a form that can be read", async () => {
    await using simulator = await startSimulator({ devices: 5 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids()[0]!;
    simulator.setFaults([{ fault: "editor", set: { customColumns: '[[844,"them"]]' }, method: "GetAccountInfoById" }]);
    await client.call("GetAccountInfoById", { accountId: id });
    expect(await valuesOf(client, id)).toEqual([[844, "them"]]);
    expect(() => simulator.setFaults([{ fault: "editor", set: { customColumns: "844" } }])).toThrow("set is");
  });
});
