import type { LedgerRecord, Person } from "../core/model/events.ts";
import type { RunState } from "../core/tally/fold.ts";
import type { RunFolder } from "./folder.ts";
import { tell, type Told } from "./history/tell.ts";

/** States of items for which nothing has left. */
const unsent: ReadonlySet<string> = new Set(["not-started", "drifted", "already"]);

/** When each item was sent last, as far as the records say, and by whom: 10 bytes an item. */
class Sends {
  readonly #people: Person[] = [];
  /** Of intents that are neither answered nor void: which item, and when it was allowed. */
  readonly #open = new Map<number, { readonly index: number; readonly t: number }>();
  #at = new Float64Array(0);
  #by = new Uint16Array(0);

  take(found: LedgerRecord): void {
    switch (found.type) {
      case "start":
      case "resume":
        this.#people.push(found.by);
        break;
      case "selected":
        this.#at = new Float64Array(found.size);
        this.#by = new Uint16Array(found.size);
        break;
      case "intent":
        this.#open.set(found.seq, { index: found.index, t: found.t });
        break;
      case "sent":
        for (const intent of found.intents) this.#mark(this.#open.get(intent)?.index, found.t);
        break;
      case "outcome":
        // An answer that a resume wrote for a process that died: there may be no mark.
        if (found.kind === "lost" && this.#at[found.index] === 0)
          this.#mark(found.index, this.#open.get(found.intent)?.t ?? found.t);
        this.#open.delete(found.intent);
        break;
      case "withdrawn":
        for (const intent of found.intents) this.#open.delete(intent);
        break;
      case "hold":
        this.#open.delete(found.intent);
        break;
      default:
        break;
    }
  }

  /** What is open at the end may have been sent, whether or not it was marked. */
  end(): void {
    for (const { index, t } of this.#open.values()) if (this.#at[index] === 0) this.#mark(index, t);
  }

  /** Wall ms; 0: never. */
  at(index: number): number {
    return this.#at[index] ?? 0;
  }

  by(index: number): Person {
    return this.#people[this.#by[index] ?? 0] ?? { name: "", host: "" };
  }

  #mark(index: number | undefined, t: number): void {
    if (index === undefined) return;
    this.#at[index] = t;
    this.#by[index] = Math.min(65_535, Math.max(0, this.#people.length - 1));
  }
}

/** A run as its record tells it, and besides when each item was sent last and by whom. */
export class Trail {
  readonly state: RunState;
  /** Where the record is damaged: what follows is not told. */
  readonly damage: string | undefined;
  readonly #sends: Sends;

  constructor({ state, damage }: Told, sends: Sends) {
    this.state = state;
    this.damage = damage;
    this.#sends = sends;
  }

  /** Wall ms, of the last time. Undefined: nothing was sent, nor may have been. */
  sentAt(index: number): number | undefined {
    const at = this.#sends.at(index);
    return at === 0 || unsent.has(this.state.items.stateOf(index)) ? undefined : at;
  }

  /** Who had the run in hand then; else who began it. */
  sentBy(index: number): Person {
    return this.#sends.by(index);
  }
}

/**
 * Read a run's record as far as it holds.
 * @param each Told every record before the damage, if there is any.
 * @returns Undefined: the run ended before its first record. @throws {RecordError} when the file can not be read.
 */
export async function trailOf(
  folder: RunFolder,
  each: (found: LedgerRecord) => void = () => undefined,
): Promise<Trail | undefined> {
  const sends = new Sends();
  const told = await tell(folder, (found) => {
    sends.take(found);
    each(found);
  });
  if (told.first === undefined && told.damage === undefined) return undefined;
  sends.end();
  return new Trail(told, sends);
}
