import { createPublicKey, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSealedBy, readEnvelope, sealEnvelope } from "../../runner/ledger/dsse.ts";
import { newPair } from "../support/keys.ts";
import { pae, verifiedPayload } from "../support/dsse.ts";

const pair = newPair();

describe("a DSSE envelope", () => {
  it("is what a second implementation, made from the specification alone, verifies", () => {
    expect(pae("http://example.com/HelloWorld", Buffer.from("hello world")).toString()).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (type, payload) => {
        const text = sealEnvelope(type, payload, pair.privateKey);
        expect(verifiedPayload(text, pair.publicPem)).toEqual({ type, payload });
      }),
    );
  });

  it("is verified in either alphabet of base64, by its key alone, whatever the key id says", () => {
    const text = sealEnvelope("t", "\u{fffff}>>>???", pair.privateKey);
    const value = JSON.parse(text) as { payload: string; signatures: { keyid?: string; sig: string }[] };
    const safe = (base64: string): string => base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
    const url = {
      ...value,
      payload: safe(value.payload),
      signatures: value.signatures.map(({ sig }) => ({ sig: safe(sig) })),
    };
    const read = readEnvelope(JSON.stringify(url))!;
    expect(isSealedBy(read, pair.publicKey)).toBe(true);
    expect(isSealedBy(read, newPair().publicKey)).toBe(false);
    const lying = {
      ...value,
      signatures: [{ sig: "AAAA" }, ...value.signatures.map(({ sig }) => ({ sig, keyid: "x" }))],
    };
    expect(isSealedBy(readEnvelope(JSON.stringify(lying))!, pair.publicKey)).toBe(true);
  });

  it("holds neither with another payload nor with another type", () => {
    const value = JSON.parse(sealEnvelope("type", "payload", pair.privateKey)) as Record<string, unknown>;
    for (const change of [
      { payload: "cGF5bG9hZQ==" },
      { payloadType: "typf" },
      { payloadType: "typ", payload: "ZSBwYXlsb2Fk" },
    ]) {
      expect(isSealedBy(readEnvelope(JSON.stringify({ ...value, ...change }))!, pair.publicKey)).toBe(false);
    }
  });

  it.each([
    "",
    "{",
    "[]",
    '{"payload":"e30="}',
    '{"payloadType":"t","payload":"*","signatures":[]}',
    '{"payloadType":"t","payload":"e30=","signatures":[{"sig":1}]}',
  ])("is not read from %j", (text) => {
    expect(readEnvelope(text)).toBeUndefined();
  });

  it("signs with the private half of the key that verifies", () => {
    const { payload, payloadType, signatures } = JSON.parse(sealEnvelope("t", "p", pair.privateKey)) as {
      payload: string;
      payloadType: string;
      signatures: { sig: string }[];
    };
    const signed = pae(payloadType, Buffer.from(payload, "base64"));
    expect(verify(null, signed, createPublicKey(pair.publicPem), Buffer.from(signatures[0]!.sig, "base64"))).toBe(true);
  });
});
