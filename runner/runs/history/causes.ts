import type { Cause, ItemReport } from "../../core/model/told.ts";
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

  /** An item that was not selected, since it could not be decided. */
  addRefused({ state, failure }: ItemReport, title: string | undefined): void {
    this.add({ state, code: "", message: failure?.message ?? "" }, title);
  }

  /** Commonest first; where only a few of a state's are told, the rest of them is one. */
  list(): readonly Cause[] {
    const all = [...this.#counted.values()].map(({ cause, count, examples }) => ({ ...cause, count, examples }));
    all.sort((a, b) => b.count - a.count);
    const others = othersIn(all);
    const shown = all.filter((cause) => !others.has(cause));
    const rest = Object.entries(told).flatMap(([state, { others: message }]): Cause[] => {
      let count = 0;
      for (const cause of others) if (cause.state === state) count += cause.count;
      return count === 0 ? [] : [{ state, code: "", message, count, examples: [] }];
    });
    return [...shown, ...rest].sort((a, b) => b.count - a.count);
  }
}

/** Those that are not told apart. @param sorted The commonest first. */
function othersIn(sorted: readonly Cause[]): ReadonlySet<Cause> {
  const seen = new Map<string, number>();
  return new Set(
    sorted.filter(({ state }) => {
      const before = seen.get(state) ?? 0;
      seen.set(state, before + 1);
      return before >= (told[state]?.most ?? Infinity);
    }),
  );
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
