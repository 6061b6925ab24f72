import type { Value } from "../../core/model/item.ts";
import { cleanText } from "../clean.ts";
import { csvLine } from "../../runs/export/csv-line.ts";
import { heldText } from "../value.ts";
import type { ItemStory, RunDocument } from "./model.ts";
import { reasonText } from "./outcome.ts";

const columns = ["run", "id", "title", "state", "why", "field", "before", "wanted", "found"] as const;

/**
 * A row a field; an item without fields, as a removal, has one row. RFC 4180, UTF-8. Of a rehearsal every state says so: a table is
 * cut up, and rows of it stand beside those of runs.
 */
export async function* csvOf(document: RunDocument): AsyncGenerator<string, void> {
  yield lineOf(columns);
  for await (const item of document.items()) for (const row of rowsOf(item, document)) yield lineOf(row);
}

function rowsOf(item: ItemStory, { summary, showing }: RunDocument): readonly (readonly string[])[] {
  const head = [
    summary.run,
    item.id,
    item.title,
    summary.rehearsed === true ? `${item.state} (rehearsal)` : item.state,
    reasonText(item),
  ];
  const names = Object.keys(item.after);
  if (names.length === 0) return [[...head, "", "", "", ""]];
  const held = (values: ItemStory["found"], name: string): string =>
    values === undefined || !Object.hasOwn(values, name) ? "" : heldText(name, values[name] as Value, showing);
  return names.map((name) => [...head, name, held(item.before, name), held(item.after, name), held(item.found, name)]);
}

function lineOf(cells: readonly string[]): string {
  return `${csvLine(cells.map(cleanText))}\r\n`;
}
