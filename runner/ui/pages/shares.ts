import { html, Markup } from "../../reporters/documents/html/markup.ts";
import type { Share } from "../shares.ts";

const width = 1000;

/** States as a small bar, each as wide as its part of all; a single item of many is seen too. Said in words as its label. */
export function sharesBar(shares: readonly Share[], label: string): Markup {
  const total = shares.reduce((sum, share) => sum + share.count, 0);
  let from = 0;
  const parts = shares.map(({ state, count }) => {
    const x = (from / total) * width;
    from += count;
    const wide = Math.max(6, (count / total) * width);
    return html`<rect class="s-${state}" x="${x.toFixed(1)}" y="0" width="${wide.toFixed(1)}" height="10" />`;
  });
  return html`<svg
    class="ui-shares"
    viewBox="0 0 ${width} 10"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    ${parts}
  </svg>`;
}
