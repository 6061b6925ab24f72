import { describe, expect, it } from "vitest";
import { partnerStates } from "../../runner/simulator/words.ts";
import { startSimulator } from "../../runner/simulator/server.ts";
import type { Answer } from "./client.ts";
import { PlainClient } from "./client.ts";

const everyField = Array.from({ length: 26 }, (_, number) => number);

async function listOf(client: PlainClient, params: object = {}): Promise<Answer[]> {
  const answer = await client.call("EnumeratePartners", { parentPartnerId: 4001, fields: everyField, ...params });
  return answer.result.result;
}

describe("the list of partners", () => {
  it("is the children of one, or all below it, and never that one", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const children = await listOf(client);
    expect(children.every(({ ParentId, Level }) => ParentId === 4001 && Level === "EndCustomer")).toBe(true);
    const all = await listOf(client, { fetchRecursively: true });
    const sites = all.filter(({ Level }) => Level === "Site");
    expect(all.length).toBe(children.length + sites.length);
    expect(sites.length).toBeGreaterThan(10);
    expect(all.map(({ Id }) => Id)).not.toContain(4001);
    const [site] = sites;
    expect(await listOf(client, { parentPartnerId: site.ParentId })).toEqual(
      sites.filter(({ ParentId }) => ParentId === site.ParentId),
    );
    expect(await listOf(client, { parentPartnerId: site.Id })).toBeNull();
    for (const parentPartnerId of [4000, 9001, 77]) {
      const refused = await client.call("EnumeratePartners", { parentPartnerId });
      expect(refused.error.data).toBe(13501);
    }
  });

  it.each([
    [0, ["Name"]],
    [1, ["Level"]],
    [3, ["ChildServiceTypes"]],
    [4, ["ServiceType"]],
    [5, ["State"]],
    [8, ["LocationId"]],
    [9, ["Flags"]],
    [10, ["Company"]],
    [18, ["ExternalCode", "MailFrom"]],
    [20, ["CreationTime"]],
    [17, []],
  ])("has, for field %i, %j and nothing else", async (field, names) => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const spellings = new Set<string>();
    for (const row of await listOf(client, { fields: [field] })) {
      const whole = (await client.call("GetPartnerInfoById", { partnerId: row.Id })).result.result;
      const filled = Object.keys(row).filter((name) => row[name] !== null);
      expect(["Id", "ParentId", ...names]).toEqual(expect.arrayContaining(filled));
      for (const name of ["Id", "ParentId", ...names]) expect(row[name]).toEqual(whole[name]);
      spellings.add(Object.keys(row).length > 5 ? "null" : "absent");
    }
    expect(spellings).toEqual(new Set(["null", "absent"]));
  });

  it("has customers in trial, in production and expired, some with an external code", async () => {
    await using simulator = await startSimulator({ devices: 8_000 });
    const client = await PlainClient.loggedIn(simulator);
    const customers = await listOf(client);
    const share = (holds: (partner: Answer) => boolean) => customers.filter(holds).length / customers.length;
    expect(share(({ State }) => State === "InTrial")).toBeGreaterThan(0.1);
    expect(share(({ State }) => State === "InProduction")).toBeGreaterThan(0.5);
    expect(share(({ State }) => State === "Expired")).toBeGreaterThan(0);
    expect(share(({ ExternalCode }) => ExternalCode === "")).toBeGreaterThan(0.2);
    expect(customers.every(({ State }) => partnerStates.includes(State))).toBe(true);
    const trial = customers.find(({ State }) => State === "InTrial");
    const whole = (await client.call("GetPartnerInfoById", { partnerId: trial.Id })).result.result;
    expect(whole.TrialExpirationTime - whole.TrialRegistrationTime).toBe(30 * 86_400);
  });

  it("never has a partner of others, however many customers there are", async () => {
    await using simulator = await startSimulator({ devices: 20_000 });
    const client = await PlainClient.loggedIn(simulator);
    const all = await listOf(client, { fetchRecursively: true });
    expect(new Set(all.map(({ Id }) => Id)).size).toBe(all.length);
    expect(all.map(({ Id }) => Id).filter((id) => [4000, 9001, 9011].includes(id))).toEqual([]);
    expect(simulator.partner(9011)).toMatchObject({ parentId: 9001, name: "Somebody Else" });
  });
});

describe("one partner", () => {
  it("is read by id and by exact name, and its ancestors as far as the login sees", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const site = (await listOf(client, { fetchRecursively: true })).find(({ Level }) => Level === "Site");
    const byId = await client.call("GetPartnerInfoById", { partnerId: site.Id });
    expect(byId.result.result).toMatchObject({
      Name: site.Name,
      Level: "Site",
      TrialExpirationTime: expect.any(Number),
    });
    expect((await client.call("GetPartnerInfo", { name: site.Name })).result).toEqual(byId.result);
    expect((await client.call("GetPartnerInfo", { name: site.Name.toUpperCase() })).error.data).toBe(20404);
    expect((await client.call("GetPartnerInfo", { name: "Somebody Else" })).error.data).toBe(13501);
    expect((await client.call("GetPartnerInfoById", { partnerId: 9011 })).error.data).toBe(13501);
    const above = (await client.call("EnumerateAncestorPartners", { partnerId: site.Id })).result.result;
    expect(above.map(({ Id }: Answer) => Id)).toEqual([site.ParentId, 4001]);
  });

  it("is changed in what is sent and keeps the rest", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const before = simulator.partner(5020)!;
    const partnerInfo = {
      Id: 5020,
      ExternalCode: "CRM-7",
      Flags: ["CanInvoiceOthers"],
      Company: { PhoneNumber: "555" },
    };
    expect(await client.call("ModifyPartner", { partnerInfo })).toMatchObject({ result: null });
    const after = { ...before, externalCode: "CRM-7", flags: ["CanInvoiceOthers"], phoneNumber: "555" };
    expect(simulator.partner(5020)).toEqual(after);
    const entry = simulator.witness.entries.at(-1)!;
    expect(entry).toMatchObject({
      item: 5020,
      before: { externalCode: before.externalCode },
      after: { externalCode: "CRM-7" },
    });
    expect([simulator.witness.received(5020), simulator.witness.applied(5020)]).toEqual([1, 1]);
    expect(simulator.partner(5020, entry.arrived)).toEqual(before);
    const whole = (await client.call("GetPartnerInfoById", { partnerId: 5020 })).result.result;
    expect(await client.call("ModifyPartner", { partnerInfo: whole })).toMatchObject({ result: null });
    expect(simulator.partner(5020)).toEqual(after);
    await client.call("ModifyPartner", { partnerInfo: { Id: 5020, Flags: [], ExternalCode: "" } });
    expect(simulator.partner(5020)).toMatchObject({ flags: [], externalCode: "" });
  });

  it.each([
    [{ Id: null }, 20400, "partnerInfo.Id is missing"],
    [{ Id: 9011, ExternalCode: "x" }, 13501, ""],
    [{ ParentId: 5010 }, 20400, "partnerInfo.ParentId can&apos;t be changed"],
    [{ Level: "Site" }, 20400, "partnerInfo.Level can&apos;t be changed"],
    [{ CreationTime: 5 }, 20400, "partnerInfo.CreationTime can&apos;t be changed"],
    [{ Company: { VatNumber: "1" } }, 20400, "partnerInfo.Company.VatNumber can&apos;t be changed"],
    [{ State: "Count" }, 20400, "partnerInfo.State &apos;Count&apos; isn&apos;t one of Registered"],
    [{ Flags: ["Odd"] }, 20400, "partnerInfo.Flags &apos;Odd&apos; isn&apos;t one of"],
    [{ ExternalCode: 7 }, 20400, "partnerInfo.ExternalCode isn&apos;t text"],
    [{ Name: "" }, 20400, "partnerInfo.Name can&apos;t be empty"],
    [{ Name: "Somebody Else" }, 20408, "already exists"],
  ])("is not changed by %j", async (members, data, message) => {
    await using simulator = await startSimulator({ devices: 5 });
    const client = await PlainClient.loggedIn(simulator);
    const before = simulator.partner(5020);
    const { error } = await client.call("ModifyPartner", { partnerInfo: { Id: 5020, ...members } });
    expect(error.data).toBe(data);
    expect(error.message).toContain(message);
    expect(simulator.partner(5020)).toEqual(before);
    expect(simulator.witness.applied(5020)).toBe(0);
  });

  it("shows a new name in lists of devices, filters and orders included", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const filter = { Filter: "AR == 'Renamed'", Columns: ["I8"], OrderBy: "AR ASC" };
    expect(await client.rows(filter)).toEqual([]);
    await client.call("ModifyPartner", { partnerInfo: { Id: 5020, Name: "Renamed" } });
    const rows = await client.rows(filter);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatchObject({ PartnerId: 5020, Settings: [{ I8: "Renamed" }] });
  });

  it("changes its state by an action, and answers with the new one", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const change = (action: unknown, partnerId = 5020) =>
      client.call("ChangePartnerState", { partnerId, action, reason: "asked" });
    for (const [action, state] of [
      ["ApproveForProduction", "InProduction"],
      ["Expire", "Expired"],
      ["Deactivate", "NotActive"],
      ["Reject", "Rejected"],
      ["ApplyForProduction", "WaitingForProduction"],
      ["ApproveForTrial", "InTrial"],
    ]) {
      expect((await change(action)).result).toEqual({ result: state });
      expect(simulator.partner(5020)!.state).toBe(state);
    }
    expect(simulator.partner(5020)!.trialExpirationTime - Date.now() / 1000).toBeGreaterThan(29 * 86_400);
    expect((await change("Undefined")).error.data).toBe(20400);
    expect((await change("Expire", 9011)).error.data).toBe(13501);
    expect([simulator.witness.received(5020), simulator.witness.applied(5020)]).toEqual([7, 6]);
  });

  it("is seen changed by id at once, and in lists after the lag", async () => {
    await using simulator = await startSimulator({ devices: 10, lagMs: 1_500 });
    const client = await PlainClient.loggedIn(simulator);
    const listed = async () => (await listOf(client)).find(({ Id }) => Id === 5020).ExternalCode;
    const old = await listed();
    await client.call("ModifyPartner", { partnerInfo: { Id: 5020, ExternalCode: "new" } });
    expect((await client.call("GetPartnerInfoById", { partnerId: 5020 })).result.result.ExternalCode).toBe("new");
    expect(await listed()).toBe(old);
    await expect.poll(listed, { timeout: 8_000 }).toBe("new");
  });

  it("suffers the faults that are meant for it, and other editors", async () => {
    await using simulator = await startSimulator({ devices: 10 });
    const client = await PlainClient.loggedIn(simulator);
    simulator.setFaults([
      { fault: "no-effect", method: "ModifyPartner", item: 5010 },
      { fault: "editor", method: "ModifyPartner", item: 5020, set: { mailFrom: "them@example.com" } },
      { fault: "drop-row", method: "EnumeratePartners", device: 5030 },
    ]);
    for (const Id of [5010, 5020]) await client.call("ModifyPartner", { partnerInfo: { Id, ExternalCode: "x" } });
    expect(simulator.partner(5010)!.externalCode).not.toBe("x");
    expect(simulator.partner(5020)).toMatchObject({ externalCode: "x", mailFrom: "them@example.com" });
    expect((await listOf(client)).map(({ Id }) => Id)).not.toContain(5030);
    simulator.editPartner(5030, { state: "Expired" });
    expect(simulator.witness.entries.at(-1)).toMatchObject({ by: "editor", item: 5030, after: { state: "Expired" } });
    expect(() => simulator.editPartner(77, { state: "Expired" })).toThrow("the simulator has no partner 77");
  });
});
