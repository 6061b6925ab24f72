import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  openWorkspace,
  PlanError,
  type ApplyOptions,
  type NamedProvider,
  type OpenOptions,
  type RunEvent,
  type Value,
  type Workspace,
} from "../../runner/index.ts";
import { startSimulator } from "../../runner/simulator/server.ts";
import { configFor, demoPlan } from "../support/cli.ts";
import { check } from "../support/oracle.ts";
import { collect, evidenceOf, newFolder, witnessOf } from "../support/runs.ts";
import { newShelf, shelfPlan, type Shelf } from "../support/shelf.ts";

const config = `rollcall: 1
services:
  archive:
    kind: shelf
    url: http://127.0.0.1:1/shelf
    late: 100ms
    lag: { list: 50ms, by_id: 20ms }
    limits: { concurrency: 3, rate: 600/m, timeout: 2s }
    credentials: { username: { env: WHO }, password: { env: PW } }
`;

/** A workspace with a shelf of its own; `text` is its config. */
async function opened(shelf: Shelf, more: OpenOptions = {}, text = config): Promise<Workspace & { cwd: string }> {
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), text);
  writeFileSync(join(cwd, "plan.yaml"), shelfPlan);
  const workspace = await openWorkspace({ cwd, env: { CI: "" }, providers: [shelf.provider], ...more });
  return Object.assign(workspace, { cwd });
}

async function apply(
  workspace: Workspace,
  consent: ApplyOptions["consent"],
  inputs: Readonly<Record<string, Value>> = { place: "attic" },
): Promise<RunEvent[]> {
  return collect(workspace.apply(await workspace.loadPlan("plan.yaml", { inputs }), { consent }));
}

async function problemsOf(promise: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await promise.catch((caught: unknown) => caught);
  if (!(error instanceof PlanError)) throw error;
  return error.problems.map(({ line, column, code, message, hint }) =>
    [`${line}:${column} ${code}: ${message}`, hint].filter((part) => part !== undefined).join(" | "),
  );
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const endOf = (events: readonly RunEvent[]) => events.find((event) => event.type === "end");

describe("a provider of one's own", () => {
  it("lists, changes and proves, with the service's settings, and its record is whole", async () => {
    const shelf = newShelf(5);
    await using workspace = await opened(shelf, { env: { CI: "", WHO: "me", PW: "hunter22" } });
    const events = await apply(workspace, () => true);
    expect(endOf(events)).toMatchObject({ exit: 0, counts: { confirmed: 5 } });
    expect([...new Set(shelf.books.values())]).toEqual(["attic"]);
    const { service, perMinute } = shelf.connected[0]!;
    expect(service).toMatchObject({
      name: "archive",
      kind: "shelf",
      url: "http://127.0.0.1:1/shelf",
      lateMs: 100,
      lag: { listMs: 50, byIdMs: 20 },
      limits: { concurrency: 3, perMinute: 600, timeoutMs: 2000 },
    });
    expect(perMinute).toBe(600);
    const { username, password } = await service.credentials();
    expect([username.reveal(), password.reveal()]).toEqual(["me", "hunter22"]);
    expect(await workspace.audit("latest")).toMatchObject({ ok: true, sealed: true, conserved: true });
    const start = events.find((event) => event.type === "start");
    expect(start).toMatchObject({ service: { kind: "shelf" }, login: { user_id: 7 } });
    expect(endOf(await collect(workspace.verify("latest")))).toMatchObject({ exit: 0 });
  });

  it("has a lost answer read back, and what the service refused told", async () => {
    const failure = { class: "uncertain", code: "gone", message: "the line broke" } as const;
    const shelf = newShelf(4, (isbn) =>
      isbn === "isbn-1"
        ? { kind: "lost", failure }
        : isbn === "isbn-2"
          ? { kind: "rejected", failure: { class: "reject", code: "no", message: "not this one" } }
          : { kind: "accepted" },
    );
    await using workspace = await opened(shelf);
    const events = await apply(workspace, () => true);
    expect(events.filter((event) => event.type === "read")).toMatchObject([{ id: "isbn-1", seen: "after" }]);
    expect((await workspace.show("latest")).causes).toMatchObject([{ code: "no", message: "not this one", count: 1 }]);
  });

  it("must be given: its kind is unknown otherwise, with a place and the nearest name", async () => {
    const shelf = newShelf(1);
    expect(await problemsOf(opened(shelf, { providers: [] }))).toEqual([
      "4:11 bad-value: services.archive.kind must be one of cove, simulator, jsonrpc, found another text | A kind of your own needs its provider: the library takes it in openWorkspace; the command line has only the built-in kinds.",
    ]);
    expect(await problemsOf(opened(shelf, {}, config.replace("kind: shelf", "kind: shelve")))).toEqual([
      "4:11 bad-value: services.archive.kind must be one of cove, simulator, jsonrpc, shelf, found another text | Did you mean shelf?",
    ]);
    expect(await problemsOf(opened(shelf, {}, "services: { archive: { kind: shelf } }"))).toEqual([
      "1:13 missing-key: services.archive needs the key url: only the built-in kinds have one",
    ]);
    expect(await problemsOf(opened(shelf, {}, "services: { archive: { url: https://x.example } }"))).toEqual([
      "1:13 missing-key: services.archive needs the key kind | Write kind: cove or kind: simulator or kind: jsonrpc or kind: shelf.",
    ]);
  });

  it.each<[string, readonly string[]]>([
    ['"Shelf" can not be the name of a kind', ["Shelf"]],
    ['"cove" is a kind of Rollcall\'s own', ["cove"]],
    ['"jsonrpc" is a kind of Rollcall\'s own', ["jsonrpc"]],
    ['"shelf" was given by two providers', ["shelf", "shelf"]],
  ])("can not have every kind: %s", async (message, kinds) => {
    const shelf = newShelf(1);
    const providers: NamedProvider[] = kinds.map((kind) => ({ ...shelf.provider, kind }));
    await expect(opened(shelf, { providers })).rejects.toMatchObject({
      code: "usage",
      message: `providers: ${message}.`,
    });
  });

  it("has nothing to look up unless it brings a reference, and no hint sends anybody there", async () => {
    const shelf = newShelf(1);
    await using workspace = await opened(shelf);
    await expect(workspace.catalogue("archive")).rejects.toMatchObject({
      code: "usage",
      message: "There is nothing to look up of archive: services of kind shelf have no reference.",
    });
    const nothing = () => [];
    const reference = {
      ...{ methods: nothing, columns: nothing, column: () => undefined },
      ...{ enums: nothing, structs: nothing, errors: nothing },
    };
    const provider: NamedProvider = { ...shelf.provider, reference: () => Promise.resolve(reference) };
    await using referred = await opened(shelf, { providers: [provider] });
    expect(await referred.catalogue("archive")).toBe(reference);

    const wrong = shelfPlan
      .replace("call: Put", "call: Burn")
      .replace("fields: [isbn,", "fields: [isbn, colour,")
      .replace("params: { isbn", "params: { shelf: 1, isbn");
    writeFileSync(join(workspace.cwd, "plan.yaml"), wrong);
    const problems = await problemsOf(workspace.loadPlan("plan.yaml", { inputs: { place: "attic" } }));
    expect(problems.join("\n")).toMatch(/unknown-field.*\n.*unknown-method/);
    expect(problems.join("\n")).not.toContain("rollcall catalog");

    const said = await workspace.validate("plan.yaml");
    expect(said.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      "note missing-input",
      ...problems.map((problem) => `error ${/[a-z]+-[a-z]+/.exec(problem)?.[0] ?? ""}`),
    ]);
  });

  it("leaves the built-in kinds as they are", async () => {
    await using simulator = await startSimulator({ devices: 40 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url));
    await using workspace = await openWorkspace({ cwd, env: { CI: "" }, providers: [newShelf(1).provider] });
    const plan = await workspace.loadPlan(demoPlan, {
      service: "simulator",
      inputs: { partner: 4001, from: 3, to: 4 },
    });
    expect((await collect(workspace.preview(plan))).at(-1)).toMatchObject({ type: "sealed" });
  });
});

describe("inputs as plain values", () => {
  it("are typed as in an inputs file, and stand between --set and the file", async () => {
    const shelf = newShelf(3);
    await using workspace = await opened(shelf);
    mkdirSync(join(workspace.cwd, "in"));
    writeFileSync(join(workspace.cwd, "in/puts.yaml"), "place: cellar\nonly: [isbn-2]\n");
    const inputsOf = async (inputs: Parameters<Workspace["loadPlan"]>[1]) =>
      (await workspace.loadPlan("plan.yaml", inputs)).plan.inputs;
    const inputsFile = "in/puts.yaml";
    expect(await inputsOf({ inputs: { place: "attic", only: ["isbn-1"] } })).toMatchObject({
      place: "attic",
      only: ["isbn-1"],
    });
    expect(await inputsOf({ inputs: { place: "attic" }, inputsFile })).toMatchObject({
      place: "attic",
      only: ["isbn-2"],
    });
    expect(await inputsOf({ inputs: { place: "attic" }, set: ["place=roof"] })).toMatchObject({ place: "roof" });
  });

  it("are refused with their place when the plan has no such input or they are no plain data", async () => {
    await using workspace = await opened(newShelf(1));
    const load = (inputs: object) =>
      problemsOf(workspace.loadPlan("plan.yaml", { inputs: inputs as Record<string, Value> }));
    expect(await load({ plaice: "attic" })).toEqual([
      "4:1 unknown-input: the plan has no input plaice | Did you mean place?",
      expect.stringMatching(/^5:3 missing-input: input place has no value/),
    ]);
    expect(await load({ place: 5 })).toEqual([
      "5:3 bad-input: input place from the program: expected a text, found 5; put quotes around it",
    ]);
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    for (const value of [5n, () => 5, new Date(0), Symbol("x"), loop, NaN, ["a", undefined]]) {
      expect(await load({ place: value })).toEqual([
        expect.stringMatching(/^5:3 bad-input: input place from the program: expected a text, a finite number, true/),
      ]);
    }
  });

  it("keep a secret to themselves: not in the plan, the record, a log or an error", async () => {
    const shelf = newShelf(2);
    const logged: string[] = [];
    const note = (facts: object, message: string): void => void logged.push(JSON.stringify({ ...facts, message }));
    const folder = newFolder();
    const env = { CI: "", XDG_CONFIG_HOME: folder };
    await using workspace = await opened(shelf, { env, log: { debug: note, info: note, warn: note } });
    const inputs = { place: "attic", token: "hunter22" };
    const loaded = await workspace.loadPlan("plan.yaml", { inputs });
    expect(loaded.secretValues.token?.reveal()).toBe("hunter22");
    expect(JSON.stringify(loaded)).not.toContain("hunter22");
    const events = await collect(workspace.apply(loaded, { consent: () => true }));
    expect(endOf(events)).toMatchObject({ exit: 0 });
    const kept = readdirSync(join(workspace.cwd, ".rollcall"), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => readFileSync(join(one.parentPath, one.name), "utf8"));
    expect(kept.length).toBeGreaterThan(3);
    expect([...kept, ...logged, JSON.stringify(events)].join("\n")).not.toContain("hunter22");
    const wrong = await problemsOf(
      workspace.loadPlan("plan.yaml", { inputs: { place: "attic", token: ["hunter22"] } }),
    );
    expect(wrong).toEqual(["7:3 bad-input: input token from the program: a secret must be a text, and not empty"]);
  });
});

describe("consent", () => {
  it.each<[string, ApplyOptions["consent"]]>([
    ["true", () => true],
    ["a promise of true", () => Promise.resolve(true)],
    ["a given consent", () => ({ given: true, how: "library" })],
    ["a look at the counts", ({ counts, method }) => counts.selected <= 2 && method === "Put"],
  ])("given as %s is recorded as the library's", async (_, consent) => {
    const shelf = newShelf(2);
    await using workspace = await opened(shelf);
    const events = await apply(workspace, consent);
    expect(events.find((event) => event.type === "consent")).toMatchObject({ how: "library" });
    expect(shelf.written).toHaveLength(2);
  });

  it.each<[string, ApplyOptions["consent"], object]>([
    ["false", () => false, { code: "consent", message: "The calling program said no to these changes." }],
    ["a reasoned no", () => ({ given: false, why: "too many", hint: "ask" }), { message: "too many", hint: "ask" }],
    ["nothing at all", (() => undefined) as unknown as ApplyOptions["consent"], { code: "consent" }],
    ["a word", (() => "yes") as unknown as ApplyOptions["consent"], { code: "consent" }],
    ["null", (() => null) as unknown as ApplyOptions["consent"], { code: "consent" }],
    ["a list", (() => [true]) as unknown as ApplyOptions["consent"], { code: "consent" }],
    ["a yes in words", () => ({ given: "yes", how: "library" }) as never, { code: "consent" }],
    ["a yes of no known way", () => ({ given: true, how: "somehow" }) as never, { code: "consent" }],
    ["an error", () => Promise.reject(new Error("nobody there")), { message: "nobody there" }],
  ])("refused by %s sends nothing", async (_, consent, error) => {
    const shelf = newShelf(2);
    await using workspace = await opened(shelf);
    await expect(apply(workspace, consent)).rejects.toMatchObject(error);
    expect(shelf.written).toEqual([]);
    expect(await workspace.runs()).toMatchObject([{ status: "previewed" }]);
  });
});

describe("a program that leaves", () => {
  it("the loop early withdraws what was not sent, waits for what was, gives the lock back, and can resume", async () => {
    await using simulator = await startSimulator({ devices: 120, latencyMs: 250 });
    const cwd = newFolder();
    const settings = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 2s }\n";
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, settings));
    await using workspace = await openWorkspace({ cwd, env: { CI: "" } });
    const plan = await workspace.loadPlan(demoPlan, {
      service: "simulator",
      inputs: { partner: 4001, from: 3, to: 4 },
    });
    let run = "";
    for await (const event of workspace.apply(plan, { consent: () => true })) {
      if (event.type === "run") run = event.run;
      if (event.type !== "intent") continue;
      // Eight calls are under way, and their answers a quarter of a second off.
      while (simulator.witness.requests("ModifyAccount") < 8) await pause(5);
      break;
    }
    const sent = simulator.witness.requests("ModifyAccount");
    const [left] = await workspace.runs();
    expect(left).toMatchObject({ run, status: "open", exit: undefined });
    const { records } = evidenceOf(left!.folder);
    const intents = records.filter(({ type }) => type === "intent").map(({ seq }) => seq);
    const withdrawn = records.flatMap((record) => (record.type === "withdrawn" ? record.intents : []));
    const answered = records.flatMap((record) => (record.type === "outcome" ? [record.intent] : []));
    expect(withdrawn.length).toBeGreaterThan(0);
    expect(sent).toBe(8);
    expect(answered).toHaveLength(sent);
    expect([...withdrawn, ...answered].sort((a, b) => a - b)).toEqual(intents);
    await pause(300);
    expect(simulator.witness.requests("ModifyAccount")).toBe(sent);

    // The lock is free: another run may write at once. It ends before its first change.
    const other = collect(workspace.apply(plan, { consent: () => false }));
    await expect(other).rejects.toMatchObject({ code: "consent" });
    const resumed = await collect(workspace.resume(run));
    expect(endOf(resumed)).toMatchObject({ exit: 0, sealed: true, conserved: true });
    expect(await workspace.audit(run)).toMatchObject({ ok: true });
    const evidence = { ...evidenceOf(left!.folder), witness: witnessOf(simulator) };
    expect(check({ ...evidence, method: "ModifyAccount", repeat: "set" })).toEqual([]);
  });

  it("by a signal ends with the changes that were sent, and an exit of 130", async () => {
    await using simulator = await startSimulator({ devices: 120, latencyMs: 40 });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url));
    await using workspace = await openWorkspace({ cwd, env: { CI: "" } });
    const plan = await workspace.loadPlan(demoPlan, {
      service: "simulator",
      inputs: { partner: 4001, from: 3, to: 4 },
    });
    const stop = new AbortController();
    const events: RunEvent[] = [];
    for await (const event of workspace.apply(plan, { consent: () => true, stop: stop.signal })) {
      events.push(event);
      if (event.type === "outcome") stop.abort();
    }
    const end = endOf(events);
    expect(end).toMatchObject({ conserved: true });
    expect(end?.type === "end" && end.exits).toContain(130);
    expect(end?.type === "end" && end.notStarted.interrupted).toBeGreaterThan(0);
  });
});
