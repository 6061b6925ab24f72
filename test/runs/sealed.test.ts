import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldFacts } from "../../runner/core/model/catalogue.ts";
import type { Change } from "../../runner/core/model/change.ts";
import { digest, itemId, runId, type Fields } from "../../runner/core/model/item.ts";
import { openChangeSet, type ChangeSetHeader } from "../../runner/runs/change-set.ts";
import { createRunFolder, type RunFolder } from "../../runner/runs/folder.ts";
import {
  countInventory,
  readInventory,
  readInventoryHeader,
  type Decided,
  type InventoryHeader,
} from "../../runner/runs/inventory.ts";
import { readLookups, writeLookups } from "../../runner/runs/lookups.ts";
import { createSealedFile, readSealed } from "../../runner/runs/sealed-file.ts";
import { createSelection } from "../../runner/runs/selection.ts";
import { folder } from "../ledger/sample.ts";

const run = runId("20261123T204700Z-k3m7q");
const field = (name: string, more: Partial<FieldFacts> = {}): FieldFacts => ({
  name,
  type: "string",
  source: name,
  spellings: [name],
  volatile: false,
  secret: false,
  ...more,
});
const inventory: InventoryHeader = {
  now: 1795466820,
  login: { user_id: 1, partner_id: 2, name: "n" },
  call: "EnumerateAccountStatistics",
  params: { query: { PartnerId: 2 } },
  key: "id",
  endpoint: "https://example.test",
  fields: [
    field("tier"),
    field("kind", { type: "enum", tokens: { "1": "workstation" } }),
    field("token", { secret: true }),
  ],
};
const changeSet: ChangeSetHeader = { run, plan: digest("ab".repeat(32)), endpoint: "https://example.test" };

const change = (index: number, id = String(100 + index), fields: Fields = {}): Change => ({
  index,
  id: itemId(id),
  title: `Gerät ${index}\u2028"\n`,
  item: { tier: "Bronze", ...fields },
  before: { tier: "Bronze" },
  after: { tier: "Gold" },
  request: { method: "Set", params: { id } },
});

/** A sealed selection of `count` changes beside as many items that the filter left out. */
async function selection(
  count: number,
  idOf: (index: number) => string = (index) => String(100 + index),
): Promise<RunFolder> {
  const place = await createRunFolder(folder("quick"), run, "");
  const writer = await createSelection(place, { inventory, changeSet });
  for (let index = 0; index < count; index++) {
    const one = change(index, idOf(index));
    await writer.add({ id: one.id, fields: one.item }, { as: "selected" });
    await writer.select(one);
    await writer.add({ id: itemId(`x${index}`), fields: { tier: null } }, { as: "filtered-out", clause: 1 });
  }
  const counts = { rows: 2 * count, "filtered-out": count, already: 0, refused: 0, selected: count };
  await (await writer.seal(counts)).changes.close();
  return place;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that are really in use. */
function inMemory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("what a run enumerated and selected", () => {
  it("comes back as it was written", async () => {
    const place = await createRunFolder(folder(), run, "");
    const writer = await createSelection(place, { inventory, changeSet });
    const decided: Decided[] = [
      { as: "selected" },
      { as: "already" },
      { as: "filtered-out", clause: 2 },
      { as: "refused", why: "tier is null" },
    ];
    for (const [index, decision] of decided.entries())
      await writer.add({ id: itemId(`${index}`), fields: { tier: "ü" } }, decision);
    await writer.select(change(0));
    const counts = { rows: 4, "filtered-out": 1, already: 1, refused: 1, selected: 1 };
    const sealed = await writer.seal(counts);
    expect(readdirSync(place.path).sort()).toEqual(["changeset.ndjson", "inventory.ndjson", "plan.yaml"]);

    expect(await readInventoryHeader(place.inventory)).toMatchObject({ ...inventory, format: 1 });
    const items = await all(readInventory(place.inventory, sealed.inventory));
    expect(await countInventory(place.inventory, sealed.inventory)).toEqual(counts);
    expect(items).toEqual(decided.map((decision, index) => ({ id: `${index}`, fields: { tier: "ü" }, ...decision })));
    expect(await all(sealed.changes)).toEqual([change(0)]);
    await sealed.changes.close();
    await using again = await openChangeSet(place.changeSet, sealed.changeSet);
    expect(again.digest).toBe(sealed.changeSet);
  });

  it("carries the SHA-256 of all lines before its end line", async () => {
    const place = await selection(3);
    for (const path of [place.inventory, place.changeSet]) {
      const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
      const content = lines
        .slice(0, -1)
        .map((line) => `${line}\n`)
        .join("");
      const found = createHash("sha256").update(content).digest("hex");
      expect(JSON.parse(lines.at(-1)!)).toMatchObject({ type: "end", digest: found });
    }
  });

  it("never holds the value of a secret field", async () => {
    const place = await createRunFolder(folder(), run, "");
    const writer = await createSelection(place, { inventory, changeSet });
    const fields = { tier: "Bronze", token: "hunter2" };
    await writer.add({ id: itemId("1"), fields }, { as: "selected" });
    await writer.select({ ...change(0, "1"), item: fields, before: { token: "hunter2", tier: "Bronze" } });
    await (await writer.seal({ rows: 1, "filtered-out": 0, already: 0, refused: 0, selected: 1 })).changes.close();
    for (const path of [place.inventory, place.changeSet]) expect(readFileSync(path, "utf8")).not.toContain("hunter2");
  });

  it("leaves nothing behind when the list shifted and the pass begins again", async () => {
    const place = await createRunFolder(folder(), run, "");
    const writer = await createSelection(place, { inventory, changeSet });
    for (let index = 0; index < 1000; index++)
      await writer.add({ id: itemId("1"), fields: { tier: "x".repeat(200) } }, { as: "already" });
    await writer.discard();
    expect(readdirSync(place.path)).toEqual(["plan.yaml"]);
  });

  it("says what to do when the disk can not take it, and leaves nothing half written", async () => {
    const root = folder();
    const place = await createRunFolder(root, run, "");
    const gone = { ...place, changeSet: `${place.path}/missing/changeset.ndjson` };
    await expect(createSelection(gone, { inventory, changeSet })).rejects.toMatchObject({
      code: "record",
      exitCode: 10,
    });
    expect(readdirSync(place.path)).toEqual(["plan.yaml"]);
  });
});

describe("a change set on disk", () => {
  it("gives the changes asked for, in the order asked for", async () => {
    await using changes = await openChangeSet((await selection(300)).changeSet);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(299), { maxLength: 40 }),
        fc.nat(299),
        fc.nat(60),
        async (indexes, from, count) => {
          const neighbours = Array.from({ length: Math.min(count, 300 - from) }, (_, place) => from + place);
          const asked = [...indexes, ...neighbours, ...indexes];
          expect(await changes.at(asked)).toEqual(asked.map((index) => change(index)));
        },
      ),
      { numRuns: 50 },
    );
    expect(changes.size).toBe(300);
    expect(await all(changes)).toEqual(Array.from({ length: 300 }, (_, index) => change(index)));
  });

  it("knows the place of an item, whatever its id looks like", async () => {
    const ids = ["0", "07", "7", 'a"b', "a\\b", "\u0000", "ü".repeat(300), "9007199254740993", '","id":"x'];
    await using changes = await openChangeSet((await selection(ids.length, (index) => ids[index]!)).changeSet);
    expect(ids.map((id) => changes.indexOf(itemId(id)))).toEqual(ids.map((_, index) => index));
    expect(changes.indexOf(itemId("8"))).toBeUndefined();
    expect((await changes.at([3]))[0]?.id).toBe('a"b');
  });

  it("may be empty", async () => {
    await using changes = await openChangeSet((await selection(0)).changeSet);
    expect(changes.size).toBe(0);
    expect(await changes.at([])).toEqual([]);
    expect(await all(changes)).toEqual([]);
    await expect(changes.at([0])).rejects.toThrow(/holds 0 changes, and none is number 0/);
  });

  it("refuses a place that it has not", async () => {
    await using changes = await openChangeSet((await selection(2)).changeSet);
    for (const index of [-1, 2, 0.5, NaN])
      await expect(changes.at([0, index])).rejects.toMatchObject({ code: "audit" });
  });

  it("keeps no change in memory", async () => {
    const count = 40_000;
    const place = await createRunFolder(folder(), run, "");
    const writer = await createSelection(place, { inventory, changeSet });
    const before = inMemory();
    for (let index = 0; index < count; index++)
      await writer.select(change(index, String(index), { note: "x".repeat(500) }));
    await using changes = (await writer.seal({ rows: 0, "filtered-out": 0, already: 0, refused: 0, selected: 0 }))
      .changes;
    expect(inMemory() - before).toBeLessThan(100 * count);
    expect((await changes.at([count - 1]))[0]?.id).toBe(String(count - 1));
    const read = await changes.at(Array.from({ length: 5_000 }, (_, place_) => 1_000 + place_));
    expect(read.map(({ index }) => index)).toEqual(Array.from({ length: 5_000 }, (_, place_) => 1_000 + place_));
  });

  it("notices when it is changed while it is in use", async () => {
    const place = await selection(20);
    await using changes = await openChangeSet(place.changeSet);
    const lines = readFileSync(place.changeSet, "utf8").split("\n");
    writeFileSync(place.changeSet, lines.with(3, lines[4]!).with(4, lines[3]!).join("\n"));
    await expect(changes.at([2, 3])).rejects.toMatchObject({ code: "audit" });
    writeFileSync(place.changeSet, "");
    await expect(changes.at([5])).rejects.toMatchObject({ code: "audit" });
  });
});

describe("a file of a run that was changed", () => {
  const readers = [
    {
      name: "the inventory",
      file: "inventory",
      read: async (place: RunFolder) => await all(readInventory(place.inventory)),
    },
    {
      name: "the inventory, counted",
      file: "inventory",
      read: async (place: RunFolder) => await countInventory(place.inventory),
    },
    {
      name: "the change set",
      file: "changeSet",
      read: async (place: RunFolder) => await (await openChangeSet(place.changeSet)).close(),
    },
  ] as const;

  it.each(readers)("is refused at any changed, cut or added byte: $name", async ({ file, read }) => {
    const place = await selection(2);
    const path = place[file];
    const whole = readFileSync(path);
    await read(place);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = changed[at]! ^ (1 << (at % 7));
      for (const content of at % 4 === 0 ? [changed, whole.subarray(0, at)] : [changed]) {
        writeFileSync(path, content);
        const failure = await read(place).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure, `byte ${at}`).toMatchObject({ code: "audit" });
      }
    }
    writeFileSync(path, Buffer.concat([whole, Buffer.from("{}\n")]));
    await expect(read(place)).rejects.toThrow(/goes on after its end line/);
  });

  /** Ways to write the end line that say the same, or more: none of them changes the digest. */
  const sameEnds: readonly [string, (end: string) => string][] = [
    ["a member more", (end) => end.replace(/,"digest":/, ',"note":"x","digest":')],
    ["a member more behind all", (end) => end.replace(/\}$/, ',"note":"x"}')],
    ["a blank", (end) => end.replace('"digest":', '"digest": ')],
    ["a blank behind it", (end) => `${end} `],
    ["a member twice", (end) => end.replace(/^\{"type":"end"/, '{"type":"end","digest":""')],
    ["members in another order", (end) => end.replace(/^\{"type":"end",(.*),("digest":.*)\}$/, '{"type":"end",$2,$1}')],
    ["a number in other letters", (end) => end.replace(/:(\d),/, ":$1.0,")],
    ["a letter in other letters", (end) => end.replace('"digest"', '"dige\\u0073t"')],
  ];
  const inEnds = readers.flatMap((reader) => sameEnds.map(([what, edit]) => ({ ...reader, what, edit })));

  it.each(inEnds)("is refused with $what in its end line: $name", async ({ file, read, edit }) => {
    const place = await selection(2);
    const path = place[file];
    const lines = readFileSync(path, "utf8").split("\n");
    const edited = lines.with(-2, edit(lines.at(-2)!)).join("\n");
    expect(edited).not.toBe(lines.join("\n"));
    writeFileSync(path, edited);
    await expect(read(place)).rejects.toThrow(`${path} can not be used: its end line is not as it was written.`);
  });

  it("is refused with more in its end line: what lookups gave, and a saved change set", async () => {
    const place = await createRunFolder(folder(), run, "");
    await writeLookups(place.lookups, { one: "a" });
    const saved = join(place.path, "saved");
    await (await createSealedFile(saved, "saved-change-set", {})).seal({});
    const reads = [() => readLookups(place.lookups), () => readSealed(saved, undefined, () => undefined)];
    for (const [at, path] of [place.lookups, saved].entries()) {
      await reads[at]!();
      writeFileSync(path, readFileSync(path, "utf8").replace('{"type":"end",', '{"type":"end","note":"x",'));
      await expect(reads[at]!()).rejects.toThrow("its end line is not as it was written");
    }
  });

  it("is refused when it is another one than the ledger names", async () => {
    const place = await selection(1);
    const other = digest("00".repeat(32));
    await expect(openChangeSet(place.changeSet, other)).rejects.toThrow(/not the file that the ledger names/);
    await expect(all(readInventory(place.inventory, other))).rejects.toThrow(/not the file that the ledger names/);
    await expect(readInventoryHeader(place.changeSet)).rejects.toThrow(/does not begin as a file of type inventory/);
    await expect(openChangeSet(place.inventory)).rejects.toThrow(/does not begin as a file of type change-set/);
    await expect(openChangeSet(`${dirname(place.changeSet)}/none`)).rejects.toThrow(/Could not open .*ENOENT/);
  });
});
