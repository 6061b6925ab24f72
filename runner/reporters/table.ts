import { fit, pad, widthOf } from "./width.ts";

export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
  /** Not made narrower than this while another column can be; 6 by default. */
  readonly least?: number;
  /** Never cut: it is copied into the next command, and cut ones look alike. */
  readonly fixed?: boolean;
  /** Left out where all columns together can not have their least widths: the highest goes first, of equal ones the last; true is 1. */
  readonly spare?: boolean | number;
  /** Of the first column: never cut. What is wider than the column has a line of its own, with the rest of its row below. */
  readonly whole?: boolean;
  /** Names with commas between them: only whole ones are shown. */
  readonly names?: boolean;
}

const gap = 2;
/** An id may take this part of the line and still leave room for what is said of its item. */
const idShare = 3;

export interface Named {
  readonly id: string;
  readonly title: string;
}

/** The columns that name items, and the cells in them: the id alone where it is the title, and both as one where ids are long. */
export function namesOf(
  items: readonly Named[],
  width: number,
): { readonly columns: readonly Column[]; readonly cells: (item: Named) => readonly string[] } {
  if (items.every(({ id, title }) => id === title))
    return { columns: [{ head: "item", least: 12, whole: true }], cells: ({ id }) => [id] };
  const longest = items.reduce((most, { id }) => Math.max(most, widthOf(id)), 0);
  if (longest * idShare <= width)
    return {
      columns: [
        { head: "item", least: 12 },
        { head: "id", fixed: true },
      ],
      cells: ({ id, title }) => [title, id],
    };
  const both = ({ id, title }: Named): string =>
    id === title ? id : `${fit(title, Math.max(1, width - widthOf(id) - gap))}${" ".repeat(gap)}${id}`;
  return { columns: [{ head: "item  id", least: 12, whole: true }], cells: (item) => [both(item)] };
}

/**
 * Rows under a heading, in at most `width` columns: the widest column gives way first, and what is cut ends in `…`.
 * Cells are plain text on one line. No rows: the heading alone. An infinite width cuts nothing.
 * Wider only where fixed columns need more.
 */
export function table(all: readonly Column[], allRows: readonly (readonly string[])[], width: number): string {
  const measured = all.map((column, place) =>
    measure(column, [column.head, ...allRows.map((row) => row[place] ?? "")]),
  );
  const kept = placesKept(measured, width);
  const columns = kept.flatMap((place) => measured[place] ?? []);
  const rows = allRows.map((row) => kept.map((place) => row[place] ?? ""));
  const heads = columns.map(({ head }) => head);
  const widths = shrink(columns, width);
  const line = (row: readonly string[]): string =>
    columns
      .map((column, place) => pad(cell(row[place] ?? "", column, widths[place] ?? 0), widths[place] ?? 0, column.align))
      .join(" ".repeat(gap))
      .trimEnd();
  const lines = ([first = "", ...others]: readonly string[]): readonly string[] => {
    if (columns[0]?.whole !== true || widthOf(first) <= (widths[0] ?? 0)) return [line([first, ...others])];
    return [first, ...(others.some((text) => text !== "") ? [line(["", ...others])] : [])];
  };
  return [heads, ...rows].flatMap(lines).join("\n");
}

/** The width below which a table leaves columns out, or cuts cells to less than their least. */
export function leastWidth(columns: readonly Column[], rows: readonly (readonly string[])[]): number {
  const least = columns.map((column, place) => {
    const measured = measure(column, [column.head, ...rows.map((row) => row[place] ?? "")]);
    return Math.min(measured.least, measured.natural);
  });
  return least.reduce((sum, each) => sum + each, gap * Math.max(0, columns.length - 1));
}

function cell(text: string, { names = false }: Column, width: number): string {
  if (!names || widthOf(text) <= width) return fit(text, width);
  const cut = fit(text, width - 1);
  const end = cut.lastIndexOf(", ");
  return end === -1 ? "…" : `${cut.slice(0, end)}, …`;
}

interface Measured extends Column {
  /** Of its widest cell. */
  readonly natural: number;
  readonly least: number;
}

function measure(column: Column, cells: readonly string[]): Measured {
  const natural = cells.reduce((most, text) => Math.max(most, widthOf(text)), 0);
  return { ...column, natural, least: column.fixed === true ? natural : (column.least ?? 6) };
}

function placesKept(columns: readonly Measured[], width: number): readonly number[] {
  const kept = columns.map((_, place) => place);
  const needed = (): number =>
    kept.reduce((sum, place) => sum + (columns[place]?.least ?? 0), 0) + gap * Math.max(0, kept.length - 1);
  while (needed() > width) {
    const spare = Math.max(...kept.map((place) => spareOf(columns[place])));
    if (spare === 0) break;
    kept.splice(
      kept.findLastIndex((place) => spareOf(columns[place]) === spare),
      1,
    );
  }
  return kept;
}

function spareOf(column: Column | undefined): number {
  return Number(column?.spare ?? 0);
}

/** Take one column after another from the widest until the sum fits; least widths give way last, and never below 1. */
function shrink(columns: readonly Measured[], width: number): readonly number[] {
  const widths = columns.map(({ natural }) => natural);
  const room = Math.max(columns.length, width - gap * (columns.length - 1));
  const leastOf = (place: number): number => columns[place]?.least ?? 0;
  for (const least of [leastOf, (place: number) => (columns[place]?.fixed === true ? leastOf(place) : 1)]) {
    for (;;) {
      const total = widths.reduce((sum, each) => sum + each, 0);
      if (total <= room) return widths;
      const widest = widths.reduce(
        (best, each, place) => (each > least(place) && each > (widths[best] ?? 0) ? place : best),
        widths.findIndex((each, place) => each > least(place)),
      );
      if (widest === -1) break;
      widths[widest] = (widths[widest] ?? 1) - 1;
    }
  }
  return widths;
}
