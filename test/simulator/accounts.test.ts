import { describe, expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import type { Answer } from "./client.ts";
import { idsOf, PlainClient } from "./client.ts";

const accountsOf = async (client: PlainClient, partnerId = 4001): Promise<Answer[]> =>
  (await client.call("EnumerateAccounts", { partnerId })).result.result;

describe("the list of accounts", () => {
  it("has each device as the answer by id has it, those of partners below included", async () => {
    await using simulator = await startSimulator({ devices: 120 });
    const client = await PlainClient.loggedIn(simulator);
    const all = await accountsOf(client);
    expect(all.map(({ Id }) => Id)).toEqual(simulator.ids());
    for (const account of all.slice(0, 20)) {
      const byId = await client.call("GetAccountInfoById", { accountId: account.Id });
      expect(account).toEqual(byId.result.result);
    }
    const ofCustomer = await accountsOf(client, 5010);
    expect(ofCustomer.map(({ Id }) => Id)).toEqual(idsOf(await client.rows({ PartnerId: 5010 })));
    expect((await client.call("EnumerateAccounts", { partnerId: 9011 })).error.data).toBe(13501);
  });

  it("lags behind changes, and is bent by faults, as the other list is", async () => {
    await using simulator = await startSimulator({ devices: 20, lagMs: 1_500 });
    const client = await PlainClient.loggedIn(simulator);
    const [id, other] = simulator.ids() as [number, number];
    const listed = async () => (await accountsOf(client)).find(({ Id }) => Id === id)?.ProductId;
    const old = await listed();
    await client.setProduct(id, old === 1 ? 2 : 1);
    expect(await listed()).toBe(old);
    await expect.poll(listed, { timeout: 8_000 }).toBe(old === 1 ? 2 : 1);
    const method = "EnumerateAccounts";
    simulator.setFaults([{ fault: "drop-row", device: other, method }]);
    expect((await accountsOf(client)).map(({ Id }) => Id)).not.toContain(other);
    simulator.setFaults([{ fault: "cap", rows: 3, method }]);
    expect(await accountsOf(client)).toHaveLength(3);
    simulator.setFaults([{ fault: "empty-page", method }]);
    expect(await accountsOf(client)).toBeNull();
  });
});
