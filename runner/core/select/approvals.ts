import type { ApprovalConfig, ApprovalRule, Approved } from "../model/approval.ts";
import type { CallRule } from "../model/plan.ts";

/** What is to be done: how many items, if that is known yet. */
export interface Approvable {
  readonly change: Pick<CallRule, "method" | "destructive" | "undeclared">;
  readonly size: number | undefined;
}

/** A rule that is not fulfilled, and the names of the keys that count for it already, one a key. */
export interface Shortfall {
  readonly rule: ApprovalRule;
  readonly have: readonly string[];
}

/** The rules that concern these changes. As long as their number is not known: those that concern any number of them. */
export function rulesFor({ require: rules }: ApprovalConfig, { change, size }: Approvable): readonly ApprovalRule[] {
  // A plan that is alone in knowing the method could leave the word out.
  const destructive = change.destructive || change.undeclared === true;
  return rules.filter(
    (rule) =>
      (rule.destructive === undefined || destructive) &&
      (rule.above === undefined || (size !== undefined && size > rule.above)),
  );
}

/** The rules that these approvals do not fulfil. One key counts once, however often it was used and whatever it is called. */
export function shortfalls(
  config: ApprovalConfig,
  rules: readonly ApprovalRule[],
  approved: readonly Approved[],
): readonly Shortfall[] {
  const used = new Map(approved.map((approval) => [approval.fingerprint, approval.key]));
  return rules.flatMap((rule) => {
    const counting = new Set(
      config.keys.filter(({ name }) => rule.by?.includes(name) ?? true).map(({ fingerprint }) => fingerprint),
    );
    const have = [...used].filter(([fingerprint]) => counting.has(fingerprint)).map(([, name]) => name);
    return have.length >= rule.count ? [] : [{ rule, have }];
  });
}

/** A rule in words: `destructive changes of more than 100 items need 2 approvals (of alice, bob)`. */
export function ruleText({ destructive, above, count, by }: ApprovalRule): string {
  const what = destructive === true ? "destructive changes" : "changes";
  const size = above === undefined ? "" : ` of more than ${above} ${above === 1 ? "item" : "items"}`;
  const who = by === undefined ? "" : ` (of ${by.join(", ")})`;
  return `${what}${size} need ${count} ${count === 1 ? "approval" : "approvals"}${who}`;
}

/** The rule, and how far it is from being fulfilled. */
export function shortfallText({ rule, have }: Shortfall): string {
  const there = have.length === 0 ? "there is none" : `there ${have.length === 1 ? "is" : "are"} ${have.length}`;
  return `${ruleText(rule)}, and ${there}${have.length === 0 ? "" : `: ${have.join(", ")}`}`;
}
