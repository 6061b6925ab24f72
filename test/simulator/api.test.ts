import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { startSimulator } from "../../runner/simulator/server.ts";
import type { Simulator, SimulatorOptions } from "../../runner/simulator/server.ts";
import { idsOf, PlainClient } from "./client.ts";

/** What a client makes of one answer. */
async function heard(client: PlainClient, id: number, ms = 150): Promise<string> {
  const call = {
    jsonrpc: "2.0",
    id: "x-1",
    method: "ModifyAccount",
    params: { accountInfo: { Id: id, ProductId: 1 } },
  };
  try {
    const response = await client.post(JSON.stringify({ ...call, visa: client.visa }), AbortSignal.timeout(ms));
    const body = await response.text();
    if (response.status !== 200) return `http ${response.status}`;
    if (body.startsWith("<html>")) return "html";
    const answer = JSON.parse(body);
    if (answer.id !== "x-1") return "other id";
    return answer.error ? `error ${String(answer.error.data)}` : `result ${String(answer.result)}`;
  } catch (error) {
    if (error instanceof SyntaxError) return "no json";
    return (error as Error).name === "TimeoutError" ? "timeout" : "reset";
  }
}

interface Stage {
  readonly simulator: Simulator;
  readonly client: PlainClient;
  readonly id: number;
}

async function withFault(fault: FaultRule, act: (stage: Stage) => Promise<void>, options: SimulatorOptions = {}) {
  await using simulator = await startSimulator({ devices: 20, ...options, faults: [fault] });
  const client = await PlainClient.loggedIn(simulator);
  const id = simulator.ids().find((one) => simulator.device(one)!.productId !== 1)!;
  await act({ simulator, client, id });
}

describe("a fault on a change", () => {
  it.each<[FaultRule, string, number, object]>([
    [{ fault: "http-429" }, "http 429", 0, { answer: "none" }],
    [{ fault: "http-500" }, "http 500", 0, { answer: "none" }],
    [{ fault: "http-502", when: "before" }, "http 502", 0, { answer: "none" }],
    [{ fault: "http-503" }, "http 503", 0, { answer: "none" }],
    [{ fault: "http-500", when: "after" }, "http 500", 1, { answer: "none" }],
    [{ fault: "http-502", when: "after" }, "http 502", 1, { answer: "none" }],
    [{ fault: "http-503", when: "after" }, "http 503", 1, { answer: "none" }],
    [{ fault: "reset-before" }, "reset", 0, { answer: "none" }],
    [{ fault: "reset-after" }, "reset", 1, { answer: "none" }],
    [{ fault: "hang" }, "timeout", 0, { answer: "none" }],
    [{ fault: "hang-after" }, "timeout", 1, { answer: "none" }],
    [{ fault: "truncated" }, "no json", 1, { answer: "none" }],
    [{ fault: "malformed" }, "no json", 1, { answer: "none" }],
    [{ fault: "malformed", when: "before" }, "no json", 0, { answer: "none" }],
    [{ fault: "html" }, "html", 1, { answer: "none" }],
    [{ fault: "wrong-id" }, "other id", 1, { answer: "none" }],
    [{ fault: "late", ms: 50 }, "reset", 1, { answer: "none" }],
    [{ fault: "late", ms: 50, connection: "hang" }, "timeout", 1, { answer: "none" }],
    [{ fault: "slow", ms: 20 }, "result null", 1, { answer: "result" }],
    [{ fault: "slow", ms: 20, when: "after" }, "result null", 1, { answer: "result" }],
    [{ fault: "slow", ms: 300 }, "timeout", 1, { answer: "none" }],
    [{ fault: "error" }, "error 20500", 0, { answer: "error", errorData: 20500 }],
    [{ fault: "error", data: 77, message: "no" }, "error 77", 0, { answer: "error", errorData: 77 }],
    [{ fault: "error-after-apply" }, "error 20500", 1, { answer: "error" }],
    [{ fault: "no-effect" }, "result null", 0, { answer: "result" }],
    [{ fault: "visa-expire" }, "error 1701", 0, { answer: "error", authenticated: false }],
    [{ fault: "vanish" }, "error 20404", 0, { answer: "error" }],
  ])("%j: the client hears '%s', applied %i", async (fault, hears, applied, entry) => {
    await withFault({ method: "ModifyAccount", nth: 1, ...fault }, async ({ simulator, client, id }) => {
      expect(await heard(client, id)).toBe(hears);
      await sleep(hears === "timeout" || fault.fault === "late" ? 220 : 0);
      expect(simulator.witness.applied(id)).toBe(applied);
      const seen = simulator.witness.entries.find((one) => one.method === "ModifyAccount");
      expect(seen).toMatchObject({ item: id, fault: fault.fault, ...entry });
      expect("effect" in seen!).toBe(applied === 1);
      expect(simulator.device(id)?.productId === 1).toBe(applied === 1);
      expect(simulator.witness.stats()).toMatchObject({ inFlight: 0 });
    });
  });

  it("strikes only while its rule says so", async () => {
    await withFault(
      { fault: "http-503", every: 2, limit: 2, method: "ModifyAccount" },
      async ({ simulator, client, id }) => {
        const answers: string[] = [];
        for (let turn = 0; turn < 6; turn += 1) answers.push(await heard(client, id));
        expect(answers.map((answer) => answer === "http 503")).toEqual([false, true, false, true, false, false]);
        expect(simulator.witness.received(id)).toBe(6);
        simulator.setFaults([]);
        expect(await heard(client, id)).toBe("result null");
        expect(() => simulator.setFaults([{ fault: "late" }])).toThrow("fault late needs ms");
      },
    );
  });

  it("tells when to come again", async () => {
    await withFault({ fault: "http-429", retryAfter: 3, method: "ModifyAccount" }, async ({ client }) => {
      const body = JSON.stringify({ id: 1, method: "ModifyAccount", params: {}, visa: client.visa });
      const response = await client.post(body);
      expect([response.status, response.headers.get("retry-after")]).toEqual([429, "3"]);
    });
  });

  it("takes effect late, after the connection has gone", async () => {
    await withFault({ fault: "late", ms: 120, method: "ModifyAccount" }, async ({ simulator, client, id }) => {
      expect(await heard(client, id)).toBe("reset");
      expect((await client.call("GetAccountInfoById", { accountId: id })).result.result.ProductId).not.toBe(1);
      await sleep(160);
      const entry = simulator.witness.entries.find((one) => one.fault === "late")!;
      expect(entry.effect! - entry.arrived).toBeGreaterThanOrEqual(119);
      expect(simulator.device(id)!.productId).toBe(1);
    });
  });

  it("ends one visa, or all of the chain", async () => {
    const method = "GetAccountInfoById";
    for (const chain of [false, true]) {
      await withFault({ fault: "visa-expire", method, nth: 2, chain }, async ({ client, id }) => {
        const first = client.visa;
        await client.call(method, { accountId: id });
        const second = client.visa;
        expect((await client.call(method, { accountId: id })).error.data).toBe(1701);
        const stillGood = async (visa: string | undefined) => {
          client.visa = visa;
          return !("error" in (await client.call("EnumerateProducts", { partnerId: 4001 })));
        };
        expect([await stillGood(second), await stillGood(first)]).toEqual([false, !chain]);
      });
    }
  });

  it("lets another editor in, before or after", async () => {
    const edit = { fault: "editor", method: "ModifyAccount", set: { productId: 2, nameAlias: "Theirs" } } as const;
    await withFault(edit, async ({ simulator, client, id }) => {
      await heard(client, id);
      expect(simulator.device(id)).toMatchObject({ productId: 1, nameAlias: "Theirs" });
      expect(simulator.witness.entries.map((entry) => entry.by)).toEqual(["client", "client", "editor"]);
    });
    await withFault({ ...edit, when: "after" }, async ({ simulator, client, id }) => {
      simulator.setFaults([
        { ...edit, when: "after" },
        { fault: "reset-after", method: "ModifyAccount" },
      ]);
      expect(await heard(client, id)).toBe("reset");
      expect(simulator.device(id)).toMatchObject({ productId: 2, nameAlias: "Theirs" });
      expect(simulator.witness.applied(id)).toBe(1);
    });
  });
});

describe("a fault on a list", () => {
  const method = "EnumerateAccountStatistics";
  const second = { StartRecordNumber: 5, RecordsCount: 5 };

  it.each<[FaultRule, (ids: number[]) => number[]]>([
    [{ fault: "repeat-first-page" }, (ids) => ids.slice(0, 5)],
    [{ fault: "cap", rows: 3 }, (ids) => ids.slice(5, 8)],
    [{ fault: "drop-row" }, (ids) => ids.slice(6, 10)],
    [{ fault: "drop-row", row: 4 }, (ids) => ids.slice(5, 9)],
    [{ fault: "drop-row", row: 7 }, (ids) => ids.slice(5, 10)],
    [{ fault: "vanish" }, (ids) => ids.slice(6, 11)],
  ])("%j bends the second page", async (fault, expected) => {
    await withFault({ ...fault, method, nth: 2 }, async ({ simulator, client }) => {
      const ids = simulator.ids();
      expect(idsOf(await client.rows({ RecordsCount: 5 }))).toEqual(ids.slice(0, 5));
      expect(idsOf(await client.rows(second))).toEqual(expected(ids));
      if (fault.fault === "vanish") expect(simulator.device(ids[4]!)).toBeUndefined();
    });
  });

  it("can be an empty page, spelled null", async () => {
    await withFault({ fault: "empty-page", method }, async ({ client }) => {
      expect(await client.rows(second)).toBeNull();
    });
  });

  it("can leave out or remove one device by its id", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = await PlainClient.loggedIn(simulator);
    const ids = simulator.ids();
    simulator.setFaults([
      { fault: "drop-row", device: ids[2]!, nth: 1 },
      { fault: "vanish", device: ids[3]!, nth: 2 },
    ]);
    expect(idsOf(await client.rows())).toEqual(ids.filter((id) => id !== ids[2]));
    expect(idsOf(await client.rows())).toEqual(ids.filter((id) => id !== ids[3]));
  });

  it("can serve what was true earlier, and says so to the witness", async () => {
    await withFault({ fault: "stale", ms: 60_000, method: "GetAccountInfoById" }, async ({ simulator, client, id }) => {
      await client.setProduct(id, 1);
      expect((await client.call("GetAccountInfoById", { accountId: id })).result.result.ProductId).not.toBe(1);
      const read = simulator.witness.entries.at(-1)!;
      expect(read.arrived - read.asOf!).toBeGreaterThan(59_000);
    });
  });
});

describe("closing", () => {
  it("cuts whoever waits, and what was still to happen does not", async () => {
    const simulator = await startSimulator({ devices: 20 });
    const client = await PlainClient.loggedIn(simulator);
    const [first, second, third] = simulator.ids() as [number, number, number];
    simulator.setFaults([
      { fault: "hang", item: first },
      { fault: "slow", ms: 5_000, item: second },
      { fault: "late", ms: 5_000, item: third },
    ]);
    const waiting = [first, second, third].map((id) => heard(client, id, 10_000));
    await sleep(50);
    await simulator.close();
    expect(await Promise.all(waiting)).toEqual(["reset", "reset", "reset"]);
    await expect.poll(() => simulator.witness.stats()).toMatchObject({ applied: 0, inFlight: 0 });
    await simulator.close();
  });

  it("says which port is taken", async () => {
    await using simulator = await startSimulator({ devices: 1 });
    await expect(startSimulator({ devices: 1, port: simulator.port })).rejects.toThrow("EADDRINUSE");
  });
});
