import { html, type Markup } from "./markup.ts";

/** A head: its text, and whether numbers stand under it. */
export type Head = string | { readonly number: string };

/** What the style knows the columns of: widths that no text of an item changes, and one column where the screen is narrow. */
export type Columns = "items" | "causes";

/** Rows under their heads; where they are wider than the page, they are moved sideways by themselves. */
export function plainTable(heads: readonly Head[], rows: readonly Markup[], columns?: Columns): Markup {
  return html`<div class="wide">
    <table class="plain${columns === undefined ? "" : ` ${columns}`}">
      <thead>
        <tr>
          ${heads.map((head) => (typeof head === "string" ? html`<th>${head}</th>` : html`<th class="n">${head.number}</th>`))}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** Text from outside, of which a few lines are seen so that no row fills a page; the whole of it is told on hover. */
export function cut(text: string): Markup {
  return html`<div class="cut" title="${text}">${text}</div>`;
}

/** The same for sentences, which need more lines. */
export function cutLong(text: string): Markup {
  return html`<div class="cut long" title="${text}">${text}</div>`;
}
