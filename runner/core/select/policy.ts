import type { GuardResult, SelectionCounts } from "../model/preview.ts";
import type { Group } from "./largest.ts";

/** Rules over every plan, made by those who keep the config. They are guards that no plan can change. */
export interface Policy {
  /** Fields of which rules ask for the largest group: as the rules call them, and as this plan does. */
  readonly groupedBy: Readonly<Record<string, string>>;
  /** Every rule, and whether it holds at this moment. */
  judge(changes: Changes): readonly GuardResult[];
  /** The same once more for what was judged last: somebody may have thought about it for a while. */
  again(): readonly GuardResult[];
}

/** What would change. */
export interface Changes {
  readonly counts: SelectionCounts;
  /** By the name of a field, as rules call it. Left out: the plan does not have the field. */
  readonly largest: Readonly<Record<string, Group>>;
}

const prefix = "policy ";

/** What a rule is called among the guards. */
export function guardOf(rule: string): string {
  return `${prefix}${rule}`;
}

export function isOfPolicy(guard: string): boolean {
  return guard.startsWith(prefix);
}
