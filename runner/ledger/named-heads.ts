import type { RunId } from "../core/model/item.ts";
import type { Head } from "./chain.ts";

/** A record that something outside of the ledger names: it has to be there, unchanged. */
export interface NamedHead extends Head {
  readonly run: RunId;
  /** What names it, as the beginning of a sentence: `the anchor`. */
  readonly by: string;
}

/** Looks for them as the records of a run are read, in order. */
export class NamedHeads {
  readonly #run: RunId;
  readonly #heads: readonly NamedHead[];
  readonly #met = new Set<NamedHead>();

  constructor(run: RunId, heads: readonly NamedHead[]) {
    this.#run = run;
    this.#heads = heads;
  }

  /** @returns What is wrong with this record, as sentences without their end. */
  see({ seq, hash }: Head): readonly string[] {
    const wrong: string[] = [];
    for (const named of this.#heads) {
      if (named.seq !== seq || named.run !== this.#run) continue;
      this.#met.add(named);
      if (named.hash !== hash)
        wrong.push(
          `record ${seq} is not the one ${named.by} names: it, or one before it, was changed and the chain built anew`,
        );
    }
    return wrong;
  }

  /** @param end Number of the last record. @returns Of each that was not met, whether this is the run it is about. */
  missed(end: number): readonly { readonly isOwn: boolean; readonly message: string }[] {
    return this.#heads
      .filter((named) => !this.#met.has(named))
      .map(({ run, by, seq }) => {
        return run === this.#run
          ? {
              isOwn: true,
              message: `${by} names record ${seq}, the chain ends at record ${end}: what followed was cut off or changed`,
            }
          : { isOwn: false, message: `${by} is of another run, ${run}` };
      });
  }
}
