import type { WaveSize } from "../model/precautions.ts";

/** Up to so many items a plan without waves has only one. */
const mostAtOnce = 50;
/** What a larger one gets: one item, a tenth, the rest. */
const automatic: readonly WaveSize[] = [{ count: 1 }, { percent: 10 }, { percent: 100 }];

/**
 * How many items each wave has; together they are the selection. Percents are of the whole selection, truncated, at least 1;
 * the last size repeats until nothing is left. A wave that would be larger than what is left takes what is left.
 * @param written Undefined: the plan says nothing of waves. Not empty, counts from 1 on, percents above 0.
 */
export function waveSizes(written: readonly WaveSize[] | undefined, selected: number): readonly number[] {
  const asked = written ?? (selected > mostAtOnce ? automatic : [{ percent: 100 }]);
  const sizes: number[] = [];
  for (let left = selected; left > 0;) {
    const size = Math.min(left, sizeOf(asked[Math.min(sizes.length, asked.length - 1)], selected));
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

function sizeOf(wave: WaveSize | undefined, selected: number): number {
  if (wave === undefined) return selected;
  const size = "count" in wave ? wave.count : Math.floor((selected * wave.percent) / 100);
  return Math.max(1, size);
}
