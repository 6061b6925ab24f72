import type { Proposal } from "../model/explained.ts";
import type { Frozen } from "../model/frozen.ts";
import type { Item } from "../model/item.ts";
import type { Plan } from "../model/plan.ts";
import { decide } from "./decide.ts";
import { isUnread } from "./judge.ts";

/** What the plan makes of an item that its filter lets pass, whether or not it does. */
export function proposalFor(plan: Plan, frozen: Frozen, item: Item): Proposal {
  if (isUnread(plan, item)) return { as: "unknown" };
  const decision = decide({ ...plan, filter: [] }, frozen, item);
  switch (decision.as) {
    case "selected": {
      const { before, after, params, route } = decision;
      return {
        as: "selected",
        before,
        after,
        request: { method: plan.change.method, params, ...(route && { route }) },
      };
    }
    case "already":
      return { as: "already", desired: isAsWanted(plan, frozen, item) ? {} : plan.change.desired(frozen, item) };
    case "refused":
      return decision;
    case "filtered-out":
      throw new Error("no clause left an item out");
  }
}

function isAsWanted({ change }: Plan, frozen: Frozen, item: Item): boolean {
  return change.unless?.(frozen, item) === true;
}
