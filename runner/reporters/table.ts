import { fit, pad, widthOf } from "./width.ts";

export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
  /** Not made narrower than this while another column can be; 6 by default. */
  readonly least?: number;
  /** Left out where all columns together can not have their least widths: the last of these goes first. */
  readonly spare?: boolean;
}

const gap = 2;

/**
 * Rows under a heading, in at most `width` columns: the widest column gives way first, and what is cut ends in `…`.
 * Cells are plain text on one line. No rows: the heading alone.
 */
export function table(all: readonly Column[], allRows: readonly (readonly string[])[], width: number): string {
  const kept = placesKept(all, width);
  const columns = kept.flatMap((place) => all[place] ?? []);
  const rows = allRows.map((row) => kept.map((place) => row[place] ?? ""));
  const heads = columns.map(({ head }) => head);
  const natural = columns.map((_, place) => Math.max(0, ...[heads, ...rows].map((row) => widthOf(row[place] ?? ""))));
  const widths = shrink(natural, columns, width);
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, place) => pad(fit(row[place] ?? "", widths[place] ?? 0), widths[place] ?? 0, align))
      .join(" ".repeat(gap))
      .trimEnd();
  return [heads, ...rows].map(line).join("\n");
}

function placesKept(columns: readonly Column[], width: number): readonly number[] {
  const kept = columns.map((_, place) => place);
  const needed = (): number =>
    kept.reduce((sum, place) => sum + leastOf(columns[place]), 0) + gap * Math.max(0, kept.length - 1);
  while (needed() > width) {
    const spare = kept.findLast((place) => columns[place]?.spare === true);
    if (spare === undefined) break;
    kept.splice(kept.indexOf(spare), 1);
  }
  return kept;
}

function leastOf(column: Column | undefined): number {
  return column?.least ?? 6;
}

/** Take one column after another from the widest until the sum fits; least widths give way last, and never below 1. */
function shrink(natural: readonly number[], columns: readonly Column[], width: number): readonly number[] {
  const widths = [...natural];
  const room = Math.max(columns.length, width - gap * (columns.length - 1));
  for (const least of [(place: number) => leastOf(columns[place]), () => 1]) {
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
