import type { Command, CommandContext, RouteMap } from "@stricli/core";
import type { Io, Job } from "./io.ts";

/** What a command sees while its words are parsed. It only says what to do: `job` runs afterwards. */
export interface Context extends CommandContext {
  readonly io: Io;
  /** The command line. */
  readonly words: readonly string[];
  job: Job | undefined;
}

export interface Verb {
  readonly name: string;
  /** What follows the name on the command line. */
  readonly takes: string;
  /** What it does, in one sentence. */
  readonly sentence: string;
  /** Its flags and its code, loaded when it is the one that was asked for. */
  readonly load: () => Promise<Command<Context> | RouteMap<Context>>;
}

/** What shells call to complete a command line. No verb: nobody types it. */
export const completeWord = "__complete";

/** What can be asked of a run from another terminal. */
export const sentences = {
  pause: "Have a run send nothing new until somebody says continue",
  continue: "Have a paused run go on",
  promote: "Say that the wave that a run is at is good, so that the next may begin",
  abort: "Have a run stop for good; what was sent is still seen to",
  set: "Make a run slower, or as fast again as it began: concurrency=2, rate=60/m",
} as const;

/** Everything the command line can do, in the order of the help. */
export const verbs: readonly Verb[] = [
  {
    name: "init",
    takes: "",
    sentence: "Start a plan, or the config of a service: by questions, or by flags",
    load: async () => (await import("./commands/init.ts")).command,
  },
  {
    name: "doctor",
    takes: "",
    sentence: "Check config, credentials, connection, clock and disk before a run needs them",
    load: async () => (await import("./commands/doctor.ts")).command,
  },
  {
    name: "probe",
    takes: "SERVICE METHOD",
    sentence: "Send one call with a service's session, and show what went over the wire",
    load: async () => (await import("./commands/probe.ts")).command,
  },
  {
    name: "validate",
    takes: "PLAN…",
    sentence: "Check plans without a network: every problem at once, each with its place",
    load: async () => (await import("./commands/validate.ts")).command,
  },
  {
    name: "test",
    takes: "PLAN|TEST|FOLDER…",
    sentence: "Try plans on lists that tests give them, without a network",
    load: async () => (await import("./commands/test.ts")).command,
  },
  {
    name: "preview",
    takes: "PLAN",
    sentence: "Read the list and show what would change; nothing is written to the service",
    load: async () => (await import("./commands/preview.ts")).command,
  },
  {
    name: "rehearse",
    takes: "PLAN",
    sentence: "Try a plan on a stand-in for its service: how long it takes, and what would stop it",
    load: async () => (await import("./commands/rehearse.ts")).command,
  },
  {
    name: "check",
    takes: "PLAN",
    sentence: "Say whether a list is as the plan wants it, for schedules; nothing is ever written",
    load: async () => (await import("./commands/check.ts")).command,
  },
  {
    name: "apply",
    takes: "PLAN|CHANGESET",
    sentence: "Preview, ask, make the changes, and read the list again to confirm them",
    load: async () => (await import("./commands/apply.ts")).command,
  },
  {
    name: "approve",
    takes: "CHANGESET",
    sentence: "Show a saved change set, and sign it with your key so that it may be applied",
    load: async () => (await import("./commands/approve.ts")).command,
  },
  {
    name: "approvals",
    takes: "CHANGESET",
    sentence: "List and check the approvals of a saved change set, and what it still needs",
    load: async () => (await import("./commands/approvals.ts")).command,
  },
  {
    name: "resume",
    takes: "RUN",
    sentence: "Go on with a run that was interrupted or died, without changing anything twice",
    load: async () => (await import("./commands/resume.ts")).command,
  },
  {
    name: "rerun",
    takes: "RUN",
    sentence: "Take up what a run left rejected, unknown or not started, as a new run",
    load: async () => (await import("./commands/rerun.ts")).command,
  },
  {
    name: "undo",
    takes: "RUN",
    sentence: "Save what takes a run back, where nobody has changed it since; nothing is sent",
    load: async () => (await import("./commands/undo.ts")).command,
  },
  {
    name: "verify",
    takes: "RUN",
    sentence: "Read the list again and settle what is still open in a run; nothing is sent",
    load: async () => (await import("./commands/verify.ts")).command,
  },
  {
    name: "pause",
    takes: "RUN",
    sentence: sentences.pause,
    load: async () => (await import("./commands/pause.ts")).command,
  },
  {
    name: "continue",
    takes: "RUN",
    sentence: sentences.continue,
    load: async () => (await import("./commands/continue.ts")).command,
  },
  {
    name: "promote",
    takes: "RUN",
    sentence: sentences.promote,
    load: async () => (await import("./commands/promote.ts")).command,
  },
  {
    name: "abort",
    takes: "RUN",
    sentence: sentences.abort,
    load: async () => (await import("./commands/abort.ts")).command,
  },
  {
    name: "set",
    takes: "RUN SETTING…",
    sentence: sentences.set,
    load: async () => (await import("./commands/set.ts")).command,
  },
  {
    name: "runs",
    takes: "",
    sentence: "List the runs recorded here, newest first",
    load: async () => (await import("./commands/runs.ts")).command,
  },
  {
    name: "show",
    takes: "RUN",
    sentence: "Show how a run ended and which items need a look",
    load: async () => (await import("./commands/show.ts")).command,
  },
  {
    name: "report",
    takes: "RUN",
    sentence: "Write what came of a run as a page, a table, or for a CI system",
    load: async () => (await import("./commands/report.ts")).command,
  },
  {
    name: "explain",
    takes: "RUN|PLAN [ID]",
    sentence: "Say why an item is where it is: clauses, request, story; or what nearly matched",
    load: async () => (await import("./commands/explain.ts")).command,
  },
  {
    name: "audit",
    takes: "ACTION",
    sentence: "Check, search, sign and export the records of runs",
    load: async () => (await import("./commands/audit.ts")).command,
  },
  {
    name: "ui",
    takes: "",
    sentence: "Show the runs recorded here in a browser of this machine, live, with pause and abort",
    load: async () => (await import("./commands/ui.ts")).command,
  },
  {
    name: "catalog",
    takes: "TOPIC [WORD…]",
    sentence: "Look up methods, columns, enums, structs or errors of the service, offline",
    load: async () => (await import("./commands/catalog.ts")).command,
  },
  {
    name: "unlock",
    takes: "RUN --why TEXT",
    sentence: "Release the lock of a run whose process is gone; recorded with your reason",
    load: async () => (await import("./commands/unlock.ts")).command,
  },
  {
    name: "simulate",
    takes: "",
    sentence: "Start a local service to try plans against, with faults and delays if you like",
    load: async () => (await import("./commands/simulate.ts")).command,
  },
  {
    name: "demo",
    takes: "",
    sentence: "See the whole thing work in a minute: simulator, preview, apply, verify, audit",
    load: async () => (await import("./commands/demo.ts")).command,
  },
  {
    name: "completion",
    takes: "SHELL",
    sentence: "Print a script that completes command lines in bash, zsh or fish",
    load: async () => (await import("./commands/completion.ts")).command,
  },
  {
    name: "schema",
    takes: "NAME",
    sentence: "Print the JSON Schema of plans, the config, plan tests or the policy, for editors",
    load: async () => (await import("./commands/schema.ts")).command,
  },
  {
    name: "version",
    takes: "",
    sentence: "Print the version",
    load: async () => (await import("./commands/version.ts")).command,
  },
];
