/** What one look came to. */
export interface Check {
  /** What was looked at: `node`, `config`, `disk`, `locks`, `webhook`, `service`, `credentials`, `connection`, `login`, `clock`, `access`. */
  readonly check: string;
  /** Of which service; left out: of the machine or the workspace. */
  readonly service?: string;
  /** `skipped`: not looked at, and `found` says why. */
  readonly status: "ok" | "warning" | "failed" | "skipped";
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
  /** Failed only: the exit code that this alone leads to. */
  readonly exit?: number;
}

/** Warnings that have something to say become one; otherwise all is well. */
export function okUnless(check: Omit<Check, "status" | "advice">, advice: readonly string[]): Check {
  return advice.length === 0 ? { ...check, status: "ok" } : { ...check, status: "warning", advice: advice.join(" ") };
}
