import type { ASTNode } from "@marcbachmann/cel-js";
import type { Fault } from "./bounds.ts";
import type { Guess } from "./guess.ts";
import type { Names, Variables } from "./names.ts";

/** Where in an expression something stands, and what is known there. */
export interface At {
  /** What has been tested, by path. */
  readonly known: ReadonlyMap<string, Guess>;
  readonly variables: Variables;
  /** Undefined: nothing is reported. */
  readonly faults: EmptyFault[] | undefined;
}

export interface EmptyFault extends Fault {
  readonly path: string;
}

/** Follows what may be null through a part of an expression. */
export interface Following {
  readonly names: Names;
  guess(node: ASTNode, at: At): Guess;
  /** A value that has to be there. */
  needed(node: ASTNode, at: At): Guess;
  /** What is known where a condition has given that. */
  after(condition: ASTNode, outcome: boolean, at: At): At;
}

/** Elements of one list are known alike, as far as they were known before the expression. */
export function generally(path: string): string {
  return path.replace(/\[[^[\]]*\]/, "[]");
}
