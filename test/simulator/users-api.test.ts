import { describe, expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import type { Answer } from "./client.ts";
import { PlainClient } from "./client.ts";

const usersOf = async (client: PlainClient, ...partnerIds: number[]): Promise<Answer[]> =>
  (await client.call("EnumerateUsers", { partnerIds })).result.result ?? [];

/** A user at a customer. */
function somebody(simulator: Simulator): number {
  return simulator.userIds().find((id) => simulator.user(id)!.partnerId === 5010)!;
}

describe("the list of users", () => {
  it("has those of the partners named, and of nobody below them", async () => {
    await using simulator = await startSimulator();
    const client = await PlainClient.loggedIn(simulator);
    const own = await usersOf(client, 4001);
    expect(own.map(({ Id }) => Id)).toEqual([301, 302, 303, 304]);
    expect(own[0]).toEqual((await client.call("Login", simulatorLogin)).result.result);
    const customers = await usersOf(client, 5010, 5020, 5010);
    expect(new Set(customers.map(({ PartnerId }) => PartnerId))).toEqual(new Set([5010, 5020]));
    expect(new Set(customers.map(({ Id }) => Id)).size).toBe(customers.length);
    for (const user of customers) {
      expect((await client.call("GetUserInfoById", { userId: user.Id })).result.result).toEqual(user);
      expect(user).toMatchObject({ Password: null, Name: user.EmailAddress });
    }
    expect((await client.call("EnumerateUsers", { partnerIds: [4001, 9011] })).error.data).toBe(13501);
    expect((await client.call("EnumerateUsers", {})).error.data).toBe(20400);
    expect((await client.call("EnumerateUsers", { partnerIds: [] })).result).toEqual({ result: null });
  });

  it("has every role, some who never logged in, with and without a second factor, and no id of another kind", async () => {
    await using simulator = await startSimulator({ devices: 20_000 });
    const ids = simulator.userIds();
    const users = ids.map((id) => simulator.user(id)!);
    expect(new Set(users.map(({ roleId }) => roleId))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
    expect(users.filter(({ lastLoginTime }) => lastLoginTime === 0).length / users.length).toBeGreaterThan(0.1);
    expect(new Set(users.map((user) => user.twoFactorAuthenticationStatus))).toEqual(new Set(["Enabled", "Disabled"]));
    expect(new Set(users.map(({ emailAddress }) => emailAddress)).size).toBe(users.length);
    const others = new Set(simulator.ids());
    expect(ids.filter((id) => others.has(id) || simulator.partner(id) !== undefined)).toEqual([]);
  });
});

const simulatorLogin = { partner: "Rollcall Demo (demo@example.com)", username: "simulator", password: "simulator" };

describe("one user", () => {
  it("is changed in what is sent and keeps the rest", async () => {
    await using simulator = await startSimulator({ devices: 50 });
    const client = await PlainClient.loggedIn(simulator);
    const id = somebody(simulator);
    const before = simulator.user(id)!;
    const RoleId = before.roleId === 6 ? 5 : 6;
    const answer = await client.call("ModifyUser", {
      userInfo: { Id: id, RoleId, Flags: ["Sales"], PhoneNumber: "5" },
    });
    expect(answer).toMatchObject({ result: null });
    const after = { ...before, roleId: RoleId, flags: ["Sales"], phoneNumber: "5" };
    expect(simulator.user(id)).toEqual(after);
    const entry = simulator.witness.entries.at(-1)!;
    expect(entry).toMatchObject({ item: id, before: { roleId: before.roleId }, after: { roleId: RoleId } });
    expect([simulator.witness.received(id), simulator.witness.applied(id)]).toEqual([1, 1]);
    expect(simulator.user(id, entry.arrived)).toEqual(before);
    const whole = (await client.call("GetUserInfoById", { userId: id })).result.result;
    expect(await client.call("ModifyUser", { userInfo: whole })).toMatchObject({ result: null });
    expect(simulator.user(id)).toEqual(after);
  });

  it.each([
    [{ Id: 9 }, 20404, "User &apos;9&apos; doesn&apos;t exist"],
    [{ Id: 309, RoleId: 2 }, 13501, ""],
    [{ Name: "other" }, 20400, "userInfo.Name can&apos;t be changed"],
    [{ Password: "secret" }, 20400, "userInfo.Password can&apos;t be changed"],
    [{ LastLoginTime: 1 }, 20400, "userInfo.LastLoginTime can&apos;t be changed"],
    [{ RoleId: 8 }, 20400, "userInfo.RoleId &apos;8&apos; isn&apos;t 1 to 7"],
    [{ Flags: ["Undefined"] }, 20400, "userInfo.Flags &apos;Undefined&apos; isn&apos;t one of"],
    [{ TwoFactorAuthenticationStatus: "On" }, 20400, "isn&apos;t one of Disabled, Enabled"],
    [{ EmailAddress: "demo@example.com" }, 20409, "already exists"],
    [{ PartnerId: 9011 }, 13501, ""],
  ])("is not changed by %j", async (members, data, message) => {
    await using simulator = await startSimulator({ devices: 50 });
    const client = await PlainClient.loggedIn(simulator);
    const id = somebody(simulator);
    const before = simulator.user(id);
    const { error } = await client.call("ModifyUser", { userInfo: { Id: id, ...members } });
    expect(error.data).toBe(data);
    expect(error.message).toContain(message);
    expect(simulator.user(id)).toEqual(before);
    expect(simulator.witness.applied(id)).toBe(0);
  });

  it("is removed for good, but never by oneself", async () => {
    await using simulator = await startSimulator({ devices: 50 });
    const client = await PlainClient.loggedIn(simulator);
    const id = somebody(simulator);
    const remove = (userId: number) => client.call("RemoveUser", { userId });
    expect(await remove(id)).toMatchObject({ result: null });
    expect((await remove(id)).error.data).toBe(20404);
    expect(simulator.user(id)).toBeUndefined();
    expect((await usersOf(client, 5010)).map(({ Id }) => Id)).not.toContain(id);
    expect((await remove(301)).error.data).toBe(20411);
    expect((await remove(309)).error.data).toBe(13501);
    expect([simulator.witness.received(id), simulator.witness.applied(id)]).toEqual([2, 1]);
    expect(simulator.witness.applied(301)).toBe(0);
  });

  it("is added under an id nobody had", async () => {
    await using simulator = await startSimulator({ devices: 50 });
    const client = await PlainClient.loggedIn(simulator);
    const before = simulator.userIds();
    const userInfo = {
      PartnerId: 5010,
      Name: "new@example.com",
      EmailAddress: "new@example.com",
      RoleId: 7,
      Password: "x",
    };
    const { result } = await client.call("AddUser", { userInfo });
    expect(before).not.toContain(result.result);
    expect(simulator.user(result.result)).toMatchObject({ name: "new@example.com", roleId: 7, lastLoginTime: 0 });
    expect((await usersOf(client, 5010)).at(-1)).toMatchObject({ Id: result.result, Password: null });
    expect(simulator.witness.applied(result.result)).toBe(1);
    expect((await client.call("AddUser", { userInfo })).error.data).toBe(20410);
    const other = { ...userInfo, Name: "other@example.com" };
    expect((await client.call("AddUser", { userInfo: other })).error.data).toBe(20409);
    expect((await client.call("AddUser", { userInfo: { ...other, PartnerId: 9011 } })).error.data).toBe(13501);
    expect((await client.call("AddUser", { userInfo: { ...other, RoleId: null } })).error.data).toBe(20400);
    expect(simulator.userIds()).toEqual([...before, result.result]);
  });

  it("can vanish or be changed by somebody else meanwhile", async () => {
    await using simulator = await startSimulator({ devices: 50 });
    const client = await PlainClient.loggedIn(simulator);
    const id = somebody(simulator);
    simulator.setFaults([
      { fault: "editor", method: "ModifyUser", item: id, set: { title: "Dr" } },
      { fault: "editor", method: "ModifyUser", item: id, set: { nameAlias: "of a device" } },
      { fault: "vanish", method: "RemoveUser" },
    ]);
    await client.call("ModifyUser", { userInfo: { Id: id, RoleId: 3 } });
    expect(simulator.user(id)).toMatchObject({ title: "Dr", roleId: 3 });
    expect(simulator.witness.entries.filter(({ by }) => by === "editor")).toHaveLength(1);
    expect((await client.call("RemoveUser", { userId: id })).error.data).toBe(20404);
    expect(simulator.user(id)).toBeUndefined();
    simulator.setFaults([]);
    simulator.editUser(302, { roleId: 7 });
    simulator.remove(303);
    expect((await usersOf(client, 4001)).map(({ Id, RoleId }) => [Id, Id === 302 ? RoleId : 0])).toEqual([
      [301, 0],
      [302, 7],
      [304, 0],
    ]);
    expect(() => simulator.editUser(303, { roleId: 1 })).toThrow("the simulator has no user 303");
  });
});
