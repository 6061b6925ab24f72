import { RunnerError } from "../../core/model/errors.ts";
import type { PackCheckOptions, PackCheckReport, PackOptions, PackReport } from "../../core/model/evidence.ts";
import { digest, isDigest, runId, type Digest } from "../../core/model/item.ts";
import { isObject } from "../../core/model/object.ts";
import { anchorText } from "../../ledger/anchor.ts";
import { fingerprintOf } from "../../ledger/key-fingerprint.ts";
import { isSignedBy, readSignature, signHead, type HeadSignature } from "../../ledger/signature.ts";
import { customerText } from "../../runs/customer.ts";
import { findRun, type RunFolder } from "../../runs/folder.ts";
import { makePack } from "../../runs/pack/make.ts";
import { customerIn, maxPackBytes, packText, readPack, type Pack, type PackedRun } from "../../runs/pack/pack-file.ts";
import { signaturesOf } from "../../runs/signature-files.ts";
import { readPublicKey, readSigningKey } from "../../runs/signing-key.ts";
import { checkRecord } from "../audit.ts";
import type { Inside } from "../inside.ts";
import { writeNew } from "./new-file.ts";
import { mustBeOutside, signing } from "./signatures.ts";
import { textOf } from "./text-of.ts";

/** Other names of one customer that are told. */
const mostNames = 3;

/**
 * Write what a run did to the items of one customer, in a file that is checked without the run and says nothing of others.
 * @throws {RunnerError} `audit`: the record does not hold; `usage`: no such customer, or a file is there already.
 */
export async function pack(inside: Inside, wanted: string, { customer, out, sign }: PackOptions): Promise<PackReport> {
  const folder = await findRun(inside.root, wanted);
  const key = sign && (await readSigningKey(sign.key, sign.passphrase, signing("a pack")));
  const { told, findings, chain } = await checkRecord(folder, {});
  if (told === undefined || findings.length > 0) throw noPack(folder, findings[0]?.message);
  const made = await makePack(told, customer);
  const { head } = told;
  const own = (await signaturesOf(folder)).flatMap((one) => ("signature" in one ? [one.signature] : []));
  const signatures = own.filter(({ seq, hash, root }) => seq === head.seq && hash === head.hash && root === made.root);
  if (key !== undefined) {
    const at = Math.floor(inside.clock.now());
    const text = signHead({ run: folder.run, ...chain.head, root: made.root, at }, key);
    const fresh = readSignature(text);
    if (!("fault" in fresh)) signatures.push(fresh);
  }
  const whole: Pack = { ...made, signatures };
  await writeNew(out, packText(whole));
  return reportOf(whole, { ...head, run: folder.run }, out);
}

/** @throws {RunnerError} `audit`: it does not hang together; `usage`: it is no pack, or a key can not be used. */
export async function verifyPack(
  inside: Inside,
  file: string,
  { root, publicKey }: PackCheckOptions,
): Promise<PackCheckReport> {
  if (publicKey !== undefined) await mustBeOutside(inside.root, publicKey);
  const key = publicKey === undefined ? undefined : await readPublicKey(publicKey);
  if (root !== undefined && !isDigest(root))
    throw new RunnerError("usage", `${root} is no root.`, {
      hint: "A root is 64 characters, as `audit verify` prints it.",
    });
  const { pack: found, run } = readPack(await textOf(file, { by: "audit pack", maxBytes: maxPackBytes }), file);
  const findings: string[] = [];
  const rootFits = root === undefined ? undefined : root === found.root;
  if (rootFits === false)
    findings.push(`its root is ${found.root}, not the one that was given: it was made of other records`);
  const signed = key && found.signatures.some((one) => isSignedBy(one, key) && isOver(one, found, run));
  if (key !== undefined && signed !== true)
    findings.push(`no signature in it over its root is by the key ${fingerprintOf(key)}`);
  const report = reportOf(found, { run: runId(run.run), seq: run.seq, hash: digest(run.hash) }, file);
  return { ...report, ok: findings.length === 0, rootFits, signed, findings };
}

function isOver(signature: HeadSignature, { root }: Pack, { run, seq, hash }: PackedRun): boolean {
  return signature.root === root && signature.run === run && signature.seq === seq && signature.hash === hash;
}

function reportOf(
  { root, items, signatures }: Pack,
  { run, ...head }: { readonly run: PackReport["run"]; readonly seq: number; readonly hash: Digest },
  file: string,
): PackReport {
  const states: Record<string, number> = {};
  for (const { leaf } of items) {
    const state = stateIn(leaf);
    states[state] = (states[state] ?? 0) + 1;
  }
  return {
    ...{
      file,
      run,
      anchor: anchorText(run, head),
      root,
      customer: namesIn(items.map(({ leaf }) => customerText(customerIn(leaf)))),
      items: items.length,
      states,
    },
    keys: signatures.map(({ key }) => key),
  };
}

/** A customer has one id, and may stand in a list under several names. */
function namesIn(texts: readonly string[]): string {
  const [first = "", ...others] = new Set(texts);
  return others.length > mostNames ? `${first} and ${others.length} other names` : [first, ...others].join(", ");
}

function stateIn(leaf: string): string {
  const { state, listed } = JSON.parse(leaf) as { state?: string; listed?: unknown };
  return state ?? (isObject(listed) && typeof listed.as === "string" ? listed.as : "");
}

function noPack({ run }: RunFolder, finding: string | undefined): RunnerError {
  if (finding !== undefined) {
    return new RunnerError("audit", `The record of run ${run} does not hold: ${finding}.`, {
      hint: `Nothing was written. See every place with: rollcall audit verify ${run}`,
    });
  }
  return new RunnerError("usage", `No pack can be made of run ${run}.`, {
    hint: "It ended before its list was decided on, or was recorded by a program that made no packs.",
  });
}
