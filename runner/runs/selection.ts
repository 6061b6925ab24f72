import type { Change } from "../core/model/change.ts";
import type { SelectionCounts } from "../core/model/preview.ts";
import type { Digest, Fields, Item } from "../core/model/item.ts";
import type { SelectionWriter } from "../core/model/run-ports.ts";
import {
  createChangeSet,
  openChangeSet,
  type ChangeSetHeader,
  type ChangeSetWriter,
  type FileChangeSet,
} from "./change-set.ts";
import type { RunFolder } from "./folder.ts";
import { createInventory, type Decided, type InventoryHeader, type InventoryWriter } from "./inventory.ts";

/** Start the two files that a pass over the list fills: everything that was seen, and what is to change. @throws {RecordError} */
export async function createSelection(
  folder: RunFolder,
  headers: { readonly inventory: InventoryHeader; readonly changeSet: ChangeSetHeader },
): Promise<FileSelection> {
  const inventory = await createInventory(folder.inventory, headers.inventory);
  const secret = headers.inventory.fields.filter((field) => field.secret || field.type === "secret");
  const names = new Set(secret.map(({ name }) => name));
  try {
    return new FileSelection(folder, {
      inventory,
      changes: await createChangeSet(folder.changeSet, headers.changeSet),
      secret: names,
    });
  } catch (error) {
    await inventory.discard();
    throw error;
  }
}

/** Inventory and change set of one pass. Values of secret fields are left out of both: they are never kept. */
export class FileSelection implements SelectionWriter {
  readonly #folder: RunFolder;
  readonly #inventory: InventoryWriter;
  readonly #changes: ChangeSetWriter;
  readonly #secret: ReadonlySet<string>;

  constructor(
    folder: RunFolder,
    parts: {
      readonly inventory: InventoryWriter;
      readonly changes: ChangeSetWriter;
      readonly secret: ReadonlySet<string>;
    },
  ) {
    this.#folder = folder;
    this.#inventory = parts.inventory;
    this.#changes = parts.changes;
    this.#secret = parts.secret;
  }

  async add(item: Item, decision: Decided): Promise<void> {
    await this.#inventory.add({ ...item, fields: this.#shown(item.fields) }, decision);
  }

  async select(change: Change): Promise<void> {
    await this.#changes.add({ ...change, item: this.#shown(change.item), before: this.#shown(change.before) });
  }

  async discard(): Promise<void> {
    await this.#inventory.discard();
    await this.#changes.discard();
  }

  async seal(
    counts: SelectionCounts,
  ): Promise<{ readonly inventory: Digest; readonly changeSet: Digest; readonly changes: FileChangeSet }> {
    const inventory = await this.#inventory.seal(counts);
    const changeSet = await this.#changes.seal();
    return { inventory, changeSet, changes: await openChangeSet(this.#folder.changeSet, changeSet) };
  }

  #shown(fields: Fields): Fields {
    if (this.#secret.size === 0) return fields;
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !this.#secret.has(name)));
  }
}
