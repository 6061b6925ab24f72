import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApprovalConfig, ApprovalRule } from "../../../runner/core/model/approval.ts";
import { digest } from "../../../runner/core/model/item.ts";
import { rulesFor, ruleText, shortfalls, shortfallText } from "../../../runner/core/select/approvals.ts";

const fingerprint = (letter: string) => digest(letter.repeat(64));
const key = (name: string, letter: string) => ({ name, fingerprint: fingerprint(letter), pem: "" });
const approved = (name: string, letter: string) => ({ key: name, fingerprint: fingerprint(letter), at: 0 });

const config = (...require: readonly ApprovalRule[]): ApprovalConfig => ({
  keys: [key("alice", "a"), key("alice-laptop", "a"), key("bob", "b"), key("carol", "c")],
  require,
  notAuthor: false,
});

describe("the rules that concern changes", () => {
  const rules = config(
    { count: 1 },
    { destructive: true, count: 2 },
    { above: 10, count: 3 },
    { destructive: true, above: 10, count: 4 },
  );

  it.each([
    [false, 5, [1]],
    [false, 10, [1]],
    [false, 11, [1, 3]],
    [true, 0, [1, 2]],
    [true, 11, [1, 2, 3, 4]],
    [false, undefined, [1]],
    [true, undefined, [1, 2]],
  ] as const)("destructive %s, of %s items: %j", (destructive, size, counts) => {
    expect(rulesFor(rules, { change: { method: "M", destructive }, size }).map(({ count }) => count)).toEqual(counts);
  });

  it("demand nothing where there are none", () => {
    expect(rulesFor(config(), { change: { method: "M", destructive: true }, size: 1e6 })).toEqual([]);
  });

  it("count what nobody but the plan knows as destructive, whatever the plan says of it", () => {
    const change = { method: "M", destructive: false };
    const rules = config({ destructive: true, count: 1 });
    expect(rulesFor(rules, { change, size: 1 })).toEqual([]);
    expect(rulesFor(rules, { change: { ...change, undeclared: true }, size: undefined })).toHaveLength(1);
  });
});

describe("approvals that are there", () => {
  const short = (rule: ApprovalRule, ...given: readonly ReturnType<typeof approved>[]) =>
    shortfalls(config(rule), [rule], given).map(({ have }) => have);

  it("are counted by key: the same one twice, or under two names, is one", () => {
    expect(short({ count: 2 }, approved("alice", "a"), approved("alice", "a"))).toEqual([["alice"]]);
    expect(short({ count: 2 }, approved("alice", "a"), approved("alice-laptop", "a"))).toEqual([["alice-laptop"]]);
    expect(short({ count: 2 }, approved("alice", "a"), approved("bob", "b"))).toEqual([]);
  });

  it("count only for a rule that names their key, by whichever of its names", () => {
    expect(short({ count: 1, by: ["bob"] }, approved("alice", "a"))).toEqual([[]]);
    expect(short({ count: 1, by: ["alice-laptop"] }, approved("alice", "a"))).toEqual([]);
  });

  it("never make up for another key: enough means as many different keys as asked for", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c", "x")), fc.integer({ min: 1, max: 4 }), (letters, count) => {
        const given = letters.map((letter) => approved(letter, letter));
        const different = new Set(letters.filter((letter) => letter !== "x")).size;
        expect(shortfalls(config({ count }), [{ count }], given).length === 0).toBe(different >= count);
      }),
    );
  });

  it("are told with what is missing", () => {
    expect(ruleText({ destructive: true, above: 100, count: 2, by: ["alice", "bob"] })).toBe(
      "destructive changes of more than 100 items need 2 approvals (of alice, bob)",
    );
    expect(shortfallText({ rule: { above: 1, count: 1 }, have: [] })).toBe(
      "changes of more than 1 item need 1 approval, and there is none",
    );
    expect(shortfallText({ rule: { count: 3 }, have: ["alice", "bob"] })).toBe(
      "changes need 3 approvals, and there are 2: alice, bob",
    );
  });
});
