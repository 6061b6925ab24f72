import type { KeyObject } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { RunnerError } from "../../core/model/errors.ts";
import type { SignatureReport } from "../../core/model/evidence.ts";
import type { Digest } from "../../core/model/item.ts";
import type { Head } from "../../ledger/chain.ts";
import type { NamedHead } from "../../ledger/named-heads.ts";
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
  /** Files that hold no signature, or one that this key has not made though it says so. */
  readonly faults: readonly string[];
  /** Signatures by other keys. */
  readonly others: number;
}

/** The signatures of a run that are by this key. */
export async function signedBy(folder: RunFolder, key: KeyObject): Promise<SignedBy> {
  const fingerprint = fingerprintOf(key);
  const faults: string[] = [];
  const valid: HeadSignature[] = [];
  let others = 0;
  for (const found of await signaturesOf(folder)) {
    if ("fault" in found) faults.push(`${found.file} ${found.fault}`);
    else if (isSignedBy(found.signature, key)) valid.push(found.signature);
    else if (found.signature.key === fingerprint) faults.push(`${found.file} was changed: the signature does not fit`);
    else others += 1;
  }
  const named = (one: HeadSignature): NamedHead => ({ ...one, by: `the signature of ${iso(one.at)}` });
  return {
    key: fingerprint,
    heads: valid.map(named),
    newest: valid.toSorted((a, b) => a.seq - b.seq).at(-1),
    ...{ faults, others },
  };
}

/** What the signatures come to. */
interface Judged {
  readonly signature: SignatureReport;
  readonly findings: readonly string[];
  readonly notes: readonly string[];
}

/**
 * No signature by the key is a finding. So is a file that holds none, as it may have been a newer one; but not beside a signature
 * over the very head: anybody can put a file there.
 * @param head Where the record ends; undefined: it does not hold.
 */
export function judgedBy({ key, newest, faults, others }: SignedBy, head: Head | undefined): Judged {
  const signature = { holds: head !== undefined && newest !== undefined, key };
  if (newest === undefined) return { signature, findings: [...faults, whyUnsigned(key, others)], notes: [] };
  const isCovered = head !== undefined && newest.seq === head.seq && newest.hash === head.hash;
  return {
    signature: { ...signature, seq: newest.seq, at: newest.at },
    ...(isCovered ? { findings: [], notes: faults } : { findings: faults, notes: [] }),
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
