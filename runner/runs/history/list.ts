import { RunnerError } from "../../core/model/errors.ts";
import type { ItemReport, RunReport } from "../../core/model/told.ts";
import { shownAs } from "../../core/model/values.ts";
import { titleOf } from "../../core/select/decide.ts";
import type { RunState } from "../../core/tally/fold.ts";
import type { RunFolder } from "../folder.ts";
import { readInventory, readInventoryHeader, type Decided } from "../inventory.ts";

/**
 * Items of the list that were not selected, in its order: only the inventory has them. What is wrong with that file an audit says.
 * @param as Those that are told: `refused` with why.
 */
export async function* notSelected(
  { inventory }: RunFolder,
  { selection }: RunState,
  as: readonly Decided["as"][],
): AsyncGenerator<ItemReport, void> {
  try {
    const { key, title = key } = await readInventoryHeader(inventory);
    for await (const item of readInventory(inventory, selection?.inventory)) {
      if (!as.includes(item.as)) continue;
      const failure = item.why === undefined ? {} : { failure: { code: "", message: item.why } };
      const known = titleOf({ enumerate: { title } }, item);
      yield { id: item.id, title: known, state: item.as, before: {}, after: {}, ...failure };
    }
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
  }
}

/** From the list as it was read. Without it values are shown as they are: an audit, and nothing else, judges the file. */
export async function typesIn({ inventory }: RunFolder): Promise<RunReport["types"]> {
  try {
    const { fields } = await readInventoryHeader(inventory);
    return Object.fromEntries(fields.map((field) => [field.name, shownAs(field)]));
  } catch (error) {
    if (error instanceof RunnerError) return {};
    throw error;
  }
}
