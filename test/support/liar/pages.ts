import type { Level, ListDeed } from "./lies.ts";

export interface ListStyle {
  readonly paging: "none" | "offset" | "number" | "cursor";
  readonly rows: "array" | "map" | "nested";
  readonly ids: "number" | "text";
}

/** A thing, as the liar keeps it. */
export interface Thing {
  readonly id: number;
  readonly name: string;
  readonly shelf: string;
  readonly level: Level;
}

/** Which page was asked for; what does not belong to the paging is not there. */
export interface PageAsked {
  readonly offset?: number;
  /** From 1. */
  readonly number?: number;
  readonly cursor?: string | null;
  readonly size?: number;
}

/**
 * An answer to `list`. An array of rows; `{ things: { id: row } }`, where the key is not in the row; or
 * `{ shelves: [{ shelf, things: [row] }] }`, where the shelf is not. With a cursor: `{ things, next }`, null after the last page.
 */
export function listed(
  things: readonly Thing[],
  asked: PageAsked,
  style: ListStyle,
  deed: ListDeed | undefined,
): unknown {
  const size = Math.min(asked.size ?? things.length, deed?.does === "cap" ? deed.size : Infinity);
  const start = deed?.does === "first-page" ? 0 : startOf(asked, size, style);
  const found = rowsFrom(shownOf(things, deed), { start, size, deed });
  const rows = deed?.does === "cut" ? found.slice(0, deed.size) : found;
  const shaped = shapedRows(rows, style, deed);
  if (style.paging !== "cursor") return shaped;
  const hasMore = deed?.does === "go-on" || deed?.does === "nothing-there" || start + size < things.length;
  const next = hasMore ? `after-${start + size}` : deed?.does === "loop" ? "after-0" : null;
  return Array.isArray(shaped) ? { things: shaped, next } : { ...shaped, next };
}

function shownOf(things: readonly Thing[], deed: ListDeed | undefined): readonly Thing[] {
  if (deed?.does === "nothing-there") return [];
  return deed?.does === "hide" ? things.filter(({ id }) => !deed.items.includes(id)) : things;
}

/** Ids of things that the deed keeps back. */
export function hiddenBy(things: readonly Thing[], deed: ListDeed): readonly number[] {
  const shown = new Set(shownOf(things, deed));
  return things.filter((thing) => !shown.has(thing)).map(({ id }) => id);
}

function startOf({ offset, number, cursor }: PageAsked, size: number, { paging }: ListStyle): number {
  switch (paging) {
    case "none":
      return 0;
    case "offset":
      return offset ?? 0;
    case "number":
      return ((number ?? 1) - 1) * size;
    case "cursor":
      return Number(cursor?.replace("after-", "") ?? 0);
  }
}

function rowsFrom(
  things: readonly Thing[],
  { start, size, deed }: { start: number; size: number; deed: ListDeed | undefined },
): readonly Thing[] {
  if (deed?.does === "skip-row") return things.slice(start + 1, start + 1 + size);
  const rows = things.slice(start, start + size);
  if (deed?.does === "go-on") {
    for (let id = start + rows.length + 1; rows.length < size; id += 1) rows.push(thingOf(id));
  }
  const last = rows.at(-1);
  return deed?.does === "repeat-row" && last !== undefined ? [...rows, last] : rows;
}

/** How things are before anything changes: two a shelf, all at level 0. */
export function thingOf(id: number): Thing {
  return { id, name: `thing-${String(id).padStart(4, "0")}`, shelf: `shelf-${Math.ceil(id / 2)}`, level: 0 };
}

function shapedRows(rows: readonly Thing[], style: ListStyle, deed: ListDeed | undefined) {
  const isText = (style.ids === "text") !== (deed?.does === "other-key-type");
  const keyed = rows.map((thing) => ({ ...thing, id: isText ? String(thing.id) : thing.id }));
  switch (style.rows) {
    case "array":
      return keyed;
    case "map":
      return { things: Object.fromEntries(keyed.map(({ id, ...row }) => [id, row])) };
    case "nested": {
      const shelves = [...new Set(rows.map(({ shelf }) => shelf))];
      return {
        shelves: shelves.map((shelf) => ({ shelf, things: keyed.filter((row) => row.shelf === shelf).map(unshelved) })),
      };
    }
  }
}

function unshelved({ id, name, level }: Omit<Thing, "id"> & { readonly id: unknown }): object {
  return { id, name, level };
}
