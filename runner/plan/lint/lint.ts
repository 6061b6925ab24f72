import type { Finding } from "../../language/source.ts";
import type { Compiled } from "../compile.ts";
import type { MadeFields } from "../computed.ts";
import type { RuleContext } from "../rules/rule.ts";

/** What lint looks at: a plan without a fault. */
export interface LintContext extends RuleContext {
  readonly compiled: Compiled;
  /** Fields that expressions compute. Undefined: the list is not known. */
  readonly made: MadeFields | undefined;
}

/** A danger that a valid plan can hold. `hint` says what to do. */
export interface Danger extends Omit<Finding, "severity" | "hint"> {
  readonly code: DangerCode;
  readonly hint: string;
}

/** One danger looked for. Every one runs. */
export type Lint = (context: LintContext) => Iterable<Danger>;

/** What a plan can accept with a reason. `schemas/plan.schema.json` has the same names under `accept_risks`. */
export const dangerCodes = [
  "always-true",
  "narrow-hides",
  "not-verified",
  "verified-at-end",
  "no-bound",
  "once",
  "destructive-verb",
  "unchecked-removal",
  "depends-on-now",
] as const;

type DangerCode = (typeof dangerCodes)[number];
