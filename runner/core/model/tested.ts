import type { Problem } from "./problem.ts";

/** What came of one test file. */
export interface TestedFile {
  readonly file: string;
  /** The file, or its plan, is wrong: such a test says nothing of what the plan does. */
  readonly problems: readonly Problem[];
  readonly cases: readonly TestedCase[];
}

export interface TestedCase {
  readonly name: string;
  /** Of the case in its file, from 1. */
  readonly line: number;
  /** `broken`: it could not be tried; `problems` of the file say why. */
  readonly outcome: "passed" | "failed" | "broken";
  readonly mismatches: readonly Mismatch[];
}

/** An expectation that does not hold, at its place in the test file; `line` and `column` count from 1. */
export interface Mismatch {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What it is about, for people: an item, a member of a request, a guard. */
  readonly about: string;
  readonly expected: string;
  readonly found: string;
}
