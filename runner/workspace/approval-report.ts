import type { ApprovalConfig } from "../core/model/approval.ts";
import { rulesFor, ruleText, shortfalls } from "../core/select/approvals.ts";
import type { Judged } from "../runs/approval.ts";
import { appliedBy } from "../runs/consumed.ts";
import type { ApprovalFound, ApprovalReport } from "./reports.ts";
import { foundBeside, noApprovals } from "./approvals.ts";
import type { Inside } from "./inside.ts";
import { lookAtChangeSet } from "./read-saved.ts";

/** The approvals of a change set, each with what it is worth, and what the config demands. */
export async function approvalReport(inside: Inside, path: string): Promise<ApprovalReport> {
  const saved = await lookAtChangeSet(inside, path);
  const { approval = noApprovals } = inside;
  const { header, digest, loaded } = saved;
  const rules = rulesFor(approval, { change: loaded.plan.change, size: header.selected.size });
  const found = await foundBeside(inside, saved);
  const counting = found.flatMap(({ judged }) => (judged.counts ? [judged.approved] : []));
  const told = rules.map((rule) => {
    const [short] = shortfalls(approval, [rule], counting);
    // Of a rule that is fulfilled: those that would be there if it asked for more than anybody has.
    const [all] = shortfalls(approval, [{ ...rule, count: Infinity }], counting);
    return { rule: ruleText(rule), fulfilled: short === undefined, have: all?.have ?? [] };
  });
  const applied = await appliedBy(inside.root, header.selected.changeSet);
  return {
    digest,
    ...(applied !== undefined && { applied }),
    expires: header.expires,
    approvals: found.map(({ file, judged }) => toldOf(file, judged, approval)),
    rules: told,
    enough: told.every(({ fulfilled }) => fulfilled),
  };
}

function toldOf(file: string, judged: Judged, { keys }: ApprovalConfig): ApprovalFound {
  const { fingerprint, statement, counts } = judged;
  const key = statement && keys.find((one) => one.fingerprint === fingerprint)?.name;
  return {
    ...{ file, counts },
    ...(!judged.counts && { why: judged.why }),
    ...(fingerprint && { fingerprint }),
    ...(key !== undefined && { key }),
    ...(statement && { by: statement.by, at: statement.at }),
  };
}
