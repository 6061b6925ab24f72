import { inflateSync } from "node:zlib";

/** Points to a CSS pixel, where a browser prints a page in its own size. */
export const fullSize = 0.75;

export interface Printed {
  readonly pages: number;
  /** Points to a CSS pixel: less than `fullSize` where something was wider than the paper, and all was made smaller for it. */
  readonly scale: number;
}

/** How a PDF was laid out, as Chromium writes one: each page is drawn under two matrices, that of the paper and that of the page. */
export function printedAs(pdf: Buffer): Printed {
  const text = pdf.toString("latin1");
  const pages = text.match(/\/Type \/Page\b/g)?.length ?? 0;
  const scales = [...text.matchAll(/\/FlateDecode[^]*?stream\r?\n([^]*?)\r?\nendstream/g)].flatMap(
    ([, stream = ""]) => {
      const drawn = inflateSync(Buffer.from(stream, "latin1")).toString("latin1");
      const found = /^([\d.]+) 0 0 -[\d.]+ 0 [\d.]+ cm\s+q\s+([\d.]+) 0 0 [\d.]+ [\d.]+ [\d.]+ cm/.exec(drawn);
      return found === null ? [] : [Number(found[1]) * Number(found[2])];
    },
  );
  if (scales.length < pages || pages === 0)
    throw new Error(`${pages} pages, and the sizes of ${scales.length} of them`);
  return { pages, scale: Math.min(...scales) };
}
