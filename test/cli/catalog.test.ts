import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { openWorkspace } from "../../runner/workspace.ts";
import { rollcall, type Session } from "./stand-in.ts";

async function catalog(...words: readonly string[]): Promise<Session> {
  return catalogAt(120, ...words);
}

/** @param terminal Its columns; undefined: stdout is a pipe. */
async function catalogAt(terminal: number | undefined, ...words: readonly string[]): Promise<Session> {
  await using workspace = await openWorkspace({ cwd: tmpdir(), env: {} });
  return await rollcall(["catalog", ...words], { workspace, ...(terminal === undefined ? {} : { terminal }) });
}

const topics = ["methods", "columns", "enums", "structs", "errors"] as const;

/** What the first column of a table has to show whole. */
async function namesOf(topic: (typeof topics)[number]): Promise<readonly string[]> {
  const told = JSON.parse((await catalogAt(undefined, topic, "--json")).out) as Record<string, unknown>;
  const entries = told[topic] as readonly { readonly name?: string; readonly code?: string }[];
  return entries.map(({ name, code }) => name ?? code ?? "");
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
      "expect: absent",
      "Also with this word: RemoveAccountData",
    ])
      expect(out).toContain(part);
  });

  it("says how sure a parameter is, and where a call is served that plans can not make yet", async () => {
    expect((await catalog("methods", "AddAccountLabel")).out).toMatch(/accountIdCollection +set<int> +probably needed/);
    const elsewhere = await catalog("methods", "SendRemoteCommands");
    expect(elsewhere.out).toContain("served by the console's own endpoint, https://backup.management/jsonrpcv1\n");
    expect(elsewhere.out).toContain("Not in a plan: it is served where plans can not call yet.");
    expect(elsewhere.out).toContain("known from public code alone");
    expect(elsewhere.out).not.toContain("In a plan");
    expect((await catalog("methods", "Login")).out).toContain("Not in a plan: it is about sessions");
    const routed = await catalog("methods", "QuerySessions");
    expect(routed.out).toContain("served by the Reporting Service");
    expect(routed.out).toContain('  route: { device: "${{ inputs.device }}" }');
    expect(routed.out.split("In a plan")[1]).not.toContain("token");
  });

  it.each([
    ["F6", "files_protected_size", "code D01F07, in old notation F6"],
    ["D10F05", "D10F05", "VssMsSql: Last session sent size"],
    ["D03F00", "D03F00", "deprecated, use D10F00"],
    ["AA4711", "AA4711", "Custom column"],
    ["device_password", "device_password", "a secret: never read and never shown"],
    ["OS_TYPE", "os_type", "1  workstation"],
    ["d1f7", "files_protected_size", "code D01F07"],
    ["aa12", "AA12", "Custom column"],
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

  it.each([
    ["methods", "ModfyAccount", "Did you mean ModifyAccount?"],
    ["columns", "produkt_id", "Did you mean product_id?"],
    ["columns", "D01F0X", "Did you mean D01F0"],
    ["enums", "UserRolId", "Did you mean UserRoleId?"],
    ["structs", "UsrInfo", "Did you mean UserInfo?"],
    ["errors", "13510", "Did you mean 13501?"],
    ["methods", "UserRoleId", "It is one of the enums: rollcall catalog enums UserRoleId"],
    ["errors", "ModifyUser", "It is one of the methods: rollcall catalog methods ModifyUser"],
  ])("%s: says what %s may have been meant to be", async (topic, word, hint) => {
    const { exit, out, err } = await catalog(topic, word);
    expect({ exit, out }).toEqual({ exit: 3, out: "" });
    expect(err).toContain(`No ${topic} with "${word}". `);
    expect(err).toContain(hint);
  });

  it.each([
    ["method", "methods"],
    ["colums", "columns"],
  ])("knows what the topic %s was meant to be", async (word, topic) => {
    const { exit, err } = await catalog(word);
    expect(exit).toBe(3);
    expect(err).toContain(`Did you mean ${topic}?`);
  });

  it.each(topics.flatMap((topic) => [40, 60, 80, 120, 200].map((width) => [topic, width] as const)))(
    "%s: a terminal of %i columns shows every name whole, and no line is longer but one of a name alone",
    async (topic, width) => {
      const { out } = await catalogAt(width, topic);
      const lines = out.trimEnd().split("\n");
      const names = await namesOf(topic);
      const first = new Set(lines.map((line) => /^\S+/.exec(line)?.[0]));
      for (const name of names) expect(first, name).toContain(name);
      for (const line of lines.filter((one) => one.length > width)) expect(names).toContain(line);
    },
  );

  it("leaves out whole columns, not the ends of names, where there is no room", async () => {
    const heads = async (width: number, topic: string): Promise<readonly string[]> =>
      ((await catalogAt(width, topic)).out.split("\n")[0] ?? "").split(/ {2,}/);
    expect(await heads(40, "methods")).toEqual(["method", "kind"]);
    expect(await heads(60, "methods")).toEqual(["method", "kind", "parameters"]);
    expect(await heads(80, "methods")).toEqual(["method", "kind", "again", "sure", "parameters"]);
    expect(await heads(40, "columns")).toEqual(["field", "code", "label"]);
    expect(await heads(40, "errors")).toEqual(["error", "meaning"]);
  });

  it("cuts lists of names between names", async () => {
    const { out } = await catalogAt(60, "methods", "AddAccount");
    expect((await catalogAt(60, "structs", "account")).out).toMatch(
      /^AccountInfo +documented +Id, Name, NameAlias, …$/m,
    );
    expect(out).not.toMatch(/\w…/);
  });

  it.each(topics)("%s: cuts nothing where the output goes to a program", async (topic) => {
    const { out } = await catalogAt(undefined, topic);
    expect(out).not.toContain("…");
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(1 + (await namesOf(topic)).length);
  });

  it.each([
    ["methods", "ModifyAccount"],
    ["methods", "RemoveBackup"],
    ["columns", "D03F00"],
    ["enums", "CoveErrorData"],
    ["structs", "UserInfo"],
    ["errors", "2100"],
  ])("shows one of the %s within 40 columns: %s", async (topic, word) => {
    const { out } = await catalogAt(40, topic, word);
    const [told = ""] = out.split("In a plan");
    for (const line of told.split("\n"))
      if (line.trim().includes(" ")) expect(line.length, line).toBeLessThanOrEqual(40);
    const piped = (await catalogAt(undefined, topic, word)).out;
    expect(told.replace(/[\s,]+/g, "")).toBe((piped.split("In a plan")[0] ?? "").replace(/[\s,]+/g, ""));
  });

  it("of a service that is not there says which are", async () => {
    const { exit, err } = await catalog("methods", "--service", "nowhere");
    expect(exit).toBe(3);
    expect(err).toMatch(
      /^--service nowhere: there is no such service\.\nhelp: Known are: cove, simulator\. No config file was found: /,
    );
  });
});
