import { itemStates } from "../../../core/model/outcome.ts";
import { count } from "../../amount.ts";
import { remarkOn } from "../../verdict.ts";
import type { RunDocument } from "../model.ts";
import { labelOf, notStartedText } from "../outcome.ts";
import { html, type Markup } from "./markup.ts";

interface Share {
  readonly state: string;
  /** What it is called here. */
  readonly label: string;
  readonly count: number;
  readonly remark: string;
}

/** One bar of all items of the list by state, and what it is made of; each part shows its items when it is pressed. */
export function statesSection(document: RunDocument): Markup {
  const shares = sharesOf(document);
  // Before its list nobody knows what a damaged record was about.
  if (document.summary.status === "damaged" && document.selection === undefined) return html``;
  const total = shares.reduce((sum, share) => sum + share.count, 0);
  if (total === 0)
    return html`<section>
      <h2>${headingOf(document)}</h2>
      <p>No items.</p>
    </section>`;
  return html`<section aria-labelledby="states">
    <h2 id="states">${headingOf(document)}</h2>
    ${bar(shares, total)}
    <ul class="legend">
      ${shares.map((share) => legend(share, total))}
    </ul>
  </section> `;
}

function headingOf({ summary }: RunDocument): string {
  if (summary.status === "previewed") return "What every item would come to";
  return summary.rehearsed === true ? "Where every item would end" : "Where every item ended";
}

function sharesOf(document: RunDocument): readonly Share[] {
  const { counts, open, status, isLedgerWhole } = document.summary;
  if (counts === undefined) return [];
  const known = itemStates
    .filter((state) => counts[state] > 0)
    .reverse()
    .map((state) => {
      const isLeft = state === "not-started" && status !== "previewed";
      const remark = isLeft ? notStartedText(document) : remarkOn(state, document.summary);
      return { state, label: labelOf(state, document.summary), count: counts[state], remark };
    });
  const isKnown = status !== "damaged" || isLedgerWhole === true;
  const remark = isKnown ? "sent, or perhaps sent, and not settled yet" : "the record says no more of them";
  const unsettled = { state: "open", label: "open", count: open, remark };
  return open > 0 ? [unsettled, ...known] : known;
}

const width = 1000;

function bar(shares: readonly Share[], total: number): Markup {
  let x = 0;
  const parts = shares.map(({ state, label, count: of }) => {
    const from = x;
    x += (of / total) * width;
    // A single item of a hundred thousand is seen too.
    const wide = Math.max(2, x - from);
    return html`<rect class="s-${state}" x="${from.toFixed(2)}" y="0" width="${wide.toFixed(2)}" height="26"
      ><title>${label} ${count(of)}</title></rect
    >`;
  });
  const said = shares.map(({ label, count: of }) => `${label} ${count(of)}`).join(", ");
  return html`<svg class="bar" viewBox="0 0 ${width} 26" preserveAspectRatio="none" role="img" aria-label="${said}">
    ${parts}
  </svg>`;
}

/** Items that the filter left out are not in the table below. */
function legend({ state, label, count: of, remark }: Share, total: number): Markup {
  const part = ((100 * of) / total).toFixed(of === total ? 0 : 1);
  const body = html`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true">
      <rect class="s-${state}" width="10" height="10" rx="2" /></svg
    ><b>${count(of)}</b> ${label}<small>${part} %${remark === "" ? "" : `, ${remark}`}</small>`;
  if (state === "filtered-out") return html`<li><span class="share">${body}</span></li>`;
  return html`<li><button type="button" class="share" data-state="${label}" aria-pressed="false">${body}</button></li>`;
}
