import { RunnerError } from "../core/model/errors.ts";
import type { Item } from "../core/model/item.ts";
import { titleOf } from "../core/select/decide.ts";
import { howFar } from "../language/suggest.ts";
import type { InventoryItem } from "../runs/inventory.ts";
import { itemsIn, type Recalled } from "./recall.ts";

const namesTold = 5;

/**
 * The item of a run's list that somebody means: by its id, or else by its title.
 * @throws {RunnerError} `usage` when there is none, with those that are named alike; or when several have that title.
 */
export async function findItem(recalled: Recalled, wanted: string): Promise<InventoryItem> {
  const titled: InventoryItem[] = [];
  let count = 0;
  let byId: InventoryItem | undefined;
  for await (const item of itemsIn(recalled)) {
    if (item.id === wanted) byId = item;
    if (titleOf(recalled.plan, item) !== wanted) continue;
    count += 1;
    if (titled.length < namesTold) titled.push(item);
  }
  const found = byId ?? (count === 1 ? titled[0] : undefined);
  if (found !== undefined) return found;
  throw count > 1 ? severalOf(recalled, wanted, { titled, count }) : await noneOf(recalled, wanted);
}

function severalOf(
  { folder: { run } }: Recalled,
  wanted: string,
  { titled, count }: { readonly titled: readonly Item[]; readonly count: number },
): RunnerError {
  const more = count > titled.length ? ` and ${count - titled.length} more` : "";
  return new RunnerError(
    "usage",
    `${count} items of run ${run} have the title ${quoted(wanted)}: ${titled.map(({ id }) => id).join(", ")}${more}.`,
    { hint: "Name the one that you mean by its id." },
  );
}

async function noneOf(recalled: Recalled, wanted: string): Promise<RunnerError> {
  const { plan, folder, selection } = recalled;
  const near = new NearNames(wanted);
  for await (const item of itemsIn(recalled)) near.offer(item.id, titleOf(plan, item));
  const narrowed =
    selection.narrowed === true ? " Its list was narrowed by the service, and may have left it out." : "";
  const meant = near.told();
  return new RunnerError("usage", `The list of run ${folder.run} has no item ${quoted(wanted)}.${narrowed}`, {
    hint:
      meant.length === 0
        ? "Give an item's id, or its whole title."
        : `Did you mean ${meant.map(({ id, title }) => (id === title ? id : `${title} (${id})`)).join(", ")}?`,
  });
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

interface Near {
  readonly id: string;
  readonly title: string;
  readonly distance: number;
}

/** The items whose id or title is nearest to a word; only the nearest are kept. */
class NearNames {
  readonly #wanted: string;
  readonly #limit: number;
  #kept: Near[] = [];

  constructor(wanted: string) {
    this.#wanted = wanted;
    this.#limit = Math.max(1, Math.floor(wanted.length / 3));
  }

  offer(id: string, title: string): void {
    const distance = Math.min(this.#distance(id), this.#distance(title));
    if (distance > this.#limit) return;
    this.#kept = [...this.#kept, { id, title, distance }]
      .sort((left, right) => left.distance - right.distance)
      .slice(0, namesTold);
  }

  told(): readonly Near[] {
    return this.#kept;
  }

  /** What is a part of a name is as near as a slip. */
  #distance(name: string): number {
    const isPart = this.#wanted.length > 2 && name.toLowerCase().includes(this.#wanted.toLowerCase());
    return isPart ? 1 : howFar(this.#wanted, name, this.#limit + 1);
  }
}
