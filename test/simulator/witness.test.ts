import { describe, expect, it, vi } from "vitest";
import { upNow } from "../../runner/simulator/clock.ts";
import { defaultLogin, startSimulator } from "../../runner/simulator/server.ts";
import { PlainClient } from "./client.ts";

describe("the witness", () => {
  it("knows for each request when it came, what it did and what was said", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids()[2]!;
    const old = simulator.device(id)!.productId;
    const began = upNow();
    await client.setProduct(id, 2);
    await client.setProduct(id, 99);
    await client.call("GetAccountInfoById", { accountId: id });
    await client.rows({ Filter: `AU == ${id}` });
    const ended = upNow();
    const [, change, refused, read, list] = simulator.witness.entries;
    expect(change).toMatchObject({
      seq: 2,
      by: "client",
      rpcId: "t-2",
      method: "ModifyAccount",
      item: id,
      authenticated: true,
      before: { productId: old },
      after: { productId: 2 },
      answer: "result",
      inFlight: 1,
    });
    const times = [began, change!.arrived, change!.effect!, change!.answered!, ended];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(refused).toMatchObject({ item: id, answer: "error", errorData: 20405 });
    expect(refused).not.toHaveProperty("effect");
    expect(read).toMatchObject({ item: id, answer: "result", inFlight: 0 });
    expect(list).toMatchObject({ item: id, method: "EnumerateAccountStatistics" });
    for (const one of [read, list]) expect(one!.asOf).toBeGreaterThan(change!.effect!);
    expect(simulator.witness.received(id)).toBe(2);
    expect(simulator.witness.applied(id)).toBe(1);
    expect(simulator.witness.requests()).toBe(5);
    expect(simulator.witness.requests("ModifyAccount")).toBe(2);
    expect(simulator.witness.valueAt(id, began)?.productId).toBe(old);
    expect(simulator.witness.valueAt(id, change!.effect!)?.productId).toBe(2);
  });

  it("counts as received only what passed authentication", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = new PlainClient(simulator);
    const id = simulator.ids()[0]!;
    await client.setProduct(id, 2);
    expect(simulator.witness.received(id)).toBe(0);
    expect(simulator.witness.entries[0]).toMatchObject({
      item: id,
      authenticated: false,
      answer: "error",
      errorData: 1701,
    });
  });

  it("records what other editors do, and counts it as nobody's request", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const [first, second] = simulator.ids() as [number, number];
    simulator.edit(first, { productId: 2, nameAlias: "Hall" });
    simulator.remove(second);
    expect(simulator.witness.entries).toMatchObject([
      { by: "editor", method: "edit", item: first, after: { productId: 2, nameAlias: "Hall" } },
      { by: "editor", method: "remove", item: second, after: { removed: true } },
    ]);
    expect([simulator.witness.requests(), simulator.witness.applied(first)]).toEqual([0, 0]);
    expect(() => simulator.edit(second, { productId: 3 })).toThrow(`the simulator has no device ${second}`);
    expect(simulator.witness.valueAt(second, upNow())).toBeUndefined();
  });

  it("counts the changes in flight until their answer, or until their client has gone", async () => {
    await using simulator = await startSimulator({ devices: 20, latencyMs: 100 });
    const client = await PlainClient.loggedIn(simulator);
    const ids = simulator.ids();
    await Promise.all(ids.slice(0, 6).map((id) => client.setProduct(id, 1)));
    expect(simulator.witness.maxInFlight).toBe(6);
    await Promise.all(ids.map((id) => expect(client.setProduct(id, 1, AbortSignal.timeout(10))).rejects.toThrow()));
    await client.setProduct(ids[0]!, 1);
    expect(simulator.witness.entries.at(-1)).toMatchObject({ inFlight: 1 });
  });

  it("sees a change applied whose client hung up", async () => {
    await using simulator = await startSimulator({ devices: 20, latencyMs: 1000 });
    const client = await PlainClient.loggedIn(simulator);
    const id = simulator.ids()[0]!;
    const gone = new AbortController();
    const hungUp = expect(client.setProduct(id, 1, gone.signal)).rejects.toThrow();
    await vi.waitFor(() => expect(simulator.witness.maxInFlight).toBe(1));
    gone.abort();
    await hungUp;
    const applied = { item: id, answer: "none", after: { productId: 1 } };
    await vi.waitFor(() => expect(simulator.witness.entries.at(-1)).toMatchObject(applied), { timeout: 10_000 });
    const entry = simulator.witness.entries.at(-1);
    expect(entry).not.toHaveProperty("answered");
    expect(simulator.witness.applied(id)).toBe(1);
  });

  it("tells other processes over HTTP, and never a password", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = await PlainClient.loggedIn(simulator);
    await client.setProduct(simulator.ids()[0]!, 2);
    const lines = await (await fetch(new URL("/witness", simulator.url))).text();
    const entries = lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(entries).toEqual(JSON.parse(JSON.stringify(simulator.witness.entries)));
    expect(lines).not.toContain(`"${defaultLogin.password}"`);
    expect(await (await fetch(new URL("/stats", simulator.url))).json()).toEqual({
      requests: { Login: 1, ModifyAccount: 1 },
      devicesChanged: 1,
      applied: 1,
      received: 1,
      inFlight: 0,
      maxInFlight: 1,
    });
  });

  it("keeps the same sums without any entry, if it is told to keep only counts", async () => {
    await using simulator = await startSimulator({ devices: 10, witness: "counts" });
    const client = await PlainClient.loggedIn(simulator);
    const [first, second] = simulator.ids() as [number, number];
    await client.setProduct(first, 2);
    await client.setProduct(first, 2);
    await client.setProduct(999, 2);
    simulator.edit(second, { productId: 2 });
    const { witness } = simulator;
    expect(witness.entries).toEqual([]);
    expect([witness.received(first), witness.applied(first), witness.received(999), witness.applied(999)]).toEqual([
      2, 2, 1, 0,
    ]);
    expect(witness.stats()).toMatchObject({ devicesChanged: 1, applied: 2, received: 3, maxInFlight: 1 });
    const refused = await fetch(new URL("/witness", simulator.url));
    expect([refused.status, await refused.text()]).toEqual([404, "This witness keeps only counts: GET /stats\n"]);
  });
});
