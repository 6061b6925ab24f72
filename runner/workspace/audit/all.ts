import { RecordError, RunnerError } from "../../core/model/errors.ts";
import type { AuditOptions } from "../../core/model/evidence.ts";
import type { RunId } from "../../core/model/item.ts";
import { parseAnchor, type Anchor } from "../../ledger/anchor.ts";
import { errnoOf } from "../../ledger/disk-error.ts";
import { readLedger } from "../../ledger/reader.ts";
import { auditLedger, type NamedHead } from "../../ledger/check.ts";
import { findRun, listRuns, type RunFolder } from "../../runs/folder.ts";
import { auditRun, keysOf, withNotes } from "../audit.ts";
import type { Inside } from "../inside.ts";
import type { AuditReport } from "../reports.ts";
import { goneText, isGone, isThere } from "./gone.ts";

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
  const chosen = wanted.length === 0 ? all : await named(inside.root, wanted);
  const between = await Between.of(all, new Set(chosen.map(({ run }) => run)));
  for (const folder of chosen) {
    const report = await auditOne(inside, folder, { ...against, heads: between.headsOf(folder.run) });
    const { findings, notes } = await between.before(folder.run);
    yield {
      ...report,
      ok: report.ok && findings.length === 0,
      findings: [...report.findings, ...findings.map((message) => ({ seq: undefined, message }))],
      ...withNotes([...(report.notes ?? []), ...notes]),
    };
  }
}

/**
 * Check one, and that it still has what runs that were begun later found at its end. @param options With an anchor, or without.
 * @throws {RunnerError} `usage`: there is no such run, or a key or the anchor can not be used.
 */
export async function audit(inside: Inside, wanted: string, options: AuditOptions): Promise<AuditReport> {
  const folder = await findRun(inside.root, wanted);
  const against = await keysOf(inside, options);
  const between = await Between.of(await listRuns(inside.root), new Set([folder.run]));
  return await auditOne(inside, folder, { ...against, heads: between.headsOf(folder.run) });
}

async function named(root: string, wanted: readonly string[]): Promise<readonly RunFolder[]> {
  const found = new Map<RunId, RunFolder>();
  for (const one of wanted) {
    const folder = await findRun(root, one);
    found.set(folder.run, folder);
  }
  return [...found.values()];
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
    const wasThere = isNamed || (await isGone(folder));
    const note = "it has no record: it ended before it began";
    return wasThere ? withoutRecord(folder.run, [goneText], []) : withoutRecord(folder.run, [], [note]);
  }
}

function withoutRecord(run: RunId, findings: readonly string[], notes: readonly string[]): AuditReport {
  return {
    ...{ run, ok: findings.length === 0, records: 0, anchor: "", sealed: false, ended: false, conserved: undefined },
    findings: findings.map((message) => ({ seq: undefined, message })),
    ...withNotes(notes),
  };
}

/** What the runs of a workspace say of one another: each names the head of the one before it. */
class Between {
  readonly #all: readonly RunFolder[];
  readonly #chosen: ReadonlySet<RunId>;
  readonly #previous: ReadonlyMap<RunId, Anchor | string>;

  private constructor(
    all: readonly RunFolder[],
    chosen: ReadonlySet<RunId>,
    previous: ReadonlyMap<RunId, Anchor | string>,
  ) {
    this.#all = all;
    this.#chosen = chosen;
    this.#previous = previous;
  }

  static async of(all: readonly RunFolder[], chosen: ReadonlySet<RunId>): Promise<Between> {
    const previous = new Map<RunId, Anchor | string>();
    for (const folder of all) {
      const text = await previousIn(folder);
      if (text !== undefined) previous.set(folder.run, anchorIn(text));
    }
    return new Between(all, chosen, previous);
  }

  /** Heads that this run had when others were begun. */
  headsOf(run: RunId): readonly NamedHead[] {
    const heads: NamedHead[] = [];
    for (const [later, previous] of this.#previous)
      if (typeof previous !== "string" && previous.run === run)
        heads.push({ ...previous, by: `run ${later}, which was begun after it,` });
    return heads;
  }

  /** What is to be said of the run that this one was begun after; of one that is checked itself, that is said there. */
  async before(run: RunId): Promise<{ readonly findings: readonly string[]; readonly notes: readonly string[] }> {
    const previous = this.#previous.get(run);
    if (previous === undefined) return { findings: [], notes: [] };
    if (typeof previous === "string")
      return { findings: [`it names a run before it in a way that none is named: ${previous}`], notes: [] };
    const folder = this.#all.find((one) => one.run === previous.run);
    if (folder === undefined) return this.#missing(previous);
    if (this.#chosen.has(previous.run)) return { findings: [], notes: [] };
    const by = `run ${run}, which was begun after it,`;
    if (!(await isThere(folder.ledger))) return { findings: [`the record of run ${previous.run} is gone`], notes: [] };
    const heads = [{ ...previous, by }];
    const { findings } = await auditLedger(folder.ledger, { run: folder.run, heads });
    const wrong = findings.filter(({ message }) => message.includes(by));
    return { findings: wrong.map(({ message }) => `run ${previous.run}: ${message}`), notes: [] };
  }

  /** Who clears old runs away begins with the oldest: a hole between others is another matter. */
  #missing({ run, seq }: Anchor) {
    const isHole = this.#all.some((one) => one.run < run);
    const text = `run ${run}, which it was begun after, is not here any more (its record had ${seq} records then)`;
    return isHole
      ? { findings: [text], notes: [] }
      : { findings: [], notes: [`${text}; all that is older is gone too`] };
  }
}

async function previousIn(folder: RunFolder): Promise<string | undefined> {
  try {
    for await (const found of readLedger(folder.ledger, folder.run))
      return found.type === "start" ? (found.previous ?? undefined) : undefined;
  } catch (error) {
    // What can not be read the check of that run itself says.
    if (!(error instanceof RunnerError)) throw error;
  }
  return undefined;
}

function anchorIn(text: string): Anchor | string {
  try {
    return parseAnchor(text);
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    return text;
  }
}
