import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FaultBook } from "../../runner/simulator/fault-book.ts";
import { faultKinds, parseFaults } from "../../runner/simulator/faults.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";

describe("a file of faults", () => {
  it("is a list in YAML or in JSON", () => {
    const rules = [
      { fault: "http-503", method: "ModifyAccount", nth: [1, 3], when: "after", retryAfter: 2 },
      { fault: "editor", item: 12, set: { productId: 4, nameAlias: "x" } },
      { fault: "late", ms: 300, connection: "hang", probability: 0.1, limit: 5 },
    ];
    expect(parseFaults(JSON.stringify(rules))).toEqual(rules);
    expect(parseFaults("# nothing\n- fault: cap\n  rows: 10\n- { fault: hang, every: 4 }\n")).toEqual([
      { fault: "cap", rows: 10 },
      { fault: "hang", every: 4 },
    ]);
  });

  it.each([
    ["fault: hang", "faults: expected a list of rules"],
    ["", "faults: expected a list of rules"],
    ["- hang", "faults: rule 1 is not a mapping"],
    ["- { fault: explode }", "faults: rule 1: fault 'explode' is unknown; one of http-429, "],
    ["- { nth: 1 }", "faults: rule 1: fault 'undefined' is unknown"],
    ["- { fault: hang }\n- { fault: cap }", "faults: rule 2: fault cap needs rows"],
    ["- { fault: hang, ms: 3 }", "faults: rule 1: key 'ms' is unknown for fault hang; it knows method, item,"],
    ["- { fault: hang, constructor: 3 }", "faults: rule 1: key 'constructor' is unknown"],
    ["- { fault: hang, probability: 2 }", "faults: rule 1: probability is 2; expected a number from 0 to 1"],
    ["- { fault: hang, nth: 0 }", "faults: rule 1: nth is 0; expected a whole number from 1, or a list"],
    ["- { fault: hang, nth: [] }", "faults: rule 1: nth is []; expected"],
    ["- { fault: hang, method: modifyAccount }", 'faults: rule 1: method is "modifyAccount"; expected one of Login, '],
    ["- { fault: slow, ms: fast }", 'faults: rule 1: ms is "fast"; expected milliseconds'],
    ["- { fault: html, when: during }", 'faults: rule 1: when is "during"; expected before or after'],
    ["- { fault: editor, set: { ProductId: 3 } }", 'faults: rule 1: set is {"ProductId":3}; expected values by name: '],
    ["- { fault: editor, set: { productId: x } }", "faults: rule 1: set is"],
    ["- { fault: editor, set: {} }", "faults: rule 1: set is {}"],
    ["- [", "Flow sequence"],
  ])("refuses %j", (text, message) => {
    expect(() => parseFaults(text)).toThrow(message);
  });

  it("never fails in any other way", () => {
    const value = fc.oneof(
      fc.constantFrom(...faultKinds, "before", 1, 0.5, true),
      fc.json().map((text) => text),
    );
    const key = fc.constantFrom("fault", "nth", "item", "set", "ms", "row", "when", "toString");
    fc.assert(
      fc.property(fc.array(fc.dictionary(key, value)), (rules) => {
        try {
          expect(parseFaults(JSON.stringify(rules))).toHaveLength(rules.length);
        } catch (error) {
          expect((error as Error).message).toMatch(/^faults: rule \d+/);
        }
      }),
    );
  });
});

describe("which request a rule strikes", () => {
  const meet = (rule: Partial<FaultRule>, requests: [string, number?][]) => {
    const book = new FaultBook([{ fault: "hang", ...rule }], 7);
    return requests.map(([method, item]) => book.strike(method, item).length === 1);
  };
  const five: [string, number][] = [1, 2, 3, 4, 5].map((item) => ["ModifyAccount", item]);

  it.each<[Partial<FaultRule>, boolean[]]>([
    [{}, [true, true, true, true, true]],
    [{ method: "RemoveAccount" }, [false, false, false, false, false]],
    [{ nth: 2 }, [false, true, false, false, false]],
    [{ nth: [1, 5] }, [true, false, false, false, true]],
    [{ every: 2 }, [false, true, false, true, false]],
    [{ item: [2, 3] }, [false, true, true, false, false]],
    [{ item: [2, 3], nth: 2 }, [false, false, true, false, false]],
    [{ limit: 2 }, [true, true, false, false, false]],
    [{ every: 2, limit: 1 }, [false, true, false, false, false]],
    [{ probability: 0 }, [false, false, false, false, false]],
    [{ probability: 1 }, [true, true, true, true, true]],
  ])("%j", (rule, expected) => {
    expect(meet(rule, five)).toEqual(expected);
  });

  it("is a matter of seed, rule, device and attempt, not of the order in which requests come", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(60).keys()], { minLength: 60 }), (order) => {
        const items = order.map((one) => one % 20);
        const luck = (sequence: number[]) => {
          const struck = meet(
            { probability: 0.4 },
            sequence.map((item): [string, number] => ["ModifyAccount", item]),
          );
          return Array.from({ length: 20 }, (_, item) => struck.filter((_one, place) => sequence[place] === item));
        };
        expect(luck(items)).toEqual(luck([...items].sort((a, b) => a - b)));
      }),
    );
  });

  it("strikes about as often as it says", () => {
    const many = Array.from({ length: 5000 }, (_, item): [string, number] => ["ModifyAccount", item]);
    const struck = meet({ probability: 0.1 }, many).filter(Boolean).length;
    expect(struck).toBeGreaterThan(400);
    expect(struck).toBeLessThan(600);
  });
});
