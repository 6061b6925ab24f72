import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { Io } from "../../runner/cli/io.ts";
import { run } from "../../runner/cli/main.ts";
import type { LoadedPlan, OpenOptions, Workspace } from "../../runner/workspace.ts";
import { Paper } from "../reporters/events.ts";

/** A workspace whose verbs a test writes by hand; what it does not write must not be called. */
export function workspace(verbs: Partial<Workspace>): Workspace {
  const plan = { plan: {}, notes: [], secretValues: {} } as unknown as LoadedPlan;
  const refuse = (name: string) => () => {
    throw new Error(`the test did not expect ${name}`);
  };
  return {
    folder: "/somewhere",
    loadPlan: () => Promise.resolve(plan),
    validate: refuse("validate"),
    lint: refuse("lint"),
    catalogue: refuse("catalogue"),
    test: refuse("test"),
    isChangeSet: () => Promise.resolve(false),
    loadChangeSet: refuse("loadChangeSet"),
    approve: refuse("approve"),
    approvals: refuse("approvals"),
    probe: refuse("probe"),
    preview: refuse("preview"),
    rehearse: refuse("rehearse"),
    check: refuse("check"),
    apply: refuse("apply"),
    rerun: refuse("rerun"),
    undo: refuse("undo"),
    resume: refuse("resume"),
    verify: refuse("verify"),
    runs: refuse("runs"),
    show: refuse("show"),
    explain: refuse("explain"),
    nearMisses: refuse("nearMisses"),
    difference: refuse("difference"),
    records: refuse("records"),
    audit: refuse("audit"),
    auditAll: refuse("auditAll"),
    auditLog: refuse("auditLog"),
    auditExport: refuse("auditExport"),
    saveExport: refuse("saveExport"),
    attest: refuse("attest"),
    verifyAttestation: refuse("verifyAttestation"),
    auditPack: refuse("auditPack"),
    verifyPack: refuse("verifyPack"),
    control: refuse("control"),
    notifier: () => Promise.resolve(undefined),
    unlock: refuse("unlock"),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...verbs,
  };
}

export interface Session {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly opened: readonly OpenOptions[];
}

export interface Surroundings {
  readonly workspace?: Workspace;
  readonly env?: Readonly<Record<string, string>>;
  /** A person at a terminal of this many columns; piped when left out. */
  readonly terminal?: number;
  /** What the person types, a line at a time. */
  readonly typed?: readonly string[];
  /** And after that: nothing more ever (Ctrl-D). */
  readonly ends?: boolean;
  readonly cwd?: string;
  readonly signals?: EventEmitter;
  /** How the person calls us. */
  readonly program?: string;
}

/** Run a command line as a process would, with everything around it made of paper. */
export async function rollcall(words: readonly string[], around: Surroundings = {}): Promise<Session> {
  const { terminal, typed = [] } = around;
  const paper = terminal === undefined ? {} : { isTTY: true, columns: terminal };
  const stdout = new Paper(paper);
  const stderr = new Paper(paper);
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal !== undefined });
  for (const line of typed) stdin.write(`${line}\n`);
  if (around.ends === true) stdin.end();
  const opened: OpenOptions[] = [];
  const io: Io = {
    stdin,
    stdout,
    stderr,
    env: { NO_COLOR: "1", ...around.env },
    cwd: around.cwd ?? process.cwd(),
    program: around.program ?? "rollcall",
    signals: around.signals ?? new EventEmitter(),
    openWorkspace(options) {
      opened.push(options);
      return Promise.resolve(around.workspace ?? workspace({}));
    },
  };
  const exit = await run(words, io);
  return { exit, out: stdout.text, err: stderr.text, opened };
}

/** Events one after another, as a verb of the workspace. */
export async function* telling(...events: readonly RunEvent[]): AsyncGenerator<RunEvent, void> {
  for (const event of events) {
    await Promise.resolve();
    yield event;
  }
}
