/**
 * Numbers that look random and are always the same for the same words, whatever was drawn before: so the order in which calls
 * happen to be made decides nothing.
 */
export class Dice {
  readonly seed: number;
  #drawn = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** 0 <= x < 1. */
  of(...words: readonly (string | number)[]): number {
    let hash = 0x811c9dc5;
    for (const char of `${this.seed} ${words.join(" ")}`) {
      hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    }
    return mixed(hash) / 2 ** 32;
  }

  /** The next one, for what has no name. */
  next(): number {
    return this.of("next", this.#drawn++);
  }
}

/** Every bit of the hash has its say in every bit of what comes out. */
function mixed(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
