import { thingOf, type Thing } from "./pages.ts";

/** Milliseconds since boot, on the clock that a ledger counts by. */
export function upNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What there is, and what there was. */
export class Things {
  readonly #now = new Map<number, Thing>();
  readonly #history: { readonly at: number; readonly id: number; readonly thing: Thing | undefined }[] = [];

  /** @param count Numbered from 1. */
  constructor(count: number) {
    for (let id = 1; id <= count; id += 1) this.set(thingOf(id));
  }

  get now(): ReadonlyMap<number, Readonly<Thing>> {
    return this.#now;
  }

  /** In the order of their ids. */
  sorted(): readonly Thing[] {
    return [...this.#now.values()].sort((a, b) => a.id - b.id);
  }

  set(thing: Thing): void {
    this.#now.set(thing.id, thing);
    this.#history.push({ at: upNow(), id: thing.id, thing });
  }

  /** @returns Whether it was there. */
  remove(id: number): boolean {
    this.#history.push({ at: upNow(), id, thing: undefined });
    return this.#now.delete(id);
  }

  /** As it was at an instant. Undefined: there was no such thing. */
  at(id: number, up: number): Readonly<Thing> | undefined {
    return this.#history.findLast((one) => one.id === id && one.at <= up)?.thing;
  }
}
