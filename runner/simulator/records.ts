import { upNow } from "./clock.ts";
import type { Effect } from "./devices.ts";

/** Values as they are from `at` on (ms since boot). `values: undefined` means not there: not yet, or no more. */
interface Version<Values> {
  readonly at: number;
  readonly values: Values | undefined;
}

/**
 * Things of one kind that are few enough to be kept whole (partners, users, profiles), with all that was ever changed
 * about them, so that each can be asked for as it was at any instant.
 */
export class Records<Values extends object> {
  readonly #histories = new Map<number, Version<Values>[]>();

  /** @param born What was there before anybody changed anything, by id. */
  constructor(born: Iterable<readonly [number, Values]>) {
    for (const [id, values] of born) this.#histories.set(id, [{ at: -Infinity, values }]);
  }

  /** Values at `asOf` (ms since boot; now when left out). Undefined: never there, not yet, or removed by then. */
  get(id: number, asOf = Infinity): Values | undefined {
    return this.#histories.get(id)?.findLast(({ at }) => at <= asOf)?.values;
  }

  /** All that were there at `asOf`, by id. */
  all(asOf = Infinity): (readonly [number, Values])[] {
    const ids = [...this.#histories.keys()].sort((left, right) => left - right);
    return ids.flatMap((id) => {
      const values = this.get(id, asOf);
      return values === undefined ? [] : [[id, values] as const];
    });
  }

  /** Set some values; the others stay. Undefined, and nothing done, when there is no such record. */
  change(id: number, values: Partial<Values>): Effect | undefined {
    const earlier = this.get(id);
    if (earlier === undefined) return undefined;
    const names = Object.keys(values) as (keyof Values)[];
    const before = Object.fromEntries(names.map((name) => [name, earlier[name]]));
    return { item: id, at: this.#record(id, { ...earlier, ...values }), before, after: values };
  }

  /** Add a record under an id nobody ever had. */
  add(id: number, values: Values): Effect {
    return { item: id, at: this.#record(id, values), before: {}, after: values };
  }

  /** Remove a record for good. Undefined, and nothing done, when there is no such record. */
  remove(id: number): Effect | undefined {
    const earlier = this.get(id);
    if (earlier === undefined) return undefined;
    return { item: id, at: this.#record(id, undefined), before: earlier, after: { removed: true } };
  }

  #record(id: number, values: Values | undefined): number {
    const at = upNow();
    const history = this.#histories.get(id) ?? [];
    history.push({ at, values });
    this.#histories.set(id, history);
    return at;
  }
}
