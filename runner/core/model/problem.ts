/** `warning`: it can be used, and may do what nobody means. */
export type Severity = "error" | "warning" | "note";

/** A finding in something a person wrote, with its place. `line` and `column` count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** An error keeps the file from being used; a warning is of a plan that is valid and dangerous; a note stops nothing. */
  readonly severity: Severity;
  /** Stable, kebab-case: `unknown-key`, `bad-type`, `unknown-field`, `not-yet` … */
  readonly code: string;
  /** What was found, naming the thing and the value. */
  readonly message: string;
  /** What to do; holds "did you mean" where there is a near name. */
  readonly hint?: string;
  /** The line may hold a credential (the config, a file of inputs): nobody quotes it. */
  readonly private?: boolean;
}

/** What is wrong with a file as a whole, or with what stands in place of one. */
export function aboutFile(file: string, problem: Pick<Problem, "code" | "message" | "hint" | "private">): Problem {
  return { file, line: 1, column: 1, severity: "error", ...problem };
}
