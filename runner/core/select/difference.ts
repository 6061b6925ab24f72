import type { Shift } from "../model/collateral.ts";
import type {
  ClausePlace,
  DifferenceCause,
  DifferenceGroup,
  DifferenceSide,
  SelectionDifference,
} from "../model/explained.ts";
import type { Item } from "../model/item.ts";
import type { Plan } from "../model/plan.ts";
import { sameValue } from "../model/values.ts";
import { titleOf } from "./decide.ts";
import { placesOf } from "./judge.ts";

const mostExamples = 5;

/** An item as one of the runs had it, and what was decided on it. */
export type DecidedItem = Item & {
  readonly as: "filtered-out" | "already" | "refused" | "selected";
  readonly clause?: number;
  readonly why?: string;
};

type Example = DifferenceGroup["examples"][number];
interface Group {
  readonly cause: DifferenceCause;
  readonly clause: ClausePlace | undefined;
  readonly fields: readonly string[];
  count: number;
  readonly examples: Example[];
}

/** Gathers the items that only one of two runs has selected, by what made the difference. What it keeps does not grow with the lists. */
export class Differences {
  readonly #now: Plan;
  readonly #then: Plan;
  readonly #selectedNow: Side;
  readonly #selectedThen: Side;
  #both = 0;

  constructor(now: Plan, then: Plan) {
    this.#now = now;
    this.#then = then;
    this.#selectedNow = new Side(now, then);
    this.#selectedThen = new Side(then, now);
  }

  /** @param then Undefined: that list did not have it. */
  look(now: DecidedItem | undefined, then: DecidedItem | undefined): void {
    const isNow = now?.as === "selected";
    const isThen = then?.as === "selected";
    if (isNow && isThen) this.#both += 1;
    else if (isNow) this.#selectedNow.add(now, then, { missing: "appeared", shifts: () => this.#shifts(then, now) });
    else if (isThen) this.#selectedThen.add(then, now, { missing: "vanished", shifts: () => this.#shifts(then, now) });
  }

  told(): Pick<SelectionDifference, "both" | "selectedNow" | "selectedThen"> {
    return { both: this.#both, selectedNow: this.#selectedNow.told(), selectedThen: this.#selectedThen.told() };
  }

  /** Fields of both lists that have other values now, whatever changes by itself included. */
  #shifts(then: Item | undefined, now: Item | undefined): Readonly<Record<string, Shift>> {
    if (then === undefined || now === undefined) return {};
    const fields = this.#now.enumerate.fields.filter(
      ({ name }) =>
        Object.hasOwn(then.fields, name) &&
        Object.hasOwn(now.fields, name) &&
        this.#then.enumerate.fields.some((one) => one.name === name),
    );
    return Object.fromEntries(
      fields.flatMap((field) => {
        const [before = null, after = null] = [then.fields[field.name], now.fields[field.name]];
        return sameValue(field, before, after) ? [] : [[field.name, { before, after }] as const];
      }),
    );
  }
}

/** Items that one run selected and the other did not. */
class Side {
  readonly #plan: Plan;
  readonly #sets: readonly string[];
  readonly #clauses: readonly ClausePlace[];
  readonly #groups = new Map<string, Group>();
  #count = 0;

  /** @param plan Of the run that selected them. @param other Of the one that did not. */
  constructor(plan: Plan, other: Plan) {
    this.#plan = plan;
    this.#sets = other.change.sets;
    this.#clauses = placesOf(other);
  }

  add(
    item: DecidedItem,
    other: DecidedItem | undefined,
    {
      missing,
      shifts,
    }: { readonly missing: "appeared" | "vanished"; readonly shifts: () => Readonly<Record<string, Shift>> },
  ): void {
    this.#count += 1;
    const cause = other === undefined ? missing : causeOf(other);
    const clause = other?.clause === undefined ? undefined : this.#clauses[other.clause];
    const all = shifts();
    const about = cause === "clause" ? (clause?.names ?? []) : cause === "desired" ? this.#sets : [];
    const fields = about.filter((name) => Object.hasOwn(all, name));
    const key = JSON.stringify([cause, clause?.place, fields]);
    const group: Group = this.#groups.get(key) ?? { cause, clause, fields, count: 0, examples: [] };
    this.#groups.set(key, group);
    group.count += 1;
    if (group.examples.length >= mostExamples) return;
    const why = other?.why;
    const told = Object.fromEntries(Object.entries(all).filter(([name]) => fields.includes(name)));
    const named = { id: item.id, title: titleOf(this.#plan, item), shifts: told };
    group.examples.push(why === undefined ? named : { ...named, why });
  }

  told(): DifferenceSide {
    const groups = [...this.#groups.values()].sort((left, right) => right.count - left.count);
    return {
      count: this.#count,
      groups: groups.map(({ cause, clause, fields, count, examples }) => ({
        cause,
        ...(clause && { clause }),
        ...{ fields, count, examples },
      })),
    };
  }
}

function causeOf({ as, clause }: DecidedItem): DifferenceCause {
  switch (as) {
    case "already":
      return "desired";
    case "refused":
      return "refused";
    case "filtered-out":
      return clause === undefined ? "unchosen" : "clause";
    case "selected":
      throw new Error("an item that both runs selected makes no difference");
  }
}
