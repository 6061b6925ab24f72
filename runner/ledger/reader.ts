import { RunnerError } from "../core/model/errors.ts";
import type { LedgerRecord } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import { chained, genesis, headOf, readable, type Head } from "./chain.ts";
import { linesOf } from "./lines.ts";
import { withEnd } from "./with-end.ts";

/** How a ledger ends: its last record, and what follows that does not chain. */
export interface LedgerEnd {
  readonly head: Head;
  /** Bytes of the part that chains. */
  readonly bytes: number;
  /** Bytes after it: a batch that was being written when the process or the machine died. 0 in a ledger that was closed. */
  readonly torn: number;
  /** The bytes after it hold a record that was known to be on disk: damage or tampering, never repaired. */
  readonly damage?: Damage;
}

/** Record `seq`, at byte `offset`, should be intact: a later record says that everything up to `claimed` was on disk. */
interface Damage {
  readonly seq: number;
  readonly offset: number;
  readonly claimed: number;
}

/**
 * The records of a ledger in order, each checked against the chain before it is given out; 64 KiB in memory at a time.
 * @returns How it ends; see `withEnd`.
 * @throws {RecordError} when the file can not be read.
 */
export async function* readLedger(path: string, run: RunId): AsyncGenerator<LedgerRecord, LedgerEnd, undefined> {
  let head = genesis(run);
  let bytes = 0;
  let size = 0;
  let claimed = 0;
  for await (const line of linesOf(path)) {
    const intact = bytes === size;
    size = line.offset + line.bytes.length + (line.ended ? 1 : 0);
    const record = intact && line.ended ? chained(line.bytes, head) : undefined;
    if (record !== undefined) {
      head = headOf(record);
      bytes = size;
      yield record;
    } else {
      claimed = Math.max(claimed, readable(line.bytes)?.synced ?? 0);
    }
  }
  const end = { head, bytes, torn: size - bytes };
  return claimed > head.seq ? { ...end, damage: { seq: head.seq + 1, offset: bytes, claimed } } : end;
}

/**
 * Hand every record of a ledger to `each`, and say how it ends. A torn tail is said, not thrown.
 * @throws {RunnerError} `audit` when it is damaged.
 */
export async function replay(path: string, run: RunId, each: (record: LedgerRecord) => void): Promise<LedgerEnd> {
  const records = withEnd(readLedger(path, run));
  for await (const record of records.values) each(record);
  const end = records.end();
  if (end.damage !== undefined) throw damaged(path, run, end.damage);
  return end;
}

function damaged(path: string, run: RunId, { seq, offset, claimed }: Damage): RunnerError {
  const message = `${path} is damaged: record ${seq}, at byte ${offset}, does not follow from the ones before it, though everything up to record ${claimed} was known to be on disk.`;
  return new RunnerError("audit", message, {
    hint: `Nothing is repaired and nothing is sent. See every place with: rollcall audit verify ${run}; then put the file back from a copy.`,
  });
}
