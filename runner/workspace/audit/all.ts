import { RecordError, RunnerError } from "../../core/model/errors.ts";
import type { AuditOptions } from "../../core/model/evidence.ts";
import type { RunId } from "../../core/model/item.ts";
import type { Anchor } from "../../ledger/anchor.ts";
import { errnoOf } from "../../ledger/disk-error.ts";
import { auditLedger } from "../../ledger/check.ts";
import { Between } from "../../runs/between.ts";
import { listRuns, type RunFolder } from "../../runs/folder.ts";
import { goneText, isThere, lostRecord } from "../../runs/history/lost.ts";
import { findRunOrHole, missingText, type MissingRun } from "../../runs/missing-run.ts";
import { auditRun, keysOf, withNotes } from "../audit.ts";
import type { Inside } from "../inside.ts";
import type { AuditReport } from "../reports.ts";

/**
 * Check several runs, one after another, and that each still has what the run that was begun after it found at its end.
 * @param wanted Empty: every run of the workspace, the oldest first. @throws {RunnerError} `usage`
 */
export async function* auditAll(
  inside: Inside,
  wanted: readonly string[],
  options: Omit<AuditOptions, "anchor">,
): AsyncGenerator<AuditReport, void> {
  const against = await keysOf(inside, options);
  const all = await listRuns(inside.root);
  const { chosen, holes } = wanted.length === 0 ? { chosen: all, holes: [] } : await named(inside.root, wanted);
  const between = await Between.of(all);
  const known = {
    there: new Map(all.map((folder) => [folder.run, folder])),
    chosen: new Set(chosen.map(({ run }) => run)),
    between,
  };
  for (const folder of chosen) {
    const report = await auditOne(inside, folder, { ...against, heads: between.headsOf(folder.run) });
    const { findings, notes } = await before(folder.run, known);
    yield {
      ...report,
      ok: report.ok && findings.length === 0,
      findings: [...report.findings, ...findings.map((message) => ({ seq: undefined, message }))],
      ...withNotes([...(report.notes ?? []), ...notes]),
    };
  }
  for (const hole of holes) yield missingReport(hole);
}

/**
 * Check one, and that it still has what runs that were begun later found at its end. @param options With an anchor, or without.
 * @throws {RunnerError} `usage`: there is no such run, or a key or the anchor can not be used.
 */
export async function audit(inside: Inside, wanted: string, options: AuditOptions): Promise<AuditReport> {
  const folder = await findRunOrHole(inside.root, wanted);
  const against = await keysOf(inside, options);
  if ("named" in folder) return missingReport(folder);
  const between = await Between.of(await listRuns(inside.root));
  return await auditOne(inside, folder, { ...against, heads: between.headsOf(folder.run) });
}

interface Wanted {
  readonly chosen: readonly RunFolder[];
  readonly holes: readonly MissingRun[];
}

/** Each once. */
async function named(root: string, wanted: readonly string[]): Promise<Wanted> {
  const chosen = new Map<RunId, RunFolder>();
  const holes = new Map<RunId, MissingRun>();
  for (const one of wanted) {
    const found = await findRunOrHole(root, one);
    if ("named" in found) holes.set(found.named.run, found);
    else chosen.set(found.run, found);
  }
  return { chosen: [...chosen.values()], holes: [...holes.values()] };
}

function missingReport(hole: MissingRun): AuditReport {
  return withoutRecord(hole.named.run, [missingText(hole)], []);
}

/**
 * A run that ended before its first record has none, and nothing beside it either. A record that can not be read is not known
 * to hold, and keeps nobody from checking the others.
 */
async function auditOne(...[inside, folder, against]: Parameters<typeof auditRun>): Promise<AuditReport> {
  try {
    return await auditRun(inside, folder, against);
  } catch (error) {
    if (error instanceof RecordError && against.signingKey === undefined && errnoOf(error.cause) !== "ENOENT")
      return withoutRecord(folder.run, [error.message], []);
    if (!(error instanceof RunnerError) || errnoOf(error.cause) !== "ENOENT") throw error;
    const { heads = [], anchor, publicKey } = against;
    const isNamed = heads.length > 0 || anchor !== undefined || publicKey !== undefined;
    const lost = (await lostRecord(folder)) ?? (isNamed ? goneText : undefined);
    const note = "it has no record: it ended before it began";
    return lost === undefined ? withoutRecord(folder.run, [], [note]) : withoutRecord(folder.run, [lost], []);
  }
}

function withoutRecord(run: RunId, findings: readonly string[], notes: readonly string[]): AuditReport {
  return {
    ...{ run, ok: findings.length === 0, records: 0, anchor: "", sealed: false, ended: false, conserved: undefined },
    findings: findings.map((message) => ({ seq: undefined, message })),
    ...withNotes(notes),
  };
}

interface Known {
  readonly there: ReadonlyMap<RunId, RunFolder>;
  readonly chosen: ReadonlySet<RunId>;
  readonly between: Between;
}

/** What is to be said of the runs that this one was begun after; of one that is checked itself, that is said there. */
async function before(
  run: RunId,
  { there, chosen, between }: Known,
): Promise<{ readonly findings: readonly string[]; readonly notes: readonly string[] }> {
  const findings = between
    .nonsenseIn(run)
    .map((text) => `it names a run before it in a way that none is named: ${text}`);
  const missing = between.missingBefore(run);
  const notes = missing.filter(({ isHole }) => !isHole).map(({ text }) => text);
  findings.push(...missing.filter(({ isHole }) => isHole).map(({ text }) => text));
  for (const named of between.headsNamedBy(run)) {
    const folder = there.get(named.run);
    if (folder !== undefined && !chosen.has(named.run)) findings.push(...(await wrongIn(folder, named, run)));
  }
  return { findings, notes };
}

/** What is wrong in the record of a run that is not checked itself, by the head of it that a later one names. */
async function wrongIn(folder: RunFolder, named: Anchor, later: RunId): Promise<readonly string[]> {
  if (!(await isThere(folder.ledger))) return [`the record of run ${folder.run} is gone`];
  const by = `run ${later}, which was begun after it,`;
  try {
    const { findings } = await auditLedger(folder.ledger, { run: folder.run, heads: [{ ...named, by }] });
    return findings.filter(({ message }) => message.includes(by)).map(({ message }) => `run ${folder.run}: ${message}`);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return [`run ${folder.run}: ${error.message}`];
  }
}
