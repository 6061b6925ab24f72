import { RunnerError } from "../core/model/errors.ts";
import type { LedgerRecord } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import { chained, genesis, headOf, readable, type Head } from "./chain.ts";
import { mayBeLeftByCrash } from "./left-by-crash.ts";
import { eachLine, linesOf, type Line } from "./lines.ts";
import { Sense } from "./sense.ts";

/** How a ledger ends: its last record, and what follows that does not chain. */
export interface LedgerEnd {
  readonly head: Head;
  /** Bytes of the part that chains. */
  readonly bytes: number;
  /** Bytes after it: a batch that was being written when the process or the machine died. 0 in a ledger that was closed. */
  readonly torn: number;
  /** No crash leaves such bytes after it, or they hold a record that was known to be on disk, or that no run writes: damage or tampering, never repaired. */
  readonly damage?: Damage;
}

/**
 * Record `seq`, at byte `offset`, should be intact: a later record says that everything up to `claimed` was on disk. `why`: no crash
 * leaves what stands there, or it chains and is not a record that a run can have written.
 */
export type Damage = { readonly seq: number; readonly offset: number } & (
  { readonly claimed: number } | { readonly why: string }
);

/**
 * The records of a ledger in order, each checked against the chain before it is given out; 256 KiB in memory at a time.
 * @returns How it ends; see `withEnd`.
 * @throws {RecordError} when the file can not be read.
 */
export async function* readLedger(path: string, run: RunId): AsyncGenerator<LedgerRecord, LedgerEnd, undefined> {
  const chain = new Chain(run);
  for await (const line of linesOf(path)) {
    const record = chain.next(line);
    if (record !== undefined) yield record;
  }
  return chain.end();
}

/**
 * Hand every record of a ledger to `each`, and say how it ends. A torn tail is said, not thrown.
 * @throws {RunnerError} `audit` when it is damaged.
 */
export async function replay(path: string, run: RunId, each: (record: LedgerRecord) => void): Promise<LedgerEnd> {
  const chain = new Chain(run);
  await eachLine(path, (line) => {
    const record = chain.next(line);
    if (record !== undefined) each(record);
  });
  const end = chain.end();
  if (end.damage !== undefined) throw damaged(path, run, end.damage);
  return end;
}

/** Follows a chain from line to line, up to where it breaks, or where a record is not what a run writes. */
export class Chain {
  readonly #sense: Sense;
  #head: Head;
  #bytes: number;
  #size: number;
  #claimed = 0;
  /** Why the record where it stops is not one that a run writes. */
  #fault: string | undefined;
  /** Where the chain breaks stands what no crash leaves. */
  #isEdited = false;

  /**
   * @param from Where it was followed up to before; left out: it is followed from its first line.
   * @param sense What has seen the records up to there.
   */
  constructor(
    run: RunId,
    from: Pick<LedgerEnd, "head" | "bytes"> = { head: genesis(run), bytes: 0 },
    sense = new Sense(),
  ) {
    this.#head = from.head;
    this.#bytes = this.#size = from.bytes;
    this.#sense = sense;
  }

  /** @returns The line's record, if it continues a chain that is whole so far. */
  next(line: Line): LedgerRecord | undefined {
    const isWhole = this.#bytes === this.#size;
    this.#size = line.offset + line.bytes.length + (line.ended ? 1 : 0);
    const record = isWhole && line.ended ? chained(line.bytes, this.#head) : undefined;
    if (record === undefined) {
      if (isWhole) this.#isEdited = !mayBeLeftByCrash(line, this.#head);
      this.#claimed = Math.max(this.#claimed, readable(line.bytes)?.synced ?? 0);
      return undefined;
    }
    this.#fault = this.#sense.fault(record);
    if (this.#fault !== undefined) return undefined;
    this.#head = headOf(record);
    this.#bytes = this.#size;
    return record;
  }

  end(): LedgerEnd {
    const end = { head: this.#head, bytes: this.#bytes, torn: this.#size - this.#bytes };
    const next = { seq: this.#head.seq + 1, offset: this.#bytes };
    if (this.#fault !== undefined) return { ...end, damage: { ...next, why: this.#fault } };
    if (this.#claimed >= next.seq) return { ...end, damage: { ...next, claimed: this.#claimed } };
    return this.#isEdited ? { ...end, damage: { ...next, why: editedText } } : end;
  }
}

const editedText = "it does not follow from the ones before it, and is nothing that a crash leaves: it was changed";

/** Where a ledger is damaged, and what shows it. */
export function damageText(damage: Damage): string {
  const place = `record ${damage.seq}, at byte ${damage.offset}`;
  if ("why" in damage) return `${place}: ${damage.why}`;
  return `${place}, does not follow from the ones before it, though everything up to record ${damage.claimed} was known to be on disk`;
}

function damaged(path: string, run: RunId, damage: Damage): RunnerError {
  return new RunnerError("audit", `${path} is damaged: ${damageText(damage)}.`, {
    hint: `Nothing is repaired and nothing is sent. See every place with: rollcall audit verify ${run}; then put the file back from a copy.`,
  });
}
