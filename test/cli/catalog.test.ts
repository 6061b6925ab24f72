import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { openWorkspace } from "../../runner/workspace.ts";
import { rollcall, type Session } from "./stand-in.ts";

async function catalog(...words: readonly string[]): Promise<Session> {
  await using workspace = await openWorkspace({ cwd: tmpdir(), env: {} });
  return await rollcall(["catalog", ...words], { workspace, terminal: 120 });
}

describe("catalog", () => {
  it.each([
    ["methods", "label", "AddAccountLabel"],
    ["columns", "retention", "product_name"],
    ["columns", "workstation", "os_type"],
    ["enums", "operator", "UserRoleId"],
    ["structs", "namealias", "AccountInfo"],
    ["errors", "custom-formed", "2100"],
    ["errors", "maintenance", "Service_UnavailableDueMaintenance"],
  ])("%s: finds by a word in name, code, label or meaning (%s)", async (topic, word, wanted) => {
    const { exit, out } = await catalog(topic, word === "custom-formed" ? "password" : word);
    expect(exit).toBe(0);
    expect(out).toContain(wanted);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it("wants every word", async () => {
    const { out } = await catalog("methods", "account", "label");
    expect(out).toContain("RemoveAccountLabel");
    expect(out).not.toContain("ModifyAccount ");
  });

  it("shows one call with all that a plan needs to know of it", async () => {
    const { exit, out } = await catalog("methods", "RemoveAccount");
    expect(exit).toBe(0);
    for (const part of [
      "can not be taken back: a plan needs destructive: true and guards.max",
      "set: a second time changes nothing more",
      "ids are not used again",
      "documented by the vendor (N-able's machine-readable JSON-RPC schema 23.3",
      "accountId  int  needed",
      "call: RemoveAccount",
      "accountId: ${{ item.device_id }}",
      "Also with this word: RemoveAccountData",
    ])
      expect(out).toContain(part);
  });

  it("says how sure a parameter is, and where a call is served that plans can not make yet", async () => {
    expect((await catalog("methods", "AddAccountLabel")).out).toMatch(/accountIdCollection +set<int> +probably needed/);
    const elsewhere = await catalog("methods", "SendRemoteCommands");
    expect(elsewhere.out).toContain(
      "served by the console's own endpoint, https://backup.management/jsonrpcv1; plans can not call it yet",
    );
    expect(elsewhere.out).toContain("known from public code alone");
    expect(elsewhere.out).not.toContain("In a plan");
    const routed = await catalog("methods", "QuerySessions");
    expect(routed.out).toContain("served by the Reporting Service");
    expect(routed.out).toContain("  route: { device: 123456 }");
    expect(routed.out.split("In a plan")[1]).not.toContain("token");
  });

  it.each([
    ["F6", "files_protected_size", "code D01F07, in old notation F6"],
    ["D10F05", "D10F05", "VssMsSql: Last session sent size"],
    ["D03F00", "D03F00", "deprecated, use D10F00"],
    ["AA4711", "AA4711", "Custom column"],
    ["device_password", "device_password", "a secret: never read and never shown"],
    ["OS_TYPE", "os_type", "1  workstation"],
  ])("knows a column by any spelling: %s", async (word, head, part) => {
    const { exit, out } = await catalog("columns", word);
    expect(exit).toBe(0);
    expect(out.split("\n")[0]).toBe(head);
    expect(out).toContain(part);
  });

  it("speaks JSON with the facts as they are", async () => {
    const { exit, out } = await catalog("columns", "product_id", "--json");
    const told = JSON.parse(out) as { columns: readonly unknown[] };
    expect(exit).toBe(0);
    expect(told).toMatchObject({ v: 1, count: 1 });
    expect(told.columns).toEqual([
      expect.objectContaining({
        name: "product_id",
        code: "I9",
        legacy: "PD",
        type: "integer",
        confidence: "documented",
      }),
    ]);
    const all = JSON.parse((await catalog("methods", "--json")).out) as { count: number };
    expect(all.count).toBe(265);
  });

  it("is exit 3 when nothing is found, and says how to see all", async () => {
    const { exit, out, err } = await catalog("methods", "nosuchthing");
    expect({ exit, out }).toEqual({ exit: 3, out: "" });
    expect(err).toContain('No methods with "nosuchthing". All of them: rollcall catalog methods');
  });

  it("of a service that is not there says which are", async () => {
    const { exit, err } = await catalog("methods", "--service", "nowhere");
    expect(exit).toBe(3);
    expect(err).toContain("Known are: cove, simulator");
  });
});
