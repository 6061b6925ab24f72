import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evidence, type Evidence } from "./support/evidence.ts";
import { hashesOf, isSigned, leafSalt, packOf, sealed, shaText } from "./support/own-verifier.ts";
import { collect } from "./support/runs.ts";

// docs/record-format.md is enough to check a run, a pack and a signature.

type Members = Readonly<Record<string, unknown>>;

let made: Evidence;
let customer: { readonly name: string; readonly ids: readonly string[]; readonly changed: readonly string[] };
const faults = [
  { method: "ModifyAccount", fault: "error", nth: 2, data: 13501, message: "not allowed" },
  { method: "ModifyAccount", fault: "reset-after", nth: 4 },
] as const;

beforeAll(async () => {
  made = await evidence({ faults });
  customer = [...made.customers.values()].sort((left, right) => right.changed.length - left.changed.length)[0]!;
  const sign = { key: "auditor.pem" };
  await made.here.workspace.audit(made.run.run, { sign });
  await made.here.workspace.auditPack(made.run.run, { customer: customer.name, out: "pack.ndjson", sign });
});
afterAll(() => made[Symbol.asyncDispose]());

const bytes = (name: string): Buffer => readFileSync(made.path(name));
const records = (): readonly Members[] =>
  bytes("ledger.ndjson")
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Members);
const ofType = (type: string): Members => records().find((one) => one.type === type)!;
const pack = (): Buffer => readFileSync(join(made.here.cwd, "pack.ndjson"));
const signatureFile = (): Members => {
  const [name = ""] = readdirSync(made.path("signatures"));
  return JSON.parse(bytes(join("signatures", name)).toString()) as Members;
};

/** The same bytes with one that is another. */
function flipped(content: Buffer, at: number): Buffer {
  const changed = Buffer.from(content);
  changed[at] = changed[at]! ^ 1;
  return changed;
}

describe("the page on the bytes of a record", () => {
  it("is followed by code that shares nothing with the program", () => {
    const code = readFileSync(new URL("./support/own-verifier.ts", import.meta.url), "utf8");
    expect([...code.matchAll(/ from "([^"]+)"/g)].map(([, from]) => from)).toEqual(["node:crypto"]);
    expect(code).not.toContain("import(");
  });

  it("is enough to check a ledger and the files that it names", async () => {
    const { run } = made.run;
    const hashes = hashesOf(bytes("ledger.ndjson"), run);
    const report = await made.here.workspace.audit(run);
    expect(report.anchor).toBe(`${run}:${hashes.length - 1}:${hashes.at(-1)}`);
    expect(JSON.parse(bytes("summary.json").toString())).toMatchObject({ anchor: report.anchor });
    expect(shaText(bytes("plan.yaml"))).toBe((ofType("start").plan as Members).digest);
    expect(sealed(bytes("inventory.ndjson")).digest).toBe(ofType("enumerated").inventory);
    expect(sealed(bytes("changeset.ndjson")).digest).toBe(ofType("selected").changeSet);
    const ledger = bytes("ledger.ndjson");
    for (let at = 0; at < ledger.length; at += 97) expect(() => hashesOf(flipped(ledger, at), run)).toThrow();
    for (const name of ["inventory.ndjson", "changeset.ndjson"]) {
      const end = bytes(name);
      const digest = sealed(end).digest;
      for (let at = 0; at < end.length; at += 97)
        expect(() => expect(sealed(flipped(end, at)).digest).toBe(digest)).toThrow();
    }
  });

  it("is enough to check a signature, in its file and in a pack", () => {
    const found = [signatureFile(), packOf(pack()).signatures[0]!];
    for (const signature of found) {
      expect(isSigned(signature, made.auditor.publicPem)).toBe(true);
      expect(() => isSigned(signature, made.stranger.publicPem)).toThrow("it names the key");
      for (const [name, other] of [
        ["run", "x"],
        ["seq", 1],
        ["hash", "0".repeat(64)],
        ["root", undefined],
        ["at", 1],
      ] as const)
        expect(isSigned({ ...signature, [name]: other }, made.auditor.publicPem)).toBe(false);
    }
    expect(found.map(Object.keys)).toEqual([
      ["type", "format", "run", "seq", "hash", "root", "at", "key", "signature"],
      ["run", "seq", "hash", "at", "key", "signature", "root"],
    ]);
  });

  it("is enough to check a pack, and to hold it against the run that it is of", async () => {
    const { run } = made.run;
    const { root, run: leaf, items, signatures } = packOf(pack());
    expect(root).toBe((await made.here.workspace.audit(run)).root);
    expect(Object.keys(leaf).join(" ")).toBe("salt run seq hash items tool plan service method began sealed");
    const inventory = sealed(bytes("inventory.ndjson")).lines.map(String);
    const changes = sealed(bytes("changeset.ndjson")).lines.map(String);
    expect(leaf).toMatchObject({ run, items: inventory.length });
    expect(hashesOf(bytes("ledger.ndjson"), run)[Number(leaf.seq)]).toBe(leaf.hash);
    // That of the run's folder, and the pack's own.
    const head = { run, seq: leaf.seq, hash: leaf.hash, root };
    expect(signatures).toMatchObject([head, head]);
    const salt = String(ofType("start").salt);
    expect(leaf.salt).toBe(leafSalt(salt, 0));
    expect(items.map((one) => (one.leaf.listed as Members).id)).toEqual(customer.ids);
    for (const { place, leaf: own } of items) {
      expect(own.salt).toBe(leafSalt(salt, place));
      expect(JSON.stringify(own.listed)).toBe(inventory[place - 1]);
      if (own.change === undefined) continue;
      const change = JSON.stringify(own.change).slice(1);
      expect(changes.filter((line) => line.replace(/^\{"index":\d+,/, "") === change)).toHaveLength(1);
      expect("by" in own).toBe(own.state === "confirmed");
    }
    expect(items.filter(({ facts }) => facts.length > 0)).toHaveLength(customer.changed.length);
    const whole = pack();
    for (let at = 0; at < whole.length; at += 197) expect(() => packOf(flipped(whole, at))).toThrow();
  });

  it("is enough to check what a repair has kept", async () => {
    await using lost = await evidence({ devices: 40, count: 2 });
    const ledger = readFileSync(lost.path("ledger.ndjson"));
    const end = ledger.lastIndexOf(10, ledger.length - 2) + 1;
    writeFileSync(lost.path("ledger.ndjson"), ledger.subarray(0, end + 40));
    writeFileSync(lost.path("summary.json"), JSON.stringify({}));
    await collect(lost.here.workspace.resume(lost.run.run));
    const after = readFileSync(lost.path("ledger.ndjson"));
    hashesOf(after, lost.run.run);
    const lines = after.toString().trimEnd().split("\n");
    const repair = lines.map((line) => JSON.parse(line) as Members).find(({ type }) => type === "repair")!;
    const kept = readFileSync(lost.path(String(repair.kept)));
    expect([kept.length, shaText(kept)]).toEqual([repair.bytes, repair.digest]);
  });
});
