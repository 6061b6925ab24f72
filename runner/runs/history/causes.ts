import type { Cause } from "../../core/model/told.ts";
import type { RunState } from "../../core/tally/fold.ts";
import type { Heard } from "./heard.ts";
import { isDoneDespite, isUndone } from "./item.ts";

/** How many causes are told apart of states whose causes are values, or sentences about values: there may be one an item. */
const told: Readonly<Record<string, { readonly most: number; readonly others: string }>> = {
  diverged: { most: 3, others: "other values" },
  refused: { most: 10, others: "other reasons" },
};
const examplesShown = 3;

/** Counts items by what went wrong with them. */
export class Causes {
  readonly #counted = new Map<string, { readonly cause: Cause; count: number; readonly examples: string[] }>();

  add(of: Omit<Cause, "count" | "examples">, title: string | undefined): void {
    const key = JSON.stringify([of.state, of.code, of.message, of.found, of.undone]);
    const counted = this.#counted.get(key) ?? { cause: { ...of, count: 0, examples: [] }, count: 0, examples: [] };
    this.#counted.set(key, counted);
    counted.count += 1;
    if (title !== undefined && counted.examples.length < examplesShown) counted.examples.push(title);
  }

  /** Commonest first; where only a few of a state's are told, the rest of them is one. */
  list(): readonly Cause[] {
    const all = [...this.#counted.values()].map(({ cause, count, examples }) => ({ ...cause, count, examples }));
    all.sort((a, b) => b.count - a.count);
    const shown = all.filter((cause) => !isOther(all, cause));
    const rest = Object.entries(told).flatMap(([state, { others }]): Cause[] => {
      const left = all.filter((cause) => cause.state === state && isOther(all, cause));
      const count = left.reduce((sum, cause) => sum + cause.count, 0);
      return count === 0 ? [] : [{ state, code: "", message: others, count, examples: [] }];
    });
    return [...shown, ...rest].sort((a, b) => b.count - a.count);
  }
}

function isOther(sorted: readonly Cause[], cause: Cause): boolean {
  const most = told[cause.state]?.most ?? Infinity;
  return sorted.filter(({ state }) => state === cause.state).indexOf(cause) >= most;
}

/** Why items are not as wanted. @param titles Of those that may stand as examples. */
export function causesOf(
  state: RunState,
  { indexes, heard, titles }: { indexes: Iterable<number>; heard: Heard; titles: ReadonlyMap<number, string> },
): Causes {
  const causes = new Causes();
  for (const index of indexes) {
    const where = state.items.stateOf(index);
    if (where === "confirmed" && !isDoneDespite(state, index)) continue;
    const cause = where === "diverged" ? heard.divergence(index) : heard.failures.get(index);
    const undone = isUndone(state, index) ? { undone: true as const } : {};
    if (cause !== undefined) causes.add({ state: where, ...cause, ...undone }, titles.get(index));
  }
  return causes;
}
