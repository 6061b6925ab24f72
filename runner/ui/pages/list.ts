import { hash } from "node:crypto";
import { timeText } from "../../core/model/values.ts";
import { count } from "../../reporters/amount.ts";
import { html, type Markup } from "../../reporters/documents/html/markup.ts";
import { exitMeaning } from "../../reporters/exit.ts";
import { toneOf, type Tone } from "../../reporters/verdict.ts";
import { clockText } from "../clock-text.ts";
import { sharesOf } from "../shares.ts";
import type { Remark } from "../remark.ts";
import type { Listed, Stretch } from "../shelf.ts";
import type { Standing } from "../standing.ts";
import type { Page } from "./frame.ts";
import { listScript } from "./list-script.ts";
import { sharesBar } from "./shares.ts";

export interface ListShown extends Stretch {
  /** The folder that the runs are recorded in, and the zone of times. */
  readonly folder: string;
  readonly zone: string;
  /** The newest are shown, and the page is kept up to date. */
  readonly isNewest: boolean;
}

/** All runs, newest first. */
export function listPage(shown: ListShown): Page {
  const { runs, older, folder, zone, isNewest } = shown;
  const body = html`<main class="ui-wide">
    <header class="ui-head">
      <div>
        <h1>Runs</h1>
        <p class="quiet">Recorded in <code>${folder}</code></p>
      </div>
      ${isNewest ? html`<p id="ui-live" class="ui-live" role="status">Not live</p>` : html`<p><a href="/">The newest</a></p>`}
    </header>
    <table class="ui-runs">
      <caption class="ui-unseen">
        Runs, newest first
      </caption>
      <thead>
        <tr>
          <th scope="col">Plan</th>
          <th scope="col">Status</th>
          <th scope="col">Changes</th>
          <th scope="col">Exit</th>
          <th scope="col">Who</th>
          <th scope="col">Began</th>
        </tr>
      </thead>
      <tbody id="ui-runs">
        ${runs.map((run) => rowOf(run, zone).markup)}
      </tbody>
    </table>
    <p id="ui-none" class="ui-none" ${runs.length === 0 ? undefined : html` hidden`}>
      ${isNewest ? html`No runs yet. Start with: <code>rollcall preview PLAN</code>` : "There are no older runs."}
    </p>
    ${older === undefined ? undefined : html`<p class="ui-older"><a href="/?after=${older}">Older runs</a></p>`}
  </main>`;
  return { title: "Runs", body, ...(isNewest ? { script: listScript } : {}) };
}

/** A run's row. `version`: another one when anything in it is. */
export function rowOf(listed: Listed, zone: string): { readonly markup: Markup; readonly version: string } {
  const cells = cellsOf(listed, zone);
  const version = hash("sha256", cells.text, "hex").slice(0, 16);
  const { run } = listed.summary;
  return {
    markup: html`<tr id="run-${run}" data-version="${version}">
      ${cells}
    </tr>`,
    version,
  };
}

function cellsOf(listed: Listed, zone: string): Markup {
  const { run, plan, service, by, started, exit } = listed.summary;
  const { text, tone } = statusOf(listed);
  const name = plan === "" ? "(not known)" : plan;
  return html`<th scope="row">
      <a href="/runs/${run}">${name}</a
      ><small>on ${service === "" ? "(not known)" : service} · <code>${run}</code></small>
    </th>
    <td data-head="Status"><span class="ui-status t-${tone}">${text}</span></td>
    <td data-head="Changes" class="ui-counts">${changesCell(listed)}</td>
    <td data-head="Exit">${exit === undefined ? "" : html`<span title="${exitMeaning(exit)}">${exit}</span>`}</td>
    <td data-head="Who">${by.name}<small>${by.host}</small></td>
    <td data-head="Began">
      <time datetime="${iso(started)}">${clockText(started, zone)}</time>${utcBeside(started, zone)}
    </td>`;
}

const words: Readonly<Record<Standing, { readonly text: string; readonly tone: Tone }>> = {
  deciding: { text: "not begun yet", tone: "open" },
  running: { text: "under way", tone: "open" },
  unseen: { text: "on another machine", tone: "doubt" },
  left: { text: "stopped, resume it", tone: "doubt" },
  over: { text: "ended", tone: "open" },
  previewed: { text: "preview", tone: "open" },
  damaged: { text: "record damaged", tone: "bad" },
};

const remarks: Readonly<Record<Remark, (typeof words)[Standing]>> = {
  asked: { text: "waits for you", tone: "doubt" },
  unjudged: { text: "waits for a person", tone: "doubt" },
  promoted: { text: "promoted, resume it", tone: "doubt" },
  refused: { text: "refused by a guard", tone: "bad" },
  unread: { text: "list not read", tone: "doubt" },
};

function statusOf({ standing, remark, summary }: Listed): (typeof words)[Standing] {
  if (summary.status === "unreadable") return { text: "can not be read", tone: "bad" };
  if (summary.status === "missing") return { text: "missing", tone: "bad" };
  if (remark !== undefined) return remarks[remark];
  if (standing !== "over") return words[standing];
  return { text: words.over.text, tone: toneOf(summary.exit) };
}

/** A bar, and `309 of 312` beside it. */
function changesCell({ summary, standing }: Listed): Markup | undefined {
  const { counts, open } = summary;
  if (counts === undefined || standing === "damaged") return undefined;
  const shares = sharesOf(counts, { already: 0, open });
  const all = shares.reduce((sum, share) => sum + share.count, 0);
  if (all === 0) return html`<span class="quiet">nothing to change</span>`;
  if (standing === "previewed") return html`<span class="quiet">${count(all)} to change</span>`;
  const label = shares.map((share) => `${count(share.count)} ${share.state}`).join(", ");
  return html`${sharesBar(shares, label)}<span class="ui-of"
      >${count(counts.confirmed + counts.unverifiable)} of ${count(all)}</span
    >`;
}

/** As the run's own page has it: a report is in UTC. */
function utcBeside(ms: number, zone: string): Markup | undefined {
  return zone === "UTC" ? undefined : html`<small>${clockText(ms, "UTC")}</small>`;
}

function iso(ms: number): string {
  return timeText(Math.floor(ms / 1000), "UTC") ?? "";
}
