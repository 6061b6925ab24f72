import type { FileHandle } from "node:fs/promises";
import { itemId, type Digest, type ItemId } from "../core/model/item.ts";
import { KeyIndex } from "../core/tally/key-index.ts";
import { RisingNumbers } from "../core/tally/rising-numbers.ts";
import { diskError } from "../ledger/disk-error.ts";
import type { Line } from "../ledger/lines.ts";
import { openForReading } from "../ledger/record-file.ts";
import { inventoryItemOf, inventoryType, type Decided, type InventoryItem } from "./inventory.ts";
import { damaged, headerOf, readSealed } from "./sealed-file.ts";

const windowBytes = 256 * 1024;
const decisions = ["filtered-out", "already", "refused", "selected"] as const satisfies readonly Decided["as"][];

/**
 * Open an inventory to look items up in it. It is read through once and checked; about 20 bytes an item stay in memory.
 * @param expected The digest that the ledger has for it.
 * @throws {RunnerError} `audit` when it is cut, changed, or another one than expected.
 */
export async function openInventory(path: string, expected?: Digest): Promise<InventoryIndex> {
  const places = new ItemPlaces(path);
  await readSealed(path, expected, (line) => places.add(line));
  return new InventoryIndex(path, places, await openForReading(path));
}

/** Where each item stands in the file, which place an id has, and what was decided. */
class ItemPlaces {
  readonly #path: string;
  readonly keys = new KeyIndex();
  /** Where each item's line begins, and behind them where the next one would. */
  readonly offsets = new RisingNumbers();
  readonly decided: number[] = [];
  #hasHeader = false;

  constructor(path: string) {
    this.#path = path;
  }

  add({ bytes, offset }: Line): void {
    if (this.#hasHeader) {
      const { id, as } = inventoryItemOf(bytes, this.#path);
      this.keys.set(itemId(id), this.decided.length);
      this.decided.push(decisions.indexOf(as));
    } else headerOf(bytes, this.#path, inventoryType);
    this.#hasHeader = true;
    this.offsets.push(offset + bytes.length + 1);
  }
}

/** The items of an inventory, found by their ids. Close it when it is not needed any more. */
export class InventoryIndex implements AsyncDisposable {
  readonly #path: string;
  readonly #places: ItemPlaces;
  readonly #file: FileHandle;
  /** Lists are mostly in one order, so that the next item is mostly read already. */
  #window: { readonly from: number; readonly bytes: Buffer } = { from: 0, bytes: Buffer.alloc(0) };

  constructor(path: string, places: ItemPlaces, file: FileHandle) {
    this.#path = path;
    this.#places = places;
    this.#file = file;
  }

  get size(): number {
    return this.#places.decided.length;
  }

  placeOf(id: ItemId): number | undefined {
    return this.#places.keys.get(id);
  }

  decisionAt(place: number): Decided["as"] | undefined {
    return decisions[this.#places.decided[place] ?? -1];
  }

  async at(place: number): Promise<InventoryItem> {
    const from = this.#places.offsets.at(place) ?? 0;
    const to = (this.#places.offsets.at(place + 1) ?? from + 1) - 1;
    const item = inventoryItemOf(await this.#bytes(from, to), this.#path);
    if (this.placeOf(item.id) === place) return item;
    throw damaged(this.#path, "it was changed while it was in use");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #bytes(from: number, to: number): Promise<Buffer> {
    const { from: start, bytes } = this.#window;
    if (from >= start && to <= start + bytes.length) return bytes.subarray(from - start, to - start);
    const wanted = Buffer.allocUnsafe(Math.max(windowBytes, to - from));
    const { bytesRead } = await this.#file.read(wanted, 0, wanted.length, from).catch((cause: unknown) => {
      throw diskError("read", this.#path, cause);
    });
    this.#window = { from, bytes: wanted.subarray(0, bytesRead) };
    if (bytesRead < to - from) throw damaged(this.#path, "it became shorter while it was in use");
    return this.#window.bytes.subarray(0, to - from);
  }
}
