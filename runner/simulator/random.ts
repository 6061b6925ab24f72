/** A well-mixed unsigned 32-bit number, always the same for the same three numbers. Not for secrets. */
export function hash(seed: number, index: number, salt: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 0x7f4a7c15, 0xc2b2ae35);
  mixed = scramble(mixed ^ Math.imul(salt + 0x165667b1, 0x27d4eb2f));
  return scramble(mixed + index) >>> 0;
}

/** The same as `hash`, as a fraction from 0 up to but not including 1. */
export function fraction(seed: number, index: number, salt: number): number {
  return hash(seed, index, salt) / 2 ** 32;
}

/** The same as `hash`, as one of the whole numbers 0 … count-1. */
export function pick(seed: number, index: number, { salt, count }: { salt: number; count: number }): number {
  return Math.floor(fraction(seed, index, salt) * count);
}

/** The finalizer of MurmurHash3: every input bit reaches every output bit. */
function scramble(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
