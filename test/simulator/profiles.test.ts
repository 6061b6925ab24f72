import { describe, expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import type { Answer } from "./client.ts";
import { PlainClient } from "./client.ts";

const profileOf = async (client: PlainClient, accountProfileId: number): Promise<Answer> =>
  (await client.call("GetAccountProfileInfo", { accountProfileId })).result.result;

describe("backup profiles", () => {
  it("are listed for every partner that may use them", async () => {
    await using simulator = await startSimulator({ devices: 20 });
    const client = await PlainClient.loggedIn(simulator);
    const list = await client.call("EnumerateAccountProfiles", { partnerId: 5010 });
    expect(list.result.result.map(({ Id }: Answer) => Id)).toEqual([11, 12, 13, 14, 25_010]);
    for (const profile of list.result.result) expect(await profileOf(client, profile.Id)).toEqual(profile);
    expect((await client.call("GetAccountProfileInfo", { accountProfileId: 99 })).error.data).toBe(20404);
    expect((await client.call("EnumerateAccountProfiles", { partnerId: 9011 })).error.data).toBe(13501);
  });

  it("are written back whole, and count their versions", async () => {
    await using simulator = await startSimulator({ devices: 20 });
    const client = await PlainClient.loggedIn(simulator);
    const profile = await profileOf(client, 12);
    const version: number = profile.Version;
    profile.ProfileData.BackupDataSourceSettings[0].ExclusionFilter = "*.iso";
    expect(await client.call("ModifyAccountProfile", { accountProfileInfo: profile })).toMatchObject({ result: null });
    expect(await profileOf(client, 12)).toEqual({ ...profile, Version: version + 1 });
    expect([simulator.witness.received(12), simulator.witness.applied(12)]).toEqual([1, 1]);
    expect(simulator.witness.entries.find(({ effect }) => effect)).toMatchObject({
      item: 12,
      before: { version },
      after: { version: version + 1, profileData: profile.ProfileData },
    });
    const refused = async (members: object) =>
      (await client.call("ModifyAccountProfile", { accountProfileInfo: { ...profile, ...members } })).error.data;
    expect(await refused({ ProfileData: null })).toBe(20400);
    expect(await refused({ Name: "Other" })).toBe(20400);
    expect(await refused({ Id: 99 })).toBe(20404);
    expect(simulator.witness.applied(12)).toBe(1);
  });
});
