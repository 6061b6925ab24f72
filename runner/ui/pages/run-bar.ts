import { html, type Markup } from "../../reporters/documents/html/markup.ts";
import { clockText } from "../clock-text.ts";
import { lastWord, type Glance } from "../glance.ts";
import { operations, type Operation } from "../offers.ts";
import { sharesBar } from "./shares.ts";

export interface BarShown {
  readonly run: string;
  readonly glance: Glance;
  /** Of the last record that the glance knows, and the report below as well. */
  readonly seq: number;
  /** What the page shows to be one of ours; undefined: nothing may be asked for from here. */
  readonly key: string | undefined;
  /** When the report below is made, wall ms, and the zone of times. */
  readonly at: number;
  readonly zone: string;
}

/** What stands above the report of a run: what it does now, and what can be asked of it. */
export function runBar(shown: BarShown): Markup {
  const { run, glance, seq, key, at, zone } = shown;
  const mayAsk = key !== undefined && !glance.isSettled;
  return html`<aside
      class="ui-bar"
      id="ui"
      aria-label="This run now"
      data-run="${run}"
      data-key="${key ?? ""}"
      data-live="${glance.isSettled ? "no" : "yes"}"
      data-seq="${seq}"
      data-asof="${clockText(at, zone)}"
    >
      <div class="ui-in">
        <nav aria-label="Rollcall">
          <a href="/">All runs</a
          ><span id="ui-live" class="ui-live">${glance.isSettled ? lastWord(glance).live : "Not live"}</span>
        </nav>
        ${nowBox(shown)} ${mayAsk ? controls(glance.offers) : undefined}
        ${glance.isSettled ? undefined : withoutScripts}
      </div>
    </aside>
    ${mayAsk ? abortDialog(run) : undefined} `;
}

/** What only a script does is hidden until it runs. */
const withoutScripts = html`<noscript
  ><p class="quiet">
    Scripts are off: this page stays as it is, and nothing can be asked of the run from here.
  </p></noscript
>`;

function nowBox({ glance, at, zone }: BarShown): Markup {
  const { tone, headline, detail, parts, shares, done, total, isSettled } = glance;
  return html`<div class="ui-now">
    <p class="ui-headline t-${tone}" id="ui-headline" tabindex="-1">
      <strong>${headline}</strong><span>${detail}</span>
    </p>
    <div
      id="ui-progress"
      role="progressbar"
      aria-label="Changes with an answer"
      aria-valuemin="0"
      aria-valuemax="${total}"
      aria-valuenow="${done}"
      aria-valuetext="${parts.join(", ")}"
      ${total === 0 ? html` hidden` : undefined}
    >
      ${sharesBar(shares, "")}
    </div>
    <p class="ui-parts" id="ui-parts">${parts.join(" · ")}</p>
    <p class="ui-unseen" id="ui-spoken" aria-live="polite"></p>
    <p class="ui-over" id="ui-over" role="status" hidden>
      <span>The report below was made before this.</span> <a href="">Show the finished report</a>
    </p>
    <details class="ui-said" hidden>
      <summary>Lines of this run</summary>
      <ol id="ui-said"></ol>
    </details>
    <p class="quiet" id="ui-asof" ${isSettled ? html` hidden` : undefined}>
      The report below is as of ${asOfText(at, zone)} <a href="">Make it anew</a>
    </p>
  </div>`;
}

/** A report is the same wherever it is made, so its times are in UTC. */
function asOfText(at: number, zone: string): string {
  const time = clockText(at, zone);
  return zone === "UTC" ? `${time}.` : `${time}, which is ${clockText(at, "UTC")}. Its times are in UTC.`;
}

const labels: Readonly<Record<Operation, string>> = {
  pause: "Pause",
  continue: "Continue",
  promote: "Promote the wave",
  abort: "Abort…",
};

const meanings: Readonly<Record<Operation, string>> = {
  pause: "Nothing new is sent until somebody says continue",
  continue: "The run goes on",
  promote: "The wave that it is at counts as good, and the next may begin",
  abort: "The run stops for good; what was sent is seen to",
};

function controls(offers: readonly Operation[]): Markup {
  const buttons = operations.map((operation) => {
    const isHidden = offers.includes(operation) ? undefined : html` hidden`;
    return html`<button type="button" data-op="${operation}" title="${meanings[operation]}" ${isHidden}>
      ${labels[operation]}
    </button>`;
  });
  return html`<div class="ui-controls" role="group" aria-label="Ask something of this run" hidden id="ui-controls">
    <span id="ui-reason"
      ><label for="ui-why">Reason</label>
      <input id="ui-why" maxlength="1000" autocomplete="off" placeholder="stands in the record, beside who"
    /></span>
    ${buttons}
    <p id="ui-answer" role="status"></p>
  </div>`;
}

function abortDialog(run: string): Markup {
  return html`<dialog id="ui-abort" aria-labelledby="ui-abort-title" aria-describedby="ui-abort-text">
    <h2 id="ui-abort-title">Abort this run for good?</h2>
    <p id="ui-abort-text">
      Nothing new is sent, and what was sent is seen to. It can not go on after that: what it leaves is taken up by
      <code>rollcall rerun ${run} --only not-started</code>.
    </p>
    <label for="ui-abort-why">Why (needed)</label>
    <textarea id="ui-abort-why" rows="3" maxlength="1000" required></textarea>
    <p class="ui-buttons">
      <button type="button" id="ui-abort-no">Keep it running</button
      ><button type="button" id="ui-abort-yes" class="ui-danger">Abort the run</button>
    </p>
  </dialog>`;
}
