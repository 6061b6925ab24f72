import { sign, verify, type KeyObject } from "node:crypto";
import { isObject } from "../core/model/object.ts";
import { fingerprintOf } from "./key-fingerprint.ts";
import { jsonIn } from "../core/model/json-in.ts";

// DSSE 1.0.0: https://github.com/secure-systems-lab/dsse. What is signed is type and payload, each behind its length.

/** A payload and who signed it, as it was read; nothing is checked yet. */
export interface Envelope {
  readonly payloadType: string;
  /** Decoded. */
  readonly payload: Buffer;
  readonly signatures: readonly { readonly sig: Buffer; readonly keyid?: string }[];
}

/** The text of an envelope. `keyid`: the fingerprint of the key. @param key Private, Ed25519. */
export function sealEnvelope(payloadType: string, payload: string, key: KeyObject): string {
  const bytes = Buffer.from(payload, "utf8");
  const sig = sign(null, preAuthEncoding(payloadType, bytes), key).toString("base64");
  const signatures = [{ keyid: fingerprintOf(key), sig }];
  return `${JSON.stringify({ payloadType, payload: bytes.toString("base64"), signatures }, null, 2)}\n`;
}

/** The envelope that a text holds; undefined: it holds none. Members that the specification does not name are passed over. */
export function readEnvelope(text: string): Envelope | undefined {
  const value = jsonIn(text);
  if (!isObject(value) || typeof value.payloadType !== "string") return undefined;
  const payload = base64In(value.payload);
  if (payload === undefined || !Array.isArray(value.signatures)) return undefined;
  const signatures = (value.signatures as readonly unknown[]).map((one) => {
    const sig = isObject(one) ? base64In(one.sig) : undefined;
    if (sig === undefined) return undefined;
    return { sig, ...(isObject(one) && typeof one.keyid === "string" && { keyid: one.keyid }) };
  });
  if (signatures.some((one) => one === undefined)) return undefined;
  return { payloadType: value.payloadType, payload, signatures: signatures.filter((one) => one !== undefined) };
}

/** Whether one of its signatures is by this key; `keyid` is a hint and decides nothing. */
export function isSealedBy({ payloadType, payload, signatures }: Envelope, key: KeyObject): boolean {
  const signed = preAuthEncoding(payloadType, payload);
  return signatures.some(({ sig }) => verify(null, signed, key, sig));
}

function preAuthEncoding(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/** Standard or URL-safe, as the specification allows either; undefined: it is neither. */
function base64In(value: unknown): Buffer | undefined {
  if (typeof value !== "string") return undefined;
  const plain = value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  const bytes = Buffer.from(plain, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === plain ? bytes : undefined;
}
