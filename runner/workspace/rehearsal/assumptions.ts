import { GuardError } from "../../core/model/errors.ts";
import type { Plan } from "../../core/model/plan.ts";
import type { RehearsalFaults } from "../../core/model/rehearsed.ts";
import type { RehearseOptions } from "../options.ts";
import { refuseUnapproved } from "../approvals.ts";
import type { Inside } from "../inside.ts";

interface Played {
  readonly options: RehearseOptions;
  readonly faults: RehearsalFaults;
  /** Items whose `expect` was taken to hold. */
  readonly expected: number;
  /** Times that an item was found busy. */
  readonly held: number;
  readonly isStopped: boolean;
}

/** What a rehearsal took for granted, a sentence each: whoever trusts its numbers has to know. */
export function assumptions(inside: Inside, plan: Plan, played: Played): readonly string[] {
  const { expect } = plan.change;
  const { options, faults, expected, held, isStopped } = played;
  const items = expected === 1 ? "1 item" : `${expected} items`;
  return [
    ...told(
      expected > 0,
      `\`expect\` could not be seen on ${items}, and was taken to hold because the change was made.`,
    ),
    ...told(
      expect.kind === "accepted",
      "Nothing can show what was changed (`expect: accepted`): an answer is all there is.",
    ),
    ...told(plan.gate !== undefined, `The gate was taken to be: ${options.gate ?? "pass"}.`),
    ...told(held > 0, `Items that were busy in the list are free again within ${Math.round(faults.busyMs / 1000)} s.`),
    ...told(
      isStopped && plan.stop.onStop === "undo",
      "`stop.on_stop: undo` would take back what was done, in a run of its own that was not rehearsed.",
    ),
    ...told(plan.secrets.length > 0, "Secret inputs were not asked for: nothing was sent."),
    ...approvalOf(inside, plan),
  ];
}

function told(isSo: boolean, sentence: string): readonly string[] {
  return isSo ? [sentence] : [];
}

/** Who approves signs a saved change set: `apply` would not take the plan itself. */
function approvalOf(inside: Inside, plan: Plan): readonly string[] {
  try {
    refuseUnapproved(inside, plan);
    return [];
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    return [`The approvals that are needed were taken for given: ${error.message}`];
  }
}
