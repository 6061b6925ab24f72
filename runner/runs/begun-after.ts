import { RunnerError } from "../core/model/errors.ts";
import type { FactOf, LedgerRecord } from "../core/model/events.ts";
import { parseAnchor, type Anchor } from "../ledger/anchor.ts";
import { readLedger } from "../ledger/reader.ts";
import type { RunFolder } from "./folder.ts";

/** A run's first record, if that chains and is its start. @throws {RecordError} when it can not be read. */
export async function startOf({ ledger, run }: RunFolder): Promise<(LedgerRecord & FactOf<"start">) | undefined> {
  for await (const found of readLedger(ledger, run)) return found.type === "start" ? found : undefined;
  return undefined;
}

/** Heads of the runs that were there when one began, as its start names them; a text that names none, as it is. */
export function headsNamedBy({ previous, otherHeads = [] }: FactOf<"start">): readonly (Anchor | string)[] {
  return [...(previous === null ? [] : [previous]), ...otherHeads].map(anchorIn);
}

function anchorIn(text: string): Anchor | string {
  try {
    return parseAnchor(text);
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    return text;
  }
}
