import type { Log } from "../core/model/ports.ts";
import { lookEvery, type Looking } from "../runs/look-every.ts";
import { rowOf } from "./pages/list.ts";
import type { Shelf } from "./shelf.ts";
import type { EventStream } from "./streams.ts";

const lookEveryMs = 1000;

/** The list of runs, looked at as long as a page listens: each is told the rows that are not as it has them. */
export class ListWatch {
  readonly #shelf: Shelf;
  readonly #options: { readonly zone: string; readonly most: number; readonly log: Log };
  /** By page, and there by run: the version of the row that it has. */
  readonly #listeners = new Map<EventStream, Map<string, string>>();
  #looking: Looking | undefined;

  constructor(shelf: Shelf, options: { readonly zone: string; readonly most: number; readonly log: Log }) {
    this.#shelf = shelf;
    this.#options = options;
  }

  /** From the rows as they are; a page leaves alone those that it has. */
  listen(stream: EventStream): void {
    this.#listeners.set(stream, new Map());
    this.#looking ??= lookEvery(
      lookEveryMs,
      () => this.#look(),
      (error) => this.#options.log.warn({ error }, "the runs can not be listed"),
    );
    this.#looking.now();
  }

  leave(stream: EventStream): void {
    this.#listeners.delete(stream);
    if (this.#listeners.size > 0) return;
    this.#looking?.[Symbol.dispose]();
    this.#looking = undefined;
  }

  async #look(): Promise<void> {
    const { zone, most } = this.#options;
    const { runs } = await this.#shelf.list({ most });
    // A page puts a row that it has not on top: the newest comes last.
    const rows = runs.map((one) => ({ run: one.summary.run, ...rowOf(one, zone) })).reverse();
    for (const [stream, has] of this.#listeners) {
      for (const { run, version, markup } of rows) {
        if (has.get(run) === version) continue;
        has.set(run, version);
        stream.send({ event: "run", data: { row: markup.text } });
      }
    }
  }
}
