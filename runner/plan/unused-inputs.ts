import type { Finding } from "../language/source.ts";
import type { PlanDocument } from "./document.ts";

/**
 * Inputs that nothing uses: they were meant for something, and a value stands in their place, or a line was lost. In a plan
 * with faults that may be because of them.
 * @param uses The names that expressions and templates use.
 */
export function* unusedInputs({ inputs = {} }: PlanDocument, uses: ReadonlySet<string>): Generator<Finding> {
  if (uses.has("inputs")) return;
  for (const name of Object.keys(inputs)) {
    if (uses.has(`inputs.${name}`)) continue;
    yield {
      path: ["inputs", name],
      at: "key",
      severity: "note",
      code: "unused-input",
      message: `nothing uses the input ${name}, so its value has no effect`,
      hint: `Write \${{ inputs.${name} }} where it goes, or leave it out.`,
    };
  }
}
