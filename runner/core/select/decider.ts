import type { GroupSize } from "../model/events.ts";
import type { LookupCount, SelectionCounts } from "../model/preview.ts";
import type { Item, ItemId } from "../model/item.ts";
import type { Plan } from "../model/plan.ts";
import type { Frozen } from "../model/frozen.ts";
import { decide, type Decision } from "./decide.ts";
import { WantedRows } from "./wanted.ts";

type Refused = Extract<Decision, { readonly as: "refused" }>;

/** More groups than this nobody means: each has counters of its own. */
const mostGroups = 100_000;

/** Decides on the items of a list one after another, each only once, and counts what it decided. */
export class Decider {
  readonly #plan: Plan;
  readonly #frozen: Frozen;
  readonly #counts = zeroCounts();
  readonly #wanted: WantedRows;
  /** Undefined: every item may be chosen. */
  readonly #only: { has(id: ItemId): boolean } | undefined;
  #chosen = 0;
  /** By name, in the order in which they were met: how many items are to change. */
  readonly #groups = new Map<string, number>();

  constructor(plan: Plan, frozen: Frozen, only?: { has(id: ItemId): boolean }) {
    this.#plan = plan;
    this.#frozen = frozen;
    this.#only = only;
    this.#wanted = new WantedRows(plan, frozen);
  }

  get counts(): SelectionCounts {
    return this.#counts;
  }

  /** Items that were not left out beforehand. */
  get chosen(): number {
    return this.#chosen;
  }

  /** Rows of lookups, and those that no item has met. */
  lookups(): readonly LookupCount[] {
    return this.#wanted.counts();
  }

  /** Undefined: the plan makes none. */
  groups(): readonly GroupSize[] | undefined {
    if (this.#plan.pace.per === undefined) return undefined;
    return [...this.#groups].map(([name, size]) => ({ name, size }));
  }

  /** @param refused It could not be read by itself. */
  decide(item: Item, refused?: Refused): Decision {
    this.#wanted.meet(item);
    const decision = this.#grouped(this.#decided(item, refused));
    this.#counts.rows += 1;
    this.#counts[decision.as] += 1;
    return decision;
  }

  #grouped(decision: Decision): Decision {
    if (decision.as !== "selected" || decision.group === undefined) return decision;
    const { group } = decision;
    const size = this.#groups.get(group) ?? 0;
    if (size === 0 && this.#groups.size >= mostGroups)
      return {
        as: "refused",
        why: `pace.per makes more than ${mostGroups} groups`,
        hint: "Group by what many items share, such as the customer.",
      };
    this.#groups.set(group, size + 1);
    return decision;
  }

  #decided(item: Item, refused: Refused | undefined): Decision {
    if (this.#only !== undefined && !this.#only.has(item.id)) return { as: "filtered-out" };
    this.#chosen += 1;
    if (refused !== undefined) return refused;
    const decision = decide(this.#plan, this.#frozen, item);
    const taken = decision.as === "selected" ? this.#wanted.claim(item) : undefined;
    return taken === undefined ? decision : { as: "refused", ...taken };
  }
}

export function zeroCounts(): { -readonly [name in keyof SelectionCounts]: number } {
  return { rows: 0, "filtered-out": 0, already: 0, refused: 0, selected: 0 };
}
