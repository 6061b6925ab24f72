import { describe, expect, it } from "vitest";
import { liarLogin } from "../support/liar.ts";
import type { Keys } from "../support/liar/papers.ts";
import type { Lie } from "../support/liar/lies.ts";
import { liedTo, type LiedTo } from "../support/lied-to.ts";

const methodsOf = ({ liar }: LiedTo): readonly string[] => liar.received.map(({ method }) => method);

describe("a session that dies in mid-run", () => {
  /** The request that meets it was not acted on. */
  const lies: readonly Lie[] = [{ on: "set", nth: 3, does: "end-sessions" }];
  /** Nobody has said what `set` is: also what must not be repeated goes on, since it was turned away. */
  const methods = { list: { kind: "enumerate" } };

  it("with HTTP 401: one more login, and every change is made once", async () => {
    await using line = await liedTo({ session: "token", lies, config: { methods } });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 0, violations: [] });
    expect(new Set(Object.values(run.states))).toEqual(new Set(["confirmed ours"]));
    expect(new Set(Object.values(run.received))).toEqual(new Set([1]));
    expect(line.calls("login")).toBe(2);
    expect(methodsOf(line).at(-1)).toBe("logout");
  });

  it("with an error code that the config calls `auth`: the same", async () => {
    const errors = [{ when: "error.code == -32001", class: "auth" }];
    await using line = await liedTo({ session: "token", sessionError: -32001, lies, config: { errors, methods } });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 0, violations: [] });
    expect(new Set(Object.values(run.received))).toEqual(new Set([1]));
    expect(line.calls("login")).toBe(2);
  });

  it("with an error code of which nothing is said: nothing is taken for made, or looked at", async () => {
    const setting = { items: 4, sessionError: -32001, config: { errors: undefined } };
    await using line = await liedTo({ ...setting, session: "token", lies, plan: { pace: { concurrency: 1 } } });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 6, violations: [], applied: { 1: 1, 2: 1, 3: 0, 4: 0 } });
    expect(run.states).toEqual({ 1: "pending", 2: "pending", 3: "rejected", 4: "rejected" });
    expect(run.stdout).toContain("2 rejected: -32001: the session is over");
  });

  it("with a header on HTTP 409: the request goes again with the new one", async () => {
    await using line = await liedTo({ session: "header", lies, config: { methods } });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 0, violations: [] });
    expect(new Set(Object.values(run.received))).toEqual(new Set([1]));
    const used = line.liar.received.filter(({ isKnown }) => isKnown).map(({ headers }) => headers["x-session"]);
    expect(new Set(used).size).toBeGreaterThan(1);
  });

  it("again and again, before anything is done: the run ends, and nothing was made", async () => {
    const always: readonly Lie[] = [{ on: "set", does: "end-sessions" }];
    await using line = await liedTo({ items: 3, session: "token", lies: always, plan: { pace: { concurrency: 1 } } });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 6, violations: [], received: { 1: 0, 2: 0, 3: 0 } });
    expect(line.calls("login")).toBeLessThanOrEqual(4);
    expect(run.stdout).toContain("not-started");
  });

  it("and whose login is refused by then: one try, and the rest is not started", async () => {
    const refused: readonly Lie[] = [...lies, { on: "login", from: 2, does: "nothing" }];
    await using line = await liedTo({ session: "token", lies: refused });
    const run = await line.apply();
    expect(run.exit).toBe(6);
    expect(run.violations).toEqual([]);
    expect(line.calls("login")).toBe(2);
    expect(run.stdout).toContain("because the login");
    expect(Object.values(run.received).filter((count) => count > 0)).toHaveLength(2);
  });
});

describe("a login", () => {
  const wrong = { LIAR_PASSWORD: "not-the-password" };
  const command = ["apply", "plan.yaml", "--yes"];

  it("that answers false to a wrong password is tried once, and nothing is read", async () => {
    await using line = await liedTo({ session: "token" });
    const { exit, stderr } = await line.run(command, wrong);
    expect({ exit, methods: methodsOf(line) }).toEqual({ exit: 4, methods: ["login"] });
    expect(stderr).toContain("liar refused the login");
  });

  it("that answers false to a right one is tried once too", async () => {
    await using line = await liedTo({ session: "token", lies: [{ on: "login", does: "nothing" }] });
    expect(await line.run(command)).toMatchObject({ exit: 4 });
    expect(methodsOf(line)).toEqual(["login"]);
  });

  it("that answers with an error is tried once", async () => {
    const lies: readonly Lie[] = [{ on: "login", does: "error", applied: false, message: "who are you" }];
    await using line = await liedTo({ session: "token", lies });
    const { exit, stderr } = await line.run(command);
    expect({ exit, methods: methodsOf(line) }).toEqual({ exit: 4, methods: ["login"] });
    expect(stderr).toContain("who are you");
  });

  it("that never answers is given up after a few tries, none of which is a hang", async () => {
    await using line = await liedTo({ session: "token", lies: [{ on: "login", does: "silence", applied: true }] });
    const { exit, stderr } = await line.run(command);
    expect({ exit, logins: line.calls("login"), lists: line.calls("list") }).toEqual({ exit: 4, logins: 3, lists: 0 });
    expect(stderr).toContain("no answer within 300 ms");
  });
});

describe("a logout", () => {
  it("follows a success, and a run that failed", async () => {
    await using good = await liedTo({ items: 2, session: "token" });
    expect(await good.apply()).toMatchObject({ exit: 0 });
    await using bad = await liedTo({ items: 2, session: "token", lies: [{ on: "set", does: "nothing" }] });
    expect(await bad.apply()).toMatchObject({ exit: 7 });
    await using refused = await liedTo({ session: "token", lies: [{ on: "list", does: "first-page" }] });
    expect(await refused.apply()).toMatchObject({ exit: 5 });
    for (const line of [good, bad, refused]) {
      expect(line.calls("logout")).toBe(1);
      expect(methodsOf(line).at(-1)).toBe("logout");
    }
  });

  it("that never answers does not keep the run from ending", async () => {
    await using line = await liedTo({
      items: 2,
      session: "token",
      lies: [{ on: "logout", does: "silence", applied: true }],
    });
    expect(await line.apply()).toMatchObject({ exit: 0, states: { 1: "confirmed ours", 2: "confirmed ours" } });
  });
});

describe("a service that says aloud what it was told in secret", () => {
  it("is written down nowhere with it: no password and no token, in no file and no output", async () => {
    const lies: readonly Lie[] = [
      { on: "set", item: 1, does: "echo", applied: false },
      { on: "set", item: 2, does: "echo", applied: true },
      { on: "set", item: 3, does: "end-sessions", nth: 1 },
      { on: "login", nth: 2, does: "wait", ms: 20 },
      { on: "list", from: 4, nth: 4, does: "echo", applied: true },
      { on: "logout", does: "echo", applied: true },
    ];
    await using line = await liedTo({ items: 5, session: "token", lies });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 6, violations: [], states: { 1: "rejected", 2: "confirmed despite" } });
    expect(run.stdout).toContain("not like this");
    await line.run(["show", "latest"]);
    await line.run(["show", "latest", "--json"]);
    await line.run(["verify", "latest", "--log-level", "debug", "--json"]);
    await line.run(["probe", "liar", "list"]);
    line.liar.lies.tell({ on: "login", does: "echo", applied: false });
    const refused = await line.run(["apply", "plan.yaml", "--yes", "--log-level", "debug"]);
    expect(refused.exit).toBe(4);
    expect(refused.stderr).toContain("not like this");
    expect(line.liar.sessions.length).toBeGreaterThan(2);
    expect(line.leaks([liarLogin.password, ...line.liar.sessions])).toEqual([]);
  });
});

describe("a run that is killed", () => {
  it.each<[string, Keys]>([
    ["that may be repeated", {}],
    ["that must not be repeated", { methods: { list: { kind: "enumerate" } } }],
  ])(
    "in the middle of changes %s is taken up again: no item is asked for twice without proof",
    async (_what, config) => {
      const lies: readonly Lie[] = [
        { on: "set", nth: 6, does: "silence", applied: true },
        { on: "set", nth: 7, does: "silence", applied: false },
        { on: "set", nth: 3, does: "error", applied: true },
      ];
      await using line = await liedTo({ items: 16, session: "token", lies, config });
      const killed = await line.killed(() => line.calls("set") >= 7);
      expect(killed.records.at(-1)?.type).not.toBe("end");
      const resumed = await line.run(["resume", "latest"]);
      const run = line.latest();
      expect(run.violations).toEqual([]);
      const isOnce = "methods" in config;
      expect(resumed.exit).toBe(isOnce ? 7 : 0);
      const unknown = Object.keys(run.states).filter((id) => run.states[id] === "unknown");
      const unmade = Object.keys(run.applied).filter((id) => run.applied[id] === 0);
      // What was about to leave at the end of the process is in doubt as well.
      expect(unmade).toEqual(unknown);
      expect(unmade.length > 0).toBe(isOnce);
      expect(Math.max(...Object.values(run.applied))).toBe(1);
      expect(Math.max(...Object.values(run.received))).toBe(isOnce ? 1 : 2);
      expect(await line.run(["audit", "verify", "latest"])).toMatchObject({ exit: 0 });
      const sent = line.calls("set");
      line.liar.lies.stop();
      expect(await line.run(["resume", "latest"])).toMatchObject({ exit: resumed.exit });
      expect(line.calls("set")).toBe(sent);
      expect(line.leaks([liarLogin.password, ...line.liar.sessions])).toEqual([]);
    },
  );
});
