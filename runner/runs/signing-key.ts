import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { RunnerError } from "../core/model/errors.ts";
import { pemBlocksIn } from "../core/model/pem.ts";
import { reasonOf } from "../core/model/reason.ts";
import { readSmallFile } from "./small-file.ts";

const maxBytes = 64 * 1024;
const ownFile = "Put the one key into a file of its own.";
const howToMake = "Make one: openssl genpkey -algorithm ed25519 -out key.pem";

/** What a key is for, in the words of messages about it. */
export interface KeyUse {
  /** What is signed: `an approval`. */
  readonly what: string;
  /** What somebody else could do with it: `approve`. */
  readonly verb: string;
  /** The flag that names its file. */
  readonly flag: string;
}
const approving: KeyUse = { what: "an approval", verb: "approve", flag: "--key" };

/**
 * The private key that somebody approves or signs with: Ed25519, PKCS#8 in PEM, in a file that only its owner can read.
 * @param passphrase Asked for if it is encrypted. Left out: nobody can be asked; it gives undefined: nothing was typed.
 * @throws {RunnerError} `usage`, naming the file and never what is in it.
 */
export async function readSigningKey(
  path: string,
  passphrase: (() => Promise<string | undefined>) | undefined,
  use: KeyUse = approving,
): Promise<KeyObject> {
  const { pem, mode } = await pemIn(path, `Give ${use.flag} the file of the private key.`);
  if (!pem.includes("PRIVATE KEY-----")) {
    const what = pem.includes("PUBLIC KEY-----") ? "holds a public key" : "holds no private key in PEM";
    throw wrong(`${path} ${what}; ${use.what} is signed with a private one.`, howToMake);
  }
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw wrong(
      `Others can read ${path} (mode ${(mode & 0o777).toString(8).padStart(4, "0")}), and could ${use.verb} with it.`,
      `Run: chmod 600 ${path}. If others may have read it already, make another key.`,
    );
  }
  if (pem.includes("BEGIN OPENSSH PRIVATE KEY"))
    throw wrong(`${path} holds a key in the format of OpenSSH, which is not read.`, howToMake);
  const isEncrypted = pem.includes("BEGIN ENCRYPTED PRIVATE KEY") || /^Proc-Type: 4,ENCRYPTED/m.test(pem);
  const key = isEncrypted ? opened(path, pem, await passphrase?.()) : parsed(path, pem);
  if (key.asymmetricKeyType === "ed25519") return key;
  throw wrong(`${path} holds a key of type ${key.asymmetricKeyType}; ${use.what} is signed with Ed25519.`, howToMake);
}

/**
 * The public half of somebody's key: Ed25519, SPKI in PEM. Where it lies decides what it proves: one that came with the files
 * that it is to prove proves nothing.
 * @throws {RunnerError} `usage`, naming the file.
 */
export async function readPublicKey(path: string): Promise<KeyObject> {
  const { pem } = await pemIn(path, "Give --public-key the file of the public key.");
  const half = "The public half of a key: openssl pkey -in key.pem -pubout -out key.pub";
  if (pem.includes("PRIVATE KEY-----")) throw wrong(`${path} holds a private key, which nobody needs to check.`, half);
  if (!pem.includes("-----BEGIN PUBLIC KEY-----")) throw wrong(`${path} holds no public key in PEM.`, half);
  const key = parsedPublic(path, pem, half);
  if (key.asymmetricKeyType === "ed25519") return key;
  throw wrong(`${path} holds a key of type ${key.asymmetricKeyType}; records are signed with Ed25519.`, half);
}

function parsedPublic(path: string, pem: string, hint: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw wrong(`${path} holds no public key that can be read: it is damaged, or of another kind.`, hint, cause);
  }
}

async function pemIn(path: string, hint: string): Promise<{ readonly pem: string; readonly mode: number }> {
  const { stat, bytes } = await readSmallFile(path, { maxBytes }).catch((cause: unknown) => {
    throw wrong(`${path} can not be read: ${reasonOf(cause)}.`, hint);
  });
  if (!stat.isFile()) throw wrong(`${path} is not a file.`, hint);
  if (bytes === undefined) throw wrong(`${path} has ${stat.size} bytes, which is no key.`, hint);
  const pem = bytes.toString("utf8");
  const blocks = pemBlocksIn(pem);
  if (blocks > 1) throw wrong(`${path} holds ${blocks} blocks of PEM: which key is meant, it does not say.`, ownFile);
  return { pem, mode: stat.mode };
}

function parsed(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw wrong(`${path} holds no private key that can be read: it is damaged, or of another kind.`, howToMake, cause);
  }
}

function opened(path: string, pem: string, passphrase: string | undefined): KeyObject {
  if (passphrase === undefined || passphrase === "") {
    const hint =
      "It is asked for on a terminal; elsewhere name an environment variable that holds it: --passphrase-env NAME.";
    throw wrong(`${path} is encrypted, and its passphrase was not given.`, hint);
  }
  try {
    return createPrivateKey({ key: pem, passphrase });
  } catch (cause) {
    throw wrong(
      `The passphrase does not open ${path}.`,
      "Nothing was signed. Give the one that it was made with.",
      cause,
    );
  }
}

function wrong(message: string, hint: string, cause?: unknown): RunnerError {
  return new RunnerError("usage", message, { hint, cause });
}
