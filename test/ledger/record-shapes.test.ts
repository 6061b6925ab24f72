import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import { auditLedger } from "../../runner/ledger/check.ts";
import { damageText, replay, readLedger } from "../../runner/ledger/reader.ts";
import { unusableMember } from "../../runner/ledger/record-shapes.ts";
import { withEnd } from "../../runner/ledger/with-end.ts";
import { everyFact } from "../support/every-fact.ts";
import { anyOdd, chainOf, pathsIn, withMember, type Loose, type Path } from "../support/forgery.ts";
import { end, folder, intent, lock, run, start } from "./sample.ts";

const common = { seq: 1, t: 1000, up: 0.5, hash: "0".repeat(64) };
const facts = Object.values(everyFact).flat() as unknown as readonly Loose[];
const unusable = (record: Loose): string | undefined => unusableMember(record as unknown as LedgerRecord);

/** Members that a reader takes as they come: anybody's values, and what an example of a change was. */
const isFree = (path: Path): boolean =>
  ["inputs", "before", "after", "found", "fields"].includes(
    String(path.find((name) => typeof name === "string" && name !== "items")),
  ) ||
  path.includes("examples") ||
  path.includes("fields");

describe("what a record has to be for somebody to read it", () => {
  it.each(facts.map((fact) => [String(fact.type), fact] as const))(
    "a %s as runs write it can be read",
    (_type, fact) => {
      expect(unusable({ ...common, ...fact })).toBeUndefined();
      expect(unusable({ ...common, ...fact, newer: { than: ["this"] } })).toBeUndefined();
    },
  );

  const members = facts.flatMap((fact) =>
    pathsIn(fact)
      .filter((path) => path[0] !== "type" && !isFree(path))
      .map((path) => ({ name: `${String(fact.type)}: ${path.join(".")}`, fact, path })),
  );
  it("is known of each member, at any depth: of another type it is found, with its place", () => {
    const missed = members.filter(({ fact, path }) => {
      const place = unusable({ ...common, ...withMember(fact, path, Symbol.iterator) });
      return place === undefined || !path.join(".").startsWith(place.replaceAll(/\[(\d+)\]/g, ".$1").split(".")[0]!);
    });
    expect(missed.map(({ name }) => name)).toEqual([]);
    expect(members.length).toBeGreaterThan(200);
  });

  it.each([
    ["t", { t: 1e300 }],
    ["up", { up: null }],
    ["outcome kind", { ...everyFact.outcome[0], kind: "constructor" }, "kind"],
    ["a collateral that only says that it was checked", { ...everyFact.collateral[0], checked: "true" }, "checked"],
    ["a reason that nobody knows", { ...everyFact.end[0], notStarted: { boredom: 1 } }, "notStarted"],
    ["start.salt", { ...everyFact.start[0], salt: "short" }, "salt"],
  ])("%s is said by its name", (name, more, member = name) => {
    expect(unusable({ ...common, ...everyFact.lock[0], ...more })).toBe(member);
  });

  it("a record of a type that a newer program writes is passed over", () => {
    expect(unusable({ ...common, type: "invented", any: 5 })).toBeUndefined();
    expect(unusable({ ...common, type: "constructor" })).toBeUndefined();
  });
});

/** What the reader and the audit make of records whose every hash fits. */
async function judged(
  records: readonly object[],
): Promise<{ readonly audit: readonly string[]; readonly read: number; readonly damage: string }> {
  const path = join(folder("quick"), "l");
  const stamped = records.map((record, place) => ({ t: 1000 + place, up: place, ...record }));
  writeFileSync(path, chainOf(run, stamped));
  const { findings } = await auditLedger(path, { run });
  const reading = withEnd(readLedger(path, run));
  let read = 0;
  for await (const record of reading.values) read = record.seq;
  const { damage } = reading.end();
  if (damage !== undefined)
    await expect(replay(path, run, () => undefined)).rejects.toMatchObject({ code: "audit", exitCode: 9 });
  return {
    audit: findings.map(({ seq, message }) => `${seq}: ${message}`),
    read,
    damage: damage ? damageText(damage) : "",
  };
}

const [enumerated] = everyFact.enumerated;
const [selected] = everyFact.selected;

describe("a record that chains and makes no sense", () => {
  const selecting = [start, enumerated!, selected!];
  it.each([
    [
      "a start without what it is read by",
      [{ type: "start", format: 1, run }],
      1,
      "it can not be what was written: a record of start has no usable estate",
    ],
    [
      "a member of another type",
      [start, { ...intent(0), title: 5 }, end()],
      2,
      "it can not be what was written: a record of intent has no usable title",
    ],
    ["no start", [lock(1)], 1, 'the first record is "lock" instead of "start"'],
    ["two starts", [start, start], 2, "a second start record"],
    ["two selections", [...selecting, selected!], 4, "a second selected record"],
    [
      "an item that is not there",
      [...selecting, intent(999_999_999)],
      4,
      "it is about item 999999999, and 2 were selected",
    ],
    [
      "a verdict about one",
      [...selecting, { ...everyFact.verdict[0]!, indexes: [1, 2] }],
      4,
      "it is about item 2, and 2 were selected",
    ],
    ["an item before the selection", [start, intent(7), selected!], 3, "records before it are about item 7 of 2"],
    [
      "a group that is not there",
      [...selecting, { ...everyFact.limit[0]!, group: 3 }],
      4,
      "it is about group 3, and there are 1",
    ],
    [
      "more items than the list has",
      [start, enumerated!, { ...selected!, size: 3 }],
      3,
      "it says that 3 items were selected, of 2 in the list",
    ],
    [
      "more items than there can be",
      [start, { ...selected!, size: 1e12 }],
      2,
      "it says that 1000000000000 items were selected, which can not be",
    ],
  ])("%s: the audit says it, and nobody reads on", async (_name, records, seq, why) => {
    const { audit, read, damage } = await judged(records);
    expect(audit).toEqual([`${seq}: ${why}`]);
    expect(read).toBe(seq - 1);
    expect(damage).toMatch(new RegExp(`^record ${seq}, at byte \\d+: `));
    expect(damage.endsWith(why)).toBe(true);
  });

  it("whatever it is, reader and audit agree where it stands (property)", async () => {
    const all = [
      ...selecting,
      ...facts.filter(({ type }) => !["start", "enumerated", "selected"].includes(String(type))),
    ];
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.nat(), anyOdd, async (place, way, odd) => {
        const paths = pathsIn(all[place]).filter(([name]) => name !== "type");
        const { audit, read, damage } = await judged(
          all.with(place, withMember(all[place]!, paths[way % paths.length]!, odd)),
        );
        const senseless = audit.filter((finding) => damage.endsWith(finding.replace(/^\d+: /, "")));
        expect(senseless.length > 0).toBe(damage !== "");
        // A count that is wrong can make a later record senseless in place of its own.
        expect(read).toBeGreaterThanOrEqual(place);
        expect(read).toBe(damage === "" ? all.length : Number.parseInt(senseless[0]!) - 1);
      }),
      { numRuns: 300 },
    );
  });
});
