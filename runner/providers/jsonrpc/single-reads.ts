import { ConnectError, IncompleteError } from "../../core/model/errors.ts";
import type { ItemId } from "../../core/model/item.ts";
import type { Reading } from "../../core/model/ports.ts";
import { canonical } from "../../core/model/values.ts";
import type { Client } from "../../rpc/client.ts";
import { firstPage } from "../../core/select/first-page.ts";
import { listed, onlyPage, type Listed, type Row } from "./paging.ts";

export interface SingleReadParts {
  readonly client: Pick<Client, "read">;
  /** Ms since boot. */
  readonly up: () => number;
  /** How old what a method answers may be, in ms. */
  readonly lagMs: (method: string) => number;
}

interface Waiting {
  readonly list: Listed;
  readonly id: ItemId;
  readonly signal: AbortSignal;
  readonly resolve: (reading: Reading) => void;
  readonly reject: (error: unknown) => void;
}

type Age = Pick<Reading, "source" | "began" | "lagMs">;

/**
 * Reads single items: the list again, in which the item is found by its key. Those who wait for the same list share a pass
 * over it, which begins after each of them has asked.
 */
export class SingleReads {
  readonly #parts: SingleReadParts;
  /** Who waits for the next pass, by list; an entry stays as long as a pass is under way. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(parts: SingleReadParts) {
    this.#parts = parts;
  }

  /** Whatever goes wrong with the list is a reading too. */
  read(list: Listed, id: ItemId, signal: AbortSignal): Promise<Reading> {
    return new Promise((resolve, reject) => {
      const key = sameList(list);
      const waiting = this.#waiting.get(key);
      const one = { list, id, signal, resolve, reject };
      if (waiting !== undefined) {
        waiting.push(one);
        return;
      }
      this.#waiting.set(key, [one]);
      this.#passes(key).catch(reject);
    });
  }

  async #passes(key: string): Promise<void> {
    // All who ask in this turn share the first pass.
    await Promise.resolve();
    for (;;) {
      const group = this.#waiting.get(key) ?? [];
      const [first] = group;
      if (first === undefined) break;
      this.#waiting.set(key, []);
      try {
        await this.#pass(first.list, group);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#waiting.delete(key);
  }

  async #pass(list: Listed, group: readonly Waiting[]): Promise<void> {
    const { client, up, lagMs } = this.#parts;
    const age: Age = { source: list.method, began: up(), lagMs: lagMs(list.method) };
    const left = new Set(group);
    const ended = new AbortController();
    const endIfUnwanted = (): void => {
      if (group.every(({ signal }) => signal.aborted)) ended.abort();
    };
    for (const { signal } of group) signal.addEventListener("abort", endIfUnwanted);
    endIfUnwanted();
    try {
      for await (const rows of listed(list, client, ended.signal)) {
        serve(left, rows, age);
        if (left.size === 0) return;
      }
      for (const { resolve } of left)
        resolve(
          ended.signal.aborted ? unreadable(age, "aborted", "given up") : { ...age, kind: "absent", isOfList: true },
        );
    } catch (error) {
      if (!(error instanceof IncompleteError || error instanceof ConnectError)) throw error;
      for (const { resolve } of left) resolve(unreadable(age, error.code, error.message));
    } finally {
      for (const { signal } of group) signal.removeEventListener("abort", endIfUnwanted);
    }
  }
}

function serve(left: Set<Waiting>, rows: readonly Row[], age: Age): void {
  const byId = new Map(rows.map((row) => [row.item.id, row]));
  for (const waiting of left) {
    const row = byId.get(waiting.id);
    if (row === undefined) continue;
    left.delete(waiting);
    waiting.resolve(ofOne(row, waiting, age));
  }
}

/** Its own list makes its fields: what a plan computes may have been looked up at another time. */
function ofOne({ answer }: Row, { list, id }: Waiting, age: Age): Reading {
  try {
    const item = list.described.items(answer).find((one) => one.id === id);
    return item === undefined ? { ...age, kind: "absent" } : { ...age, kind: "found", fields: item.fields };
  } catch (error) {
    if (!(error instanceof IncompleteError)) throw error;
    return unreadable(age, "bad-value", error.message);
  }
}

function unreadable(age: Age, code: string, message: string): Reading {
  return { ...age, kind: "unreadable", failure: { class: "fatal", code, message } };
}

/** The same for two lists that are asked for in the same way. */
function sameList({ method, described, each, route, key }: Listed): string {
  const { paging } = described;
  const params = described.params(firstPage(paging) ?? onlyPage);
  const size = paging.by === "none" ? 0 : paging.size;
  return canonical([method, params, each ?? null, route?.device ?? null, key, paging.by, size]);
}
