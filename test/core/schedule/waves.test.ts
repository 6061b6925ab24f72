import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WaveSize } from "../../../runner/core/model/precautions.ts";
import { waveSizes } from "../../../runner/core/schedule/waves.ts";

const of = (text: string): readonly WaveSize[] =>
  text.split(", ").map((one) => (one.endsWith("%") ? { percent: Number.parseFloat(one) } : { count: Number(one) }));

describe("the sizes of waves", () => {
  it.each<[string, number, readonly number[]]>([
    ["1, 10%, 100%", 312, [1, 31, 280]],
    ["1, 10%, 100%", 5, [1, 1, 3]],
    ["1, 10%, 100%", 1, [1]],
    ["1", 3, [1, 1, 1]],
    ["2", 5, [2, 2, 1]],
    ["30%", 10, [3, 3, 3, 1]],
    ["1, 2, 3", 12, [1, 2, 3, 3, 3]],
    ["0.5%", 100, Array<number>(100).fill(1)],
    ["33.4%", 10, [3, 3, 3, 1]],
    ["500", 7, [7]],
    ["100%", 7, [7]],
    ["1, 10%, 100%", 0, []],
  ])("%s of %d items", (written, selected, sizes) => {
    expect(waveSizes(of(written), selected)).toEqual(sizes);
  });

  it.each([
    [0, []],
    [1, [1]],
    [50, [50]],
    [51, [1, 5, 45]],
    [1000, [1, 100, 899]],
  ])("of %d items, where the plan says nothing of waves", (selected, sizes) => {
    expect(waveSizes(undefined, selected)).toEqual(sizes);
  });

  it("add up to the selection, and none is empty", () => {
    const wave = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ percent: fc.double({ min: 0.01, max: 100, noNaN: true }) }),
    );
    const waves = fc.option(fc.array(wave, { minLength: 1, maxLength: 5 }), { nil: undefined });
    fc.assert(
      fc.property(waves, fc.integer({ min: 0, max: 2000 }), (written, selected) => {
        const sizes = waveSizes(written, selected);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(selected);
        expect(sizes.every((size) => size >= 1)).toBe(true);
      }),
    );
  });
});
