import { readFile } from "node:fs/promises";
import { digestOfText } from "../core/model/digest.ts";
import { RunnerError } from "../core/model/errors.ts";
import type { LedgerRecord } from "../core/model/events.ts";
import type { Digest } from "../core/model/item.ts";
import { reasonOf } from "../core/model/reason.ts";
import { isConserved } from "../core/tally/counts.ts";
import { RunState } from "../core/tally/fold.ts";
import { anchorText } from "../ledger/anchor.ts";
import { auditLedger } from "../ledger/check.ts";
import { openChangeSet } from "../runs/change-set.ts";
import { findRun, type RunFolder } from "../runs/folder.ts";
import { countInventory } from "../runs/inventory.ts";
import { readLookups } from "../runs/lookups.ts";
import type { AuditReport } from "./reports.ts";

/** The chain, and whether the counts it ends with follow from ledger, inventory and change set. */
export async function audit(root: string, wanted: string, anchor?: string): Promise<AuditReport> {
  const folder = await findRun(root, wanted);
  const state = new RunState();
  const each = (found: LedgerRecord): void => state.fold(found, found);
  const chain = await auditLedger(folder.ledger, {
    run: folder.run,
    each,
    ...(anchor === undefined ? {} : { anchor }),
  });
  const findings = chain.findings.map(({ seq, message }) => ({ seq, message }));
  const conservation = await conserved(folder, state);
  const plan = state.start === undefined ? undefined : await planFinding(folder, state.start.plan.digest);
  for (const message of [conservation.finding, plan])
    if (message !== undefined) findings.push({ seq: undefined, message });
  return {
    run: folder.run,
    ok: findings.length === 0 && conservation.holds !== false,
    records: chain.records,
    anchor: anchorText(folder.run, chain.head),
    sealed: chain.sealed,
    conserved: conservation.holds,
    findings,
  };
}

interface Conservation {
  readonly holds: boolean | undefined;
  readonly finding?: string;
}

/** I1 from the three files: the inventory's own counts, one state for each change, and the end record all agree. */
async function conserved(folder: RunFolder, state: RunState): Promise<Conservation> {
  const { selection, selected, end } = state;
  if (selection === undefined || selected === undefined) return { holds: undefined };
  try {
    if (selection.lookups !== undefined) await readLookups(folder.lookups, selection.lookups.digest);
    const found = await countInventory(folder.inventory, selection.inventory);
    await using changes = await openChangeSet(folder.changeSet, selected.changeSet);
    const { counts, open } = state.counts();
    const agrees = found.rows === selection.rows && found.selected === changes.size && isConserved(counts, open, found);
    if (!agrees) return { holds: false, finding: "ledger, inventory and change set do not add up to the same items" };
    const claimed = end === undefined || JSON.stringify(end.counts) === JSON.stringify(counts);
    return claimed
      ? { holds: true }
      : { holds: false, finding: "the end record's counts do not follow from the records before it" };
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    return {
      holds: error.code === "audit" ? false : undefined,
      finding: `conservation can not be checked: ${error.message}`,
    };
  }
}

/** What is wrong with the plan that lies beside the ledger; undefined: it is the one that the ledger names. */
async function planFinding({ plan }: RunFolder, expected: Digest): Promise<string | undefined> {
  try {
    const isSame = digestOfText(await readFile(plan, "utf8")) === expected;
    return isSame ? undefined : `${plan} is not the plan that this run was begun with`;
  } catch (cause) {
    return `the plan can not be checked: ${reasonOf(cause)}`;
  }
}
