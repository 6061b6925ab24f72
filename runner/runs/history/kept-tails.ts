import { basename, join } from "node:path";
import { RunnerError } from "../../core/model/errors.ts";
import type { FactOf, LedgerRecord } from "../../core/model/events.ts";
import { reasonOf } from "../../core/model/reason.ts";
import { errnoOf } from "../../ledger/disk-error.ts";
import { digestOfFile } from "../../ledger/record-file.ts";
import type { RunFolder } from "../folder.ts";

/** A record of a repair: what it cut off the ledger lies beside it. */
export type Repaired = LedgerRecord & FactOf<"repair">;

/** What is to be said of the tails that repairs have kept: of one that was changed, and of one that is gone. */
export interface KeptTails {
  readonly findings: readonly { readonly seq: number; readonly message: string }[];
  readonly notes: readonly string[];
}

/**
 * Holds each tail that was cut off a ledger against what the record of that says. One that is gone is only noted: nothing in it is
 * a record, and people clear it away. Each is read once.
 */
export async function keptTails(folder: RunFolder, repairs: readonly Repaired[]): Promise<KeptTails> {
  const findings: { readonly seq: number; readonly message: string }[] = [];
  const notes: string[] = [];
  for (const repair of repairs) {
    const fault = await faultOf(folder, repair);
    if (fault === "gone") notes.push(goneText(repair));
    else if (fault !== undefined) findings.push({ seq: repair.seq, message: fault });
  }
  return { findings, notes };
}

async function faultOf({ path, ledger }: RunFolder, { kept, digest: expected }: Repaired): Promise<string | undefined> {
  // A name alone: what a record names is looked for nowhere else.
  if (basename(kept) !== kept || !kept.startsWith(`${basename(ledger)}.torn-`))
    return `it names ${kept}, and no repair keeps what it cuts off under such a name`;
  try {
    const same = (await digestOfFile(join(path, kept))) === expected;
    return same ? undefined : `${kept} is not what was cut off the ledger then: it was changed`;
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    if (errnoOf(error.cause) === "ENOENT") return "gone";
    return `${kept}, which was cut off the ledger then, can not be read: ${reasonOf(error.cause)}`;
  }
}

function goneText({ kept, bytes, afterSeq }: Repaired): string {
  return `${kept} is not here any more: the ${bytes} bytes that were cut off behind record ${afterSeq}, none of them a record`;
}
