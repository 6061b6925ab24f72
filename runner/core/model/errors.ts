import type { Problem } from "./problem.ts";

/**
 * Why a run could not go on, and the exit code that says so to a script.
 * The table of the README: 3, 4 and 5 only when nothing was sent.
 */
export const exitCodes = {
  bug: 1,
  usage: 3,
  plan: 3,
  config: 3,
  connect: 4,
  login: 4,
  incomplete: 5,
  guard: 5,
  clock: 5,
  consent: 5,
  approval: 5,
  lock: 5,
  stale: 5,
  tampered: 5,
  audit: 9,
  record: 10,
  interrupted: 130,
} as const;

export type ErrorCode = keyof typeof exitCodes;

/** Base of every error thrown on purpose. `hint` tells the operator what to do next. */
export class RunnerError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** The message and the hint as they are shown, a line each: a line break within one is of a name, and none for who reads it. */
  readonly lines: { readonly message: readonly string[]; readonly hint: readonly string[] };
  constructor(
    code: ErrorCode,
    message: string | readonly string[],
    { cause, hint = [] }: { cause?: unknown; hint?: string | readonly string[] } = {},
  ) {
    const lines = { message: [message].flat(), hint: [hint].flat() };
    super(lines.message.join("\n"), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = lines.hint.length === 0 ? undefined : lines.hint.join("\n");
    this.lines = lines;
  }
  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/** Most problems told of at once: nobody reads more, and a stranger's plan can make any number of them. */
export const mostProblems = 100;

/** A plan, an input file or the config is wrong; `problems` holds every finding, each with its place. */
export class PlanError extends RunnerError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], code: "plan" | "config" | "usage" = "plan") {
    const told = upToMost(problems);
    super(code, told.map((problem) => `${problem.code}: ${problem.message}`).join("\n"));
    this.problems = told;
  }
}

function upToMost(problems: readonly Problem[]): readonly Problem[] {
  const next = problems[mostProblems];
  if (next === undefined) return problems;
  const { file, line, column } = next;
  const message = `there are more than ${mostProblems} problems; from here on they are not told`;
  const more = { file, line, column, severity: "error", code: "too-many", message, private: true } as const;
  return [...problems.slice(0, mostProblems), more];
}

/** The service could not be reached, or refused the login. */
export class ConnectError extends RunnerError {}

/** A list could not be proved complete: nothing may be decided from it. */
export class IncompleteError extends RunnerError {
  constructor(message: string, options: { cause?: unknown; hint?: string } = {}) {
    super("incomplete", message, options);
  }
}

/** A guard, a lock, a missing consent or approval: refused before the first write. */
export class GuardError extends RunnerError {}

/** The ledger, or another file of the run, could not be written or synced. */
export class RecordError extends RunnerError {
  constructor(message: string, options: { cause?: unknown; hint?: string } = {}) {
    super("record", message, options);
  }
}
