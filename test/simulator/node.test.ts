import { describe, expect, it, vi } from "vitest";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../runner/simulator/server.ts";
import { PlainClient, type Answer } from "./client.ts";

interface Scene {
  readonly simulator: Simulator;
  readonly client: PlainClient;
  /** A device that is there, and one that was not seen for a month. */
  readonly here: number;
  readonly away: number;
  readonly token: (id: number) => Promise<string>;
  /** A call to the node, as the device. */
  readonly ask: (id: number, method: string, params?: object) => Promise<Answer>;
}

async function onStage(test: (scene: Scene) => Promise<void>, options: SimulatorOptions = {}): Promise<void> {
  await using simulator = await startSimulator({ devices: 60, commandMs: 1, ...options });
  const client = await PlainClient.loggedIn(simulator);
  const token = async (id: number): Promise<string> =>
    (await client.call("GetAccountInfoById", { accountId: id })).result.result.Token;
  const ask = async (id: number, method: string, params: object = {}): Promise<Answer> => {
    const own = { accountId: id, account: simulator.device(id)!.name, token: await token(id) };
    return post(simulator, method, { ...own, ...params });
  };
  const managers = simulator.ids().filter((id) => simulator.device(id)!.accountType === 1);
  const newest = Math.max(...managers.map((id) => simulator.device(id)!.lastTimestamp));
  const isHere = (id: number): boolean => simulator.device(id)!.lastTimestamp > newest - 3 * 86_400;
  const [here, away] = [managers.find(isHere)!, managers.find((id) => !isHere(id))!];
  await test({ simulator, client, here, away, token, ask });
}

async function post(simulator: Simulator, method: string, params: object): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: "n-1", method, params });
  const response = await fetch(simulator.nodeUrl, { method: "POST", body });
  return response.json();
}

const everything = { query: "0 != 1", orderBy: "" };
const settings = { command: "set settings", parameters: "MailAddress it@example.net\nMailSendPeriodicity 1" };
const mailOf = async (client: PlainClient, id: number): Promise<object> => {
  const [row] = await client.rows({ Filter: `AU == ${id}`, Columns: ["EM", "I22"] });
  return Object.assign({}, ...row.Settings);
};

describe("a storage node", () => {
  it("lets in a device by its name and token, and by nothing else", async () => {
    await onStage(async ({ simulator, here, ask, client, token }) => {
      expect((await ask(here, "QuerySessions", everything)).result.result.length).toBeGreaterThan(27);
      for (const other of [{ token: "tk-0" }, { account: "nobody" }, { accountId: here + 1 }, { account: null }]) {
        expect((await ask(here, "QuerySessions", { ...everything, ...other })).error).toMatchObject({ data: 1701 });
      }
      // Each service has its own methods.
      const own = { account: simulator.device(here)!.name, token: await token(here) };
      expect((await post(simulator, "RemoveAccount", { ...own, accountId: here })).error.code).toBe(-32601);
      expect((await client.call("QuerySessions", { ...own, accountId: here, ...everything })).error.code).toBe(-32601);
      expect((await fetch(simulator.nodeUrl.replace("repserv_json", "jsonapi"), { method: "POST" })).status).toBe(404);
    });
  });

  it("tells the sessions that the columns show, newest first or as asked, a page at a time", async () => {
    await onStage(async ({ client, here, ask }) => {
      const [row] = await client.rows({ Filter: `AU == ${here}`, Columns: ["D01F08", "D01F18", "D01F00"] });
      const shown = Object.assign({}, ...row.Settings);
      const query = "(Type & 1) == 1 and Plugin == 1";
      const files = (await ask(here, "QuerySessions", { query, orderBy: "BackupStartTime DESC" })).result.result;
      expect(files).toHaveLength(28);
      expect(files[0]).toMatchObject({ PluginId: "FileSystem", StartTime: Number(shown.D01F18) });
      const names: Readonly<Record<string, string>> = { 2: "Failed", 5: "Completed", 8: "CompletedWithErrors" };
      const bar = Array.from(shown.D01F08 as string, (digit) => names[digit]).reverse();
      expect(files.map(({ Status }: Answer) => Status)).toEqual(bar);
      const range = { Offset: 2, Size: 3 };
      const paged = await ask(here, "QuerySessions", { query, orderBy: "BackupStartTime DESC", range });
      expect(paged.result.result).toEqual(files.slice(2, 5));
      const oldest = await ask(here, "QuerySessions", {
        query,
        orderBy: "BackupStartTime ASC",
        range: { Offset: 0, Size: 1 },
      });
      expect(oldest.result.result).toEqual([files[27]]);
      expect((await ask(here, "QuerySessions", { query: "Colour == 1", orderBy: "" })).error.message).toContain(
        "Colour",
      );
      expect((await ask(here, "QuerySessions", { ...everything, range: { Offset: -1, Size: 1 } })).error.data).toBe(
        20400,
      );
    });
  });

  it("tells the errors of a session, and the single ones behind a group", async () => {
    await onStage(async ({ here, ask }) => {
      const all = { sessionId: 0, groupId: 0, ...everything };
      const errors: Answer[] = (await ask(here, "QueryErrors", all)).result.result;
      expect(errors.length).toBeGreaterThan(0);
      const group = errors.find(({ Count }) => Count > 1) ?? errors[0];
      const details = { ...everything, sessionId: group.SessionId, groupId: group.Id };
      const single: Answer[] = (await ask(here, "EnumerateSessionErrorsGroupDetails", details)).result.result;
      expect(single).toHaveLength(group.Count);
      expect(single[0]).toMatchObject({ ErrorText: group.Text, Path: group.Filename, GroupId: group.Id });
      const one = await ask(here, "QueryErrors", {
        ...all,
        sessionId: group.SessionId,
        query: `Code == ${group.Code}`,
      });
      expect(one.result.result).toContainEqual(group);
    });
  });
});

describe("a remote command", () => {
  it("is queued at once and carried out a little later, which audit and columns show", async () => {
    await onStage(async ({ client, simulator, here, ask }) => {
      const sent = await ask(here, "SendAccountCommand", settings);
      expect(sent.result.result).toMatchObject({ result: { code: 0 } });
      await vi.waitFor(async () => {
        expect(await mailOf(client, here)).toEqual({ EM: "it@example.net", I22: "36" });
      });
      const query = "Operation =~ '*settings*' and Time > 1.hours().ago()";
      const audit = await ask(here, "QueryAudit", { query, orderBy: "Time DESC", range: { Offset: 0, Size: 50 } });
      expect(audit.result.result).toMatchObject([
        { Operation: "execute command: set settings", Details: "MailAddress, MailSendPeriodicity" },
      ]);
      expect([simulator.witness.received(here), simulator.witness.applied(here)]).toEqual([1, 1]);
    });
  });

  it("waits for a device that is away", async () => {
    await onStage(async ({ client, simulator, away, ask }) => {
      const before = await mailOf(client, away);
      await ask(away, "SendAccountCommand", settings);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(await mailOf(client, away)).toEqual(before);
      expect((await ask(away, "QueryAudit", everything)).result.result).toEqual([]);
      simulator.online(away);
      expect(await mailOf(client, away)).toEqual({ EM: "it@example.net", I22: "36" });
      expect((await ask(away, "QueryAudit", everything)).result.result).toHaveLength(1);
      expect(() => simulator.online(1)).toThrow("has no device 1");
    });
  });

  it("is refused when nobody knows it, or the device takes none", async () => {
    await onStage(async ({ simulator, here, ask }) => {
      const microsoft = simulator.ids().find((id) => simulator.device(id)!.accountType === 2)!;
      expect((await ask(here, "SendAccountCommand", { ...settings, command: "Set Settings" })).error.data).toBe(20400);
      expect((await ask(here, "SendAccountCommand", { command: "set settings" })).error.data).toBe(20400);
      expect((await ask(microsoft, "SendAccountCommand", settings)).error.data).toBe(20400);
      expect(simulator.witness.applied(here)).toBe(0);
    });
  });

  it("leaves no password in what the witness or the audit tells", async () => {
    await onStage(async ({ simulator, here, ask }) => {
      await ask(here, "SendAccountCommand", { command: "set gui password", parameters: "password hunter22-hunter22" });
      await vi.waitFor(async () => {
        expect((await ask(here, "QueryAudit", everything)).result.result).toHaveLength(1);
      });
      const told = await (await fetch(simulator.url.replace("jsonapi", "witness"))).text();
      expect(told).toContain("set gui password");
      expect(told + JSON.stringify(await ask(here, "QueryAudit", everything))).not.toContain("hunter22");
    });
  });
});

describe("faults of nodes", () => {
  it("make a token stale: it is refused, and the next one is let in", async () => {
    const faults = [{ fault: "token-stale", method: "QueryAudit", nth: 1 }] as const;
    await onStage(
      async ({ simulator, here, ask, token }) => {
        const before = await token(here);
        expect((await ask(here, "QueryAudit", everything)).error.data).toBe(1701);
        expect(await token(here)).not.toBe(before);
        expect((await ask(here, "QueryAudit", everything)).result.result).toEqual([]);
        expect(simulator.witness.entries.find(({ method }) => method === "QueryAudit")).toMatchObject({
          item: here,
          fault: "token-stale",
          authenticated: false,
        });
      },
      { faults },
    );
  });

  it("say that a device lives elsewhere", async () => {
    const faults = [
      { fault: "node-elsewhere", nth: 1 },
      { fault: "node-elsewhere", nth: 2, host: "evil.example" },
    ] as const;
    await onStage(
      async ({ client, here, simulator }) => {
        const host = async (): Promise<string> =>
          (await client.call("GetAccountInfoById", { accountId: here })).result.homeNodeInfo.CommonInfo.Host;
        expect([await host(), await host()]).toEqual(["127.0.0.1:1", "evil.example"]);
        expect(await host()).toBe(new URL(simulator.nodeUrl).host);
      },
      { faults: faults.map((fault) => ({ ...fault, method: "GetAccountInfoById" })) },
    );
  });

  it("are those of other calls too", async () => {
    await onStage(
      async ({ simulator, here, ask }) => {
        await expect(ask(here, "SendAccountCommand", settings)).rejects.toThrow();
        expect([simulator.witness.received(here), simulator.witness.applied(here)]).toEqual([1, 1]);
      },
      { faults: [{ fault: "reset-after", method: "SendAccountCommand" }] },
    );
  });
});

describe("the list as of a second of the past", () => {
  it("shows what devices were then", async () => {
    await onStage(async ({ client, simulator, here }) => {
      const was = simulator.device(here)!.productId;
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const then = Math.floor(Date.now() / 1000);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      simulator.edit(here, { productId: was === 1 ? 2 : 1 });
      const query = { PartnerId: simulator.rootPartner, Filter: `AU == ${here}`, Columns: ["PD"] };
      const past = await client.call("EnumerateAccountHistoryStatistics", { timeslice: then, query });
      expect(past.result.result[0].Settings).toEqual([{ PD: String(was) }]);
      const now = await client.call("EnumerateAccountStatistics", { query });
      expect(now.result.result[0].Settings).not.toEqual([{ PD: String(was) }]);
      const ahead = { timeslice: then + 3600, query };
      expect((await client.call("EnumerateAccountHistoryStatistics", ahead)).error.data).toBe(20400);
    });
  });
});
