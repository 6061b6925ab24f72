import type { Change } from "../../core/model/change.ts";
import type { Fact } from "../../core/model/events.ts";
import type { Fields, Item, ItemId } from "../../core/model/item.ts";
import type { Journal } from "../../core/model/run-ports.ts";
import { PaperSelection } from "../paper-selection.ts";

/** The list of a rehearsal, and what is to change of it. */
export class RehearsedSelection extends PaperSelection {
  readonly #items: Item[];
  /** Whether each of them is to change. */
  readonly #selected: boolean[];
  readonly #ids = new WeakMap<Fields, ItemId>();

  constructor() {
    const items: Item[] = [];
    const selected: boolean[] = [];
    super((item, { as }) => {
      items.push(item);
      selected.push(as === "selected");
    });
    this.#items = items;
    this.#selected = selected;
  }

  override select(change: Change): Promise<void> {
    this.#ids.set(change.item, change.id);
    return super.select(change);
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
