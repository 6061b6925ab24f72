import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RisingNumbers } from "../../../runner/core/tally/rising-numbers.ts";

const steps = fc.array(fc.oneof(fc.nat(3), fc.integer({ min: -5, max: 9 }), fc.nat(2 ** 34)), { maxLength: 3000 });

describe("numbers that rise", () => {
  it("are found where they were put, in whatever order they are asked for", () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(3000)), (distances, asked) => {
        const rising = new RisingNumbers();
        const kept: number[] = [];
        let number = 0;
        for (const distance of distances) {
          number += distance;
          const isLarger = kept.length === 0 || number > kept.at(-1)!;
          expect(rising.push(number)).toBe(isLarger);
          if (isLarger) kept.push(number);
          else number = kept.at(-1)!;
        }
        expect(rising.size).toBe(kept.length);
        for (const place of [...kept.keys(), ...asked]) {
          const one = kept[place];
          expect(rising.at(place)).toBe(one);
          if (one === undefined) continue;
          expect(rising.find(one)).toBe(place);
          for (const near of [one - 1, one + 1, one + 2])
            expect(rising.find(near)).toBe(kept.includes(near) ? kept.indexOf(near) : undefined);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("are not found in an empty list", () => {
    expect(new RisingNumbers().find(0)).toBeUndefined();
    expect(new RisingNumbers().at(0)).toBeUndefined();
  });
});
