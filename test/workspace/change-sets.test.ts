import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { Connection } from "../../runner/core/model/ports.ts";
import type { SimulatorOptions } from "../../runner/simulator/server.ts";
import { realClock } from "../../runner/runs/clock.ts";
import { collect, evidenceOf, labelled, newFolder } from "../support/runs.ts";
import { changesReceived, ended, estate, runsIn, textOf, yes, type Estate } from "../support/workspace.ts";

const apply = { consent: yes };

/** A change set of `count` devices, reviewed and saved. */
async function reviewed(count: number, options: SimulatorOptions = {}) {
  const here = await estate(options);
  const ids = here.movable(count);
  const file = join(here.cwd, "changes.ndjson");
  await collect(here.workspace.preview(await here.plan(ids), { out: { file } }));
  const [review] = runsIn(here.cwd) as [string];
  return { here, ids, file, review, [Symbol.asyncDispose]: () => here[Symbol.asyncDispose]() };
}

/** A change set of devices by a plan of its own, saved. */
async function savedAs(here: Estate, text: string, ids: readonly number[]): Promise<string> {
  const plan = join(here.cwd, "plan.yaml");
  writeFileSync(plan, text);
  const set = ["partner=4001", `ids=${ids.join(",")}`];
  const loaded = await here.workspace.loadPlan(plan, { service: "simulator", set });
  const file = join(here.cwd, "changes.ndjson");
  await collect(here.workspace.preview(loaded, { out: { file } }));
  return file;
}

async function applySaved(where: Estate, file: string) {
  return ended(where, where.workspace.apply(await where.workspace.loadChangeSet(file), apply));
}

const refusal = async (where: Estate, file: string): Promise<unknown> => {
  try {
    await collect(where.workspace.apply(await where.workspace.loadChangeSet(file), apply));
  } catch (error) {
    return error;
  }
  return undefined;
};

/** The file with other content and a digest that fits: what somebody makes who knows how. */
function rebuilt(file: string, edit: (text: string) => string): void {
  const lines = edit(textOf(file)).trimEnd().split("\n").slice(0, -1);
  const content = lines.map((line) => `${line}\n`).join("");
  const digest = createHash("sha256").update(content).digest("hex");
  writeFileSync(file, `${content}${JSON.stringify({ type: "end", digest })}\n`);
}

/** The same for a whole change set: inventory, changes and header carry digests of their own. */
function rebuiltWhole(file: string, edit: (text: string) => string): void {
  const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
  const [headerLine = "", ...lines] = edit(textOf(file)).trimEnd().split("\n").slice(0, -1);
  const header = JSON.parse(headerLine) as {
    start: { plan: { digest: string } };
    enumerated: { inventory: string };
    selected: { changeSet: string };
  };
  const part = (name: string): { lines: string[]; digest: string } => {
    const raw = lines.filter((line) => line.startsWith(`{"${name}":`)).map((line) => line.slice(name.length + 4, -1));
    const digest = sha(
      raw
        .slice(0, -1)
        .map((line) => `${line}\n`)
        .join(""),
    );
    const end = JSON.stringify({ ...(JSON.parse(raw.at(-1) ?? "") as object), digest });
    return { lines: [...raw.slice(0, -1), end].map((line) => `{"${name}":${line}}`), digest };
  };
  const [inventory, changes] = [part("inventory"), part("change")];
  header.enumerated.inventory = inventory.digest;
  header.selected.changeSet = changes.digest;
  const content = [JSON.stringify(header), ...inventory.lines, ...changes.lines].map((line) => `${line}\n`).join("");
  writeFileSync(file, `${content}${JSON.stringify({ type: "end", digest: sha(content) })}\n`);
}

describe("T15: a saved change set", () => {
  it("after somebody edited 3 of its 100 devices: 97 confirmed, 3 drifted, no request for those 3", async () => {
    await using set = await reviewed(100);
    const { here, ids, file } = set;
    const edited = ids.slice(40, 43);
    for (const id of edited) here.simulator.edit(id, { productId: 1 });
    const run = await applySaved(here, file);
    expect(run.end.counts).toMatchObject({ confirmed: 97, drifted: 3, "not-started": 0 });
    expect(run.end.exit).toBe(7);
    expect(run.in("drifted")).toEqual(edited.map(String));
    expect(changesReceived(here.simulator).filter((id) => edited.map(String).includes(id))).toEqual([]);
    expect(run.violations).toEqual([]);
    expect((await here.workspace.audit(run.run)).ok).toBe(true);
    // The gap between the fresh read and the bytes is on record for each of the others.
    const gaps = run.records.filter((record) => record.type === "outcome" && record.kind === "accepted");
    expect(gaps).toHaveLength(97);
    expect(gaps.every((record) => "gapMs" in record && record.gapMs >= 0)).toBe(true);
  });

  it("applies what was reviewed, not what the list says now", async () => {
    await using set = await reviewed(10);
    const { here, ids, file } = set;
    const before = textOf(join(here.cwd, ".rollcall", "runs", set.review, "changeset.ndjson"));
    // A device that was selected by nobody's review turns up meanwhile.
    here.simulator.edit(
      here.movable(30).find((id) => !ids.includes(id))!,
      { productId: 3 },
    );
    const run = await applySaved(here, file);
    expect(run.end.counts.confirmed).toBe(10);
    expect(textOf(join(run.folder, "changeset.ndjson"))).toBe(before);
    expect(run.records[0]).toMatchObject({ type: "start", from: { kind: "change-set", run: set.review } });
  });

  it("is drifted where the filter no longer holds although the value to set is as reviewed", async () => {
    await using here = await estate();
    const [first, second] = here.movable(2) as [number, number];
    const file = await savedAs(here, filteredByStorage, [first, second]);
    here.simulator.edit(first, { expirationTime: 1 });
    const run = await applySaved(here, file);
    expect(run.in("drifted")).toEqual([String(first)]);
    expect(run.in("confirmed")).toEqual([String(second)]);
    expect(changesReceived(here.simulator)).toEqual([String(second)]);
  });

  it("is drifted where a field changed that the request is made of", async () => {
    await using here = await estate();
    const [first, second] = here.movable(2) as [number, number];
    const file = await savedAs(here, aliasFromProfile, [first, second]);
    here.simulator.edit(first, { expirationTime: 4_000_000_000 });
    const run = await applySaved(here, file);
    expect(run.in("drifted")).toEqual([String(first)]);
    expect(changesReceived(here.simulator)).toEqual([String(second)]);
  });

  it("removes no device that came back to life after the review", async () => {
    await using here = await estate();
    const ids = here.simulator.ids().slice(0, 6);
    for (const id of ids) here.simulator.edit(id, { lastTimestamp: 1_000_000 });
    const file = await savedAs(here, removeSilent, ids);
    here.simulator.edit(ids[2]!, { lastTimestamp: Math.floor(Date.now() / 1000) });
    const saved = await here.workspace.loadChangeSet(file);
    const run = await ended(here, here.workspace.apply(saved, apply), { method: "RemoveAccount", expectAbsent: true });
    expect(run.in("drifted")).toEqual([String(ids[2])]);
    expect(run.end.counts.confirmed).toBe(5);
    expect(here.simulator.device(ids[2]!)).toBeDefined();
    expect(run.violations).toEqual([]);
  });

  it("is applied once in its estate, also after a legitimate revert", async () => {
    await using set = await reviewed(5);
    const { here, ids, file } = set;
    const run = await applySaved(here, file);
    for (const id of ids) here.simulator.edit(id, { productId: 3 });
    expect(await refusal(here, file)).toMatchObject({
      code: "stale",
      exitCode: 5,
      message: expect.stringContaining(run.run) as string,
    });
    const copy = join(here.cwd, "copy.ndjson");
    copyFileSync(file, copy);
    expect(await refusal(here, copy)).toMatchObject({ code: "stale" });
    expect(changesReceived(here.simulator)).toHaveLength(5);
  });

  it("is applied by one of two that try at the same moment", async () => {
    await using set = await reviewed(20, { latencyMs: 10 });
    const { here, file } = set;
    const tries = await Promise.allSettled([applySaved(here, file), applySaved(here, file)]);
    expect(tries.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(changesReceived(here.simulator)).toHaveLength(20);
  });

  it("a copy applied elsewhere sends nothing while the values hold: every item is compared first", async () => {
    await using set = await reviewed(12);
    const { here, file } = set;
    await applySaved(here, file);
    await using there = await here.elsewhere();
    const copy = join(there.cwd, "changes.ndjson");
    copyFileSync(file, copy);
    const again = await applySaved(there, copy);
    expect(again.end.counts).toMatchObject({ confirmed: 0, already: again.end.counts.already, "not-started": 0 });
    expect(again.in("already")).toHaveLength(12);
    expect(changesReceived(here.simulator)).toHaveLength(12);
    expect(await refusal(there, copy)).toMatchObject({ code: "stale" });
  });

  it("of a change that may not be repeated does not travel", async () => {
    await using here = await estate();
    const plan = join(here.cwd, "plan.yaml");
    writeFileSync(plan, onceOnly);
    const loaded = await here.workspace.loadPlan(plan, { service: "simulator", set: ["partner=4001"] });
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(loaded, { out: { file } }));
    await using there = await here.elsewhere();
    expect(await refusal(there, file)).toMatchObject({
      code: "stale",
      message: expect.stringContaining("may not be sent twice") as string,
    });
  });

  it("is refused after its expiry, and where the clock is before its making", async () => {
    await using here = await estate();
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(await here.plan(here.movable(3)), { out: { file, lifeMs: 3_600_000 } }));
    const at = async (shiftMs: number): Promise<unknown> => {
      const real = realClock();
      const clock = { now: () => real.now() + shiftMs, up: () => real.up(), sleep: real.sleep.bind(real) };
      await using later = await here.elsewhere({ seams: { clock } });
      return await refusal(later, file);
    };
    expect(await at(3_601_000)).toMatchObject({ code: "stale", message: expect.stringContaining("expired") as string });
    expect(await at(-3_600_000)).toMatchObject({
      code: "stale",
      message: expect.stringContaining("made at") as string,
    });
    expect(changesReceived(here.simulator)).toEqual([]);
  });

  it("is refused when it expires while somebody thinks about it: nothing is sent", async () => {
    await using here = await estate();
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(await here.plan(here.movable(3)), { out: { file, lifeMs: 3_600_000 } }));
    const real = realClock();
    let shiftMs = 0;
    const clock = { now: () => real.now() + shiftMs, up: () => real.up(), sleep: real.sleep.bind(real) };
    await using there = await here.elsewhere({ seams: { clock } });
    const consent = (): boolean => {
      shiftMs = 3_601_000;
      return true;
    };
    const applied = collect(there.workspace.apply(await there.workspace.loadChangeSet(file), { consent }));
    await expect(applied).rejects.toMatchObject({ code: "stale", exitCode: 5 });
    expect(changesReceived(here.simulator)).toEqual([]);
  });

  it("sends nothing more once it expires in mid-run: the rest was not started", async () => {
    await using here = await estate();
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(await here.plan(here.movable(40)), { out: { file, lifeMs: 3_600_000 } }));
    const real = realClock();
    let shiftMs = 0;
    const clock = { now: () => real.now() + shiftMs, up: () => real.up(), sleep: real.sleep.bind(real) };
    await using there = await here.elsewhere({ seams: { clock } });
    const events: RunEvent[] = [];
    const saved = await there.workspace.loadChangeSet(file);
    for await (const event of there.workspace.apply(saved, { consent: () => true })) {
      events.push(event);
      if (event.type === "outcome") shiftMs = 3_601_000;
    }
    const end = events.find((event) => event.type === "end");
    const sent = changesReceived(here.simulator).length;
    expect(sent).toBeLessThan(40);
    expect(end).toMatchObject({ exit: 6, counts: { confirmed: sent }, notStarted: { expired: 40 - sent } });
  });

  it("is refused for another service, and with the credentials of another customer", async () => {
    await using set = await reviewed(3);
    await using other = await estate();
    expect(await refusal(other, set.file)).toMatchObject({
      code: "stale",
      message: expect.stringContaining(set.here.simulator.url) as string,
    });
    const stranger = (connection: Connection): Connection => ({
      ...connection,
      login: { ...connection.login, partner_id: 77 },
      [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
    });
    await using there = await set.here.elsewhere({ seams: { connection: stranger } });
    expect(await refusal(there, set.file)).toMatchObject({
      code: "stale",
      message: expect.stringContaining("customer 4001") as string,
    });
    expect(changesReceived(set.here.simulator)).toEqual([]);
  });

  it("with any byte changed is refused before anything is asked of the service", async () => {
    await using set = await reviewed(2, { devices: 40 });
    const { here, file } = set;
    const whole = readFileSync(file);
    const asked = here.simulator.witness.entries.length;
    for (let at = 0; at < whole.length; at += 37) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x01;
      writeFileSync(file, bytes);
      const error = (await refusal(here, file)) as { exitCode: number } | undefined;
      expect(error, `byte ${at}`).toBeDefined();
      expect([3, 5], `byte ${at}: ${String(error)}`).toContain(error?.exitCode);
    }
    for (const cut of [whole.length - 1, Math.floor(whole.length / 2), 60, 0]) {
      writeFileSync(file, whole.subarray(0, cut));
      const error = (await refusal(here, file)) as { exitCode: number } | undefined;
      // A file without its line end is as good as whole.
      if (cut === whole.length - 1 && error === undefined) continue;
      expect([3, 5], `cut at ${cut}: ${String(error)}`).toContain(error?.exitCode);
    }
    expect(here.simulator.witness.entries).toHaveLength(asked);
  });

  it("made up anew with a digest that fits is refused in its own estate", async () => {
    await using set = await reviewed(2);
    const { here, file } = set;
    rebuilt(file, (text) => text.replaceAll('"ProductId":4', '"ProductId":6'));
    expect(await refusal(here, file)).toMatchObject({ code: "tampered", exitCode: 5 });
    expect(changesReceived(here.simulator)).toEqual([]);
  });

  it("with a later expiry written into it is refused in its own estate", async () => {
    await using set = await reviewed(2);
    rebuilt(set.file, (text) => text.replace(/"expires":\d+/, '"expires":9999999999999'));
    expect(await refusal(set.here, set.file)).toMatchObject({ code: "tampered" });
  });

  it("that died after it was taken is gone on with by resume, never applied again", async () => {
    await using set = await reviewed(30, { latencyMs: 20 });
    const { here, file } = set;
    const saved = await here.workspace.loadChangeSet(file);
    let seen = 0;
    for await (const event of here.workspace.apply(saved, apply)) if (event.type === "outcome" && ++seen === 5) break;
    expect(await refusal(here, file)).toMatchObject({ code: "stale" });
    const edited = here.simulator
      .ids()
      .filter((id) => set.ids.includes(id) && here.simulator.device(id)?.productId === 3)
      .at(-1)!;
    here.simulator.edit(edited, { productId: 1 });
    const run = await ended(here, here.workspace.resume("latest"));
    // Also what is left after the resume is compared with the review first.
    expect(run.in("drifted")).toEqual([String(edited)]);
    expect(run.end.counts).toMatchObject({ confirmed: 29, drifted: 1 });
    expect(run.violations).toEqual([]);
  });

  it("holds no secret, and asks for it again; another value is refused", async () => {
    await using here = await estate();
    const plan = join(here.cwd, "plan.yaml");
    const inputs = (pin: string): string => {
      const path = join(newFolder(), "inputs.yaml");
      writeFileSync(path, `pin: ${pin}\n`);
      return path;
    };
    writeFileSync(plan, secretAlias);
    const [id] = here.movable(1) as [number];
    const set = ["partner=4001", `ids=${id}`];
    const loaded = await here.workspace.loadPlan(plan, { service: "simulator", set, inputsFile: inputs("tulip-9137") });
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(loaded, { out: { file } }));
    expect(textOf(file)).not.toContain("tulip-9137");
    expect(textOf(file)).not.toContain(Buffer.from("tulip-9137").toString("base64"));
    await expect(here.workspace.loadChangeSet(file)).rejects.toMatchObject({ exitCode: 3 });
    await expect(here.workspace.loadChangeSet(file, { inputsFile: inputs("tulip-9138") })).rejects.toMatchObject({
      exitCode: 3,
      problems: [{ code: "other-secret" }],
    });
    const saved = await here.workspace.loadChangeSet(file, { inputsFile: inputs("tulip-9137") });
    const run = await ended(here, here.workspace.apply(saved, apply));
    expect(here.simulator.device(id)?.nameAlias).toBe("desk tulip-9137");
    for (const name of ["ledger.ndjson", "changeset.ndjson", "inventory.ndjson"])
      expect(textOf(join(run.folder, name))).not.toContain("tulip-9137");
  });

  it("is not saved when a guard is breached, nor over a file that is something else", async () => {
    await using here = await estate();
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(await here.plan([]), { out: { file } }));
    expect(existsSync(file)).toBe(false);
    const asked = here.simulator.witness.entries.length;
    const config = join(here.cwd, "rollcall.config.yaml");
    const preview = here.workspace.preview(await here.plan(here.movable(1)), { out: { file: config } });
    await expect(collect(preview)).rejects.toMatchObject({ exitCode: 3 });
    expect(textOf(config)).toContain("kind: simulator");
    expect(here.simulator.witness.entries).toHaveLength(asked);
    // An earlier change set is replaced.
    await collect(here.workspace.preview(await here.plan(here.movable(1)), { out: { file } }));
    const first = textOf(file);
    await collect(here.workspace.preview(await here.plan(here.movable(2)), { out: { file } }));
    expect(textOf(file)).not.toBe(first);
    expect((await applySaved(here, file)).end.counts.confirmed).toBe(2);
  });
});

describe("a saved change set that says what its plan does not", () => {
  /** In another folder nobody knows what was saved: only the file itself can give it away. */
  async function travelled(count: number, edit: (text: string) => string) {
    const set = await reviewed(count, { devices: 40 });
    const there = await set.here.elsewhere();
    const file = join(there.cwd, "changes.ndjson");
    copyFileSync(set.file, file);
    rebuiltWhole(file, edit);
    const close = async (): Promise<void> => {
      await there[Symbol.asyncDispose]();
      await set[Symbol.asyncDispose]();
    };
    return { there, file, simulator: set.here.simulator, [Symbol.asyncDispose]: close };
  }

  it("is applied elsewhere when nothing was changed", async () => {
    await using moved = await travelled(2, (text) => text);
    const run = await applySaved(moved.there, moved.file);
    expect(run.end.counts.confirmed).toBe(2);
    expect(run.records[0]).toMatchObject({ type: "start", started: expect.any(Number) as number });
  });

  it.each<[string, (text: string) => string]>([
    [
      "another call for one item",
      (text) => text.replace('"method":"ModifyAccount","params"', '"method":"RemoveAccount","params"'),
    ],
    ["another value", (text) => text.replaceAll('"ProductId":4', '"ProductId":6')],
    ["another item", (text) => text.replace(/"accountInfo":\{"Id":(\d+)/, '"accountInfo":{"Id":1200003')],
    ["fewer changes told than there are", (text) => text.replace(/"selected":2\b/, '"selected":1')],
    ["no guards", (text) => text.replace(/"guards":\[.*?\](?=\})/, '"guards":[]')],
    ["other inputs", (text) => text.replace('"to":4', '"to":6')],
    ["an item that the list did not have so", (text) => text.replace('"product_id":3}', '"product_id":5}')],
    ["another name for an item", (text) => text.replace(/("id":"\d+","title":)"[^"]+"/, '$1"test-vm"')],
    ["another name for all items", (text) => text.replace('"title":"device_name"', '"title":"product_id"')],
    ["another plan", (text) => text.replace("name: products", "name: others")],
    ["a mild word for a change", (text) => text.replace('"repeat":"set"', '"repeat":"once"')],
    ["waves that leave items out", (text) => text.replace('"waves":[2]', '"waves":[1]')],
  ])("is refused as tampered: %s", async (_, edit) => {
    await using moved = await travelled(2, edit);
    expect(await refusal(moved.there, moved.file)).toMatchObject({
      exitCode: 5,
      code: expect.stringMatching(/tampered|stale/) as string,
    });
    expect(changesReceived(moved.simulator)).toEqual([]);
  });

  it("leaves a record of the refused run that begins with its start, as every folder with more than a plan does", async () => {
    await using moved = await travelled(2, (text) => text.replaceAll('"ProductId":4', '"ProductId":6'));
    expect(await refusal(moved.there, moved.file)).toMatchObject({ code: "tampered" });
    const [run = ""] = runsIn(moved.there.cwd);
    const { records, changes } = evidenceOf(join(moved.there.cwd, ".rollcall/runs", run));
    expect(changes).toHaveLength(2);
    expect(records).toMatchObject([{ seq: 1, type: "start", run }]);
    expect(await moved.there.workspace.runs()).toMatchObject([{ run, status: "previewed", counts: undefined }]);
  });

  it("is refused when it was saved by another major version", async () => {
    await using moved = await travelled(2, (text) => text.replace(/"tool":"rollcall\/\d+/, '"tool":"rollcall/9'));
    expect(await refusal(moved.there, moved.file)).toMatchObject({
      code: "stale",
      message: expect.stringContaining("rollcall/9") as string,
    });
  });

  it("is refused in its own estate when no run there has saved it", async () => {
    await using set = await reviewed(2);
    rebuiltWhole(set.file, (text) => text.replace(`"run":"${set.review}"`, '"run":"20260101T000000Z-aaaaa"'));
    expect(await refusal(set.here, set.file)).toMatchObject({ code: "tampered" });
  });

  it("that is replaced between its reading and its apply is refused", async () => {
    await using set = await reviewed(2);
    const saved = await set.here.workspace.loadChangeSet(set.file);
    await collect(set.here.workspace.preview(await set.here.plan(set.here.movable(3)), { out: { file: set.file } }));
    await expect(collect(set.here.workspace.apply(saved, apply))).rejects.toMatchObject({ code: "tampered" });
    expect(changesReceived(set.here.simulator)).toEqual([]);
  });

  it("whose header is of another shape is refused by name, never by a mistake of ours", async () => {
    await using set = await reviewed(1, { devices: 40 });
    await using there = await set.here.elsewhere();
    const header = JSON.parse(textOf(set.file).split("\n")[0] ?? "") as Record<string, Record<string, unknown>>;
    const members = [
      ...["created", "expires", "start", "enumerated", "selected", "plan"].map((name) => [name]),
      ...Object.keys(header.start ?? {}).map((name) => ["start", name]),
      ...Object.keys(header.enumerated ?? {}).map((name) => ["enumerated", name]),
      ...Object.keys(header.selected ?? {}).map((name) => ["selected", name]),
    ];
    const values = [undefined, null, "x", -1, 1e300, [], {}, [1e300], [-1]];
    const file = join(there.cwd, "changes.ndjson");
    for (const [outer = "", inner] of members) {
      for (const value of values) {
        const bent = structuredClone(header) as Record<string, unknown>;
        if (inner === undefined) bent[outer] = value;
        else (bent[outer] as Record<string, unknown>)[inner] = value;
        copyFileSync(set.file, file);
        rebuilt(file, (text) => [JSON.stringify(bent), ...text.split("\n").slice(1)].join("\n"));
        const error = (await refusal(there, file)) as { exitCode?: number } | undefined;
        // What says who and where, or is not relied on, may be anything.
        if (error !== undefined)
          expect([3, 5], `${outer}.${inner ?? ""} = ${JSON.stringify(value)}: ${String(error)}`).toContain(
            error.exitCode,
          );
        rmSync(join(there.cwd, ".rollcall", "applied"), { recursive: true, force: true });
        for (const id of set.ids) there.simulator.edit(id, { productId: 3 });
        await expect(there.workspace.runs()).resolves.toBeDefined();
      }
    }
  }, 120_000);
});

describe("a saved change set whose list is narrowed by the service", () => {
  const narrowed = (change: string): string => `rollcall: 1
name: narrowed
service: simulator
enumerate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: 4001
      Filter: PD == 3 && OT == 1
  fields: [device_id, device_name_alias]
filter: "true"
${change}guards: { max: 500 }
stop: { errors: 99, consecutive: 99, unknown: 99, drifted: 99 }
verify: { within: 4s, every: 150ms }
`;
  const removal =
    "change:\n  call: RemoveAccount\n  params: { accountId: '${{ item.device_id }}' }\n  destructive: true\n  expect: absent\n";
  const alias =
    "change:\n  set: { device_name_alias: kept }\n  call: ModifyAccount\n  params:\n    accountInfo:\n      Id: ${{ item.device_id }}\n      NameAlias: ${{ set.device_name_alias }}\n";

  it.each([
    ["a removal", removal],
    ["a change", alias],
  ])("leaves alone what has left that list since the review: %s", async (_, change) => {
    await using here = await estate({ devices: 120 });
    const plan = join(here.cwd, "plan.yaml");
    writeFileSync(plan, narrowed(change));
    const file = join(here.cwd, "changes.ndjson");
    const loaded = await here.workspace.loadPlan(plan);
    await collect(here.workspace.preview(loaded, { out: { file } }));
    const gone = here.movable(4);
    for (const id of gone) here.simulator.edit(id, { productId: 4 });
    const run = await applySaved(here, file);
    expect(run.in("drifted")).toEqual(gone.map(String));
    expect(run.in("already")).toEqual([]);
    for (const id of gone) expect(here.simulator.device(id)).toBeDefined();
  });
});

describe("a plan that uses its run", () => {
  it("is confirmed from a saved change set as from the plan: `run` is the one that was reviewed", async () => {
    await using here = await estate({ devices: 60 });
    const plan = join(here.cwd, "plan.yaml");
    writeFileSync(
      plan,
      `${head("stamp")}  fields: [device_id, device_name_alias]
filter: item.device_id in inputs.ids
change:
  call: ModifyAccount
  params:
    accountInfo:
      Id: \${{ item.device_id }}
      NameAlias: \${{ run.id }}
  expect: after.device_name_alias == run.id
${quickVerify}`,
    );
    const ids = here.movable(3);
    const loaded = await here.workspace.loadPlan(plan, {
      service: "simulator",
      set: ["partner=4001", `ids=${ids.join(",")}`],
    });
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(loaded, { out: { file } }));
    const saved = await here.workspace.loadChangeSet(file);
    let seen = 0;
    for await (const event of here.workspace.apply(saved, apply)) if (event.type === "outcome" && ++seen === 1) break;
    const run = await ended(here, here.workspace.resume("latest"));
    expect(run.end.counts).toMatchObject({ confirmed: 3, diverged: 0 });
  });
});

describe("a preview from an inventory", () => {
  it("decides on the list of an earlier run as it did, without a network", async () => {
    await using here = await estate();
    const ids = here.movable(7);
    await collect(here.workspace.preview(await here.plan(ids)));
    const [first] = runsIn(here.cwd) as [string];
    const from = join(here.cwd, ".rollcall", "runs", first, "inventory.ndjson");
    await here.simulator.close();
    const events = await collect(here.workspace.preview(await here.plan(ids), { from }));
    const second = runsIn(here.cwd).find((run) => run !== first)!;
    const [live, offline] = [first, second].map((run) => join(here.cwd, ".rollcall", "runs", run));
    const changes = (folder: string): string[] => textOf(join(folder, "changeset.ndjson")).split("\n").slice(1, -2);
    expect(changes(offline!)).toEqual(changes(live!));
    expect(events.find((event) => event.type === "preview")).toMatchObject({ counts: { selected: 7 } });
    // With other inputs, another selection from the same list.
    const fewer = await collect(here.workspace.preview(await here.plan(ids.slice(0, 2)), { from }));
    expect(fewer.find((event) => event.type === "preview")).toMatchObject({ counts: { selected: 2 } });
  });

  it("can be saved and applied; its age counts from the reading of the list", async () => {
    await using here = await estate();
    const ids = here.movable(4);
    await collect(here.workspace.preview(await here.plan(ids)));
    const from = join(here.cwd, ".rollcall", "runs", runsIn(here.cwd)[0]!, "inventory.ndjson");
    const file = join(here.cwd, "changes.ndjson");
    await collect(here.workspace.preview(await here.plan(ids), { from, out: { file } }));
    const { header } = await here.workspace.loadChangeSet(file);
    expect(header.created).toBe(header.start.now * 1000);
    expect((await applySaved(here, file)).end.counts.confirmed).toBe(4);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    [
      "another call",
      (text) => text.replace('"call":"EnumerateAccountStatistics"', '"call":"EnumerateAccounts"'),
      /read with/,
    ],
    ["another scope", (text) => text.replace('"PartnerId":4001', '"PartnerId":5010'), /asked for with/],
    ["fewer fields", (text) => text.replaceAll('"source":"I9"', '"source":"I5"'), /it has no product_id/],
  ])("is refused with the reason when the list is another: %s", async (_, edit, reason) => {
    await using here = await estate();
    await collect(here.workspace.preview(await here.plan(here.movable(2))));
    const from = join(here.cwd, ".rollcall", "runs", runsIn(here.cwd)[0]!, "inventory.ndjson");
    rebuilt(from, edit);
    await expect(collect(here.workspace.preview(await here.plan([1]), { from }))).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(reason) as string,
    });
  });

  it("is refused when it is damaged, or not there", async () => {
    await using here = await estate();
    await collect(here.workspace.preview(await here.plan(here.movable(2))));
    const from = join(here.cwd, ".rollcall", "runs", runsIn(here.cwd)[0]!, "inventory.ndjson");
    writeFileSync(from, textOf(from).replace('"product_id":3', '"product_id":4'));
    await expect(collect(here.workspace.preview(await here.plan([1]), { from }))).rejects.toMatchObject({
      code: "audit",
    });
    rmSync(from);
    await expect(collect(here.workspace.preview(await here.plan([1]), { from }))).rejects.toThrow(/inventory/);
  });

  it("that is a file named by mistake is a wrong command line, not a lost or damaged record", async () => {
    await using here = await estate();
    await collect(here.workspace.preview(await here.plan(here.movable(2))));
    const folder = join(here.cwd, ".rollcall", "runs", runsIn(here.cwd)[0]!);
    for (const from of ["nothing.ndjson", here.cwd, join(folder, "plan.yaml"), join(folder, "ledger.ndjson")])
      await expect(collect(here.workspace.preview(await here.plan([1]), { from }))).rejects.toMatchObject({
        exitCode: 3,
        message: expect.stringMatching(/^--from takes the list of an earlier run: /) as string,
        hint: expect.stringContaining("Name its inventory.ndjson") as string,
      });
  });

  it("that can not be saved where --out says is a wrong command line, before anything is read", async () => {
    await using here = await estate();
    const asked = here.simulator.witness.entries.length;
    const preview = here.workspace.preview(await here.plan([1]), { out: { file: "/proc/changes.ndjson" } });
    await expect(collect(preview)).rejects.toMatchObject({ exitCode: 3, hint: "Give --out another place." });
    expect(here.simulator.witness.entries).toHaveLength(asked);
  });
});

const head = (name: string): string => `rollcall: 1
name: ${name}
service: simulator
inputs:
  partner: { type: integer }
  ids: { type: list, of: integer }
enumerate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: \${{ inputs.partner }}
`;
const quickVerify =
  "verify: { within: 4s, every: 150ms }\nstop: { errors: 50, consecutive: 50, unknown: 50, drifted: 50 }\n";

const filteredByStorage = `${head("filtered")}  fields: [device_id, device_name, product_id, expiration_date]
filter:
  - item.device_id in inputs.ids
  - item.expiration_date == null || item.expiration_date > 1000
change:
  set: { product_id: 4 }
  call: ModifyAccount
  params:
    accountInfo:
      Id: \${{ item.device_id }}
      ProductId: \${{ set.product_id }}
${quickVerify}`;

const aliasFromProfile = `${head("alias")}  fields: [device_id, device_name_alias, expiration_date]
filter: item.device_id in inputs.ids
change:
  set:
    device_name_alias: \${{ "until " + string(coalesce(item.expiration_date, 0)) }}
  call: ModifyAccount
  params:
    accountInfo:
      Id: \${{ item.device_id }}
      NameAlias: \${{ set.device_name_alias }}
${quickVerify}`;

const removeSilent = `${head("remove")}  fields: [device_id, device_name, last_timestamp]
filter:
  - item.device_id in inputs.ids
  - coalesce(item.last_timestamp, 0) < ago("90d")
change:
  call: RemoveAccount
  params:
    accountId: \${{ item.device_id }}
  destructive: true
  expect: absent
guards: { max: 50 }
${quickVerify}`;

const onceOnly = `rollcall: 1
name: once
service: simulator
allow_undocumented: true
inputs:
  partner: { type: integer }
enumerate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: \${{ inputs.partner }}
  fields: [device_id, device_name]
filter: coalesce(item.device_name, "").endsWith("00")
change:
  call: QueueSomething
  params:
    accountId: \${{ item.device_id }}
  expect: accepted
`;

const secretAlias = `${head("secret").replace("  ids:", "  pin: { type: secret }\n  ids:")}  fields: [device_id, device_name]
filter: item.device_id in inputs.ids
change:
  call: ModifyAccount
  params:
    accountInfo:
      Id: \${{ item.device_id }}
      NameAlias: desk \${{ inputs.pin }}
  expect: accepted
${quickVerify}`;

describe("a saved change set whose calls are about several items", () => {
  it("leaves out what was edited, and sends the others together", async () => {
    await using here = await estate({ devices: 120 });
    const text = readFileSync(join(import.meta.dirname, "../support/plans/label-devices.yaml"), "utf8");
    const file = await savedAs(
      here,
      text.replace("  product: {", "  ids: { type: list, of: integer }\n  product: {"),
      [],
    );
    const products = here.simulator.ids().filter((id) => here.simulator.device(id)?.productId === 3);
    const edited = products.slice(3, 5);
    for (const id of edited) here.simulator.edit(id, { productId: 1 });
    const saved = await here.workspace.loadChangeSet(file);
    const change = { method: "AddAccountLabel", repeat: "set", chunk: 10, values: labelled } as const;
    const run = await ended(here, here.workspace.apply(saved, apply), change);
    expect(run.violations).toEqual([]);
    expect(run.in("drifted")).toEqual(edited.map(String));
    expect(run.end.counts).toMatchObject({ confirmed: products.length - 2, unknown: 0 });
    const received = changesReceived(here.simulator, change.method);
    expect(received.filter((id) => edited.map(String).includes(id))).toEqual([]);
    expect(here.simulator.witness.requests(change.method)).toBeLessThanOrEqual(Math.ceil(products.length / 10));
  });
});
