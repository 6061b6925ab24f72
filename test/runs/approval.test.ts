import { sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApprovalKey } from "../../runner/core/model/approval.ts";
import { digest } from "../../runner/core/model/item.ts";
import type { SavedHeader } from "../../runner/core/model/saved.ts";
import {
  judgeApproval,
  keyOfApproval,
  signApproval,
  statementOf,
  type Judging,
  type SavedRead,
} from "../../runner/runs/approval.ts";
import { fingerprintOf } from "../../runner/ledger/key-fingerprint.ts";
import { newPair } from "../support/keys.ts";

const created = Date.UTC(2026, 10, 23, 12);
const hour = 3_600_000;
const saved = {
  digest: digest("1".repeat(64)),
  header: {
    created,
    expires: created + 24 * hour,
    start: {
      tool: "rollcall/1.4.0",
      by: { name: "mallory", host: "there" },
      service: { name: "cove", kind: "cove", endpoint: "https://api.example" },
      login: { user_id: 1, partner_id: 2, name: "n" },
      plan: { name: "tidy", digest: digest("2".repeat(64)) },
      change: { method: "RemoveAccount", repeat: "once", destructive: true, unverifiable: false },
    },
    enumerated: { inventory: digest("3".repeat(64)) },
    selected: { changeSet: digest("4".repeat(64)), size: 7 },
  } as unknown as SavedHeader,
} satisfies SavedRead;

const alice = newPair();
const bob = newPair();
const key = (name: string, { publicKey, publicPem }: typeof alice): ApprovalKey => ({
  name,
  fingerprint: fingerprintOf(publicKey),
  pem: publicPem,
});
const judging: Judging = {
  saved,
  keys: [key("alice", alice)],
  notAuthor: false,
  now: created + hour,
  tool: "rollcall/1.9.2",
};
const signer = { tool: "rollcall/1.5.0", by: { name: "alice", host: "here" }, at: created + hour / 2 };
const statement = statementOf(saved, signer);
const given = (more: object = {}): Buffer => Buffer.from(signApproval({ ...statement, ...more }, alice.privateKey));

const why = (bytes: Buffer, more: Partial<Judging> = {}): string | undefined => {
  const judged = judgeApproval(bytes, { ...judging, ...more });
  return judged.counts ? undefined : judged.why;
};

describe("an approval", () => {
  it("counts for the change set that was signed, by its key, and says when it was given", () => {
    expect(judgeApproval(given(), judging)).toMatchObject({
      counts: true,
      approved: { key: "alice", fingerprint: fingerprintOf(alice.publicKey), at: signer.at },
      statement: { by: signer.by, size: 7, destructive: true },
    });
    expect(keyOfApproval(given())).toBe(fingerprintOf(alice.privateKey));
  });

  it("is text that anybody can check by the fingerprint, the statement and the signature in it", () => {
    const file = JSON.parse(given().toString()) as { statement: string; signature: string };
    expect(JSON.parse(file.statement)).toEqual(statement);
    expect(Buffer.from(file.signature, "base64")).toEqual(sign(null, Buffer.from(file.statement), alice.privateKey));
  });

  it.each<readonly [string, object, Partial<Judging>, RegExp]>([
    ["of another change set", { digest: "9".repeat(64) }, {}, /approves another change set \(digest 9{64}\)/],
    ["of another plan", { plan: { name: "tidy", digest: "9".repeat(64) } }, {}, /another plan than/],
    ["of another list", { inventory: "9".repeat(64) }, {}, /another inventory than/],
    ["of other changes", { changeSet: "9".repeat(64) }, {}, /another changeSet than/],
    [
      "for another service",
      { service: { name: "cove", endpoint: "https://evil.example" } },
      {},
      /another service than/,
    ],
    ["for another customer", { partner_id: 3 }, {}, /another partner_id than/],
    ["of more items", { size: 8 }, {}, /another size than/],
    ["of changes that were called harmless", { destructive: false }, {}, /another destructive than/],
    ["that is good for longer", { expires: created + 48 * hour }, {}, /another expires than/],
    ["that says more than it should", { and: "more" }, {}, /another and than/],
    ["by a tool of another major version", { tool: "rollcall/2.0.0" }, {}, /made by rollcall\/2\.0\.0; this is/],
    [
      "dated ahead of this clock",
      { at: created + 2 * hour },
      {},
      /dated 2026-11-23T14:00:00Z, and it is 2026-11-23T13/,
    ],
    ["dated before the list was read", { at: created - hour }, {}, /before the list was read/],
    ["of an expired change set", {}, { now: created + 24 * hour }, /expired with the change set/],
    ["by nobody of the config", {}, { keys: [key("bob", bob)] }, /its key [0-9a-f]{64} is none of the config/],
    ["by the author's key", {}, { notAuthor: true, keys: [key("mallory", alice)] }, /mallory made the change set/],
    [
      "by the author's user",
      { by: { name: "mallory", host: "x" } },
      { notAuthor: true },
      /mallory made the change set/,
    ],
    ["of no approval at all", { type: "invoice" }, {}, /what was signed is no approval/],
    ["of a time that is none", { at: "now" }, {}, /what was signed is no approval/],
  ])("does not count %s", (_, more, context, expected) => {
    expect(why(given(more), context)).toMatch(expected);
  });

  it("counts within two minutes of a clock that goes wrong", () => {
    expect(why(given({ at: judging.now + 119_000 }))).toBeUndefined();
    expect(why(given({ at: created - 119_000 }))).toBeUndefined();
  });

  it("counts by the author where the config does not mind", () => {
    expect(why(given({ by: { name: "mallory", host: "x" } }))).toBeUndefined();
  });

  it("does not count with the signature of another, even under the name of a known key", () => {
    const forged = JSON.parse(Buffer.from(signApproval(statement, bob.privateKey)).toString()) as Record<
      string,
      string
    >;
    forged.key = fingerprintOf(alice.publicKey);
    expect(why(Buffer.from(`${JSON.stringify(forged, null, 2)}\n`))).toBe(
      "it was changed: the signature of alice does not fit",
    );
  });

  it("does not count when any bit of its file is another", () => {
    const whole = given();
    for (let place = 0; place < whole.length; place++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = Buffer.from(whole);
        bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
        expect(why(bytes), `bit ${bit} of byte ${place}`).toBeDefined();
      }
    }
  });

  it("does not count when it is cut, goes on, or is written another way", () => {
    const text = given().toString();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1 }), (place, more) => {
        expect(why(Buffer.from(text.slice(0, place)))).toBeDefined();
        expect(why(Buffer.from(text.slice(0, place) + more + text.slice(place)))).toBeDefined();
      }),
    );
    expect(why(Buffer.from(JSON.stringify(JSON.parse(text))))).toBe("it is damaged: it is not as it was written");
    expect(why(Buffer.from("{}"))).toBe("it holds no approval, or is damaged");
    expect(why(Buffer.from(text.replace('"format": 1', '"format": 2')))).toBe(
      "it was made by a newer Rollcall (format 2)",
    );
  });
});
