import type { Change } from "../core/model/change.ts";
import { digestOf } from "../core/model/digest.ts";
import type { Item, ItemId } from "../core/model/item.ts";
import type { ChangeSet, SelectionWriter } from "../core/model/run-ports.ts";
import type { Decision } from "../core/select/decide.ts";

/** Keeps in memory what a run keeps in its folder: what is to change, and of the list what whoever makes it wants to know. */
export class PaperSelection implements SelectionWriter, ChangeSet {
  readonly changes: Change[] = [];
  readonly #places = new Map<ItemId, number>();
  readonly #decided: (item: Item, decision: Decision) => void;

  /** @param decided Told of every item of the list, in its order. */
  constructor(decided: (item: Item, decision: Decision) => void) {
    this.#decided = decided;
  }

  get size(): number {
    return this.changes.length;
  }
  add(item: Item, decision: Decision): Promise<void> {
    this.#decided(item, decision);
    return Promise.resolve();
  }
  select(change: Change): Promise<void> {
    this.#places.set(change.id, this.changes.length);
    this.changes.push(change);
    return Promise.resolve();
  }
  seal(): ReturnType<SelectionWriter["seal"]> {
    return Promise.resolve({ inventory: digestOf(""), changeSet: digestOf(""), changes: this });
  }
  discard(): Promise<void> {
    return Promise.resolve();
  }
  at(indexes: readonly number[]): Promise<readonly Change[]> {
    return Promise.resolve(indexes.flatMap((index) => this.changes[index] ?? []));
  }
  indexOf(id: ItemId): number | undefined {
    return this.#places.get(id);
  }
}
