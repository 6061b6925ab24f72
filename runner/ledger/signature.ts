import { sign, verify, type KeyObject } from "node:crypto";
import { digest, isDigest, runId, type Digest, type RunId } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import { fingerprintOf } from "./key-fingerprint.ts";
import { jsonIn } from "../core/model/json-in.ts";

// A signature is a small JSON file. What was signed is its own text without the last member, as `JSON.stringify` writes it on
// one line: `type`, `format`, `run`, `seq`, `hash`, `root` where there is one, `at` and `key`, in this order.

const fileType = "rollcall-signature";
const format = 1;

/** What is signed: that a record stood so, up to here. It names a prefix, so records that follow later do not spoil it. */
export interface SignedHead {
  readonly run: RunId;
  readonly seq: number;
  readonly hash: Digest;
  /** The Merkle root over the run's items, see `runs/pack`; left out: none could be made. */
  readonly root?: Digest;
  /** Wall ms, as the machine that signed had it. */
  readonly at: number;
}

/** A signature as it was read; nothing is checked yet. */
export interface HeadSignature extends SignedHead {
  /** Fingerprint of the key: says which one to try, and proves nothing. */
  readonly key: Digest;
  /** Base64. */
  readonly signature: string;
}

/** The text of a file that holds a signature. @param key Private, Ed25519. */
export function signHead(head: SignedHead, key: KeyObject): string {
  const fingerprint = fingerprintOf(key);
  const signature = sign(null, Buffer.from(signedText(head, fingerprint)), key).toString("base64");
  return signatureText({ ...head, key: fingerprint, signature });
}

/** There is one way to write a signature. */
export function signatureText(found: HeadSignature): string {
  return `${JSON.stringify({ ...membersOf(found, found.key), signature: found.signature }, null, 2)}\n`;
}

/** The signature that a text holds, or what is wrong with it, as the end of a sentence. A byte more or less is damage. */
export function readSignature(text: string): HeadSignature | { readonly fault: string } {
  const value = jsonIn(text);
  if (!isObject(value) || value.type !== fileType) return { fault: "holds no signature, or is damaged" };
  if (typeof value.format === "number" && value.format > format)
    return { fault: `was made by a newer Rollcall (format ${value.format})` };
  const found = signatureIn(value);
  if (found === undefined) return { fault: "is damaged: a part of it is missing or has another shape" };
  return signatureText(found) === text ? found : { fault: "is damaged: it is not as it was written" };
}

/** Whether it was made with the private half of this key. */
export function isSignedBy(found: HeadSignature, key: KeyObject): boolean {
  const bytes = Buffer.from(found.signature, "base64");
  // Bits that base64 leaves over are no other signature.
  if (bytes.toString("base64") !== found.signature) return false;
  return verify(null, Buffer.from(signedText(found, found.key)), key, bytes);
}

function signedText(head: SignedHead, key: Digest): string {
  return JSON.stringify(membersOf(head, key));
}

function membersOf({ run, seq, hash, root, at }: SignedHead, key: Digest): object {
  return { type: fileType, format, run, seq, hash, ...(root !== undefined && { root }), at, key };
}

function signatureIn(value: Readonly<Record<string, unknown>>): HeadSignature | undefined {
  const { run, seq, hash, root, at, key, signature } = value;
  const isCount = (one: unknown): one is number => Number.isSafeInteger(one) && (one as number) >= 0;
  const isHex = (one: unknown): one is string => typeof one === "string" && isDigest(one);
  if (typeof run !== "string" || typeof signature !== "string") return undefined;
  if (!isCount(seq) || !isCount(at) || !isHex(hash) || !isHex(key)) return undefined;
  if (root !== undefined && !isHex(root)) return undefined;
  return {
    ...{ run: runId(run), seq, hash: digest(hash), at, key: digest(key), signature },
    ...(root !== undefined && { root: digest(root) }),
  };
}
