import { IncompleteError } from "../core/model/errors.ts";
import type { Item } from "../core/model/item.ts";
import type { Reading } from "../core/model/ports.ts";
import { KeyIndex } from "../core/tally/key-index.ts";
import { bareId, request } from "./enumerate.ts";
import type { Job, Parts } from "./job.ts";
import { absenceReads } from "./read-more.ts";

/** Missing bystanders that are asked after in one pass: one that is still there is enough. */
const mostAsked = 8;
/** Where only the list itself can be asked, it may have lost one in so many: others remove items too. */
const oneIn = 10;

/**
 * Items of the first list that nobody wanted to change: witnesses of whether a later list is whole. A removal is confirmed by
 * what a list does not show, and a list that was cut short does not show much. Some bytes an item, where a change removes.
 */
export class Bystanders {
  readonly #job: Job;
  readonly #parts: Parts;
  readonly #index: KeyIndex;
  readonly #seen: Uint8Array;
  #missing: number;

  private constructor(job: Job, parts: Parts, index: KeyIndex) {
    this.#job = job;
    this.#parts = parts;
    this.#index = index;
    this.#seen = new Uint8Array(index.size);
    this.#missing = index.size;
  }

  /** Undefined: nothing is removed, or what is gone is confirmed in another way than by one list. */
  static async of(job: Job, parts: Parts): Promise<Bystanders | undefined> {
    const { change, verify } = job.plan;
    const byList = change.expect.kind === "absent" && verify.list === undefined && absenceReads(job.plan).length === 0;
    if (!byList) return undefined;
    const index = new KeyIndex();
    for await (const { id } of parts.bystanders()) index.set(id, index.size);
    return new Bystanders(job, parts, index);
  }

  /** A pass begins: none of them has been seen in it. */
  begin(): void {
    this.#seen.fill(0);
    this.#missing = this.#seen.length;
  }

  see(page: readonly Item[]): void {
    for (const { id } of page) {
      const place = this.#index.get(id);
      if (place === undefined || this.#seen[place] === 1) continue;
      this.#seen[place] = 1;
      this.#missing -= 1;
    }
  }

  /** Why the pass proves no absence; undefined: whoever of them is missing has gone, as far as can be known. */
  async whyNotWhole(signal: AbortSignal): Promise<IncompleteError | undefined> {
    if (this.#missing === 0) return undefined;
    const { job, parts } = { job: this.#job, parts: this.#parts };
    let isKnown = false;
    for (const item of await this.#some()) {
      const reading = await readByItself(item, job, parts, signal);
      if (reading.kind === "found")
        return lost(`also without ${item.id}, which is still there when it is asked for by itself`);
      isKnown ||= reading.kind === "absent" && reading.source !== job.plan.enumerate.method;
    }
    if (isKnown || this.#missing * oneIn <= this.#seen.length) return undefined;
    return lost(`also without ${this.#missing} of the ${this.#seen.length} items that were to stay as they are`);
  }

  /** Missing ones from all over the list. */
  async #some(): Promise<readonly Item[]> {
    const step = Math.max(1, Math.floor(this.#missing / mostAsked));
    const some: Item[] = [];
    let place = 0;
    let met = 0;
    for await (const item of this.#parts.bystanders()) {
      if (some.length === mostAsked) break;
      if (this.#seen[place++] === 0 && met++ % step === 0) some.push(item);
    }
    return some;
  }
}

/** Whether an item is there, by the quickest read of it alone. Never throws for its trouble. */
function readByItself(item: Item, { plan, frozen }: Job, { connection }: Parts, signal: AbortSignal): Promise<Reading> {
  const { enumerate: list } = plan;
  const part = list.partOf?.(frozen, item.each) ?? {};
  const asked = request(list, { frozen, part, first: false });
  return connection.read(asked, bareId(item.id, asked), [list.key], signal);
}

function lost(what: string): IncompleteError {
  return new IncompleteError(`the list came back ${what}: nothing is confirmed as removed by it`);
}
