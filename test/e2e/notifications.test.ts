import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { configFor, endOf, main, rollcall } from "../support/cli.ts";
import { fleetPlan } from "../support/fleet-plan.ts";
import { startReceiver, type Receiver } from "../support/receiver.ts";
import { newFolder } from "../support/runs.ts";
import { aliasPlan } from "../support/alias-plan.ts";

const settings = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 1s }\n";
const key = "a-signing-secret-Zq81";

interface Folder {
  readonly cwd: string;
  readonly env: Record<string, string>;
}

/** A folder with a plan for every device with product 3, and a config that tells these webhooks. */
function folder(
  simulator: Simulator,
  notify: readonly string[],
  more = "stop: { errors: 99, consecutive: 99 }\n",
): Folder {
  const cwd = newFolder();
  const hooks = notify.length === 0 ? "" : `notify:\n${notify.map((line) => `  - ${line}\n`).join("")}`;
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, `${settings}${hooks}`));
  const plan = fleetPlan(simulator, "item.product_id in [3, 4]", `guards: { max: 1000 }\n${more}`);
  writeFileSync(join(cwd, "plan.yaml"), plan);
  return { cwd, env: { HOOK_KEY: key, XDG_CONFIG_HOME: newFolder() } };
}

const signed = ({ url }: Receiver): string => `{ url: "${url}", secret_env: HOOK_KEY }`;
const apply = (place: Folder, ...words: readonly string[]) =>
  rollcall(["apply", "plan.yaml", "--yes", ...words], place);
const eventsOf = (receiver: Receiver) => receiver.told().map(({ event }) => event);
const anchorIn = (text: string): string => /Anchor (\S+)/.exec(text)?.[1] ?? "none";

/** The check of a receiver, as the documentation has it. */
async function documentedCheck() {
  const page = readFileSync(resolve(import.meta.dirname, "../../docs/notifications.md"), "utf8");
  const file = join(newFolder(), "check.mjs");
  writeFileSync(file, page.split("```js\n")[1]?.split("```")[0] ?? "");
  const { isFromRollcall } = (await import(pathToFileURL(file).href)) as {
    isFromRollcall: (headers: object, body: string, secret: string) => boolean;
  };
  return isFromRollcall;
}

/** A run in the middle of its changes, and how it ends. */
async function underWay({ cwd, env }: Folder, simulator: Simulator) {
  const running = spawn(process.execPath, [main, "apply", "plan.yaml", "--yes"], {
    ...{ cwd, env: { ...process.env, CI: "", NO_COLOR: "1", ...env }, stdio: ["ignore", "pipe", "pipe"] },
  });
  const ended = endOf(running);
  while (simulator.witness.requests("ModifyAccount") < 2) await new Promise((later) => setTimeout(later, 5));
  return { running, ended };
}

describe.concurrent("webhooks", () => {
  it("of a normal run are told its start and its end, once each, signed as the documentation says", async () => {
    await using simulator = await startSimulator({ devices: 60 });
    await using receiver = await startReceiver();
    await using chat = await startReceiver();
    const place = folder(simulator, [signed(receiver), `{ url: "${chat.url}", format: slack, events: [done] }`]);
    const { exit, stdout, stderr } = await apply(place);
    expect({ exit, stderr: stderr.includes("webhook") }).toEqual({ exit: 0, stderr: false });
    expect(eventsOf(receiver)).toEqual(["start", "done"]);
    const [start, done] = receiver.told();
    const changes = simulator.witness.requests("ModifyAccount");
    expect(start).toMatchObject({ v: 1, verb: "apply", service: "simulator", counts: { changes, answered: 0 } });
    expect(done).toMatchObject({ run: start?.run, exit: 0, anchor: anchorIn(stdout), counts: { confirmed: changes } });
    expect(chat.told()).toEqual([{ text: expect.stringMatching(/is over: .*\d+ confirmed.* Exit 0:/) as string }]);
    const isFromRollcall = await documentedCheck();
    for (const { headers, body } of receiver.received) {
      expect(isFromRollcall(headers, body, key)).toBe(true);
      expect(isFromRollcall(headers, body.replace('"v":1', '"v":2'), key)).toBe(false);
      expect(isFromRollcall(headers, body, `${key}!`)).toBe(false);
      const old = String(Number(headers["x-rollcall-timestamp"]) - 1);
      expect(isFromRollcall({ ...headers, "x-rollcall-timestamp": old }, body, key)).toBe(false);
    }
    // What goes on with it has nothing to do, and says so.
    expect((await rollcall(["verify", "latest"], place)).exit).toBe(0);
    expect(eventsOf(receiver)).toEqual(["start", "done", "start", "done"]);
    expect(receiver.told()[2]).toMatchObject({ verb: "verify", run: start?.run });
    expect((await rollcall(["preview", "plan.yaml"], place)).exit).toBe(0);
    expect(receiver.received).toHaveLength(4);
  });

  it("are told that a run stopped and how to look at it, before that it is over", async () => {
    await using simulator = await startSimulator({ devices: 60 });
    await using receiver = await startReceiver();
    simulator.setFaults([{ method: "ModifyAccount", fault: "error", data: 13501 }]);
    const place = folder(simulator, [signed(receiver)], "stop: { errors: 2, consecutive: 99 }\n");
    const { exit } = await apply(place);
    expect(exit).toBe(6);
    expect(eventsOf(receiver)).toEqual(["start", "stop", "done"]);
    const [, stop, done] = receiver.told();
    expect(stop).toMatchObject({
      reason: "limit",
      detail: expect.stringMatching(/^stop\.errors is \d+, tolerated 2$/) as string,
    });
    expect(stop?.next).toContain(`show ${String(stop?.run)}`);
    expect(done).toMatchObject({ exit: 6 });
  });

  it("are told that a wave waits for a person, and then that it waited in vain", async () => {
    await using simulator = await startSimulator({ devices: 60 });
    await using receiver = await startReceiver();
    const gate = `pace: { waves: [1, 100%] }
gate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: ${simulator.rootPartner}
  fields: [device_id]
  fail: rows.size() == 0
  pass: rows.size() == 0
`;
    const place = folder(simulator, [signed(receiver)], gate);
    const { exit } = await apply(place, "--wait", "500ms");
    expect(exit).toBe(8);
    expect(receiver.told().map(({ event, reason }) => [event, reason])).toEqual([
      ["start", undefined],
      ["hold", "person"],
      ["stop", "person"],
      ["done", undefined],
    ]);
    expect(receiver.told()[1]).toMatchObject({ detail: "gate after wave 1: inconclusive" });
    expect(receiver.told()[1]?.next).toContain("promote");
  });

  it("are told of a guard that refused a run, which never began", async () => {
    await using simulator = await startSimulator({ devices: 60 });
    await using receiver = await startReceiver();
    const place = folder(simulator, [signed(receiver)]);
    const text = readFileSync(join(place.cwd, "plan.yaml"), "utf8").replace("max: 1000", "max: 1");
    writeFileSync(join(place.cwd, "plan.yaml"), text);
    const { exit } = await apply(place);
    expect(exit).toBe(5);
    expect(receiver.told()).toMatchObject([{ event: "stop", reason: "guard", exit: 5 }]);
  });

  it("that say 503 first are told again, and nobody hears of it", async () => {
    await using simulator = await startSimulator({ devices: 40 });
    await using receiver = await startReceiver((answer, nth) => answer.writeHead(nth === 0 ? 503 : 200).end());
    const { exit, stderr } = await apply(folder(simulator, [signed(receiver)]));
    expect({ exit, stderr: stderr.includes("webhook") }).toEqual({ exit: 0, stderr: false });
    expect(eventsOf(receiver)).toEqual(["start", "start", "done"]);
    const [first, second] = receiver.received.map(({ headers }) => headers["x-rollcall-id"]);
    expect(second).toBe(first);
  });

  it.each([
    ["answers 503 only", (answer: import("node:http").ServerResponse) => answer.writeHead(503).end(), "HTTP 503"],
    ["hangs", () => undefined, "no answer"],
  ] as const)("of which one %s cost a run a few seconds at its end, and not its exit code", async (_, answer, why) => {
    await using simulator = await startSimulator({ devices: 40 });
    await using receiver = await startReceiver((one) => void answer(one));
    const timed = async (notify: readonly string[]) => {
      const place = folder(simulator, notify);
      const began = performance.now();
      const ended = await apply(place);
      return { ...ended, ms: performance.now() - began };
    };
    const without = await timed([]);
    for (const id of simulator.ids()) if (simulator.device(id)?.productId === 4) simulator.edit(id, { productId: 3 });
    const dead = await timed([signed(receiver)]);
    expect([without.exit, dead.exit]).toEqual([0, 0]);
    expect(dead.ms).toBeLessThan(without.ms + 5000 + 2500);
    expect(dead.stderr).toContain(`The webhook notify[0] (${receiver.host}) was not told of start and done: ${why}`);
    expect(dead.stdout + dead.stderr).not.toContain("T0K3N");
  });

  it("are not waited for after a second Ctrl-C", async () => {
    await using simulator = await startSimulator({ devices: 400, latencyMs: 600 });
    await using receiver = await startReceiver(() => undefined);
    const place = folder(simulator, [`{ url: "${receiver.url}", timeout: 30s }`]);
    const { running, ended } = await underWay(place, simulator);
    running.kill("SIGINT");
    await new Promise((later) => setTimeout(later, 50));
    running.kill("SIGINT");
    const began = performance.now();
    expect([130, 7]).toContain((await ended).exit);
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it("whose secret is too short are named before anything is sent, and cost nothing but their notices", async () => {
    await using simulator = await startSimulator({ devices: 20 });
    await using receiver = await startReceiver();
    const { cwd, env } = folder(simulator, [signed(receiver)]);
    const { exit, stdout, stderr } = await apply({ cwd, env: { ...env, HOOK_KEY: "s3cr3t-qq" } });
    expect(exit).toBe(0);
    const fault = "notify[0].secret_env: what HOOK_KEY holds is shorter than 16 characters";
    expect(stderr.split("\n").slice(0, 2)).toEqual([
      expect.stringMatching(/^Run \S+: apply /) as string,
      `The webhook notify[0] will not be told of this run: ${fault}. Make one that nobody can guess: openssl rand -hex 32`,
    ]);
    expect(stderr).toContain(`The webhook notify[0] was not told of start and done: ${fault}.`);
    expect(stdout + stderr).not.toContain("s3cr3t-qq");
    expect(receiver.received).toEqual([]);
    expect((await rollcall(["preview", "plan.yaml"], { cwd, env: {} })).stderr).not.toContain("webhook");
  });

  it("hold no secret, no input, no value and no name of an item, and no text of the service", async () => {
    const message = "password pw-Qx7Z or alias kQ9z-plant refused for DESK-ECHO";
    await using simulator = await startSimulator({
      devices: 60,
      faults: [{ method: "ModifyAccount", nth: [2, 3, 4], fault: "error", data: 13501, message }],
    });
    await using receiver = await startReceiver();
    await using chat = await startReceiver();
    const { cwd, env } = folder(simulator, [
      `{ url: "${receiver.url}", secret_env: HOOK_KEY, headers: { Authorization: { env: HOOK_TOKEN } } }`,
      "{ url_env: CHAT_URL, format: slack }",
    ]);
    const plan = aliasPlan(simulator.rootPartner, {
      ...{ secrets: ["word"], alias: "${{ inputs.word }}", errors: 1 },
      ...{ more: "  ticket: { type: string }\n", filter: 'inputs.ticket != ""' },
    });
    writeFileSync(join(cwd, "plan.yaml"), plan);
    const planted = { ROLLCALL_INPUT_WORD: "kQ9z-plant", HOOK_TOKEN: "Bearer t0k-5521", CHAT_URL: chat.url };
    const words = ["--set", "ticket=TCK-99-plant", "--log-level", "debug"];
    const { exit, stdout, stderr } = await rollcall(["apply", "plan.yaml", "--yes", ...words], {
      ...{ cwd, env: { ...env, ...planted } },
    });
    expect(exit).toBe(6);
    expect(eventsOf(receiver)).toEqual(["start", "stop", "done"]);
    expect(chat.received).toHaveLength(3);
    expect(receiver.received[0]?.headers.authorization).toBe(planted.HOOK_TOKEN);
    const bodies = [...receiver.received, ...chat.received].map(({ body }) => body).join("\n");
    const names = simulator.ids().map((id) => simulator.device(id)?.name ?? "");
    const never = ["pw-Qx7Z", "kQ9z", "TCK-99", "DESK-ECHO", "t0k-5521", key, "T0K3N", "ticket"];
    for (const text of [...never, ...names.filter((name) => name !== "")])
      expect(bodies.includes(text), text).toBe(false);
    // And what webhooks are told with is nowhere else.
    const root = join(cwd, ".rollcall");
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const kept = files.map((one) => readFileSync(join(one.parentPath, one.name), "utf8")).join("\n");
    for (const text of ["t0k-5521", key, "T0K3N"]) expect((kept + stdout + stderr).includes(text), text).toBe(false);
  });
});

// Time is measured here, so that nothing else of ours may go on.
describe("webhooks after a signal", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "that hang hold %s up for a second, and those that are well hear of it",
    async (signal) => {
      await using simulator = await startSimulator({ devices: 400, latencyMs: 100 });
      await using dead = await startReceiver(() => undefined);
      await using alive = await startReceiver();
      const place = folder(simulator, [`{ url: "${dead.url}" }`, signed(alive)]);
      const { running, ended } = await underWay(place, simulator);
      const began = performance.now();
      running.kill(signal);
      const { exit, stderr } = await ended;
      expect(exit).toBe(130);
      // The answers that were under way, the second, and a machine that is busy; it was five seconds once.
      expect(performance.now() - began).toBeLessThan(4000);
      expect(stderr).toContain(
        `The webhook notify[0] (${dead.host}) was not told of start, stop and done: no answer yet.`,
      );
      expect(eventsOf(alive)).toEqual(["start", "stop", "done"]);
      expect(alive.told()[1]).toMatchObject({ reason: "interrupted" });
    },
  );
});

describe("rollcall doctor", () => {
  const checksOf = (stdout: string) =>
    (JSON.parse(stdout) as { checks: { check: string; status: string; found: string }[] }).checks.filter(
      ({ check }) => check === "webhook",
    );

  it("looks at webhooks without telling them anything, and tells them with --notify", async () => {
    await using simulator = await startSimulator({ devices: 5 });
    await using receiver = await startReceiver();
    await using broken = await startReceiver((answer) => answer.writeHead(404).end());
    const place = folder(simulator, [signed(receiver), `{ url: "${broken.url}", format: slack, events: [stop] }`]);
    const looked = await rollcall(["doctor", "--json"], place);
    expect(looked.exit).toBe(0);
    expect(checksOf(looked.stdout)).toMatchObject([
      { status: "ok", found: `notify[0] (${receiver.host}) is told of start, hold, stop, done as json, signed` },
      { status: "ok", found: `notify[1] (${broken.host}) is told of stop as slack, not signed` },
    ]);
    expect(receiver.received).toEqual([]);
    const offline = await rollcall(["doctor", "--json", "--offline", "--notify"], place);
    expect(checksOf(offline.stdout).map(({ status }) => status)).toEqual(["skipped", "skipped"]);
    const told = await rollcall(["doctor", "--json", "--notify"], place);
    expect(told.exit).toBe(4);
    expect(checksOf(told.stdout)).toMatchObject([
      { status: "ok", found: expect.stringContaining("and took a test") as string },
      { status: "failed", found: expect.stringContaining("did not take a test: HTTP 404") as string },
    ]);
    expect(receiver.told()).toMatchObject([{ v: 1, event: "test" }]);
    expect(broken.told()).toEqual([{ text: expect.stringContaining("Rollcall can be heard here") as string }]);
    expect(told.stdout).not.toContain("T0K3N");
  });

  it("names a variable that is missing, with exit 3, and a run goes on without that webhook", async () => {
    await using simulator = await startSimulator({ devices: 20 });
    const { cwd } = folder(simulator, ["{ url_env: HOOK_URL_OF_NOBODY }"]);
    const looked = await rollcall(["doctor", "--json", "--offline"], { cwd });
    expect(looked.exit).toBe(3);
    expect(checksOf(looked.stdout)).toMatchObject([
      { status: "failed", found: "notify[0].url_env: environment variable HOOK_URL_OF_NOBODY is not set" },
    ]);
    const { exit, stderr } = await apply({ cwd, env: {} });
    expect(exit).toBe(0);
    expect(stderr).toContain(
      "The webhook notify[0] was not told of start and done: notify[0].url_env: environment variable HOOK_URL_OF_NOBODY is not set.",
    );
  });
});
