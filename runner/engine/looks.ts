import type { Seen } from "../core/model/outcome.ts";
import { seenByCode, seenCode } from "../core/model/seen-code.ts";

/** What one look at an item came to. */
export interface Look {
  readonly seen: Seen;
  readonly pastHorizon?: boolean;
  readonly onItsWay?: boolean;
  /** Looking again could not change anything. */
  readonly final?: boolean;
}

/** Bits of a byte; the lowest three hold what was seen. */
const code = { none: 0, seen: 7, awaited: 8, pastHorizon: 16, onItsWay: 32, final: 64 } as const;

/** What the items of one pass after another look like: a byte an item, and one for those that need no other look. */
export class Looks {
  readonly #codes: Uint8Array;
  readonly #final: Uint8Array;

  constructor(size: number) {
    this.#codes = new Uint8Array(size);
    this.#final = new Uint8Array(size);
  }

  /** A new pass, in which these items are waited for. */
  begin(isAwaited: (index: number) => boolean): void {
    for (let index = 0; index < this.#codes.length; index++)
      this.#codes[index] = isAwaited(index) ? code.awaited : code.none;
  }

  isAwaited(index: number): boolean {
    return this.#codes[index] === code.awaited;
  }

  /** What this pass has not come across. */
  awaited(): readonly number[] {
    return [...this.#codes.keys()].filter((index) => this.isAwaited(index));
  }

  isFinal(index: number): boolean {
    return this.#final[index] === 1;
  }

  note(index: number, look: Look): void {
    this.#codes[index] = codeOf(look);
  }

  /** In this pass nothing is known of it, and it is not missing either. */
  skip(index: number): void {
    this.#codes[index] = code.none;
  }

  /**
   * All that was seen, items that look alike together, `size` at most. Once the pass is complete: what is final stays so.
   * @param missed What it means that an item was not come across; undefined: nothing yet.
   */
  *alike(
    size: number,
    missed: (index: number) => Look | undefined,
  ): Generator<{ readonly look: Look; readonly indexes: readonly number[] }, void> {
    const groups = new Map<number, number[]>();
    for (const [index, noted] of this.#codes.entries()) {
      const look = noted === code.awaited ? codeOf(missed(index)) : noted;
      if (look === code.none) continue;
      if (look & code.final) this.#final[index] = 1;
      const group = groups.get(look) ?? [];
      groups.set(look, group);
      if (group.push(index) < size) continue;
      groups.delete(look);
      yield { look: lookOf(look), indexes: group };
    }
    for (const [look, indexes] of groups) yield { look: lookOf(look), indexes };
  }
}

function codeOf(look: Look | undefined): number {
  if (look === undefined) return code.none;
  const { seen, pastHorizon = false, onItsWay = false, final = false } = look;
  return (
    seenCode[seen] | (pastHorizon ? code.pastHorizon : 0) | (onItsWay ? code.onItsWay : 0) | (final ? code.final : 0)
  );
}

function lookOf(noted: number): Look {
  const seen = seenByCode[noted & code.seen];
  if (seen === undefined) throw new Error(`no look has the code ${noted}`);
  return { seen, pastHorizon: (noted & code.pastHorizon) > 0, onItsWay: (noted & code.onItsWay) > 0 };
}
