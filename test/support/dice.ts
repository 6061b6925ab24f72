/** Draws whole numbers below `n`; the same seed gives the same row of them. */
export type Dice = (n: number) => number;

export function dice(seed: number): Dice {
  let state = seed * 2_654_435_761 + 1;
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % n;
  };
}

export const oneOf = <T>(roll: Dice, values: readonly T[]): T => values[roll(values.length)] as T;
