import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { maxPackBytes, packText, readPack } from "../../runner/runs/pack/pack-file.ts";
import { openWorkspace } from "../../runner/workspace.ts";
import { applied, evidence, filesBelow, type Evidence } from "../support/evidence.ts";
import { collect, newFolder } from "../support/runs.ts";

/** The customer of whom most devices were changed, and not all. */
function chosen({ customers }: Evidence) {
  const found = [...customers].filter(([, { changed }]) => changed.length > 0);
  expect(found.length).toBeGreaterThan(1);
  const [id, customer] = found.sort(([, left], [, right]) => right.changed.length - left.changed.length)[0]!;
  return { id, ...customer };
}

const faults = [
  { method: "ModifyAccount", fault: "error", nth: 2, data: 13501, message: "not allowed" },
  { method: "ModifyAccount", fault: "reset-after", nth: 4 },
] as const;

/** Somewhere else, where nothing of the run is. */
async function elsewhere(file: string) {
  const cwd = newFolder();
  copyFileSync(file, join(cwd, "pack.ndjson"));
  return { cwd, workspace: await openWorkspace({ cwd, env: { CI: "" } }) };
}

describe("an evidence pack of one customer", () => {
  it("is checked alone, by its root or a key, and holds all that the run did to the customer's devices", async () => {
    await using made = await evidence({ faults });
    const { workspace, cwd } = made.here;
    const customer = chosen(made);
    const written = await workspace.auditPack(made.run.run, { customer: String(customer.id), out: "pack.ndjson" });
    expect(written).toMatchObject({ run: made.run.run, items: customer.ids.length });
    // The root that anybody with the run's folder computes.
    const audited = await workspace.audit(made.run.run);
    expect([written.root, written.anchor]).toEqual([audited.root, audited.anchor]);

    const there = await elsewhere(join(cwd, "pack.ndjson"));
    const alone = await there.workspace.verifyPack("pack.ndjson", { root: written.root });
    expect(alone).toMatchObject({ ok: true, rootFits: true, signed: undefined, states: written.states });
    expect(await there.workspace.verifyPack("pack.ndjson", { root: "0".repeat(64) })).toMatchObject({ ok: false });
    expect(await there.workspace.verifyPack("pack.ndjson")).toMatchObject({ ok: true, rootFits: undefined });

    const lines = readFileSync(join(cwd, "pack.ndjson"), "utf8").trimEnd().split("\n").slice(2, -1);
    const items = lines.map((line) => JSON.parse(line) as { leaf: string; facts: string[] });
    const leaves = items.map(
      ({ leaf }) => JSON.parse(leaf) as { salt: string; listed: { id: string }; change?: object; state?: string },
    );
    expect(leaves.map(({ listed }) => listed.id)).toEqual(customer.ids);
    const salts = leaves.map(({ salt }) => salt);
    expect(new Set(salts).size).toBe(leaves.length);
    expect(salts.every((salt) => /^[0-9a-f]{64}$/.test(salt))).toBe(true);
    const changed = leaves.filter(({ change }) => change !== undefined);
    expect(changed.map(({ listed }) => listed.id)).toEqual(customer.changed);
    for (const [place, { state }] of leaves.entries()) {
      const types = items[place]!.facts.map((fact) => (JSON.parse(fact) as { type: string }).type);
      if (state === "confirmed") expect(types.join()).toMatch(/^(intent,sent,outcome,)+(read|verdict)/);
      if (state === undefined) expect(types).toEqual([]);
    }
  });

  it("holds no id, no name and no value of another customer", async () => {
    await using made = await evidence({ faults });
    const { workspace, cwd } = made.here;
    const { id: own } = chosen(made);
    await workspace.auditPack(made.run.run, {
      customer: String(own),
      out: "pack.ndjson",
      sign: { key: "auditor.pem" },
    });
    const pack = readFileSync(join(cwd, "pack.ndjson"), "utf8");
    // Of ids whole numbers only: one can be a part of another, or of a hash.
    const words = new Set(pack.split(/[^0-9A-Za-z_.-]+/));
    const rows = readFileSync(made.path("inventory.ndjson"), "utf8").trimEnd().split("\n").slice(1, -1);
    const listed = rows.map((line) => JSON.parse(line) as { id: string; fields: Record<string, unknown> });
    const mine = new Set(
      listed
        .filter(({ fields }) => fields.partner_id === own)
        .flatMap(({ id, fields }) => [id, ...Object.values(fields).map(String)]),
    );
    const others = listed.filter(({ fields }) => fields.partner_id !== own);
    expect(others.length).toBeGreaterThan(20);
    const values = others.flatMap(({ id, fields }) => [id, ...Object.values(fields).map(String)]);
    for (const value of new Set(values.filter((one) => !mine.has(one) && one.length > 2))) {
      expect(words.has(value), value).toBe(false);
      if (/[^0-9]/.test(value)) expect(pack.includes(value), value).toBe(false);
    }
    // Nor the hash of anything that could be guessed of them, as the files of the run have it.
    const guesses = others.flatMap(({ id, fields }) => [
      id,
      JSON.stringify({ id, fields }),
      ...Object.values(fields).map((one) => JSON.stringify(one)),
    ]);
    const rawLines = [...filesBelow(made.run.folder).values()].flatMap((bytes) => bytes.toString("utf8").split("\n"));
    for (const guess of [...guesses, ...rawLines].filter((one) => one !== "")) {
      for (const prefix of ["", "\0", "\u0001"])
        expect(pack.includes(createHash("sha256").update(`${prefix}${guess}`).digest("hex"))).toBe(false);
    }
    const { salt } = JSON.parse(readFileSync(made.path("ledger.ndjson"), "utf8").split("\n")[0]!) as { salt: string };
    expect(salt).toMatch(/^[0-9a-f]{64}$/);
    expect(pack).not.toContain(salt);
  });

  it("shows every byte that was changed, and lines that were dropped, doubled or swapped", async () => {
    await using made = await evidence({ devices: 30, count: 3 });
    const { workspace, cwd } = made.here;
    const [customer] = [...made.customers]
      .filter(([, { changed, ids }]) => changed.length > 0 && ids.length > 1)
      .sort(([, left], [, right]) => left.ids.length - right.ids.length);
    const own = { customer: String(customer![0]), out: "pack.ndjson", sign: { key: "auditor.pem" } };
    const { root } = await workspace.auditPack(made.run.run, own);
    const bytes = readFileSync(join(cwd, "pack.ndjson"));
    const refused = async (content: Buffer | string, what: string): Promise<void> => {
      writeFileSync(join(cwd, "edited.ndjson"), content);
      const found = await workspace.verifyPack("edited.ndjson").catch((error: unknown) => error);
      expect(found, what).toBeInstanceOf(Error);
    };
    for (let place = 0; place < bytes.length; place++) {
      const changed = Buffer.from(bytes);
      changed[place] = changed[place]! ^ (1 << (place % 8));
      await refused(changed, `byte ${place}`);
    }
    const lines = bytes.toString("utf8").trimEnd().split("\n");
    /** With an end line that fits: the hashes of the tree have to find it. */
    const sealed = (of: readonly string[]): string => {
      const content = of.map((line) => `${line}\n`).join("");
      return `${content}${JSON.stringify({ type: "end", digest: createHash("sha256").update(content).digest("hex") })}\n`;
    };
    const body = lines.slice(0, -1);
    expect(sealed(body)).toBe(bytes.toString("utf8"));
    for (let place = 1; place < body.length; place++) {
      await refused(sealed(body.toSpliced(place, 1)), `without line ${place}`);
      await refused(sealed(body.toSpliced(place, 0, body[place]!)), `line ${place} twice`);
    }
    /** Who edits a pack can make every digest in it fit but those of the tree. */
    type Line = Record<string, unknown> & { leaf: string; path: string[]; facts: string[] };
    const item = body.findLastIndex((line) => (JSON.parse(line) as Line).leaf.includes('"change":'));
    expect(item).toBeGreaterThan(1);
    const edited = (change: (line: Line) => void): string => {
      const line = JSON.parse(body[item]!) as Line;
      change(line);
      return sealed(body.with(item, JSON.stringify(line)));
    };
    const edits: readonly ((line: Line) => void)[] = [
      (line) => (line.leaf = line.leaf.replace('"state":"confirmed"', '"state":"rejected"')),
      (line) => (line.leaf = line.leaf.replace('"product_id":3', '"product_id":2')),
      (line) => (line.facts[0] = line.facts[0]!.replace(/"t":\d+/, '"t":1')),
      (line) => line.facts.pop(),
      (line) => (line.path[0] = "0".repeat(64)),
      (line) => line.path.pop(),
      (line) => (line.place = (line.place as number) + 1),
    ];
    expect(edited(() => undefined)).toBe(bytes.toString("utf8"));
    for (const [place, edit] of edits.entries()) {
      expect(edited(edit)).not.toBe(bytes.toString("utf8"));
      await refused(edited(edit), `edit ${place}`);
    }
    // Items can be left out by nobody: how many there are stands in each of them.
    const against = { root, publicKey: "auditor.pub" };
    const held = async (of: readonly string[]) => {
      writeFileSync(join(cwd, "edited.ndjson"), sealed(of));
      return await workspace.verifyPack("edited.ndjson", against);
    };
    expect(await held(body)).toMatchObject({ ok: true });
    const fewer = {
      code: "audit",
      exitCode: 9,
      message: expect.stringContaining("items of its customer, and the list"),
    };
    for (let place = 2; place < body.length; place++)
      await expect(held(body.toSpliced(place, 1))).rejects.toMatchObject(fewer);
    await expect(held(body.slice(0, 2))).rejects.toMatchObject({
      message: expect.stringContaining("it holds no item"),
    });
    // Nothing is said where the root does not reach.
    for (const more of [{ size: 32 }, { customer: { partner_id: "8", customer_name: "Globex Corp" } }, { items: 1 }]) {
      const header = JSON.stringify({ ...(JSON.parse(body[0]!) as object), ...more });
      await expect(held([header, ...body.slice(1)])).rejects.toMatchObject({
        message: expect.stringContaining("it is not as it was written"),
      });
    }
    const larger = JSON.parse(body[1]!) as Line;
    for (const by of [1, 2, 3]) {
      const leaf = larger.leaf.replace('"items":30,', `"items":${30 + by},`);
      expect(leaf).not.toBe(larger.leaf);
      await expect(held(body.with(1, JSON.stringify({ ...larger, leaf })))).rejects.toMatchObject({
        message: expect.stringContaining("does not lead to its root"),
      });
    }
  }, 60_000);

  it("says whose it is from the leaves, and under which names they stand", async () => {
    await using made = await evidence({ devices: 30, count: 3 });
    const { workspace, cwd } = made.here;
    const { id, name, ids } = chosen(made);
    const { root } = await workspace.auditPack(made.run.run, { customer: String(id), out: "pack.ndjson" });
    expect(await workspace.verifyPack("pack.ndjson", { root })).toMatchObject({
      customer: `${name} (${id})`,
      items: ids.length,
    });
    expect(readFileSync(join(cwd, "pack.ndjson"), "utf8").split("\n")[0]).not.toContain(name);
  });

  it("tells no counts of others: neither places among the changes nor numbers of records", async () => {
    await using made = await evidence({ faults });
    const { workspace, cwd } = made.here;
    await workspace.auditPack(made.run.run, { customer: String(chosen(made).id), out: "pack.ndjson" });
    const [, run, ...items] = readFileSync(join(cwd, "pack.ndjson"), "utf8").trimEnd().split("\n").slice(0, -1);
    const texts = items.flatMap((line) => {
      const { leaf, facts } = JSON.parse(line) as { leaf: string; facts: string[] };
      return [leaf, ...facts];
    });
    expect(texts.length).toBeGreaterThan(items.length);
    for (const text of texts) expect(text).not.toMatch(/"(index|seq|intent|intents|up)":/);
    expect(texts.filter((text) => text.includes('"change":{"id":')).length).toBeGreaterThan(0);
    // The head and the number of items have to be there.
    expect(JSON.parse((JSON.parse(run!) as { leaf: string }).leaf)).toMatchObject({
      seq: expect.any(Number),
      items: 60,
    });
  });

  it("is of the customer whose id was given, whatever others are called, and finds names with blanks around them", async () => {
    await using made = await evidence({ count: 8 });
    const { workspace, simulator } = made.here;
    const [one, other, third] = [...made.customers.keys()];
    simulator.editPartner(other!, { name: String(one) });
    simulator.editPartner(third!, { name: " Spaced " });
    const again = await applied(made.here, simulator.ids().slice(0, 30), 4);
    const packed = async (customer: string, out: string) =>
      (await workspace.auditPack(again.run, { customer, out })).customer;
    expect(await packed(String(one), "one")).toContain(`(${one})`);
    expect(await packed(String(other), "other")).toBe(`${one} (${other})`);
    expect(await packed(" Spaced ", "as-written")).toBe(` Spaced  (${third})`);
    expect(await packed("spaced", "otherwise")).toBe(` Spaced  (${third})`);
  });

  it("is not made larger than packs are read, and what is no such file is not read at all", async () => {
    await using made = await evidence({ devices: 30, count: 3 });
    const { workspace, cwd } = made.here;
    await workspace.auditPack(made.run.run, { customer: String(chosen(made).id), out: "pack.ndjson" });
    const text = readFileSync(join(cwd, "pack.ndjson"), "utf8");
    const { pack } = readPack(text, "pack.ndjson");
    expect(packText(pack, text.length)).toBe(text);
    expect(() => packText(pack, text.length - 1)).toThrow(/would be larger than/);
    // Nothing is written into it: its size alone is too much.
    const huge = join(cwd, "huge");
    writeFileSync(huge, "");
    truncateSync(huge, maxPackBytes + 1);
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    for (const [file, message] of [
      ["huge", "has 268435457 bytes"],
      ["pipe", "is not a file"],
      ["/dev/zero", "is not a file"],
      ["nothing", "can not be read: ENOENT"],
    ] as const) {
      const refused = { code: "usage", message: expect.stringContaining(message) };
      await expect(workspace.verifyPack(file)).rejects.toMatchObject(refused);
      await expect(workspace.verifyAttestation(file, { publicKey: "auditor.pub" })).rejects.toMatchObject(refused);
    }
  });

  it("is signed by a key, and by no other, over the head that its first leaf names", async () => {
    await using made = await evidence({ devices: 30, count: 3 });
    const { workspace, cwd } = made.here;
    const { id } = chosen(made);
    const { run } = made.run;
    await workspace.auditPack(run, { customer: String(id), out: "unsigned.ndjson" });
    const unsigned = await workspace.verifyPack("unsigned.ndjson", { publicKey: "auditor.pub" });
    expect(unsigned).toMatchObject({ ok: false, signed: false });
    // A signature over the record is one over its root.
    await workspace.audit(run, { sign: { key: "auditor.pem" } });
    await workspace.auditPack(run, { customer: String(id), out: "pack.ndjson" });
    const there = await elsewhere(join(cwd, "pack.ndjson"));
    copyFileSync(join(cwd, "auditor.pub"), join(there.cwd, "auditor.pub"));
    copyFileSync(join(cwd, "stranger.pub"), join(there.cwd, "stranger.pub"));
    expect(await there.workspace.verifyPack("pack.ndjson", { publicKey: "auditor.pub" })).toMatchObject({
      ok: true,
      signed: true,
    });
    expect(await there.workspace.verifyPack("pack.ndjson", { publicKey: "stranger.pub" })).toMatchObject({
      ok: false,
      signed: false,
    });
  });

  it("is refused where the customer is not there, is named like another, or the record does not hold; and overwrites nothing", async () => {
    await using made = await evidence({ devices: 30, count: 3 });
    const { workspace, cwd } = made.here;
    const { id, name } = chosen(made);
    const { run } = made.run;
    await expect(workspace.auditPack(run, { customer: "nobody", out: "p" })).rejects.toMatchObject({ code: "usage" });
    const byName = await workspace.auditPack(run, { customer: name, out: "p" });
    expect(byName.customer).toBe(`${name} (${id})`);
    await expect(workspace.auditPack(run, { customer: name, out: "p" })).rejects.toMatchObject({
      message: expect.stringContaining("is there already"),
    });
    writeFileSync(join(cwd, "not-a-pack"), "{}\n");
    await expect(workspace.verifyPack("not-a-pack")).rejects.toMatchObject({ code: "usage" });
    await expect(workspace.verifyPack("p", { root: "abc" })).rejects.toMatchObject({ code: "usage" });
    writeFileSync(
      made.path("changeset.ndjson"),
      readFileSync(made.path("changeset.ndjson"), "utf8").replace('"ProductId":4', '"ProductId":5'),
    );
    await expect(workspace.auditPack(run, { customer: name, out: "q" })).rejects.toMatchObject({
      code: "audit",
      exitCode: 9,
    });
  });

  it("is not signed by a signature of the same key over another run", async () => {
    await using made = await evidence({ count: 6 });
    const { workspace, cwd } = made.here;
    const other = await applied(made.here, made.here.movable(1), 5);
    const { id } = chosen(made);
    await workspace.auditPack(made.run.run, { customer: String(id), out: "own", sign: { key: "auditor.pem" } });
    await workspace.auditPack(other.run, { customer: String(id), out: "other", sign: { key: "auditor.pem" } });
    const [own, foreign] = ["own", "other"].map((name) => readFileSync(join(cwd, name), "utf8").trimEnd().split("\n"));
    const headerOf = (lines: readonly string[]): { signatures: object[] } =>
      JSON.parse(lines[0]!) as { signatures: object[] };
    const header = { ...headerOf(own!), signatures: headerOf(foreign!).signatures };
    const content = [JSON.stringify(header), ...own!.slice(1, -1)].map((line) => `${line}\n`).join("");
    const digest = createHash("sha256").update(content).digest("hex");
    writeFileSync(join(cwd, "mixed"), `${content}${JSON.stringify({ type: "end", digest })}\n`);
    expect(await workspace.verifyPack("mixed")).toMatchObject({ ok: true, keys: [expect.any(String)] });
    const held = await workspace.verifyPack("mixed", { publicKey: "auditor.pub" });
    expect(held).toMatchObject({ ok: false, signed: false });
  });

  it("is salted with what no saved change set holds, though those hold a start record", async () => {
    await using made = await evidence({ devices: 30, count: 2 });
    const { workspace, cwd } = made.here;
    const [first] = await collect(
      workspace.preview(await made.here.plan(made.here.movable(2)), { out: { file: "c.ndjson" } }),
    );
    const { folder } = first as { folder: string };
    const start = JSON.parse(readFileSync(join(folder, "ledger.ndjson"), "utf8").split("\n")[0]!) as {
      salt: string;
      estate: string;
    };
    const saved = readFileSync(join(cwd, "c.ndjson"), "utf8");
    expect([saved.includes(start.estate), saved.includes(start.salt), start.salt.length]).toEqual([true, false, 64]);
  });
});
