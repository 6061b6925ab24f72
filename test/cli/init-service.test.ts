import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../runner/config/load.ts";
import type { Protocol } from "../../runner/core/model/protocol.ts";
import { rollcall, type Surroundings } from "./stand-in.ts";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "rollcall-init-"));

async function init(words: readonly string[], around: Surroundings = {}) {
  const cwd = around.cwd ?? newFolder();
  const session = await rollcall(["init", "--service", "jsonrpc", ...words], { ...around, cwd });
  return { ...session, cwd, files: readdirSync(cwd) };
}

/** What a person types at a terminal, and the protocol that the written config then means. */
async function answered(typed: readonly string[]): Promise<{ readonly text: string; readonly protocol: Protocol }> {
  const { exit, err, cwd } = await init([], { terminal: 100, typed, ends: true });
  expect(exit, err).toBe(0);
  const { services } = await loadConfig({ cwd, env: {} });
  const protocol = services.get("lamps")?.protocol;
  if (protocol === undefined) throw new Error("the config has no such service");
  return { text: readFileSync(join(cwd, "rollcall.config.yaml"), "utf8"), protocol };
}

const names = { secrets: { user: "u", password: "p", token: "t" }, session: { token: "s" } };
const url = "https://rpc.lamps.example/rpc";
const usual = ["", "y"];
const ending = ["lamps.list lamps.get", "lamps.set lamps.blink", "y", "n", "300"];

describe("init --service jsonrpc at a terminal", () => {
  it("writes what was answered, and the config means it", async () => {
    const { text, protocol } = await answered([url, ...usual, "1", ...ending]);
    expect([...protocol.methods].map(([name, { kind, repeat }]) => [name, kind, repeat])).toEqual([
      ["lamps.list", "read", "read"],
      ["lamps.get", "read", "read"],
      ["lamps.set", "change", "set"],
      ["lamps.blink", "change", "once"],
    ]);
    expect(protocol.undeclared).toBe("refuse");
    expect(protocol.credentials).toEqual([]);
    expect(text).toContain("rate: 300/m");
  });

  it.each([
    ["2", [], "basic"],
    ["3", ["X-Key", "-"], "header"],
    ["4", ["token:"], "param"],
    ["5", ["auth"], "body"],
  ] as const)("a secret that every request carries: way %s", async (way, more, place) => {
    const { text, protocol } = await answered([url, ...usual, way, ...more, ...ending]);
    expect(protocol.credentials.map((rule) => rule.in)).toEqual([place]);
    expect(text).toMatch(/env: LAMPS_(USER|TOKEN) /);
    const [rule] = protocol.credentials;
    const value = rule?.in === "basic" ? rule.password(names) : rule?.value(names);
    expect(value).toBe({ basic: "p", header: "t", param: "token:t", body: "t" }[place]);
  });

  it("a login that sets a cookie, answers false when it refuses, and a logout", async () => {
    const { protocol } = await answered([
      url,
      ...usual,
      "6",
      "auth.login",
      '["PASSWORD"]',
      "y",
      "auth.logout",
      ...ending,
    ]);
    const [step] = protocol.session.login;
    expect(protocol.cookies).toBe(true);
    expect(step).toMatchObject({ call: "auth.login", anonymous: true });
    expect(step?.params(names)).toEqual(["p"]);
    expect([step?.require?.(true), step?.require?.(false)]).toEqual([true, false]);
    expect(protocol.session.logout?.call).toBe("auth.logout");
  });

  it("a login that answers with a token, carried in a header", async () => {
    const login = ["user.login", '{"user": "USER", "password": "PASSWORD"}', "token", "n", "header", "", ""];
    const { protocol } = await answered([url, ...usual, "7", ...login, "", ...ending]);
    const [step] = protocol.session.login;
    expect(step?.params(names)).toEqual({ user: "u", password: "p" });
    expect(step?.save.map(({ name, from }) => [name, from({ token: "s" })])).toEqual([["token", "s"]]);
    const [rule] = protocol.credentials;
    expect(rule?.in === "header" && [rule.name, rule.value(names)]).toEqual(["Authorization", "Bearer s"]);
  });

  it("an envelope of its own", async () => {
    const envelope = ["n", "omit", "arguments", "tag", "y", "arguments", 'body.result == "success"'];
    const { protocol } = await answered([url, "", ...envelope, "1", ...ending]);
    const { version, params, id, hasNumericIds, success } = protocol.envelope;
    expect({ version, params, id, hasNumericIds }).toEqual({
      ...{ version: undefined, params: "arguments", id: "tag", hasNumericIds: true },
    });
    expect([success?.({ result: "success" }), success?.({ result: "no" })]).toEqual([true, false]);
    expect(protocol.envelope.result({ arguments: 5 })).toBe(5);
  });

  it("asks again until each answer will do", async () => {
    const typed = [
      "nowhere",
      "https://u:p@x.example",
      url,
      "Lamps!",
      "lamps",
      "maybe",
      "y",
      "9",
      "1",
      "",
      "",
      "many",
      "",
    ];
    const { exit, err } = await init([], { terminal: 80, typed, ends: true });
    expect(exit, err).toBe(0);
    for (const message of [
      "begins with https://",
      "Leave the login out",
      "Use small letters",
      "Type y or n",
      "Type one of 1, 2",
      "whole number",
    ])
      expect(err).toContain(message);
  });

  it("an address without TLS needs a network of one's own", async () => {
    const refused = await init([], { terminal: 80, typed: ["http://10.0.0.5/rpc", "", "n"], ends: true });
    expect({ exit: refused.exit, files: refused.files }).toEqual({ exit: 3, files: [] });
    const { exit, cwd } = await init([], {
      ...{ terminal: 80, ends: true },
      typed: ["http://10.0.0.5/rpc", "", "y", "y", "1", "", "", ""],
    });
    expect(exit).toBe(0);
    expect((await loadConfig({ cwd, env: {} })).services.get("service")?.url).toBe("http://10.0.0.5/rpc");
  });

  it("writes nothing when the input ends early: exit 130", async () => {
    const { exit, files } = await init([], { terminal: 80, typed: [url, "", "y"], ends: true });
    expect({ exit, files }).toEqual({ exit: 130, files: [] });
  });
});

describe("init --service jsonrpc without a terminal", () => {
  it("writes a config whose every comment is a key that exists, and says what comes next", async () => {
    const { exit, out, cwd } = await init(["--name", "lamps", "--url", url]);
    expect(exit).toBe(0);
    expect(out).toContain("  rollcall doctor --service lamps\n  rollcall probe lamps METHOD");
    const { services } = await loadConfig({ cwd, env: {} });
    expect(services.get("lamps")).toMatchObject({ kind: "jsonrpc", url });
  });

  it("needs a name and an address that will do: exit 3", async () => {
    for (const [words, message] of [
      [[], "--name NAME and --url URL are missing"],
      [["--name", "Lamps", "--url", "lamps"], "--name: Use small letters"],
      [["--name", "lamps", "--url", "http://10.0.0.5/"], "has no TLS"],
      [["--name", "lamps", "--url", url, "--plan", "assign-product"], "--service starts a config"],
      [["--name", "lamps", "--url", url, "--out", "c.txt"], "must end in .yaml"],
    ] as const) {
      const { exit, err, files } = await init(words);
      expect({ exit, files }).toEqual({ exit: 3, files: [] });
      expect(err).toContain(message);
    }
  });

  it("never overwrites a config: exit 3", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), "mine");
    const { exit, err } = await init(["--name", "lamps", "--url", url], { cwd });
    expect(exit).toBe(3);
    expect(err).toContain("In the way: rollcall.config.yaml");
    expect(readFileSync(join(cwd, "rollcall.config.yaml"), "utf8")).toBe("mine");
  });
});
