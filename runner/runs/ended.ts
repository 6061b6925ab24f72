import { basename } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import type { LedgerRecord } from "../core/model/events.ts";
import { headOf } from "../ledger/chain.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { NamedHeads } from "../ledger/named-heads.ts";
import { NotAFile } from "../ledger/record-file.ts";
import { withEnd } from "../ledger/with-end.ts";
import { readLedger, replay, type LedgerEnd } from "../ledger/reader.ts";
import { namedBySummary } from "./beside.ts";
import type { RunFolder } from "./folder.ts";
import { lostRecord } from "./history/lost.ts";

/**
 * Whether a record still has the end that `summary.json` names: a run writes that file once its end is on disk. What is cut off
 * since would be hidden for good by records that follow, and what rests on the rest is wrong. Signatures do not count here, as
 * anybody can put one there.
 */
export class NamedEnd {
  readonly #folder: RunFolder;
  readonly #isNamed: boolean;
  readonly #heads: NamedHeads;
  /** Number of the last record; 0: there was none. */
  last = 0;
  #hasEnd = false;
  #wrong: string | undefined;

  private constructor(folder: RunFolder, { isThere, heads }: Awaited<ReturnType<typeof namedBySummary>>) {
    this.#folder = folder;
    this.#isNamed = isThere;
    this.#heads = new NamedHeads(folder.run, heads);
  }

  /** Asked for before the record is read: a run that is under way may end meanwhile. */
  static async of(folder: RunFolder): Promise<NamedEnd> {
    return new NamedEnd(folder, await namedBySummary(folder));
  }

  /** Told every record, in order. */
  see(record: LedgerRecord): void {
    this.last = record.seq;
    this.#hasEnd ||= record.type === "end";
    this.#wrong ??= this.#heads.see(headOf(record))[0];
  }

  /** Asked after the last record: what is wrong with them, as a sentence without its end. */
  get fault(): string | undefined {
    const missed = this.#heads.missed(this.last).find(({ isOwn }) => isOwn)?.message;
    return this.#wrong ?? missed ?? (this.#isNamed && !this.#hasEnd ? endlessText(this.#folder, this.last) : undefined);
  }
}

/** What a summary shows that can not be read, beside a record without an end: as a sentence without its own. */
export function endlessText({ summary }: RunFolder, last: number): string {
  return `${basename(summary)} is there, which a run writes once it has ended, and the chain has no end up to record ${last}: what followed was cut off or changed`;
}

/**
 * Replay a run for somebody who rests something on it, or writes behind it.
 * @param mayBeTorn It is only gone on with: a torn end, as a crash leaves it, is kept beside the ledger and told by a `repair`
 * record for good, whatever the summary names. A cut at a line end leaves no such trace.
 * @throws {RunnerError} `audit` when it is damaged, gone, or has not the end that its summary names.
 */
export async function replayRun(
  folder: RunFolder,
  each: (record: LedgerRecord) => void,
  { mayBeTorn = false }: { readonly mayBeTorn?: boolean } = {},
): Promise<LedgerEnd> {
  const named = await NamedEnd.of(folder);
  const end = await replay(folder.ledger, folder.run, (record) => {
    named.see(record);
    each(record);
  }).catch(async (error: unknown) => {
    throw await ofLost(folder, error);
  });
  if (!mayBeTorn || end.torn === 0 || named.last === 0) await refuseCut(folder, named);
  return end;
}

/**
 * The records of a run up to where they break, for somebody who needs the first of them, or looks at a run that may be under way.
 * @throws {RunnerError} `audit`, after the last one, when it is gone or was cut at a line end before the end that its summary names.
 */
export async function* readRun(folder: RunFolder): AsyncGenerator<LedgerRecord, void> {
  const named = await NamedEnd.of(folder);
  const records = withEnd(readLedger(folder.ledger, folder.run));
  try {
    for await (const record of records.values) {
      named.see(record);
      yield record;
    }
  } catch (error) {
    throw await ofLost(folder, error);
  }
  if (records.end().torn === 0 || named.last === 0) await refuseCut(folder, named);
}

async function refuseCut(folder: RunFolder, { last, fault }: NamedEnd): Promise<void> {
  const lost = last === 0 ? await lostRecord(folder) : undefined;
  if (lost !== undefined || fault !== undefined) throw notWhole(folder, lost ?? fault ?? "");
}

async function ofLost(folder: RunFolder, error: unknown): Promise<unknown> {
  if (!(error instanceof RunnerError)) return error;
  if (error.cause instanceof NotAFile) return notWhole(folder, error.cause.message);
  const lost = errnoOf(error.cause) === "ENOENT" ? await lostRecord(folder) : undefined;
  return lost === undefined ? error : notWhole(folder, lost);
}

function notWhole({ run }: RunFolder, fault: string): RunnerError {
  return new RunnerError("audit", `The record of run ${run} does not hold: ${fault}.`, {
    hint: "Nothing was sent or written. Put the ledger back from a copy, or begin a new run: it compares with what the service holds now.",
  });
}
