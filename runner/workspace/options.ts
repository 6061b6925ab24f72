// What the workspace is asked with: options, and the questions that it asks back.

import type { Approved } from "../core/model/approval.ts";
import type { ControlOp, Person, RunEvent } from "../core/model/events.ts";
import type { Digest, Value } from "../core/model/item.ts";
import type { ItemState } from "../core/model/outcome.ts";
import type { Plan } from "../core/model/plan.ts";
import type { GuardResult, SelectionCounts } from "../core/model/preview.ts";
import type { FaultProfile, RehearsalFaults, RehearsedGate } from "../core/model/rehearsed.ts";
import type { Waits } from "../core/model/run-ports.ts";

/** Where a plan's inputs come from: `set` before `inputs` before `inputsFile` before the environment before the default. */
export interface InputOptions {
  /** `name=value`, as `--set` takes them. */
  readonly set?: readonly string[];
  /** By name, typed as an inputs file has them. The text of a secret input is kept as a secret and never shown. */
  readonly inputs?: Readonly<Record<string, Value>>;
  /** Path of a YAML file that holds one value a name. */
  readonly inputsFile?: string;
  /** Asked for each secret input that is needed and given nowhere, by name and description. Undefined: it stays missing. */
  readonly ask?: (name: string, description: string) => Promise<string | undefined>;
  /** Overrides the plan's service. */
  readonly service?: string;
  /** Nothing will be sent by the plan, as in a rehearsal: secret inputs need no value, and nobody is asked for one. */
  readonly withoutSecrets?: boolean;
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
  /** Who has approved the change set, by the keys of the config. Left out: nobody. */
  readonly approvals?: readonly Approved[];
}
export type Consent =
  | { readonly given: true; readonly how: "tty" | "yes" | "confirm" | "library" | "on-stop" }
  | { readonly given: false; readonly why: string; readonly hint: string };

/** A plain `true` is recorded as the consent of the program that uses the library. */
export type ConsentAnswer = boolean | Consent;

export interface RunOptions {
  /** First signal: take no new item, withdraw, wait for answers. */
  readonly stop?: AbortSignal;
  /** Second signal: leave at once. */
  readonly abort?: AbortSignal;
  /** After `stop`, verify what was sent (a person is waiting) or leave that to `resume`. */
  readonly verifyAfterStop?: boolean;
  /**
   * How long to wait for what only time or a person brings; what takes longer ends the run, and a resume goes on. When left
   * out, a window is waited for, and a person is not.
   */
  readonly waits?: Waits;
}

/** What is asked of a run from elsewhere, and why. `set`: calls at a time, or a minute; never more than it began with. */
export interface Asking {
  readonly op: ControlOp;
  readonly why: string;
  readonly concurrency?: number;
  readonly perMinute?: number;
}

/** Where a preview saves its changes, and for how long they may be applied: from the reading of the list, 24 h by default. */
export interface SaveOptions {
  readonly file: string;
  readonly lifeMs?: number;
}

export interface PreviewOptions extends RunOptions {
  readonly out?: SaveOptions;
  /** An `inventory.ndjson` of an earlier run, in place of the service's list: no network. */
  readonly from?: string;
}

export interface CheckOptions extends Pick<RunOptions, "stop" | "abort"> {
  /** A run of this plan that made changes, `latest` the last of them: what became of these is told too. */
  readonly baseline?: string;
  /** As for a preview. */
  readonly from?: string;
  /** Told what happens while the list is read. */
  readonly tell?: (event: RunEvent) => void;
}

export interface ApplyOptions extends RunOptions {
  /**
   * A change set is applied only if it was made of this plan as it is now: its text, its inputs that are not secret, and what
   * the files hold that it looks things up in. Where what is applied has to be what was merged.
   */
  readonly madeOf?: { readonly plan: Plan };
  /** Asked once, with what would change, right before the first write. Only `true`, or a `Consent` that is given, lets it happen. */
  readonly consent: (question: ConsentQuestion) => ConsentAnswer | Promise<ConsentAnswer>;
}

export interface UndoOptions extends RunOptions {
  /** Where the changes are saved, and for how long they may be applied. Left out: `undo-RUN.ndjson`, 24 h. Nothing is overwritten. */
  readonly out?: { readonly file?: string; readonly lifeMs?: number };
  /**
   * Ids of the items that are put back; a text that is no id of the run is taken for several, with commas between them. Left out: all
   * that the run changed.
   */
  readonly only?: readonly string[];
  readonly inputs?: InputOptions;
}

export interface RerunOptions extends ApplyOptions {
  /** How an item ended in the earlier run to be taken up again. */
  readonly only: readonly ItemState[];
  readonly inputs?: InputOptions;
}

/** How a plan is rehearsed. */
export interface RehearseOptions {
  /** An `inventory.ndjson` of an earlier run: no network. Without it, and without `run`, the service is asked for its list once. */
  readonly from?: string;
  /** An earlier run of the same plan, whose list is taken: no network. */
  readonly run?: string;
  /** `usual` when left out. */
  readonly profile?: FaultProfile;
  /** In place of what the profile says. */
  readonly faults?: Partial<RehearsalFaults>;
  /** Of every call. Left out: as in an earlier run of the plan, else 300 ms. */
  readonly latencyMs?: number;
  /** The same one gives the same faults; 1 when left out. */
  readonly seed?: number;
  /** What the plan's gate is taken to find; `pass` when left out. */
  readonly gate?: RehearsedGate;
  /** Wall ms: when the rehearsed run begins. Left out: at the moment when its list was read. */
  readonly at?: number;
  /** A folder, empty or not there yet, that keeps the record as that of a run. Left out: nothing is kept. */
  readonly keep?: string;
  readonly stop?: AbortSignal;
}

/** One call that a person tries. */
export interface ProbeOptions {
  readonly method: string;
  /** `{}` when left out. */
  readonly params?: Value;
  /** Asked where nothing says that the method only reads. */
  readonly consent: (question: ProbeQuestion) => boolean | Promise<boolean>;
  readonly stop?: AbortSignal;
}

export interface ProbeQuestion {
  readonly service: string;
  readonly endpoint: string;
  readonly method: string;
}

export interface ApproveOptions {
  /** Path of the private key: Ed25519, PKCS#8 in PEM, readable by its owner only. */
  readonly key: string;
  /** Asked if the key is encrypted. Left out, or undefined: it can not be used. */
  readonly passphrase?: () => Promise<string | undefined>;
  /** Path of the approval; beside the change set, named after it and the key, when left out. */
  readonly out?: string;
  /** Asked with everything that is approved, before it is signed. Only `true` lets it happen. */
  readonly consent: (question: ApprovalQuestion) => boolean | Promise<boolean>;
}

/** What somebody is about to approve: read from the change set, every byte checked, and made once more by its plan. */
export interface ApprovalQuestion {
  readonly digest: Digest;
  readonly plan: string;
  readonly service: string;
  readonly endpoint: string;
  readonly method: string;
  readonly destructive: boolean;
  readonly size: number;
  /** Wall ms: when the list was read, and until when the changes may be made. */
  readonly created: number;
  readonly expires: number;
  /** Who made the change set, as it says. */
  readonly author: Person;
  readonly preview: Extract<RunEvent, { readonly type: "preview" }>;
  /** `name`: in the config. Undefined: it is none of its keys, so that the approval will not count here. */
  readonly key: { readonly name: string | undefined; readonly fingerprint: Digest };
}
