import type { Finding } from "../../language/source.ts";
import { boundLints } from "./bounds.ts";
import { callLints } from "./call.ts";
import { filterLints } from "./filter.ts";
import { dangerCodes, type Lint, type LintContext } from "./lint.ts";
import { nowLints } from "./now.ts";

const lints: readonly Lint[] = [...filterLints, ...callLints, ...boundLints, ...nowLints];

/** What a plan without a fault may do and hardly means, without what it accepts; and what it accepts for nothing. */
export function* dangersOf(context: LintContext): Generator<Finding> {
  const accepted = context.document.accept_risks ?? {};
  const found = new Set<string>();
  for (const danger of lints.flatMap((lint) => [...lint(context)])) {
    found.add(danger.code);
    if (!Object.hasOwn(accepted, danger.code)) yield { ...danger, severity: "warning" };
  }
  for (const code of dangerCodes) {
    if (!Object.hasOwn(accepted, code) || found.has(code)) continue;
    yield {
      path: ["accept_risks", code],
      at: "key",
      severity: "warning",
      code: "unused-acceptance",
      message: `the plan accepts ${code}, and nothing in it is that`,
      hint: "Take the line out: it would hide the danger if it came.",
    };
  }
}
