import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { changeNames, methodNames } from "../../runner/simulator/method-names.ts";
import { startSimulator } from "../../runner/simulator/server.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import { PlainClient } from "./client.ts";

type Change = (id: number) => readonly [method: string, params: object];

/** A change by each method, of a thing that is there, and where its id is found. */
const changes: readonly (readonly [kind: "device" | "partner" | "user" | "profile", change: Change])[] = [
  ["device", (Id) => ["ModifyAccount", { accountInfo: { Id, NameAlias: "x" } }]],
  ["device", (accountId) => ["UpdateAccountCustomColumnValues", { accountId, values: [[843, "x"]] }]],
  ["device", (accountId) => ["RemoveAccount", { accountId }]],
  ["partner", (Id) => ["ModifyPartner", { partnerInfo: { Id, ExternalCode: "x" } }]],
  ["partner", (partnerId) => ["ChangePartnerState", { partnerId, action: "Expire", reason: "test" }]],
  ["user", (Id) => ["ModifyUser", { userInfo: { Id, Title: "x" } }]],
  ["user", (userId) => ["RemoveUser", { userId }]],
  ["profile", (Id) => ["ModifyAccountProfile", { accountProfileInfo: { Id, ProfileData: {} } }]],
];

const idOf = (simulator: Simulator, kind: string) =>
  ({ device: simulator.ids()[0]!, partner: 5010, user: 302, profile: 11 })[kind]!;

describe("every change", () => {
  it("is in the table of this test, but for additions and what nodes serve", () => {
    const tested = changes.map(([, change]) => change(1)[0]);
    // Those about several devices are in labels.test.ts.
    const elsewhere = ["AddUser", "AddAccountLabel", "RemoveAccountLabel", "SendAccountCommand"];
    expect([...tested, ...elsewhere].sort()).toEqual([...changeNames].sort());
    expect(methodNames).toEqual(expect.arrayContaining(tested));
  });

  it.each<[FaultRule["fault"] | "none", number]>([
    ["none", 1],
    ["reset-before", 0],
    ["reset-after", 1],
    ["error-after-apply", 1],
    ["no-effect", 0],
    ["truncated", 1],
  ])("under fault %s is counted as received once and as applied %i times, for its own item", async (fault, applied) => {
    for (const [kind, change] of changes) {
      await using simulator = await startSimulator({ devices: 10 });
      const client = await PlainClient.loggedIn(simulator);
      const id = idOf(simulator, kind);
      const [method, params] = change(id);
      if (fault !== "none") simulator.setFaults([{ fault, method, item: id }]);
      await client.call(method, params).catch(() => undefined); // some of these answers can not be read
      const { witness } = simulator;
      expect([method, witness.received(id), witness.applied(id)]).toEqual([method, 1, applied]);
      const entry = witness.entries.at(-1)!;
      expect(entry).toMatchObject({ method, item: id, authenticated: true });
      expect("effect" in entry).toBe(applied === 1);
      expect(witness.stats()).toMatchObject({ received: 1, applied, inFlight: 0, maxInFlight: 1 });
    }
  });

  it("with a parameter nobody knows is refused in strict mode only", async () => {
    for (const strictParams of [false, true]) {
      await using simulator = await startSimulator({ devices: 10, strictParams });
      const client = await PlainClient.loggedIn(simulator);
      for (const [kind, change] of changes) {
        const [method, params] = change(idOf(simulator, kind));
        const { error } = await client.call(method, { ...params, forceRemoteUpdate: true });
        expect([method, error?.data]).toEqual([method, strictParams ? 20400 : undefined]);
      }
    }
  });
});
