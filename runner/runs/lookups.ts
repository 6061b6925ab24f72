import type { Digest, Value } from "../core/model/item.ts";
import type { LookedUp } from "../core/model/frozen.ts";
import { withEnd } from "../ledger/with-end.ts";
import { createSealedFile, damaged, headerOf, membersOf, sealedLines } from "./sealed-file.ts";

const type = "lookups";

/**
 * Keep what lookups gave: for each a line with its name and the number of its rows, then a line a row; or a line with its
 * one value. @throws {RecordError}
 */
export async function writeLookups(path: string, lookup: LookedUp): Promise<Digest> {
  const writer = await createSealedFile(path, type, {});
  try {
    for (const [name, value] of Object.entries(lookup)) {
      const rows = Array.isArray(value) ? (value as readonly Value[]) : undefined;
      await writer.add(rows === undefined ? { lookup: name, value } : { lookup: name, rows: rows.length });
      for (const row of rows ?? []) await writer.add({ row });
    }
  } catch (error) {
    await writer.discard();
    throw error;
  }
  return await writer.seal({ size: Object.keys(lookup).length });
}

/**
 * What lookups gave in a run.
 * @param expected The digest that the ledger has for it.
 * @throws {RunnerError} `audit` when it is cut or changed, or not the expected one.
 */
export async function readLookups(path: string, expected?: Digest): Promise<LookedUp> {
  const found: Record<string, Value> = {};
  const lines = withEnd(sealedLines(path, expected));
  let rows: Value[] | undefined;
  let isHeader = true;
  for await (const { bytes } of lines.values) {
    if (isHeader) {
      headerOf(bytes, path, type);
      isHeader = false;
      continue;
    }
    const line = membersOf(bytes, path) as unknown as Line;
    if ("row" in line) {
      if (rows === undefined) throw damaged(path, "it has a row of no lookup");
      rows.push(line.row);
    } else {
      if (typeof line.lookup !== "string") throw damaged(path, "it has a line of no lookup");
      rows = "rows" in line ? [] : undefined;
      found[line.lookup] = "rows" in line ? (rows ?? []) : line.value;
    }
  }
  if (lines.end().facts.size !== Object.keys(found).length)
    throw damaged(path, "its end line counts other lookups than it has");
  return found;
}

type Line =
  | { readonly lookup: string; readonly rows: number }
  | { readonly lookup: string; readonly value: Value }
  | { readonly row: Value };
