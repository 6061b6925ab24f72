import { describe, expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import { PlainClient } from "./client.ts";

const idsWith = async (client: PlainClient, label: string): Promise<unknown> =>
  (await client.call("EnumerateAccountIdsByLabel", { label })).result.result;

describe("labels of devices", () => {
  it("are given to several and taken again, those that are not there named as failed", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = await PlainClient.loggedIn(simulator);
    const [first, second, third] = simulator.ids() as [number, number, number];
    expect(await idsWith(client, "blue")).toBeNull();
    simulator.remove(third);
    const several = { accountIdCollection: [second, first, third, first], labelCollection: ["blue", "old"] };
    expect((await client.call("AddAccountLabel", several)).result.result).toEqual({
      SucceedAccounts: [second, first],
      FailedAccounts: [third],
    });
    expect(await idsWith(client, "blue")).toEqual([first, second]);
    const all = (await client.call("EnumerateAllLabels", {})).result.result;
    expect(all).toEqual([
      { Id: 1, Label: "blue" },
      { Id: 2, Label: "old" },
    ]);
    await client.call("RemoveAccountLabel", { accountIdCollection: [first], labelCollection: ["blue"] });
    expect(await idsWith(client, "blue")).toEqual([second]);
    expect(simulator.device(first)?.labels).toBe('["old"]');
  });

  it("are counted by the witness for each device of a call", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = await PlainClient.loggedIn(simulator);
    const [first, second] = simulator.ids() as [number, number];
    const several = { accountIdCollection: [first, second, 1], labelCollection: ["blue"] };
    await client.call("AddAccountLabel", several);
    const { witness } = simulator;
    expect([first, second, 1].map((id) => [witness.received(id), witness.applied(id)])).toEqual([
      [1, 1],
      [1, 1],
      [1, 0],
    ]);
    const entry = witness.entries.at(-1)!;
    expect(entry).toMatchObject({ item: [first, second, 1], after: [{ item: first }, { item: second }] });
    expect(witness.stats()).toMatchObject({ maxInFlight: 1 });
    simulator.setFaults([{ fault: "drop-row", method: "AddAccountLabel", item: second, device: second }]);
    const { result } = await client.call("AddAccountLabel", several);
    expect(result.result).toEqual({ SucceedAccounts: [first], FailedAccounts: [1] });
  });
});

describe("a device that was removed", () => {
  it("is still told by id, with the time of its removal", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = await PlainClient.loggedIn(simulator);
    const [id] = simulator.ids() as [number];
    const told = async () => (await client.call("GetAccountInfoByIdWithRemoved", { accountId: id })).result.result;
    expect(await told()).toEqual((await client.call("GetAccountInfoById", { accountId: id })).result.result);
    simulator.edit(id, { productId: 4 });
    simulator.remove(id);
    const gone = await told();
    expect(gone).toMatchObject({ Id: id, ProductId: 4 });
    expect(Math.abs(gone.RemovalTime - Date.now() / 1000)).toBeLessThan(10);
    expect((await client.call("GetAccountInfoByIdWithRemoved", { accountId: 1 })).error.data).toBe(20404);
  });
});
