import type { ItemId } from "../model/item.ts";
import { RisingNumbers } from "./rising-numbers.ts";

/** Slots in use before the table grows: probes stay short, and an item costs about 14 bytes. */
const fullest = 0.85;
const growth = 1.6;

/**
 * Which place an item has, for any number of items. Ids that are whole numbers, as those of devices are, cost 4 bytes as
 * long as they rise from place to place, and 12 bytes a slot in any other order; an id of any other shape costs what a
 * `Map` costs. Exact for all.
 */
export class KeyIndex {
  /** Ids whose place is their rank. */
  readonly #rising = new RisingNumbers();
  /** The id plus one; 0: free. */
  #keys = new Float64Array(8);
  #indexes = new Uint32Array(8);
  #scattered = 0;
  readonly #texts = new Map<ItemId, number>();

  get size(): number {
    return this.#rising.size + this.#scattered + this.#texts.size;
  }

  /** @param index From 0, below 2^32. @returns False, and nothing changes, when the id is known already. */
  set(id: ItemId, index: number): boolean {
    const number = numberOf(id);
    if (number === undefined) return this.#setText(id, index);
    if (this.#find(number) !== undefined) return false;
    if (index !== this.#rising.size || !this.#rising.push(number)) this.#scatter(number, index);
    return true;
  }

  get(id: ItemId): number | undefined {
    const number = numberOf(id);
    return number === undefined ? this.#texts.get(id) : this.#find(number);
  }

  #find(number: number): number | undefined {
    const rank = this.#rising.find(number);
    if (rank !== undefined || this.#scattered === 0) return rank;
    const slot = this.#slotOf(number + 1);
    return this.#keys[slot] === 0 ? undefined : this.#indexes[slot];
  }

  #scatter(number: number, index: number): void {
    if (this.#scattered >= this.#keys.length * fullest) this.#grow();
    const slot = this.#slotOf(number + 1);
    this.#keys[slot] = number + 1;
    this.#indexes[slot] = index;
    this.#scattered += 1;
  }

  #setText(id: ItemId, index: number): boolean {
    if (this.#texts.has(id)) return false;
    this.#texts.set(id, index);
    return true;
  }

  /** Where the key is, or the free slot where it belongs. The table is never full, so the search ends. */
  #slotOf(key: number): number {
    const slots = this.#keys.length;
    let slot = Math.floor((scattered(key) / 2 ** 32) * slots);
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key) slot = slot + 1 === slots ? 0 : slot + 1;
    return slot;
  }

  #grow(): void {
    const keys = this.#keys;
    const indexes = this.#indexes;
    const slots = Math.ceil(keys.length * growth);
    this.#keys = new Float64Array(slots);
    this.#indexes = new Uint32Array(slots);
    keys.forEach((key, place) => {
      if (key === 0) return;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#indexes[slot] = indexes[place] ?? 0;
    });
  }
}

/** The number an id spells, if it is the only spelling of it: `7` but not `07`, and nothing a double would round. */
function numberOf(id: ItemId): number | undefined {
  if (id.length === 0 || id.length > 16 || (id.startsWith("0") && id !== "0")) return undefined;
  let number = 0;
  for (let place = 0; place < id.length; place++) {
    const digit = id.charCodeAt(place) - 48;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    number = number * 10 + digit;
  }
  return Number.isSafeInteger(number) ? number : undefined;
}

/** 32 well-mixed bits of a whole number below 2^53 (the finalizer of MurmurHash3): neighbours land far apart. */
function scattered(key: number): number {
  let bits = (key | 0) ^ Math.imul((key / 2 ** 32) | 0, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
