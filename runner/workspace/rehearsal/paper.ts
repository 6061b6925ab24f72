import type { Change } from "../../core/model/change.ts";
import { digestOf } from "../../core/model/digest.ts";
import type { Fact } from "../../core/model/events.ts";
import type { Fields, Item, ItemId } from "../../core/model/item.ts";
import type { ChangeSet, Journal, SelectionWriter } from "../../core/model/ports.ts";
import type { Decision } from "../../core/select/decide.ts";

/** Keeps in memory what a run keeps in its folder: the list, and what is to change. */
export class PaperSelection implements SelectionWriter, ChangeSet {
  readonly #items: Item[] = [];
  /** Whether each of them is to change. */
  readonly #selected: boolean[] = [];
  readonly #changes: Change[] = [];
  readonly #places = new Map<ItemId, number>();
  readonly #ids = new WeakMap<Fields, ItemId>();

  get size(): number {
    return this.#changes.length;
  }
  add(item: Item, { as }: Pick<Decision, "as">): Promise<void> {
    this.#items.push(item);
    this.#selected.push(as === "selected");
    return Promise.resolve();
  }
  select(change: Change): Promise<void> {
    this.#places.set(change.id, this.#changes.length);
    this.#ids.set(change.item, change.id);
    this.#changes.push(change);
    return Promise.resolve();
  }
  seal(): ReturnType<SelectionWriter["seal"]> {
    return Promise.resolve({ inventory: digestOf(""), changeSet: digestOf(""), changes: this });
  }
  discard(): Promise<void> {
    return Promise.resolve();
  }
  at(indexes: readonly number[]): Promise<readonly Change[]> {
    return Promise.resolve(indexes.flatMap((index) => this.#changes[index] ?? []));
  }
  indexOf(id: ItemId): number | undefined {
    return this.#places.get(id);
  }

  changeAt(index: number): Change | undefined {
    return this.#changes[index];
  }
  /** The item whose change was made of these very fields. */
  idOf(fields: Fields): ItemId | undefined {
    return this.#ids.get(fields);
  }
  async *all(): AsyncGenerator<Item> {
    yield* await Promise.resolve(this.#items);
  }
  /** Those that are not to change. */
  async *others(): AsyncGenerator<Item> {
    yield* await Promise.resolve(this.#items.filter((_, place) => this.#selected[place] !== true));
  }
}

/** A journal that remembers no more than what is under way. `kept`: where it is written down, if it is. */
export class PaperJournal implements Journal {
  readonly #kept: Pick<Journal, "note"> | undefined;
  readonly #items = new Map<number, number>();
  readonly #calls = new Map<number, readonly number[]>();
  #seq = 0;

  constructor(kept: Pick<Journal, "note"> | undefined) {
    this.#kept = kept;
  }

  note(facts: readonly Fact[]): number {
    const first = this.#kept?.note(facts) ?? this.#seq + 1;
    this.#seq = first + facts.length - 1;
    for (const [place, fact] of facts.entries()) this.#see(fact, first + place);
    return first;
  }

  /** No machine loses its power in a rehearsal. */
  sync(): Promise<void> {
    return Promise.resolve();
  }

  /** The items of a call that is being sent, by the first of its intents; told once. */
  takeCall(intent: number): readonly number[] {
    const indexes = this.#calls.get(intent) ?? [];
    this.#calls.delete(intent);
    return indexes;
  }

  #see(fact: Fact, seq: number): void {
    switch (fact.type) {
      case "intent":
        this.#items.set(seq, fact.index);
        break;
      case "sent":
        this.#calls.set(fact.intents[0] ?? 0, this.#take(fact.intents));
        break;
      case "withdrawn":
        this.#take(fact.intents);
        break;
      case "hold":
        this.#take([fact.intent]);
        break;
      default:
        break;
    }
  }

  #take(intents: readonly number[]): readonly number[] {
    const indexes = intents.flatMap((intent) => this.#items.get(intent) ?? []);
    for (const intent of intents) this.#items.delete(intent);
    return indexes;
  }
}
