import type { LedgerRecord, Person } from "../core/model/events.ts";
import { RunState } from "../core/tally/fold.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { damageText, readLedger } from "../ledger/reader.ts";
import { withEnd } from "../ledger/with-end.ts";
import { RunnerError } from "../core/model/errors.ts";
import type { RunFolder } from "./folder.ts";

/** States of items for which nothing has left. */
const unsent: ReadonlySet<string> = new Set(["not-started", "drifted", "already"]);

/** The fold of a run's record, and besides where each item ended, when it was sent last and by whom: 10 bytes an item. */
export class Trail {
  readonly state = new RunState();
  first: LedgerRecord | undefined;
  last: LedgerRecord | undefined;
  /** Where the record is damaged: what follows is not told. */
  damage: string | undefined;
  readonly #people: Person[] = [];
  /** Of intents that are neither answered nor void: which item, and when it was allowed. */
  readonly #open = new Map<number, { readonly index: number; readonly t: number }>();
  #sentAt = new Float64Array(0);
  #sentBy = new Uint16Array(0);

  take(found: LedgerRecord): void {
    this.state.fold(found, found);
    this.first ??= found;
    this.last = found;
    switch (found.type) {
      case "start":
      case "resume":
        this.#people.push(found.by);
        break;
      case "selected":
        this.#sentAt = new Float64Array(found.size);
        this.#sentBy = new Uint16Array(found.size);
        break;
      case "intent":
        this.#open.set(found.seq, { index: found.index, t: found.t });
        break;
      case "sent":
        for (const intent of found.intents) this.#mark(this.#open.get(intent)?.index, found.t);
        break;
      case "outcome":
        // An answer that a resume wrote for a process that died: there may be no mark.
        if (found.kind === "lost" && this.#sentAt[found.index] === 0)
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
    for (const { index, t } of this.#open.values()) if (this.#sentAt[index] === 0) this.#mark(index, t);
  }

  /** Whether something was sent for an item, or may have been. */
  isSent(index: number): boolean {
    return !unsent.has(this.state.items.stateOf(index));
  }

  /** Wall ms, of the last time. Undefined: nothing was sent. */
  sentAt(index: number): number | undefined {
    const at = this.#sentAt[index] ?? 0;
    return at === 0 || !this.isSent(index) ? undefined : at;
  }

  /** Who had the run in hand then; else who began it. */
  sentBy(index: number): Person {
    return this.#people[this.#sentBy[index] ?? 0] ?? { name: "", host: "" };
  }

  #mark(index: number | undefined, t: number): void {
    if (index === undefined) return;
    this.#sentAt[index] = t;
    this.#sentBy[index] = Math.min(65_535, Math.max(0, this.#people.length - 1));
  }
}

/**
 * Read a run's record as far as it holds.
 * @param each Told every record before the damage, if there is any.
 * @returns Undefined: the run ended before its first record. @throws {RecordError} when the file can not be read.
 */
export async function trailOf(
  { ledger, run }: RunFolder,
  each: (found: LedgerRecord, trail: Trail) => void = () => undefined,
): Promise<Trail | undefined> {
  const trail = new Trail();
  const records = withEnd(readLedger(ledger, run));
  try {
    for await (const found of records.values) {
      trail.take(found);
      each(found, trail);
    }
    const { damage } = records.end();
    if (damage !== undefined) trail.damage = damageText(damage);
  } catch (error) {
    // A record that makes no sense beside the ones before it.
    if (error instanceof RangeError) trail.damage = `record ${(trail.last?.seq ?? 0) + 1}: ${error.message}`;
    else if (error instanceof RunnerError && errnoOf(error.cause) === "ENOENT") return undefined;
    else throw error;
  }
  trail.end();
  return trail;
}
