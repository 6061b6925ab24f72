import { html, type Markup } from "./markup.ts";

/** A head: its text, and whether numbers stand under it. */
export type Head = string | { readonly number: string };

/** Rows under their heads; where they are wider than the page, they are moved sideways by themselves. */
export function plainTable(heads: readonly Head[], rows: readonly Markup[]): Markup {
  return html`<div class="wide">
    <table class="plain">
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
