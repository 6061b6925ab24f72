import type { FactOf, LedgerRecord } from "../core/model/events.ts";
import { RunState } from "../core/tally/fold.ts";
import { damageText } from "../ledger/reader.ts";
import { LedgerTail } from "../ledger/tail.ts";
import type { RunFolder } from "../runs/folder.ts";
import { lostRecord } from "../runs/history/lost.ts";
import type { Told } from "../runs/history/tell.ts";

type Paused = FactOf<"paused">;

interface Following {
  /** Told every record after it was folded. */
  readonly each?: (record: LedgerRecord) => void;
  /** Records of it were read before. */
  readonly hasBegun?: boolean;
}

/** A run as its ledger tells it so far. Each look reads what was appended; the ledger as a whole is read once. */
export class FollowedRun {
  readonly folder: RunFolder;
  readonly #each: (record: LedgerRecord) => void;
  readonly #tail: LedgerTail;
  readonly #hasBegun: boolean;
  readonly #state = new RunState();
  readonly #paused = new Map<Paused["for"], Paused>();
  #first: LedgerRecord | undefined;
  #last: LedgerRecord | undefined;
  /** A record that makes no sense beside the ones before it: nothing behind it is told. */
  #senseless: string | undefined;
  /** What shows that the record is gone, as long as there is none. */
  #lost: string | undefined;
  #looking: Promise<"same" | "grown" | "cut"> | undefined;

  constructor(folder: RunFolder, { each = () => undefined, hasBegun = false }: Following = {}) {
    this.folder = folder;
    this.#each = each;
    this.#hasBegun = hasBegun;
    this.#tail = new LedgerTail(folder.ledger, folder.run);
  }

  get told(): Told {
    const { damage } = this.#tail.end;
    return {
      state: this.#state,
      first: this.#first,
      last: this.#last,
      damage: this.#senseless ?? (damage === undefined ? this.#lost : damageText(damage)),
    };
  }

  /** Why nothing is sent for now, the newest reason; undefined: nothing keeps it. */
  get paused(): Paused | undefined {
    return this.pauses.at(-1);
  }

  /** Every reason for that, the oldest first: each has to go before something is sent. */
  get pauses(): readonly Paused[] {
    return [...this.#paused.values()];
  }

  /** Number of the last record; 0: there is none yet. */
  get seq(): number {
    return this.#last?.seq ?? 0;
  }

  /**
   * Read on. Who asks while somebody else does gets the same answer.
   * @returns `cut`: the ledger became shorter, so that the run has to be followed anew. @throws {RecordError}
   */
  look(): Promise<"same" | "grown" | "cut"> {
    return (this.#looking ??= this.#look().finally(() => (this.#looking = undefined)));
  }

  async #look(): Promise<"same" | "grown" | "cut"> {
    if (this.#senseless !== undefined) return "same";
    try {
      const found = await this.#read();
      if (this.seq > 0) return found;
      const lost = (await lostRecord(this.folder)) ?? (this.#hasBegun ? readBefore : undefined);
      // Between the two looks it may have begun.
      const again = lost === undefined ? found : await this.#read();
      this.#lost = this.seq === 0 ? lost : undefined;
      return found === "same" ? again : found;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#senseless = `record ${this.seq + 1}: ${error.message}`;
      return "grown";
    }
  }

  #read(): Promise<"same" | "grown" | "cut"> {
    return this.#tail.look((record) => this.#take(record));
  }

  #take(record: LedgerRecord): void {
    this.#state.fold(record, record);
    if (record.type === "paused") this.#paused.set(record.for, record);
    if (record.type === "continued") this.#paused.delete(record.after);
    // The next process says anew what it waits for.
    if (record.type === "resume" || record.type === "end") this.#paused.clear();
    this.#first ??= record;
    this.#last = record;
    this.#each(record);
  }
}

const readBefore = "its record is gone: there is none any more, though it was read before";
