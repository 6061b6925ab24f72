import type { LedgerRecord, RunEvent } from "./core/model/events.ts";
import type {
  AttestationReport,
  AuditOptions,
  ExportFormat,
  LogQuery,
  LogReport,
  PackCheckOptions,
  PackCheckReport,
  PackOptions,
  PackReport,
  Signing,
} from "./core/model/evidence.ts";
import type { Digest } from "./core/model/item.ts";
import type { Notice, NoticeEvent } from "./core/model/notice.ts";
import type { CheckReport, ItemExplanation, NearMissReport, SelectionDifference } from "./core/model/explained.ts";
import type { Plan } from "./core/model/plan.ts";
import type { Log, NamedProvider } from "./core/model/ports.ts";
import type { Problem } from "./core/model/problem.ts";
import type { Rehearsal } from "./core/model/rehearsed.ts";
import type { Reference } from "./core/model/reference.ts";
import type { SavedHeader } from "./core/model/saved.ts";
import type { Secret } from "./core/model/secret.ts";
import type { TestedFile } from "./core/model/tested.ts";
import type {
  ApplyOptions,
  ApproveOptions,
  Asking,
  CheckOptions,
  InputOptions,
  PreviewOptions,
  ProbeOptions,
  RehearseOptions,
  RerunOptions,
  RunOptions,
  UndoOptions,
} from "./workspace/options.ts";
import type { AuditReport, ProbeReport, ApprovalGiven, ApprovalReport, Answered } from "./workspace/reports.ts";
import type { RunSummary, RunReport } from "./core/model/told.ts";

/** A plan with its inputs bound. Secret inputs travel beside it, never inside. */
export interface LoadedPlan {
  readonly plan: Plan;
  /** What is worth a look and stops nothing. */
  readonly notes: readonly Problem[];
  /** What is valid and dangerous, and the plan does not accept with a reason. Left out: nothing is. */
  readonly warnings?: readonly Problem[];
  readonly secretValues: Readonly<Record<string, Secret>>;
}

/** What there is to say of a plan file. */
export interface Linted {
  /** As of `validate`. */
  readonly problems: readonly Problem[];
  /** Of a plan without an error: what is valid and dangerous, and what the policy forbids of it. */
  readonly warnings: readonly Problem[];
}

export interface OpenOptions {
  /** Path of the config; undefined: ROLLCALL_CONFIG, else `./rollcall.config.yaml` if there is one, else what is built in. */
  readonly config?: string;
  /** Where the config is looked for and relative paths begin; the current folder when left out. */
  readonly cwd?: string;
  /** Credentials, inputs and settings come from here; the process's own when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Diagnostics, never a secret. Nothing is logged when left out. */
  readonly log?: Log;
  /** Services of kinds of your own: each is used by the services whose `kind` in the config is its. */
  readonly providers?: readonly NamedProvider[];
}

/** A saved change set, read whole, and the plan it was made from. */
export interface LoadedChangeSet {
  readonly path: string;
  readonly digest: Digest;
  readonly header: SavedHeader;
  readonly loaded: LoadedPlan;
}

/** The webhooks of the config. Each is told on its own, in order, with retries; nothing waits for them and nothing fails with them. */
export interface Notifier {
  /** Those that can not be told anything, in the order of the config: a variable is missing, say. Empty: none. */
  readonly unusable: readonly UnusableWebhook[];
  /** Those that want such events are told, as soon as they can be. */
  tell(notice: Notice): void;
  /**
   * Wait for what is not told yet, and leave the rest.
   * @returns What was not told, in the order of the config; empty: everything was.
   */
  settle(atMostMs: number, signal?: AbortSignal): Promise<readonly Untold[]>;
  /** Leave what is not told yet. */
  abandon(): void;
}

/** A webhook of the config that lacks something. What variables hold is never in it. */
export interface UnusableWebhook {
  /** Its place in the config: `notify[0]`. */
  readonly webhook: string;
  /** As the end of a sentence: `notify[0].secret_env: environment variable KEY is not set`. */
  readonly why: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Events that a webhook was not told of, for one reason. */
export interface Untold {
  /** Its place in the config, and its host: never its address, which may be as good as a password. */
  readonly webhook: string;
  readonly events: readonly (NoticeEvent | "test")[];
  /** As the end of a sentence: `HTTP 503`. */
  readonly why: string;
}

/** Everything Rollcall does, one method a verb. Events come as they happen; the last fact is `end`. */
export interface Workspace extends AsyncDisposable {
  /** Folder that holds `.rollcall/`. */
  readonly folder: string;
  /** @throws {PlanError} with every problem. */
  loadPlan(file: string, inputs?: InputOptions): Promise<LoadedPlan>;
  /**
   * What is wrong with a plan and what is worth a look, in the order of the file; never thrown. Inputs may be missing: that
   * is a note, and what can be checked without them is.
   */
  validate(file: string, inputs?: InputOptions): Promise<readonly Problem[]>;
  /** The same, and what a plan without an error had better not do. */
  lint(file: string, inputs?: InputOptions): Promise<Linted>;
  /** What is known of a service offline, to look things up in. @throws {PlanError} when there is no such service. */
  catalogue(service?: string): Promise<Reference>;
  /**
   * Try plans on lists that tests give them, file by file, without a network and without a run.
   * @param paths Tests, plans that have tests beside them, folders of tests. @throws {RunnerError} `usage`: there are none.
   */
  test(paths: readonly string[]): AsyncGenerator<TestedFile, void>;
  /** Whether a file is a change set that a preview has saved, rather than a plan. */
  isChangeSet(file: string): Promise<boolean>;
  /**
   * A change set that a preview has saved. Its inputs are those of the review; only secret ones are taken from `inputs`.
   * @throws {GuardError} `tampered`.
   */
  loadChangeSet(file: string, inputs?: InputOptions): Promise<LoadedChangeSet>;
  /**
   * Sign a saved change set, so that who demands approvals lets it be applied.
   * @throws {GuardError} `consent`, or it can not be applied. @throws {RunnerError} `usage`: the key can not be used.
   */
  approve(file: string, options: ApproveOptions): Promise<ApprovalGiven>;
  /** The approvals that lie beside a saved change set, each checked. @throws {GuardError} `tampered`. */
  approvals(file: string): Promise<ApprovalReport>;
  /** One call with the service's session, sent once. @throws {GuardError} `consent`. @throws {RunnerError} `usage`: no such service. */
  probe(service: string, options: ProbeOptions): Promise<ProbeReport>;
  preview(plan: LoadedPlan, options?: PreviewOptions): AsyncGenerator<RunEvent, void>;
  /**
   * Go through a plan as `apply` would, in virtual time and against a stand-in in which the items of its list live. Nothing is
   * sent, but to read the list where none is given.
   * @throws {RunnerError} `usage`: the list is not the plan's, or the faults can not be.
   */
  rehearse(plan: LoadedPlan, options?: RehearseOptions): Promise<Rehearsal>;
  /** Whether a list is as its plan wants it: a preview, told as a verdict. Nothing is ever written to the service. */
  check(plan: LoadedPlan, options?: CheckOptions): Promise<CheckReport>;
  apply(plan: LoadedPlan | LoadedChangeSet, options: ApplyOptions): AsyncGenerator<RunEvent, void>;
  /** A new run over items of an earlier one. */
  rerun(run: string, options: RerunOptions): AsyncGenerator<RunEvent, void>;
  /**
   * Decide what of a run can be taken back, and save that as a change set for `loadChangeSet` and `apply`: the last fact is
   * `saved`, unless nothing can be. @throws {GuardError} `stale` with the reason.
   */
  undo(run: string, options?: UndoOptions): AsyncGenerator<RunEvent, void>;
  /** `run`: an id, a unique prefix of one, or `latest`. */
  resume(run: string, options?: RunOptions & { readonly inputs?: InputOptions }): AsyncGenerator<RunEvent, void>;
  verify(run: string, options?: RunOptions & { readonly inputs?: InputOptions }): AsyncGenerator<RunEvent, void>;
  runs(): Promise<readonly RunSummary[]>;
  show(run: string, options?: { readonly states?: readonly string[]; readonly limit?: number }): Promise<RunReport>;
  /**
   * Why one item of a run is where it is: every clause of the filter, the request, the end. From the run's folder alone.
   * @param item Its id, or its title if no other has that. @throws {RunnerError} `usage`: there is none, or there are several.
   */
  explain(run: string, item: string): Promise<ItemExplanation>;
  /** Items that one clause of the filter alone keeps out. `examples`: of each clause at most, 5 when left out. */
  nearMisses(run: string, options?: { readonly examples?: number }): Promise<NearMissReport>;
  /** Which items two runs have selected. `against`: a run, or `last`: the last one of the same plan before it. */
  difference(run: string, against: string): Promise<SelectionDifference>;
  records(run: string): AsyncIterable<LedgerRecord>;
  /**
   * The webhooks of the config, one use of them; undefined: it has none. The command line tells them of its runs. A program
   * that runs something has the events itself, and tells them what it likes.
   */
  notifier(): Promise<Notifier | undefined>;
  /** Check the record of a run: by its own chain, and against what was kept elsewhere. */
  audit(run: string, options?: AuditOptions): Promise<AuditReport>;
  /** The same for several runs, and what they say of one another. @param runs Empty: every one. */
  auditAll(runs: readonly string[], options?: Omit<AuditOptions, "anchor">): AsyncGenerator<AuditReport, void>;
  /** Who changed what, in the records of all runs. */
  auditLog(query: LogQuery): Promise<LogReport>;
  /** Runs for other programs, in lines without their ends, or into a new file. @throws {RunnerError} `audit`: one does not hold. */
  auditExport(runs: readonly string[], format: ExportFormat): AsyncGenerator<string, void>;
  saveExport(runs: readonly string[], format: ExportFormat, file: string): Promise<void>;
  /** An in-toto statement of what a run came to, signed, in a new file. @throws {RunnerError} `audit`: the record does not hold. */
  attest(
    run: string,
    options: Signing & { readonly out: string },
  ): Promise<AttestationReport & { readonly file: string }>;
  /** @param options `run`: it is made again from that run, and has to be the same. */
  verifyAttestation(
    file: string,
    options: { readonly publicKey: string; readonly run?: string },
  ): Promise<AttestationReport>;
  /** What a run did to one customer's items, in a new file that is checked without the run. */
  auditPack(run: string, options: PackOptions): Promise<PackReport>;
  verifyPack(file: string, options?: PackCheckOptions): Promise<PackCheckReport>;
  /** Release the lock a dead or lost owner left; recorded. */
  unlock(run: string, why: string): Promise<string>;
  /**
   * Ask a run to pause, to go on, to count a wave as good, to stop for good, or to go slower: recorded, with who and why.
   * @throws {GuardError} `stale`: there is nothing left that could be asked for.
   */
  control(run: string, asking: Asking): Promise<Answered>;
}

/** Open the workspace of a folder: its config, its services, its runs. Nothing is sent and nothing is written yet. */
export async function openWorkspace(options: OpenOptions = {}): Promise<Workspace> {
  return (await import("./workspace/open.ts")).openWith(options, {});
}
