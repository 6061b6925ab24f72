import type { ClausePlace, NearMissGroup } from "../model/explained.ts";
import type { Frozen } from "../model/frozen.ts";
import type { Fields, Item } from "../model/item.ts";
import { pick } from "../model/pick.ts";
import type { Plan } from "../model/plan.ts";
import { titleOf } from "./decide.ts";
import { judge, onlyFailing, placesOf } from "./judge.ts";
import { proposalFor } from "./proposal.ts";

type Growing<T> = { -readonly [name in keyof T]: T[name] };
type Example = NearMissGroup["examples"][number];

interface Group {
  readonly clause: ClausePlace;
  count: number;
  unread: number;
  readonly would: Growing<NearMissGroup["would"]>;
  readonly examples: Example[];
}

/** Counts the items that one clause alone keeps out, by that clause. What it keeps does not grow with the list. */
export class NearMisses {
  readonly #plan: Plan;
  readonly #frozen: Frozen;
  readonly #groups: readonly Group[];
  readonly #mostExamples: number;

  constructor(plan: Plan, frozen: Frozen, mostExamples: number) {
    this.#plan = plan;
    this.#frozen = frozen;
    this.#mostExamples = mostExamples;
    this.#groups = placesOf(plan).map((clause) => ({
      clause,
      count: 0,
      unread: 0,
      would: { selected: 0, already: 0, refused: 0, unknown: 0 },
      examples: [],
    }));
  }

  /** @param item One that the run looked at. */
  look(item: Item): void {
    const found = onlyFailing(judge(this.#plan, this.#frozen, item));
    const group = found && this.#groups[found.place];
    if (group === undefined) return;
    if (!found?.isSure) {
      group.unread += 1;
      return;
    }
    group.count += 1;
    group.would[proposalFor(this.#plan, this.#frozen, item).as] += 1;
    if (group.examples.length < this.#mostExamples) group.examples.push(this.#example(item, group.clause));
  }

  /** The clause that most items fail alone comes first. */
  told(): readonly NearMissGroup[] {
    return this.#groups
      .filter(({ count, unread }) => count + unread > 0)
      .map(({ clause, count, would, unread, examples }) => ({ clause, count, would, unread, examples }))
      .sort((left, right) => right.count - left.count || right.unread - left.unread);
  }

  #example(item: Item, { names }: ClausePlace): Example {
    const fields: Fields = pick(item.fields, names);
    return { id: item.id, title: titleOf(this.#plan, item), fields };
  }
}
