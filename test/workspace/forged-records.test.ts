import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runId, type RunId } from "../../runner/core/model/item.ts";
import { rollcall } from "../cli/stand-in.ts";
import { evidence, applied, type Evidence } from "../support/evidence.ts";
import { everyFact } from "../support/every-fact.ts";
import { anyOdd, chainOf, pathsIn, withMember, type Loose } from "../support/forgery.ts";

let real: Evidence;
let run: RunId;
let whole: string;
let original: string;
let path: (name: string) => string;
let records: readonly Loose[];

beforeAll(async () => {
  real = await evidence({ devices: 40, count: 8 });
  const runs = [real.run, await applied(real.here, real.here.movable(2), 4)];
  // Of two runs within a second only the one with the later id names the other: that one is forged.
  const [earlier, later] = runs.sort((one, other) => (one.run < other.run ? -1 : 1));
  run = runId(later!.run);
  whole = earlier!.run;
  path = (name) => join(later!.folder, name);
  original = readFileSync(path("ledger.ndjson"), "utf8");
  // Who writes a record also takes away what names the old one.
  rmSync(path("summary.json"));
  const said = original.trimEnd().split("\n");
  records = said.map((line) => JSON.parse(line) as Loose);
});

afterAll(() => real[Symbol.asyncDispose]());

const forge = (forged: readonly Loose[]): void => writeFileSync(path("ledger.ndjson"), chainOf(run, forged));

async function told(words: readonly string[]) {
  const { exit, out, err } = await rollcall(words, { workspace: real.here.workspace, cwd: real.here.cwd });
  return { exit, said: `${out}${err}` };
}

/** Every command that reads records and sends nothing. */
const commands = (): readonly (readonly string[])[] => [
  ["audit", "verify"],
  ["audit", "verify", run, "--json"],
  ["audit", "log"],
  ["audit", "export", run, "--format", "csv"],
  ["audit", "export", run, "--format", "ndjson"],
  ["audit", "export", run, "--format", "ocsf"],
  ["runs"],
  ["runs", "--json"],
  ["show", run],
  ["show", run, "--json", "--states", "confirmed,open"],
  ...["html", "md", "junit", "csv", "json"].map((format) => ["report", run, "--format", format]),
  ["explain", run, String(records.find(({ type }) => type === "intent")?.id)],
  ["explain", run, "--near"],
  ["explain", run, "--against", whole],
  ["explain", whole, "--against", run],
];

/** Facts of every type, between the real ones and the end. */
function mixed(): readonly Loose[] {
  const { t, up } = records[0]!;
  const once = new Set(["start", "enumerated", "selected", "end"]);
  const all = Object.values(everyFact).flat() as unknown as readonly Loose[];
  const others = all.filter(({ type }) => !once.has(String(type))).map((fact) => ({ ...fact, t, up }));
  return [...records.slice(0, -1), ...others, records.at(-1)!];
}

const forged = fc.tuple(fc.boolean(), fc.nat(), fc.nat(), anyOdd).map(([isMixed, where, way, odd]) => {
  const all = isMixed ? mixed() : records;
  const place = where % all.length;
  const own = new Set<unknown>(["seq", "hash", "synced"]);
  const paths = pathsIn(all[place]).filter(([name]) => !own.has(name));
  return all.with(place, withMember(all[place]!, paths[way % paths.length]!, odd));
});

describe("a record that anybody can have written", () => {
  it("with facts of every type is read by every command", async () => {
    forge(mixed());
    for (const words of commands()) expect([words, await told(words)]).not.toEqual([words, crash]);
    writeFileSync(path("ledger.ndjson"), original);
    expect(await told(["audit", "verify"])).toEqual({ exit: 0, said: expect.any(String) as string });
  });

  it("makes no command fail as if it were an error of ours (property)", async () => {
    const all = commands();
    await fc.assert(
      fc.asyncProperty(forged, fc.nat(all.length - 1), fc.nat(all.length - 1), async (one, first, second) => {
        forge(one);
        for (const words of [all[first]!, all[second]!]) expect([words, await told(words)]).not.toEqual([words, crash]);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it.each([
    [
      "a start that says nothing but whose it is",
      () => [{ t: 1, up: 1, type: "start", format: 1, run }],
      "no usable estate",
    ],
    ["an intent about no item", () => changed("intent", { index: 999_999_999 }), "were selected"],
    ["a sent record without intents", () => changed("sent", { intents: null }), "intents"],
    ["an intent without what the item becomes", () => changed("intent", { after: null }), "after"],
    ["a salt that is none", () => changed("start", { salt: 5 }), "salt"],
  ])("%s is a finding with exit 9, and the other runs are told as ever", async (_name, forgedAs, why) => {
    forge(forgedAs());
    const audit = await told(["audit", "verify"]);
    expect(audit.exit).toBe(9);
    expect(audit.said).toContain(why);
    expect((await told(["audit", "verify", whole])).exit).toBe(0);
    expect((await told(["runs"])).said).toContain(whole);
    const log = await told(["audit", "log"]);
    expect([log.exit === 1, log.said.includes(whole)]).toEqual([false, true]);
    for (const format of ["html", "md", "junit", "csv", "json"])
      expect((await told(["report", run, "--format", format])).exit).not.toBe(1);
    for (const format of ["csv", "ndjson", "ocsf"])
      expect((await told(["audit", "export", run, "--format", format])).exit).toBe(9);
  });
});

it.each([
  ["a text where the plan has a number", { partner: "constructor" }, 'expected a whole number, found "constructor"'],
  ["a map where the plan has a list", { ids: { length: 1 } }, 'expected a list, found {"length":1}'],
])("inputs that no run had, %s: what goes by the plan says which", async (_name, inputs, why) => {
  forge(changed("start", { inputs: { ...(records[0]!.inputs as Loose), ...inputs } }));
  const id = String(records.find(({ type }) => type === "intent")?.id);
  for (const words of [
    ["explain", run, id],
    ["undo", run],
    ["resume", run],
  ]) {
    const { exit, said } = await told(words);
    expect(exit).toBe(3);
    expect(said).toContain(why);
  }
});

describe("a pipe that nobody writes to", () => {
  it.each(["ledger.ndjson", "inventory.ndjson", "changeset.ndjson", "plan.yaml"])(
    "in place of %s is waited for by no command",
    async (name) => {
      forge(records);
      const kept = readFileSync(path(name));
      rmSync(path(name));
      execFileSync("mkfifo", [path(name)]);
      try {
        const audit = await told(["audit", "verify", run]);
        expect(audit.exit).toBe(9);
        expect(audit.said).toContain("it is not a file");
        expect(await told(["audit", "verify"])).toMatchObject({ exit: 9 });
        expect((await told(["runs"])).said).toContain(whole);
        expect((await told(["audit", "log"])).said).toContain(whole);
        for (const words of commands()) expect([words, await told(words)]).not.toEqual([words, crash]);
      } finally {
        rmSync(path(name));
        writeFileSync(path(name), kept);
      }
    },
    20_000,
  );

  it("is no pack, and no attestation", async () => {
    const pipe = join(real.here.cwd, "pipe");
    execFileSync("mkfifo", [pipe]);
    for (const words of [
      ["audit", "verify-pack", pipe],
      ["audit", "verify-attestation", pipe, "--public-key", join(real.here.cwd, "auditor.pub")],
    ]) {
      const { exit, said } = await told(words);
      expect([exit, said]).toEqual([3, expect.stringContaining("is not a file")]);
    }
  });
});

/** What is told of an error that we did not expect. */
const crash = { exit: 1, said: expect.any(String) as string };

/** The first record of a type says something else. */
function changed(type: string, more: Loose): readonly Loose[] {
  const place = records.findIndex((one) => one.type === type);
  return records.with(place, { ...records[place], ...more });
}
