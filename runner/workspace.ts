import { resolve } from "node:path";
import type { LedgerRecord, Person, RunEvent, SelectionCounts, GuardResult } from "./core/model/events.ts";
import type { RunId } from "./core/model/item.ts";
import type { Counts, NotStartedReason } from "./core/model/outcome.ts";
import type { Plan } from "./core/model/plan.ts";
import type { Problem } from "./core/model/problem.ts";
import type { Log } from "./core/model/ports.ts";
import type { Reference } from "./core/model/reference.ts";
import type { ShownAs } from "./core/model/values.ts";
import type { Secret } from "./core/model/secret.ts";
import { realClock } from "./runs/clock.ts";
import type { Inside, Seams } from "./workspace/inside.ts";

/** A plan with its inputs bound. Secret inputs travel beside it, never inside. */
export interface LoadedPlan {
  readonly plan: Plan;
  /** What is worth a look and stops nothing. */
  readonly notes: readonly Problem[];
  readonly secretValues: Readonly<Record<string, Secret>>;
}

export interface OpenOptions {
  /** Path of the config; undefined: ROLLCALL_CONFIG, else `./rollcall.config.yaml` if there is one, else what is built in. */
  readonly config?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
}

export interface InputOptions {
  /** `name=value`, as `--set` takes them. */
  readonly set?: readonly string[];
  readonly inputsFile?: string;
  /** Overrides the plan's service. */
  readonly service?: string;
}

/** What a run that is about to write wants to know. */
export interface ConsentQuestion {
  readonly plan: string;
  readonly service: string;
  readonly endpoint: string;
  readonly method: string;
  readonly destructive: boolean;
  readonly counts: SelectionCounts;
  readonly guards: readonly GuardResult[];
}
export type Consent =
  | { readonly given: true; readonly how: "tty" | "yes" | "confirm" | "library" }
  | { readonly given: false; readonly why: string; readonly hint: string };

export interface RunOptions {
  /** First signal: take no new item, withdraw, wait for answers. */
  readonly stop?: AbortSignal;
  /** Second signal: leave at once. */
  readonly abort?: AbortSignal;
  /** After `stop`, verify what was sent (a person is waiting) or leave that to `resume`. */
  readonly verifyAfterStop?: boolean;
}

export interface ApplyOptions extends RunOptions {
  readonly consent: (question: ConsentQuestion) => Promise<Consent>;
}

/** One run folder, as `runs` and `show` tell it: folded from its ledger, nothing else. */
export interface RunSummary {
  readonly run: RunId;
  readonly folder: string;
  readonly plan: string;
  readonly service: string;
  readonly endpoint: string;
  readonly by: Person;
  /** Wall clock, ms. */
  readonly started: number;
  readonly ended: number | undefined;
  /** `previewed`: nothing was to be written. `open`: intents without an answer, or no end record: `resume` goes on. */
  readonly status: "previewed" | "running" | "open" | "sealed";
  readonly counts: Counts | undefined;
  /** Items that have no state yet: sent without an answer, or not judged. */
  readonly open: number;
  readonly notStarted: Readonly<Partial<Record<NotStartedReason, number>>>;
  readonly exit: number | undefined;
  readonly anchor: string;
}

/** What one item went through: `story` are its ledger records in order. */
export interface ItemReport {
  readonly index: number;
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly by?: "ours" | "unsure";
  readonly reason?: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface RunReport {
  readonly summary: RunSummary;
  /** Items of the asked states (all but confirmed by default), at most `limit`. */
  readonly items: readonly ItemReport[];
  /** What the values of the fields are, as the run had it. */
  readonly types: Readonly<Record<string, ShownAs>>;
  readonly causes: readonly {
    readonly state: string;
    readonly code: string;
    readonly message: string;
    readonly count: number;
    readonly examples: readonly string[];
  }[];
}

export interface AuditReport {
  readonly run: RunId;
  readonly ok: boolean;
  readonly records: number;
  readonly anchor: string;
  readonly sealed: boolean;
  /** Conservation recomputed; undefined: not checkable, and `findings` says which file is missing. */
  readonly conserved: boolean | undefined;
  readonly findings: readonly { readonly seq: number | undefined; readonly message: string }[];
}

/** Everything Rollcall does, one method a verb. Events come as they happen; the last fact is `end`. */
export interface Workspace extends AsyncDisposable {
  /** Folder that holds `.rollcall/`. */
  readonly folder: string;
  /** @throws {PlanError} with every problem. */
  loadPlan(file: string, inputs?: InputOptions): Promise<LoadedPlan>;
  /** What is known of a service offline, to look things up in. @throws {PlanError} when there is no such service. */
  catalogue(service?: string): Promise<Reference>;
  preview(plan: LoadedPlan, options?: RunOptions): AsyncGenerator<RunEvent, void>;
  apply(plan: LoadedPlan, options: ApplyOptions): AsyncGenerator<RunEvent, void>;
  /** `run`: an id, a unique prefix of one, or `latest`. */
  resume(run: string, options?: RunOptions & { readonly inputs?: InputOptions }): AsyncGenerator<RunEvent, void>;
  verify(run: string, options?: RunOptions & { readonly inputs?: InputOptions }): AsyncGenerator<RunEvent, void>;
  runs(): Promise<readonly RunSummary[]>;
  show(run: string, options?: { readonly states?: readonly string[]; readonly limit?: number }): Promise<RunReport>;
  records(run: string): AsyncIterable<LedgerRecord>;
  audit(run: string, anchor?: string): Promise<AuditReport>;
  /** Release the lock a dead or lost owner left; recorded. */
  unlock(run: string, why: string): Promise<string>;
}

/** Open the workspace of a folder: its config, its services, its runs. Nothing is sent and nothing is written yet. */
export async function openWorkspace(options: OpenOptions & { readonly seams?: Seams } = {}): Promise<Workspace> {
  const env = options.env ?? process.env;
  const cwd = options.cwd ?? process.cwd();
  const { loadConfig } = await import("./config/load.ts");
  const config = await loadConfig({ env, cwd, ...(options.config === undefined ? {} : { path: options.config }) });
  const seams = options.seams ?? {};
  const clock = seams.clock ?? realClock();
  const inside: Inside = {
    root: config.folder,
    services: config.services,
    env,
    clock,
    log: options.log ?? quiet,
    seams,
  };
  return workspaceOf(inside, cwd);
}

const quiet: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined };

function workspaceOf(inside: Inside, cwd: string): Workspace {
  const { root } = inside;
  return {
    folder: root,
    loadPlan: async (file, inputs = {}) =>
      (await import("./workspace/plan.ts")).readPlan(inside, resolve(cwd, file), inputs),
    catalogue: async (service) => (await import("./workspace/connect.ts")).referenceOf(inside.services, service),
    async *preview(plan, options = {}) {
      const { begin } = await import("./workspace/begin.ts");
      yield* begin(inside, plan, "preview", options);
    },
    async *apply(plan, options) {
      const { begin } = await import("./workspace/begin.ts");
      yield* begin(inside, plan, "apply", options);
    },
    async *resume(run, options = {}) {
      const { reopen } = await import("./workspace/reopen.ts");
      yield* reopen(inside, run, "resume", options);
    },
    async *verify(run, options = {}) {
      const { reopen } = await import("./workspace/reopen.ts");
      yield* reopen(inside, run, "verify", options);
    },
    runs: async () => (await import("./workspace/report.ts")).runSummaries(root),
    show: async (run, options = {}) => (await import("./workspace/report.ts")).report(root, run, options),
    async *records(run) {
      yield* (await import("./workspace/report.ts")).recordsOf(root, run);
    },
    audit: async (run, anchor) => (await import("./workspace/report.ts")).audit(root, run, anchor),
    unlock: async (run, why) => (await import("./workspace/unlock.ts")).unlockRun(inside, run, why),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
