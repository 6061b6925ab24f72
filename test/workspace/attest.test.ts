import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sealEnvelope } from "../../runner/ledger/dsse.ts";
import { verifiedPayload } from "../support/dsse.ts";
import { evidence } from "../support/evidence.ts";
import { collect } from "../support/runs.ts";

interface Statement {
  readonly _type: string;
  readonly predicateType: string;
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicate: Readonly<Record<string, unknown>>;
}

const key = { key: "auditor.pem" };
const publicKey = "auditor.pub";

describe("a statement about a run", () => {
  it("is an in-toto statement in a DSSE envelope, as a second implementation reads it, with the digests of the files", async () => {
    const faults = [{ method: "ModifyAccount", fault: "error", nth: 1, data: 13501, message: "no" }] as const;
    await using made = await evidence({ count: 4, faults });
    const { workspace, cwd, simulator } = made.here;
    const { run } = made.run;
    const report = await workspace.attest(run, { ...key, out: "s.intoto.json" });
    expect(report).toMatchObject({ ok: true, run, verdict: "failed" });
    const read = verifiedPayload(readFileSync(join(cwd, "s.intoto.json"), "utf8"), made.auditor.publicPem);
    expect(read?.type).toBe("application/vnd.in-toto+json");
    const statement = JSON.parse(read!.payload) as Statement;
    expect(statement._type).toBe("https://in-toto.io/Statement/v1");
    const audited = await workspace.audit(run);
    const sha = (name: string): string =>
      createHash("sha256")
        .update(readFileSync(made.path(name)))
        .digest("hex");
    const files = ["plan.yaml", "inventory.ndjson", "changeset.ndjson"].map((name) => ({
      name,
      digest: { sha256: sha(name) },
    }));
    const head = { name: `ledger.ndjson#${audited.records}`, digest: { sha256: audited.anchor.split(":").at(-1) } };
    expect(statement.subject).toEqual([...files, head]);
    expect(statement.predicate).toMatchObject({
      ...{ run, anchor: audited.anchor, root: audited.root, verdict: "failed", exit: 6, conserved: true },
      counts: { confirmed: 3, rejected: 1 },
      service: { name: "simulator", endpoint: simulator.url },
      by: { name: expect.any(String) },
    });
    expect(verifiedPayload(readFileSync(join(cwd, "s.intoto.json"), "utf8"), made.stranger.publicPem)).toBeUndefined();
  });

  it("is checked by its key alone, and against its run, also when the run was gone on with", async () => {
    await using made = await evidence({ count: 3 });
    const { workspace, cwd } = made.here;
    const { run } = made.run;
    await workspace.attest(run, { ...key, out: "s.json" });
    expect(await workspace.verifyAttestation("s.json", { publicKey })).toMatchObject({
      ok: true,
      compared: false,
      verdict: "passed",
    });
    await collect(workspace.verify(run));
    expect(await workspace.verifyAttestation("s.json", { publicKey, run })).toMatchObject({ ok: true, compared: true });
    const strange = await workspace.verifyAttestation("s.json", { publicKey: "stranger.pub" });
    expect([strange.ok, strange.findings.join()]).toEqual([
      false,
      expect.stringMatching(/no signature in it is by the key/),
    ]);
    await expect(workspace.attest(run, { ...key, out: "s.json" })).rejects.toMatchObject({ code: "usage" });

    // Whoever has the key can state what is not so: the run itself says otherwise.
    const payload = verifiedPayload(readFileSync(join(cwd, "s.json"), "utf8"), made.auditor.publicPem)!;
    const lie = payload.payload.replace('"confirmed":3', '"confirmed":4');
    writeFileSync(join(cwd, "lie.json"), sealEnvelope(payload.type, lie, made.auditor.privateKey));
    expect(await workspace.verifyAttestation("lie.json", { publicKey })).toMatchObject({ ok: true });
    const against = await workspace.verifyAttestation("lie.json", { publicKey, run });
    expect([against.ok, against.findings.join()]).toEqual([false, expect.stringContaining("otherwise than the files")]);

    writeFileSync(
      made.path("inventory.ndjson"),
      readFileSync(made.path("inventory.ndjson"), "utf8").replace("}", " }"),
    );
    expect(await workspace.verifyAttestation("s.json", { publicKey, run })).toMatchObject({ ok: false });
    await expect(workspace.attest(run, { ...key, out: "t.json" })).rejects.toMatchObject({
      code: "audit",
      exitCode: 9,
    });
  });

  it("shows every byte of it that was changed", async () => {
    await using made = await evidence({ devices: 20, count: 1 });
    const { workspace, cwd } = made.here;
    await workspace.attest(made.run.run, { ...key, out: "s.json" });
    const text = readFileSync(join(cwd, "s.json"), "latin1");
    const { payload, signatures } = JSON.parse(text) as {
      payload: string;
      signatures: { sig: string; keyid: string }[];
    };
    const begin = text.indexOf(payload);
    for (let place = begin; place < begin + payload.length; place += 7) {
      const changed = `${text.slice(0, place)}${text[place] === "A" ? "B" : "A"}${text.slice(place + 1)}`;
      writeFileSync(join(cwd, "c.json"), changed, "latin1");
      const found = await workspace.verifyAttestation("c.json", { publicKey }).catch((error: unknown) => error);
      expect(found instanceof Error || !(found as { ok: boolean }).ok).toBe(true);
    }
    // The key id is a hint, and not signed: another one changes nothing.
    writeFileSync(join(cwd, "c.json"), text.replace(signatures[0]!.keyid, "x"));
    expect(await workspace.verifyAttestation("c.json", { publicKey })).toMatchObject({ ok: true });
  });

  it.each([
    "",
    "{}",
    '{"payloadType":"t","payload":"e30=","signatures":[]}',
    '{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[]}',
  ])("is not read from %j", async (text) => {
    await using made = await evidence({ devices: 20, count: 1 });
    writeFileSync(join(made.here.cwd, "s.json"), text);
    await expect(made.here.workspace.verifyAttestation("s.json", { publicKey })).rejects.toMatchObject({
      code: "usage",
      exitCode: 3,
    });
  });
});
