import { isUtf8 } from "node:buffer";
import { chained, type Head } from "./chain.ts";
import type { Line } from "./lines.ts";

/**
 * Whether a line that does not continue the chain after `head` may be what a crash has left in the place of the next record. A
 * process that dies leaves the beginning of a record; power loss forgets pages, which are zeros then, or what lay on the disk before.
 * Neither turns text into other text, takes a line out, or puts one in: that somebody has done.
 */
export function mayBeLeftByCrash({ bytes, ended }: Line, head: Head): boolean {
  if (hasHole(bytes)) return true;
  return !ended && beginsRecord(bytes) && !holdsMoreThanNext(bytes, head);
}

/** Bytes that are in no record: JSON as we write it escapes what is below a blank. */
function hasHole(bytes: Buffer): boolean {
  return bytes.some((byte) => byte < 0x20) || !isUtf8(bytes);
}

/** Of which record is not asked: what a tail says counts for nothing. */
function beginsRecord(bytes: Buffer): boolean {
  return bytes[0] === 0x7b;
}

/** A whole record is followed by its line end, or by nothing yet. */
function holdsMoreThanNext(bytes: Buffer, head: Head): boolean {
  const ends = bytes.toString("latin1").matchAll(/,"hash":"[0-9a-f]{64}"\}(?=.)/g);
  return [...ends].some(({ index, 0: { length } }) => chained(bytes.subarray(0, index + length), head) !== undefined);
}
