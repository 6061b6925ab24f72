import type { Device } from "./device.ts";
import { hash } from "./random.ts";

/** What a device shows its node to be let in. A token that goes stale is followed by another. */
export class Tokens {
  readonly #changes = new Map<number, number>();

  of({ fleet, place, id }: Device): string {
    const salt = 31 + 2 * (this.#changes.get(id) ?? 0);
    return `tk-${hash(fleet.seed, place, salt).toString(16)}${hash(fleet.seed, place, salt + 1).toString(16)}`;
  }

  /** The device has another token from now on. */
  change(id: number): void {
    this.#changes.set(id, (this.#changes.get(id) ?? 0) + 1);
  }
}
