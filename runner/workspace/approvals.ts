import type { ApprovalConfig, Approved } from "../core/model/approval.ts";
import { GuardError } from "../core/model/errors.ts";
import type { Plan } from "../core/model/plan.ts";
import { rulesFor, ruleText, shortfalls, shortfallText } from "../core/select/approvals.ts";
import type { Approvable, Shortfall } from "../core/select/approvals.ts";
import { approvalFiles } from "../runs/approval-files.ts";
import { judgeApproval, type Judged } from "../runs/approval.ts";
import type { LoadedChangeSet } from "../workspace.ts";
import type { Inside } from "./inside.ts";
import { toolVersion } from "./version.ts";

/** Of a config that says nothing of them. */
export const noApprovals: ApprovalConfig = { keys: [], require: [], notAuthor: false };

/** Changes that are about to be made: of a saved change set, or by a plan as it stands. */
export interface ToApprove extends Approvable {
  readonly saved?: LoadedChangeSet | undefined;
}

/**
 * Who has approved these changes, every approval of them that counts. What lies beside the change set is read anew each time.
 * @throws {GuardError} `approval` when the config demands more.
 */
export async function requireApprovals(inside: Inside, changes: ToApprove): Promise<readonly Approved[]> {
  const { approval = noApprovals } = inside;
  const { saved } = changes;
  const rules = rulesFor(approval, changes);
  if (saved === undefined) {
    if (rules[0] !== undefined) throw unsaved(ruleText(rules[0]), changes);
    return [];
  }
  if (approval.keys.length === 0) return [];
  const found = await foundBeside(inside, saved);
  const counting = found.flatMap(({ judged }) => (judged.counts ? [judged.approved] : []));
  const short = shortfalls(approval, rules, counting);
  if (short.length > 0) throw tooFew(changes, saved.path, { short, found });
  return counting;
}

/** A plan can not be approved, only its changes: refused before anything is read where that is clear by then. */
export function refuseUnapproved({ approval = noApprovals }: Inside, { change }: Plan): void {
  const changes = { change, size: undefined };
  const [rule] = rulesFor(approval, changes);
  if (rule !== undefined) throw unsaved(ruleText(rule), changes);
}

/** A file beside a change set, and what it is worth as an approval of it. */
export interface FoundBeside {
  readonly file: string;
  readonly judged: Judged;
}

/** Every approval that lies beside a change set, judged as of now. */
export async function foundBeside(inside: Inside, saved: LoadedChangeSet): Promise<readonly FoundBeside[]> {
  const { keys, notAuthor } = inside.approval ?? noApprovals;
  const judging = { saved, keys, notAuthor, now: inside.clock.now(), tool: toolVersion() };
  return (await approvalFiles(saved.path)).map((one) => {
    const { file } = one;
    if ("fault" in one) return { file, judged: { counts: false, why: one.fault } };
    return { file, judged: judgeApproval(one.bytes, judging) };
  });
}

/** Why a rule on destructive changes concerns a plan that does not call itself that. */
function asDestructive({ change: { method, destructive, undeclared } }: Approvable): readonly string[] {
  if (destructive || undeclared !== true) return [];
  return [`Nothing but the plan knows ${method}, so that it counts as destructive`];
}

function unsaved(rule: string, changes: Approvable): GuardError {
  const why = [`The config says that ${rule}, and what is approved is a saved change set`, ...asDestructive(changes)];
  return new GuardError("approval", `${why.join(". ")}.`, {
    hint: "Nothing was sent. Save the changes with `rollcall preview PLAN --out FILE`, have FILE approved, and apply that.",
  });
}

function tooFew(
  changes: Approvable,
  path: string,
  { short, found }: { readonly short: readonly Shortfall[]; readonly found: readonly FoundBeside[] },
): GuardError {
  const refused = found.flatMap(({ file, judged }) => (judged.counts ? [] : [`${file} does not count: ${judged.why}`]));
  const demanded = `The config says that ${short.map(shortfallText).join("; and that ")}`;
  const message = [demanded, ...asDestructive(changes), ...refused].join(". ");
  return new GuardError("approval", `${message}.`, {
    hint: `Nothing was sent. To approve it: rollcall approve ${path} --key FILE`,
  });
}
