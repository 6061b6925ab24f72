import { ExpressionError, type Frozen } from "../model/frozen.ts";
import type { Fields, Item } from "../model/item.ts";
import type { Plan } from "../model/plan.ts";
import type { Warned } from "../model/preview.ts";
import { ValueError } from "../model/values.ts";

/** Counts the changes that can not be taken back by the change itself, since its params can not be made of an old value that is unset. */
export class OneWay {
  readonly #plan: Plan;
  readonly #frozen: Frozen;
  #items = 0;
  #why = "";

  constructor(plan: Plan, frozen: Frozen) {
    this.#plan = plan;
    this.#frozen = frozen;
  }

  look(item: Item, before: Fields): void {
    const { undo, undoes, change } = this.#plan;
    if (undo?.possible === false || undo?.call !== undefined || undoes !== undefined) return;
    if (!Object.values(before).includes(null)) return;
    try {
      change.params(this.#frozen, item, before);
    } catch (error) {
      if (!(error instanceof ExpressionError || error instanceof ValueError)) throw error;
      if (this.#items === 0) this.#why = error.message;
      this.#items += 1;
    }
  }

  told(): readonly Warned[] {
    if (this.#items === 0) return [];
    const message = `an undo could not put them back, as the old value is unset and change.params can not be made of that (${this.#why}); say under \`undo\` how they go back`;
    return [{ message, items: this.#items }];
  }
}
