import type { Warned } from "../model/preview.ts";
import type { Fields, Item } from "../model/item.ts";
import { type Plan } from "../model/plan.ts";
import { ExpressionError, type Frozen } from "../model/frozen.ts";

/** Counts the items that a plan warns of. */
export class Warnings {
  readonly #plan: Plan;
  readonly #frozen: Frozen;
  readonly #counts: number[];

  constructor(plan: Plan, frozen: Frozen) {
    this.#plan = plan;
    this.#frozen = frozen;
    this.#counts = (plan.warnings ?? []).map(() => 0);
  }

  /** This item is to change. */
  look(item: Item, set: Fields): void {
    for (const place of warningsOf(this.#plan, this.#frozen, { item, set }))
      this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  /** Those that concern any item, in the order of the plan. */
  told(): readonly Warned[] {
    return this.#counts.flatMap((items, place) => {
      return items === 0 ? [] : [{ message: warningText(this.#plan, this.#frozen, place), items }];
    });
  }
}

/** The places of the warnings that concern an item. One that can not be evaluated warns: nothing says that it need not. */
export function warningsOf(
  { warnings = [] }: Plan,
  frozen: Frozen,
  { item, set }: { readonly item: Item; readonly set: Fields },
): readonly number[] {
  return warnings.flatMap((warning, place) => {
    try {
      return warning.concerns(frozen, item, set) ? [place] : [];
    } catch (error) {
      if (error instanceof ExpressionError) return [place];
      throw error;
    }
  });
}

/** What a warning says. */
export function warningText({ warnings = [] }: Plan, frozen: Frozen, place: number): string {
  try {
    return warnings[place]?.message(frozen) ?? "";
  } catch (error) {
    if (error instanceof ExpressionError) return `its message can not be made: ${error.message}`;
    throw error;
  }
}
