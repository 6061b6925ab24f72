import type { KeyObject } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { RunnerError } from "../../core/model/errors.ts";
import type { Digest } from "../../core/model/item.ts";
import type { NamedHead } from "../../ledger/check.ts";
import { fingerprintOf } from "../../ledger/key-fingerprint.ts";
import { isSignedBy, signHead, type HeadSignature, type SignedHead } from "../../ledger/signature.ts";
import type { RunFolder } from "../../runs/folder.ts";
import { signaturesOf, writeSignature } from "../../runs/signature-files.ts";
import type { KeyUse } from "../../runs/signing-key.ts";

/** What a key is for that signs something about a run. */
export const signing = (what: string, flag = "--sign"): KeyUse => ({ what, verb: "sign", flag });

/** Who can edit a run can put a key beside it that fits: such a one proves nothing. @throws {RunnerError} `usage` */
export async function mustBeOutside(root: string, path: string): Promise<void> {
  const [inside, found] = await Promise.all(
    [join(root, ".rollcall"), path].map((one) => realpath(one).catch(() => one)),
  );
  if (found === undefined || inside === undefined || !found.startsWith(`${inside}${sep}`)) return;
  throw new RunnerError("usage", `${path} lies with the records that it is to prove.`, {
    hint: "Whoever can change a record can put another key there. Give a key that you got from the person who signed.",
  });
}

/** What one key has signed of a run. */
export interface SignedBy {
  readonly key: Digest;
  /** The records that have to be there, as they were. */
  readonly heads: readonly NamedHead[];
  readonly newest: HeadSignature | undefined;
  readonly findings: readonly string[];
}

/** The signatures of a run that are by this key. None, and one that was changed, are findings. */
export async function signedBy(folder: RunFolder, key: KeyObject): Promise<SignedBy> {
  const fingerprint = fingerprintOf(key);
  const findings: string[] = [];
  const valid: HeadSignature[] = [];
  let others = 0;
  for (const found of await signaturesOf(folder)) {
    if ("fault" in found) findings.push(`${found.file} ${found.fault}`);
    else if (isSignedBy(found.signature, key)) valid.push(found.signature);
    else if (found.signature.key === fingerprint)
      findings.push(`${found.file} was changed: the signature does not fit`);
    else others += 1;
  }
  if (valid.length === 0) findings.push(whyUnsigned(fingerprint, others));
  const named = (one: HeadSignature): NamedHead => ({ ...one, by: `the signature of ${iso(one.at)}` });
  return {
    key: fingerprint,
    heads: valid.map(named),
    newest: valid.toSorted((a, b) => a.seq - b.seq).at(-1),
    findings,
  };
}

function whyUnsigned(key: Digest, others: number): string {
  const rest = others === 0 ? "" : `; those that are there are by other keys`;
  return `there is no signature by the key ${key}${rest}: whether the record was changed, this key can not say`;
}

/** Sign what was found to hold. @throws {RecordError} */
export async function signRecord(
  folder: RunFolder,
  key: KeyObject,
  head: Omit<SignedHead, "run">,
): Promise<{ readonly file: string; readonly key: Digest }> {
  const fingerprint = fingerprintOf(key);
  const text = signHead({ ...head, run: folder.run, at: Math.floor(head.at) }, key);
  return { file: await writeSignature(folder, text, { seq: head.seq, key: fingerprint }), key: fingerprint };
}

function iso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().replace(/\.\d+Z$/, "Z");
}
