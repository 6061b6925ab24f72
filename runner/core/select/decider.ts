import type { LookupCount, SelectionCounts } from "../model/events.ts";
import type { Item, ItemId } from "../model/item.ts";
import type { Frozen, Plan } from "../model/plan.ts";
import { decide, type Decision } from "./decide.ts";
import { WantedRows } from "./wanted.ts";

type Refused = Extract<Decision, { readonly as: "refused" }>;

/** Decides on the items of a list one after another, each only once, and counts what it decided. */
export class Decider {
  readonly #plan: Plan;
  readonly #frozen: Frozen;
  readonly #counts = zeroCounts();
  readonly #wanted: WantedRows;
  /** Undefined: every item may be chosen. */
  readonly #only: { has(id: ItemId): boolean } | undefined;
  #chosen = 0;

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

  /** @param refused It could not be read by itself. */
  decide(item: Item, refused?: Refused): Decision {
    this.#wanted.meet(item);
    const decision = this.#decided(item, refused);
    this.#counts.rows += 1;
    this.#counts[decision.as] += 1;
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
