import { RunnerError } from "../../core/model/errors.ts";
import type { AttestationReport, Signing } from "../../core/model/evidence.ts";
import { isObject } from "../../core/model/object.ts";
import { parseAnchor, type Anchor } from "../../ledger/anchor.ts";
import { isSealedBy, readEnvelope, sealEnvelope } from "../../ledger/dsse.ts";
import { fingerprintOf } from "../../ledger/key-fingerprint.ts";
import { findRun, type RunFolder } from "../../runs/folder.ts";
import { packRoot } from "../../runs/pack/make.ts";
import { readPublicKey, readSigningKey } from "../../runs/signing-key.ts";
import { payloadType, predicateType, statementText, statementType, verdictOf } from "../../runs/statement.ts";
import { checkRecord, type Checked } from "../audit.ts";
import type { Inside } from "../inside.ts";
import { writeNew } from "./new-file.ts";
import { mustBeOutside, signing } from "./signatures.ts";
import { jsonIn } from "../../core/model/json-in.ts";
import { textOf } from "./text-of.ts";

/** A statement is counts, names and digests. */
const maxBytes = 1024 * 1024;

/** Sign what a run came to, as a statement that other programs read. @throws {RunnerError} `audit`: its record does not hold. */
export async function attest(
  inside: Inside,
  wanted: string,
  { out, ...sign }: Signing & { readonly out: string },
): Promise<AttestationReport & { readonly file: string }> {
  const folder = await findRun(inside.root, wanted);
  const key = await readSigningKey(sign.key, sign.passphrase, signing("a statement", "--key"));
  const checked = await checkRecord(folder, {});
  const anchor: Anchor = { run: folder.run, ...checked.chain.head };
  const [finding] = checked.findings;
  if (finding !== undefined) {
    throw new RunnerError("audit", `The record of run ${folder.run} does not hold: ${finding.message}.`, {
      hint: `Nothing was signed. See every place with: rollcall audit verify ${folder.run}`,
    });
  }
  const at = Math.floor(inside.clock.now());
  const text = await statementOf(folder, checked, { anchor, at });
  await writeNew(out, sealEnvelope(payloadType, text, key));
  return { ...told(text, anchor), file: out, ok: true, at, key: fingerprintOf(key), compared: true, findings: [] };
}

/**
 * Whether a statement is signed by a key, and, where its run is at hand, whether it follows from that.
 * @throws {RunnerError} `usage`: the file holds no statement about a run, or a key can not be used.
 */
export async function verifyAttestation(
  inside: Inside,
  file: string,
  { publicKey, run }: { readonly publicKey: string; readonly run?: string },
): Promise<AttestationReport> {
  await mustBeOutside(inside.root, publicKey);
  const key = await readPublicKey(publicKey);
  const envelope = readEnvelope(await textOf(file, { by: "audit attest", maxBytes }));
  if (envelope === undefined) throw noStatement(file, "it is no DSSE envelope");
  const findings: string[] = [];
  // What is in it is told only as what it says, until the key has said that somebody said it.
  if (!isSealedBy(envelope, key))
    findings.push(`no signature in it is by the key ${fingerprintOf(key)}: it was changed, or somebody else signed it`);
  if (envelope.payloadType !== payloadType) throw noStatement(file, `its payload is of type ${envelope.payloadType}`);
  const text = envelope.payload.toString("utf8");
  const { anchor, at } = statedIn(text, file);
  if (run !== undefined) findings.push(...(await differences(await findRun(inside.root, run), { text, anchor, at })));
  const compared = run !== undefined;
  return { ...told(text, anchor), ok: findings.length === 0, at, key: fingerprintOf(key), compared, findings };
}

interface Made {
  readonly anchor: Anchor;
  readonly at: number;
}

async function statementOf(folder: RunFolder, checked: Checked, { anchor, at }: Made): Promise<string> {
  const { first, last, state, conserved, told: leaves } = checked;
  if (first === undefined || last === undefined || state.start === undefined)
    throw new RunnerError("audit", `Run ${folder.run} has no start record.`, { hint: "There is nothing to state." });
  const root = leaves === undefined ? undefined : await packRoot(leaves);
  return await statementText({ folder, state, head: anchor, first, last, conserved, root, at });
}

/** The statement made again from the run, up to the record that it names, has to be the same text. */
async function differences(
  folder: RunFolder,
  { text, anchor, at }: Made & { readonly text: string },
): Promise<readonly string[]> {
  if (anchor.run !== folder.run) return [`it is about run ${anchor.run}, not ${folder.run}`];
  const checked = await checkRecord(folder, { heads: [{ ...anchor, by: "the statement" }], upTo: anchor });
  if (checked.findings.length > 0) return checked.findings.map(({ message }) => message);
  const again = await statementOf(folder, checked, { anchor, at });
  return again === text
    ? []
    : ["it says otherwise than the files of the run: what was signed does not follow from them"];
}

function told(text: string, anchor: Anchor): Pick<AttestationReport, "run" | "anchor" | "verdict"> {
  const { predicate } = JSON.parse(text) as { predicate: { verdict: ReturnType<typeof verdictOf> } };
  return { run: anchor.run, anchor: `${anchor.run}:${anchor.seq}:${anchor.hash}`, verdict: predicate.verdict };
}

function statedIn(text: string, file: string): Made {
  const value = jsonIn(text);
  if (!isObject(value) || value._type !== statementType) throw noStatement(file, "its payload is no in-toto statement");
  const { predicate } = value;
  if (value.predicateType !== predicateType || !isObject(predicate))
    throw noStatement(file, `it is a statement of type ${String(value.predicateType)}`);
  const { anchor, attested, verdict } = predicate;
  const at = typeof attested === "string" ? Date.parse(attested) : NaN;
  if (typeof anchor !== "string" || typeof verdict !== "string" || Number.isNaN(at))
    throw noStatement(file, "it does not say which record it is about, or when it was made");
  return { anchor: parseAnchor(anchor), at };
}

function noStatement(file: string, why: string): RunnerError {
  return new RunnerError("usage", `${file} is no statement about a run: ${why}.`, {
    hint: "Give the file that `audit attest` wrote.",
  });
}
