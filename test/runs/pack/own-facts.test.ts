import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fact, LedgerRecord } from "../../../runner/core/model/events.ts";
import { digest, itemId } from "../../../runner/core/model/item.ts";
import { chainOf, FactChains, OwnFacts } from "../../../runner/runs/pack/own-facts.ts";

/** Records in a row, as a ledger has them. */
function recorded(facts: readonly Fact[]): LedgerRecord[] {
  return facts.map((fact, place) => ({ ...fact, seq: place + 1, t: 1000 + place, up: place, hash: "0" }));
}

function factsOf(facts: readonly Fact[]): ReadonlyMap<number, string[]> {
  const found = new Map<number, string[]>();
  const own = new OwnFacts((index, fact) => found.set(index, [...(found.get(index) ?? []), fact]));
  for (const record of recorded(facts)) own.take(record);
  return found;
}

/** What no fact of another item may hold. */
const secretOf = (index: number): string => `item-${index}-only`;

const intent = (index: number): Fact => ({
  type: "intent",
  index,
  id: itemId(secretOf(index)),
  title: secretOf(index),
  attempt: 1,
  wave: 0,
  method: "Set",
  request: digest("ab".repeat(32)),
  before: { tier: secretOf(index) },
  after: { tier: "Gold" },
});

const rejected = (index: number, message: string): Fact => ({
  type: "outcome",
  kind: "rejected",
  ...{ intent: index + 1, index, id: itemId(secretOf(index)), attempt: 1, ms: 2 },
  failure: { class: "reject", code: "7", message },
});

describe("the facts of one item", () => {
  it("are what the record says of it, and of no other, whatever is told of several at once", () => {
    const three = [0, 1, 2];
    const facts = factsOf([
      ...three.map(intent),
      { type: "sent", intents: [1, 2] },
      { type: "sent", intents: [3] },
      rejected(0, `${secretOf(0)} and ${secretOf(1)} are both wrong`),
      rejected(1, `${secretOf(0)} and ${secretOf(1)} are both wrong`),
      rejected(2, `${secretOf(2)} is wrong`),
      { type: "verdict", pass: 1, seen: "other", indexes: three, found: three.map((one) => ({ tier: secretOf(one) })) },
      {
        type: "also",
        what: "untouched",
        cause: "elsewhere",
        items: [{ id: itemId(secretOf(1)), title: secretOf(1), fields: {} }],
      },
    ]);
    for (const index of three) {
      const own = facts.get(index) ?? [];
      expect(own.map((fact) => (JSON.parse(fact) as Fact).type)).toEqual(["intent", "sent", "outcome", "verdict"]);
      for (const other of three) expect(own.join().includes(secretOf(other))).toBe(other === index);
      expect(own.join()).not.toContain("request");
    }
    // Of a call of its own the service's words are kept; of one with others what they were about is not known.
    expect(facts.get(2)!.join()).toContain("is wrong");
    expect(JSON.parse(facts.get(0)![2]!)).toMatchObject({ failure: { class: "reject", code: "7" }, shared: true });
    expect(facts.get(0)!.join()).not.toContain("wrong");
  });

  it("end with what was withdrawn or held, and begin anew with the next intent", () => {
    const facts = factsOf([
      intent(0),
      { type: "withdrawn", intents: [1], reason: "paused" },
      { type: "sent", intents: [1] },
      intent(0),
      { type: "hold", intent: 4, index: 0, id: itemId("x"), until: 5 },
    ]);
    expect(facts.get(0)!.map((fact) => (JSON.parse(fact) as Fact).type)).toEqual([
      "intent",
      "withdrawn",
      "intent",
      "hold",
    ]);
  });

  it("have a hash that any other fact, order or number of them changes", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 6 }), fc.array(fc.string(), { maxLength: 6 }), (left, right) => {
        const isSame = JSON.stringify(left) === JSON.stringify(right);
        expect(chainOf(left) === chainOf(right)).toBe(isSame);
      }),
    );
  });

  it("are hashed item by item, in whatever order items take turns", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.string())), (facts) => {
        const chains = new FactChains(5);
        for (const [index, fact] of facts) chains.add(index, fact);
        for (let index = 0; index < 5; index++)
          expect(chains.of(index)).toBe(chainOf(facts.filter(([one]) => one === index).map(([, fact]) => fact)));
      }),
    );
    expect(() => new FactChains(2).add(2, "x")).toThrow(RangeError);
  });
});
