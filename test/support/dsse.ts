import { createPublicKey, verify } from "node:crypto";

// DSSE as its specification says it, and nothing of ours: PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body,
// where LEN is the length in bytes as ASCII decimals; what is signed is PAE(UTF8(payloadType), base64-decoded payload).

export function pae(type: string, body: Buffer): Buffer {
  const typeBytes = Buffer.from(type, "utf8");
  return Buffer.concat([
    Buffer.from("DSSEv1 ", "ascii"),
    Buffer.from(typeBytes.byteLength.toString(10), "ascii"),
    Buffer.from(" ", "ascii"),
    typeBytes,
    Buffer.from(" ", "ascii"),
    Buffer.from(body.byteLength.toString(10), "ascii"),
    Buffer.from(" ", "ascii"),
    body,
  ]);
}

/** What an envelope holds, if its one signature is by this key. */
export function verifiedPayload(text: string, publicPem: string): { type: string; payload: string } | undefined {
  const envelope = JSON.parse(text) as { payload: string; payloadType: string; signatures: { sig: string }[] };
  const body = Buffer.from(envelope.payload, "base64");
  const [signature] = envelope.signatures;
  if (signature === undefined || envelope.signatures.length !== 1) return undefined;
  const fits = verify(
    null,
    pae(envelope.payloadType, body),
    createPublicKey(publicPem),
    Buffer.from(signature.sig, "base64"),
  );
  return fits ? { type: envelope.payloadType, payload: body.toString("utf8") } : undefined;
}
