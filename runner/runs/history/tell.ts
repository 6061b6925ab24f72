import { RunnerError } from "../../core/model/errors.ts";
import type { LedgerRecord } from "../../core/model/events.ts";
import { RunState } from "../../core/tally/fold.ts";
import { errnoOf } from "../../ledger/disk-error.ts";
import { NotAFile } from "../../ledger/record-file.ts";
import { damageText, readLedger, type Damage } from "../../ledger/reader.ts";
import { withEnd } from "../../ledger/with-end.ts";
import type { RunFolder } from "../folder.ts";
import { NamedEnd } from "../ended.ts";
import { damageBeside } from "./damage-beside.ts";
import { lostRecord } from "./lost.ts";

/** What a ledger says of its run: everything else about a run is a fold of this. */
export interface Told {
  readonly state: RunState;
  readonly first: LedgerRecord | undefined;
  readonly last: LedgerRecord | undefined;
  /** Behind `last` the ledger is damaged, or it is gone: what follows is not told. */
  readonly damage: string | undefined;
  /** The damage is in a file that the record names, and not in the record itself. */
  readonly isBeside?: true;
}

/** The same, and whether the files that the record names are as they were: each of them is read once more. */
export async function tellWhole(folder: RunFolder, each?: (found: LedgerRecord) => void): Promise<Told> {
  const told = await tell(folder, each);
  if (told.damage !== undefined) return told;
  const damage = await damageBeside(folder, told.state);
  return damage === undefined ? told : { ...told, damage, isBeside: true };
}

/** Replay a run, each record handed to `each` after it was folded. Damage is told, not thrown, and so is that the record is gone. */
export async function tell(folder: RunFolder, each: (found: LedgerRecord) => void = () => undefined): Promise<Told> {
  const told = await tellOnce(folder, each);
  if (told.first !== undefined || told.damage !== undefined) return told;
  const lost = await lostRecord(folder);
  if (lost === undefined) return told;
  // Between the two looks it may have begun.
  const again = await tellOnce(folder, each);
  return again.first === undefined ? { ...again, damage: again.damage ?? lost } : again;
}

async function tellOnce(folder: RunFolder, each: (found: LedgerRecord) => void): Promise<Told> {
  const state = new RunState();
  let first: LedgerRecord | undefined;
  let last: LedgerRecord | undefined;
  let damage: Damage | string | undefined;
  const named = await NamedEnd.of(folder);
  const records = withEnd(readLedger(folder.ledger, folder.run));
  try {
    for await (const found of records.values) {
      state.fold(found, found);
      named.see(found);
      each(found);
      first ??= found;
      last = found;
    }
    const end = records.end();
    // A torn end is what a crash leaves, and what `resume` goes on from.
    damage = end.damage ?? (first === undefined || end.torn > 0 ? undefined : named.fault);
  } catch (error) {
    // A record that makes no sense beside the ones before it.
    if (error instanceof RangeError) damage = `record ${(last?.seq ?? 0) + 1}: ${error.message}`;
    else if (error instanceof RunnerError && error.cause instanceof NotAFile) damage = error.cause.message;
    // A run that ended before its first record may have no ledger.
    else if (!(error instanceof RunnerError) || errnoOf(error.cause) !== "ENOENT") throw error;
  }
  return { state, first, last, damage: typeof damage === "object" ? damageText(damage) : damage };
}
