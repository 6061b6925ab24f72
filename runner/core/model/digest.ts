import { hash } from "node:crypto";
import { digest, type Digest } from "./item.ts";

/** SHA-256 of the JSON text of a value as it stands; secrets in it must be references already. */
export function digestOf(value: unknown): Digest {
  return digestOfText(JSON.stringify(value));
}

/** SHA-256 of a text, such as a plan's. */
export function digestOfText(text: string): Digest {
  return digest(hash("sha256", text));
}

/** SHA-256 of a file's bytes: of a text that is written as UTF-8 the same as of the text. */
export function digestOfBytes(bytes: Uint8Array): Digest {
  return digest(hash("sha256", bytes));
}

/** The first 64 bits of the SHA-256 of a text, for many of them in little room. */
export function digest64(text: string): bigint {
  return BigInt(`0x${hash("sha256", text).slice(0, 16)}`);
}
