import { createPublicKey, hash, type KeyObject } from "node:crypto";
import { digest, type Digest } from "../core/model/item.ts";

/** SHA-256 of a key's SPKI DER; of a private key, that of its public half. */
export function fingerprintOf(key: KeyObject): Digest {
  const publicHalf = key.type === "private" ? createPublicKey(key) : key;
  return digest(hash("sha256", publicHalf.export({ type: "spki", format: "der" })));
}
