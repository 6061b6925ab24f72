import { describe, expect, it } from "vitest";
import { digest } from "../../runner/core/model/item.ts";
import { without } from "../../runner/core/model/pick.ts";
import { fingerprintOf } from "../../runner/ledger/key-fingerprint.ts";
import { isSignedBy, readSignature, signHead, type SignedHead } from "../../runner/ledger/signature.ts";
import { newPair } from "../support/keys.ts";
import { run } from "./sample.ts";

const pair = newPair();
const head: SignedHead = {
  run,
  seq: 12,
  hash: digest("ab".repeat(32)),
  root: digest("cd".repeat(32)),
  at: 1_700_000_000_000,
};

/** What a text proves to the holder of the public key. */
function proves(text: string, key = pair.publicKey): boolean {
  const found = readSignature(text);
  return !("fault" in found) && isSignedBy(found, key);
}

describe("a signature over the head of a record", () => {
  it("names the record, the root, the moment and the key", () => {
    const text = signHead(head, pair.privateKey);
    expect(readSignature(text)).toMatchObject({ ...head, key: fingerprintOf(pair.publicKey) });
    expect(proves(text)).toBe(true);
    expect(proves(signHead(without(head, "root"), pair.privateKey))).toBe(true);
  });

  it("proves nothing by another key, whatever key it says that it is by", () => {
    const other = newPair();
    const text = signHead(head, other.privateKey);
    expect(proves(text)).toBe(false);
    const claimed = text.replace(fingerprintOf(other.publicKey), fingerprintOf(pair.publicKey));
    expect(claimed).not.toBe(text);
    expect(proves(claimed)).toBe(false);
    expect(proves(claimed, other.publicKey)).toBe(false);
  });

  it("proves nothing once any of its bytes is changed, dropped or doubled", () => {
    const text = signHead(head, pair.privateKey);
    for (let place = 0; place < text.length; place++) {
      const code = text.charCodeAt(place);
      const [begin, rest] = [text.slice(0, place), text.slice(place + 1)];
      expect(proves(`${begin}${String.fromCharCode(code ^ 1)}${rest}`)).toBe(false);
      expect(proves(`${begin}${rest}`)).toBe(false);
      expect(proves(`${begin}${text[place]!}${text[place]!}${rest}`)).toBe(false);
    }
  });

  it.each([
    ["", "holds no signature"],
    ["{}", "holds no signature"],
    ["[]", "holds no signature"],
    ['{"type":"rollcall-signature","format":2}', "was made by a newer Rollcall (format 2)"],
    ['{"type":"rollcall-signature","format":1}', "is damaged: a part of it is missing"],
  ])("is not read from %j", (text, fault) => {
    expect(readSignature(text)).toEqual({ fault: expect.stringContaining(fault) });
  });
});
