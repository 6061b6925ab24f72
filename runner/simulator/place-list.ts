/** Places in the fleet of a list's devices, in its order: 4 bytes each. */
export class PlaceList {
  #places: Uint32Array;
  #size = 0;

  /** @param most How many there will be at most. */
  constructor(most: number) {
    this.#places = new Uint32Array(most);
  }

  /** Behind all others. */
  push(place: number): void {
    this.#places[this.#size] = place;
    this.#size += 1;
  }

  slice(start: number, end: number): number[] {
    return [...this.#places.subarray(Math.min(start, this.#size), Math.min(end, this.#size))];
  }

  /** In a list that rises: put a place in where it belongs, or take it out. */
  put(place: number, belongs: boolean): void {
    const at = this.#search(place);
    const isThere = at < this.#size && this.#places[at] === place;
    if (belongs === isThere) return;
    this.#places.copyWithin(belongs ? at + 1 : at, belongs ? at : at + 1, this.#size);
    if (belongs) this.#places[at] = place;
    this.#size += belongs ? 1 : -1;
  }

  #search(place: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#places[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
