import type { KeyObject } from "node:crypto";
import { RunnerError } from "../core/model/errors.ts";
import type { LedgerRecord } from "../core/model/events.ts";
import type { AuditOptions } from "../core/model/evidence.ts";
import type { Digest } from "../core/model/item.ts";
import { reasonOf } from "../core/model/reason.ts";
import { isConserved } from "../core/tally/counts.ts";
import { RunState } from "../core/tally/fold.ts";
import { anchorText } from "../ledger/anchor.ts";
import type { Head } from "../ledger/chain.ts";
import { auditLedger, type LedgerAudit } from "../ledger/check.ts";
import type { NamedHead } from "../ledger/named-heads.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { namedBySignatures, namedBySummary } from "../runs/beside.ts";
import { openChangeSet } from "../runs/change-set.ts";
import { endlessText } from "../runs/ended.ts";
import type { RunFolder } from "../runs/folder.ts";
import { checkPlan } from "../runs/history/damage-beside.ts";
import { keptTails, type Repaired } from "../runs/history/kept-tails.ts";
import { lostRecord } from "../runs/history/lost.ts";
import { countInventory } from "../runs/inventory.ts";
import { readLookups } from "../runs/lookups.ts";
import { hasLeaves, type Told } from "../runs/pack/leaves.ts";
import { packRoot } from "../runs/pack/make.ts";
import { FactChains, OwnFacts } from "../runs/pack/own-facts.ts";
import { readPublicKey, readSigningKey } from "../runs/signing-key.ts";
import type { Inside } from "./inside.ts";
import type { AuditReport } from "./reports.ts";
import { judgedBy, mustBeOutside, signing, signedBy, signRecord } from "./audit/signatures.ts";

/** The keys that a record is checked and signed with, and what else is to be found in it. */
export interface Against {
  readonly anchor?: string | undefined;
  readonly publicKey?: KeyObject | undefined;
  readonly signingKey?: KeyObject | undefined;
  readonly heads?: readonly NamedHead[];
  /** Take what the records mean up to this one only; the chain is checked to its end. */
  readonly upTo?: Head;
}

/** The keys are read before anything else, and each once: what can not be used is said at once. */
export async function keysOf(inside: Inside, { anchor, publicKey, sign }: AuditOptions): Promise<Against> {
  if (publicKey !== undefined) await mustBeOutside(inside.root, publicKey);
  return {
    anchor,
    publicKey: publicKey === undefined ? undefined : await readPublicKey(publicKey),
    signingKey: sign && (await readSigningKey(sign.key, sign.passphrase, signing("a record"))),
  };
}

/**
 * The chain, what is held against it, and whether the counts it ends with follow from ledger, inventory and change set; signed, if
 * that is asked for and it holds.
 */
export async function auditRun(inside: Inside, folder: RunFolder, against: Against): Promise<AuditReport> {
  const signed = against.publicKey && (await signedBy(folder, against.publicKey));
  const checked = await checkRecord(folder, {
    ...against,
    heads: [...(against.heads ?? []), ...(signed?.heads ?? [])],
  });
  const { chain } = checked;
  const holds = checked.findings.length === 0 && checked.conserved !== false;
  const judged = signed && judgedBy(signed, holds ? chain.head : undefined);
  const findings = [...checked.findings, ...(judged?.findings ?? []).map((message) => ({ seq: undefined, message }))];
  const ok = holds && findings.length === 0;
  const root = ok && checked.told !== undefined ? await packRoot(checked.told) : undefined;
  const written =
    ok && chain.records > 0 && against.signingKey !== undefined
      ? await signRecord(folder, against.signingKey, { ...chain.head, ...(root && { root }), at: inside.clock.now() })
      : undefined;
  return {
    run: folder.run,
    ok,
    records: chain.records,
    // Nothing is named by what stands before the first record.
    anchor: chain.records === 0 ? "" : anchorText(folder.run, chain.head),
    sealed: chain.sealed,
    ended: chain.ended,
    ...(ok && isPreview(checked) && { previewed: true as const }),
    ...(chain.torn > 0 && { torn: chain.torn }),
    conserved: checked.conserved,
    findings,
    ...withNotes([...notesOf(chain, ok), ...checked.notes, ...(judged?.notes ?? [])]),
    ...(root && { root }),
    ...(judged && { signature: judged.signature }),
    ...(written && { signed: written }),
  };
}

function isPreview({ state: { start, generation, end } }: Checked): boolean {
  return start !== undefined && generation === 0 && end === undefined;
}

/** @returns The member, if there is something to note. */
export function withNotes(notes: readonly string[]): Pick<AuditReport, "notes"> {
  return notes.length === 0 ? {} : { notes };
}

function notesOf({ torn, records }: LedgerAudit, ok: boolean): readonly string[] {
  if (records === 0 && torn === 0) return ok ? ["it has no record: it ended before it began"] : [];
  if (torn === 0) return [];
  return [`the ${torn} bytes at its end may be what a crash left of a record that was being written, or a cut`];
}

/** What the files of a run prove by themselves and against what names them. */
export interface Checked {
  readonly chain: LedgerAudit;
  readonly findings: readonly { readonly seq: number | undefined; readonly message: string }[];
  readonly notes: readonly string[];
  readonly conserved: boolean | undefined;
  /** Left out: no Merkle tree can be made of the run. */
  readonly told?: Told;
  readonly state: RunState;
  readonly first: LedgerRecord | undefined;
  readonly last: LedgerRecord | undefined;
}

/** Signatures that nobody's key has checked say only what should be there: with a key, those count that it has made. */
export async function checkRecord(folder: RunFolder, against: Against): Promise<Checked> {
  const { anchor, heads = [], upTo, publicKey } = against;
  const reading = new Reading(upTo?.seq);
  const summary = await namedBySummary(folder);
  const signed = publicKey === undefined ? await namedBySignatures(folder) : [];
  const named = { heads: [...heads, ...summary.heads, ...signed], ...(anchor !== undefined && { anchor }) };
  const chain = await auditLedger(folder.ledger, {
    ...{ run: folder.run, ...named },
    each: (found) => reading.take(found),
  }).catch((error: unknown) => {
    throw isMissing(error) ? withoutLedger(folder, error.cause) : error;
  });
  const { state, first, last, chains } = reading;
  const findings = chain.findings.map(({ seq, message }) => ({ seq, message }));
  if (reading.nonsense !== undefined) findings.push(reading.nonsense);
  const conservation = await conserved(folder, state);
  const plan = state.start === undefined ? undefined : await planFinding(folder, state.start.plan.digest);
  const empty = chain.records === 0 ? await lostRecord(folder) : undefined;
  // What names a head was looked for already, and one that names none shows as much by being there.
  const cut = summary.isThere && summary.heads.length === 0 && empty === undefined && !reading.hasEnd;
  const endless = cut ? endlessText(folder, chain.head.seq) : undefined;
  for (const message of [empty, endless, conservation.finding, plan])
    if (message !== undefined) findings.push({ seq: undefined, message });
  const isTold = conservation.holds === true && first !== undefined && chains !== undefined && hasLeaves(state);
  const told = isTold ? { told: { folder, state, chains, head: upTo ?? chain.head, first } } : {};
  const kept = await keptTails(folder, reading.repairs);
  findings.push(...kept.findings);
  const notes = [...summary.notes, ...kept.notes];
  return { chain, findings, notes, conserved: conservation.holds, state, first, last, ...told };
}

function isMissing(error: unknown): error is RunnerError {
  return error instanceof RunnerError && errnoOf(error.cause) === "ENOENT";
}

function withoutLedger({ run, ledger }: RunFolder, cause: unknown): RunnerError {
  return new RunnerError("audit", `Run ${run} has no record: there is no ${ledger}.`, {
    cause,
    hint: "Put it back from a copy. A run that ended before it began has none, and sent nothing.",
  });
}

/** Folds records, and hashes what they say of each item where the run has a salt for that. */
class Reading {
  readonly state = new RunState();
  first: LedgerRecord | undefined;
  last: LedgerRecord | undefined;
  chains: FactChains | undefined;
  hasEnd = false;
  readonly repairs: Repaired[] = [];
  /** A record that makes no sense beside the ones before it, though it chains: what follows is not folded. */
  nonsense: { readonly seq: number; readonly message: string } | undefined;
  readonly #upTo: number;
  readonly #facts = new OwnFacts((index, fact) => this.chains?.add(index, fact));

  constructor(upTo = Infinity) {
    this.#upTo = upTo;
  }

  take(found: LedgerRecord): void {
    this.hasEnd ||= found.type === "end";
    if (this.nonsense !== undefined || found.seq > this.#upTo) return;
    try {
      this.first ??= found;
      this.last = found;
      this.state.fold(found, found);
      if (found.type === "repair") this.repairs.push(found);
      if (found.type === "selected" && this.state.start?.salt !== undefined) this.chains = new FactChains(found.size);
      if (this.chains !== undefined) this.#facts.take(found);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.nonsense = { seq: found.seq, message: `it can not be what was written: ${error.message}` };
    }
  }
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
async function planFinding(folder: RunFolder, expected: Digest): Promise<string | undefined> {
  try {
    await checkPlan(folder, expected);
    return undefined;
  } catch (error) {
    return error instanceof RunnerError
      ? error.message.replace(/\.$/, "")
      : `the plan can not be checked: ${reasonOf(error)}`;
  }
}
