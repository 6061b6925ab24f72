import type { LedgerRecord } from "../../core/model/events.ts";
import { Storyteller } from "../story.ts";
import type { Showing } from "../value.ts";

/** A step of an item's story. `at`: wall ms. */
export interface Step {
  readonly at: number;
  readonly text: string;
}

const none = -1;

/**
 * What happened to every item, 16 bytes a step and each distinct text once: steps come in the order of the record, and are
 * asked for item by item.
 */
export class Stories {
  readonly #teller: Storyteller;
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Of each step: when, its text, and the step of the same item before it. */
  #at = new Float64Array(1024);
  #text = new Int32Array(1024);
  #before = new Int32Array(1024);
  #size = 0;
  /** The newest step of each item. */
  readonly #last: number[] = [];

  constructor(showing: Showing) {
    this.#teller = new Storyteller(showing);
  }

  take(record: LedgerRecord): void {
    for (const { index, at, text } of this.#teller.tell(record)) this.#add(index, at, this.#numberOf(text));
  }

  /** Oldest first; empty for an item of which nothing is told. */
  of(index: number): readonly Step[] {
    const steps: Step[] = [];
    for (let step = this.#last[index] ?? none; step !== none; step = this.#before[step] ?? none)
      steps.push({ at: this.#at[step] ?? 0, text: this.#texts[this.#text[step] ?? 0] ?? "" });
    return steps.reverse();
  }

  #numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  #add(index: number, at: number, text: number): void {
    if (this.#size === this.#at.length) this.#grow();
    while (this.#last.length <= index) this.#last.push(none);
    this.#at[this.#size] = at;
    this.#text[this.#size] = text;
    this.#before[this.#size] = this.#last[index] ?? none;
    this.#last[index] = this.#size;
    this.#size += 1;
  }

  #grow(): void {
    const length = 2 * this.#size;
    const [at, text, before] = [new Float64Array(length), new Int32Array(length), new Int32Array(length)];
    at.set(this.#at);
    text.set(this.#text);
    before.set(this.#before);
    [this.#at, this.#text, this.#before] = [at, text, before];
  }
}
