import { hash as digestOf } from "node:crypto";
import type { LedgerRecord } from "../core/model/events.ts";
import { digest, type Digest, type RunId } from "../core/model/item.ts";

// A line is `{"seq":1,…,"hash":"<64 hex>"}`. Its hash is the SHA-256 of the previous line's hash, as text, and the line's
// own bytes up to `,"hash":"`: `printf '%s' "$previous$begin" | sha256sum` recomputes it.

const mark = ',"hash":"';
const close = '"}';
const hashLength = 64;
const tailLength = mark.length + hashLength + close.length;

/** Where a chain stands: the last record and its hash. `seq` counts from 1; 0 is the genesis. */
export interface Head {
  readonly seq: number;
  readonly hash: Digest;
}

/** What the first record of a run's ledger chains to, so that no ledger passes for another run's. */
export function genesis(run: RunId): Head {
  return { seq: 0, hash: digest(digestOf("sha256", `rollcall/1\n${run}`)) };
}

/** Where the chain stands after a record. */
export function headOf({ seq, hash }: LedgerRecord): Head {
  return { seq, hash: digest(hash) };
}

/** End a record's JSON. @param open The object's text without its closing brace. @returns The line, with its line end. */
export function seal(open: string, previous: Digest): { readonly line: string; readonly hash: Digest } {
  const own = digest(digestOf("sha256", previous + open));
  return { line: `${open}${mark}${own}${close}\n`, hash: own };
}

/** The record of a line that continues the chain after `head`; undefined when it does not. */
export function chained(line: Buffer, head: Head): LedgerRecord | undefined {
  if (statedHash(line) !== hashOf(line, head.hash)) return undefined;
  const record = readable(line);
  return record?.seq === head.seq + 1 ? record : undefined;
}

/** The hash a line claims for itself; undefined when it does not end as a record ends. */
export function statedHash(line: Buffer): Digest | undefined {
  const end = /^,"hash":"([0-9a-f]{64})"\}$/.exec(line.toString("latin1", Math.max(0, line.length - tailLength)));
  return end?.[1] === undefined ? undefined : digest(end[1]);
}

/** A line read as a record, whether or not it chains; undefined when it is none. */
export function readable(line: Buffer): LedgerRecord | undefined {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    return looksLikeRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Hash and line are joined in one buffer, which serves for line after line and grows to the longest. */
let joined = Buffer.allocUnsafe(4096);

function hashOf(line: Buffer, previous: Digest): Digest {
  const open = Math.max(0, line.length - tailLength);
  if (joined.length < hashLength + open) joined = Buffer.allocUnsafe(2 * (hashLength + open));
  joined.write(previous, 0, "latin1");
  line.copy(joined, hashLength, 0, open);
  return digest(digestOf("sha256", joined.subarray(0, hashLength + open)));
}

function looksLikeRecord(value: unknown): value is LedgerRecord {
  if (typeof value !== "object" || value === null || !("seq" in value) || !("type" in value)) return false;
  const synced = "synced" in value ? value.synced : 0;
  return Number.isSafeInteger(value.seq) && typeof value.type === "string" && Number.isSafeInteger(synced);
}
