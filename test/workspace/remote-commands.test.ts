import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import type { SimulatorOptions } from "../../runner/simulator/server.ts";
import type { LoadedPlan } from "../../runner/workspace.ts";
import { collect } from "../support/runs.ts";
import { PlainClient, type Answer } from "../simulator/client.ts";
import { changesReceived, ended, estate, yes, type Estate } from "../support/workspace.ts";

const apply = { consent: yes };
const change = { method: "SendAccountCommand", repeat: "once" } as const;
const secret = "correct-horse-battery";

const planFile = (name: string): string => join(import.meta.dirname, "../support/plans", `${name}.yaml`);

interface Scene extends AsyncDisposable {
  readonly here: Estate;
  readonly ids: readonly number[];
  load(password?: string): Promise<LoadedPlan>;
}

/** The password of five devices that are there. */
async function passwords(options: SimulatorOptions = {}): Promise<Scene> {
  const here = await estate({ devices: 80, commandMs: 1, ...options });
  const ids = reachable(here).slice(0, 5);
  const load = (password = secret): Promise<LoadedPlan> => {
    writeFileSync(join(here.cwd, "secret.txt"), password, { mode: 0o600 });
    return here.workspace.loadPlan(planFile("gui-password"), {
      service: "simulator",
      set: [`partner=${here.simulator.rootPartner}`, `ids=${ids.join(",")}`],
      inputs: { password },
    });
  };
  return { here, ids, load, [Symbol.asyncDispose]: () => here[Symbol.asyncDispose]() };
}

function reachable({ simulator }: Estate): number[] {
  const managers = simulator.ids().filter((id) => simulator.device(id)!.accountType === 1);
  const newest = Math.max(...managers.map((id) => simulator.device(id)!.lastTimestamp));
  return managers.filter((id) => simulator.device(id)!.lastTimestamp > newest - 3 * 86_400);
}

/** Everything that the estate has on disk, but for what the test itself put there. */
function filesOf(cwd: string): string {
  return readdirSync(cwd, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "secret.txt")
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

function expectNothingTold(here: Estate, events: readonly RunEvent[]): void {
  const told = filesOf(here.cwd) + JSON.stringify(events);
  expect(told).toContain("set gui password");
  expect(told).not.toContain(secret);
  expect(told).not.toMatch(/tk-[0-9a-f]/);
}

describe("a secret sent to devices", () => {
  it("is taken by each of their nodes, is confirmed by nobody, and stands in no file", async () => {
    await using scene = await passwords();
    const { here, ids } = scene;
    const run = await ended(here, here.workspace.apply(await scene.load(), apply), change);
    expect(run.violations).toEqual([]);
    expect(run.end.counts).toMatchObject({ unverifiable: 5, confirmed: 0, rejected: 0 });
    expect(run.in("unverifiable")).toEqual(ids.map(String));
    expect(changesReceived(here.simulator, change.method).sort()).toEqual(ids.map(String).sort());
    expect(here.simulator.witness.requests("GetAccountInfoById")).toBe(5);
    expectNothingTold(here, run.events);
    expect((await here.workspace.audit(run.run)).ok).toBe(true);
  });

  it("is sent from a saved change set to the node of each device, which is found when it is sent", async () => {
    await using scene = await passwords();
    const { here, ids } = scene;
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(await scene.load(), { out: { file } }));
    here.simulator.remove(ids[1]!);
    const saved = await here.workspace.loadChangeSet(file, { inputs: { password: secret } });
    const run = await ended(here, here.workspace.apply(saved, apply), change);
    expect(run.violations).toEqual([]);
    expect(run.in("drifted")).toEqual([String(ids[1])]);
    expect(run.end.counts).toMatchObject({ unverifiable: 4, drifted: 1 });
    expect(readFileSync(file, "utf8")).not.toContain(secret);
    expectNothingTold(here, run.events);
  });

  it("finds a device that has another token, or lives elsewhere, and settles no lost answer by sending again", async () => {
    const ids = await idsOf();
    const faults: FaultRule[] = [
      { fault: "token-stale", method: change.method, item: ids[0]!, nth: 1 },
      { fault: "node-elsewhere", method: "GetAccountInfoById", item: ids[1]!, nth: 1 },
      { fault: "reset-after", method: change.method, item: ids[2]! },
      { fault: "node-elsewhere", method: "GetAccountInfoById", item: ids[3]!, host: "evil.example" },
      { fault: "vanish", method: "GetAccountInfoById", item: ids[4]! },
    ];
    await using scene = await passwords({ faults });
    const { here } = scene;
    const run = await ended(here, here.workspace.apply(await scene.load(), apply), change);
    expect(run.violations).toEqual([]);
    expect(run.in("unverifiable")).toEqual([ids[0], ids[1]].map(String));
    expect(run.in("unknown")).toEqual([String(ids[2])]);
    expect(run.in("rejected")).toEqual([ids[3], ids[4]].map(String));
    const refusal = run.records.find((one) => one.type === "outcome" && one.id === String(ids[3]));
    expect(refusal).toMatchObject({ kind: "rejected", failure: { class: "fatal", code: "foreign-host" } });
    expect(changesReceived(here.simulator, change.method).sort()).toEqual([ids[0], ids[1], ids[2]].map(String).sort());
    expectNothingTold(here, run.events);
    expect((await here.workspace.audit(run.run)).ok).toBe(true);
  });

  it("with a line break is refused for each item before anything is sent", async () => {
    await using scene = await passwords();
    const { here } = scene;
    const run = await ended(here, here.workspace.apply(await scene.load(`${secret}\nx y`), apply), change);
    expect(run.violations).toEqual([]);
    expect(run.end.counts).toMatchObject({ rejected: 5 });
    expect(changesReceived(here.simulator, change.method)).toEqual([]);
    expect(filesOf(here.cwd)).not.toContain(secret);
  });
});

/** The same fleet each time: which devices the scene takes. */
async function idsOf(): Promise<readonly number[]> {
  await using scene = await passwords();
  return scene.ids;
}

describe("a setting sent to devices", () => {
  it("is confirmed by the list once a device has taken it over, and by nothing before", async () => {
    await using here = await estate({ devices: 80, commandMs: 150 });
    const { simulator } = here;
    const there = reachable(here).slice(0, 3);
    const away = simulator
      .ids()
      .find((id) => simulator.device(id)!.accountType === 1 && !reachable(here).includes(id))!;
    const plan = await here.workspace.loadPlan(planFile("dashboard-mail"), {
      service: "simulator",
      set: [
        `partner=${simulator.rootPartner}`,
        `ids=${[...there, away].join(",")}`,
        "mail=it@example.net",
        "frequency=wednesday_saturday",
      ],
    });
    const values = there.map((id) => simulator.device(id)!.mailAddress);
    expect(values).not.toContain("it@example.net");
    const run = await collected(here.workspace.apply(plan, apply));
    const end = run.findLast((event) => event.type === "end")!;
    expect(end.counts).toMatchObject({ confirmed: 3 });
    expect(end.counts.confirmed + end.counts.pending + end.counts.diverged).toBe(4);
    expect(there.map((id) => simulator.device(id)!.mailDays)).toEqual([36, 36, 36]);
    // Whoever was away has it when it is back, and then it shows.
    simulator.online(away);
    expect(simulator.device(away)).toMatchObject({ mailAddress: "it@example.net", mailDays: 36 });
    const again = await collected(here.workspace.verify("latest"));
    expect(again.findLast((event) => event.type === "end")!.counts).toMatchObject({ confirmed: 4 });
  });
});

/** Somebody else sends a command, and the device has done it. */
async function sendAs({ simulator }: Estate, id: number, command: string): Promise<void> {
  const client = await PlainClient.loggedIn(simulator);
  const { Name: account, Token: token } = (await client.call("GetAccountInfoById", { accountId: id })).result.result;
  const post = async (method: string, params: object): Promise<Answer> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: "x", method, params: { account, token, ...params } });
    return (await fetch(simulator.nodeUrl, { method: "POST", body })).json();
  };
  await post("SendAccountCommand", { command, parameters: "" });
  await vi.waitFor(async () => {
    expect((await post("QueryAudit", { query: "0 != 1", orderBy: "" })).result.result).toHaveLength(1);
  });
}

async function collected(events: AsyncIterable<RunEvent>): Promise<readonly RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe("a plan that looks the past up", () => {
  it("gives devices back what they had then", async () => {
    await using here = await estate({ devices: 80 });
    const { simulator } = here;
    const ids = here.movable(3);
    // The service knows whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const then = Math.floor(Date.now() / 1000);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    for (const id of ids) simulator.edit(id, { productId: 1 });
    const lookup = [
      "lookups:",
      "  past:",
      "    call: EnumerateAccountHistoryStatistics",
      `    params: { timeslice: ${then}, query: { PartnerId: '\${{ inputs.partner }}' } }`,
      "    fields: [device_id, product_id]",
      "    key: device_id",
      "enumerate:",
    ];
    const text = readFileSync(planFile("products"), "utf8")
      .replace("enumerate:", lookup.join("\n"))
      .replace("    product_id: ${{ inputs.to }}", "    product_id: ${{ lookup.past[item.device_id].product_id }}");
    writeFileSync(join(here.cwd, "plan.yaml"), text);
    const set = [`partner=${simulator.rootPartner}`, "from=1", "to=3", `ids=${ids.join(",")}`];
    const plan = await here.workspace.loadPlan("plan.yaml", { service: "simulator", set });
    const run = await ended(here, here.workspace.apply(plan, apply));
    expect(run.violations).toEqual([]);
    expect(run.end.counts).toMatchObject({ confirmed: 3 });
    expect(ids.map((id) => simulator.device(id)!.productId)).toEqual([3, 3, 3]);
  });
});

describe("a plan that looks at what a device's own node says", () => {
  it("changes the product of a device only when its audit shows a command", async () => {
    await using here = await estate({ devices: 80, commandMs: 1 });
    const { simulator } = here;
    const ids = here.movable(2).filter((id) => simulator.device(id)!.accountType === 1);
    const lookup = [
      "lookups:",
      "  sessions:",
      "    call: QuerySessions",
      "    params: { query: 0 != 1, orderBy: BackupStartTime DESC }",
      "    route: { device: '${{ inputs.ids[0] }}' }",
      "    fields: [Id, Status]",
      "    key: Id",
      "  audit:",
      "    call: QueryAudit",
      "    params: { query: 0 != 1, orderBy: Time DESC, range: { Offset: 0, Size: 50 } }",
      "    route: { device: '${{ inputs.ids[0] }}' }",
      "    rows: .",
      "    fields: [Operation]",
      "enumerate:",
    ];
    const guards = [
      "guards:",
      "  require:",
      "    - { that: 2 in lookup.sessions, message: no sessions }",
      "    - { that: '\"execute command: clear selection\" in lookup.audit', message: no command yet }",
      "pace:",
    ];
    const text = readFileSync(planFile("products"), "utf8")
      .replace("enumerate:", lookup.join("\n"))
      .replace("pace:", guards.join("\n"));
    writeFileSync(join(here.cwd, "plan.yaml"), text);
    const set = [`partner=${simulator.rootPartner}`, "from=3", "to=4", `ids=${ids.join(",")}`];
    const plan = await here.workspace.loadPlan("plan.yaml", { service: "simulator", set });
    await expect(collected(here.workspace.apply(plan, apply))).rejects.toThrow("no command yet");
    await sendAs(here, ids[0]!, "clear selection");
    const run = await ended(here, here.workspace.apply(plan, apply));
    expect(run.end.counts).toMatchObject({ confirmed: ids.length });
    // What is kept of what was looked up is what the plan names, and no token.
    expect(filesOf(here.cwd)).toContain("execute command: clear selection");
    expect(filesOf(here.cwd)).not.toMatch(/tk-[0-9a-f]/);
  });
});
