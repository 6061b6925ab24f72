import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A pair of keys to approve with, as PEM. */
export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicPem: string;
  readonly privatePem: string;
}

export function newPair(): Pair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    ...{ privateKey, publicKey },
    publicPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privatePem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** The same, encrypted under a passphrase. */
export function encryptedPem({ privateKey }: Pair, passphrase: string): string {
  return privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }).toString();
}

/** `NAME.pem` and `NAME.pub` in a folder, as openssl makes them. */
export function writePair(folder: string, name: string, passphrase?: string): Pair {
  const pair = newPair();
  const pem = passphrase === undefined ? pair.privatePem : encryptedPem(pair, passphrase);
  writeFileSync(join(folder, `${name}.pem`), pem, { mode: 0o600 });
  writeFileSync(join(folder, `${name}.pub`), pair.publicPem);
  return pair;
}
