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

/** The first 64 bits of the SHA-256 of a text, for many of them in little room. */
export function digest64(text: string): bigint {
  return BigInt(`0x${hash("sha256", text).slice(0, 16)}`);
}
