import type { Origin } from "../../../core/model/origin.ts";
import { count, countOf } from "../../amount.ts";
import { alsoLines, gapLines } from "../../live/also.ts";
import { whatWasWrong } from "../../live/recap.ts";
import { paintFor } from "../../paint.ts";
import { valueText } from "../../value.ts";
import type { RunDocument } from "../model.ts";
import type { Tone } from "../../verdict.ts";
import { verdictOf } from "../outcome.ts";
import { escapedLines, html, type Markup } from "./markup.ts";
import { cut, cutLong, plainTable } from "./table.ts";
import { moment } from "./timeline.ts";

const signs: Readonly<Record<Tone, string>> = { good: "✓", doubt: "…", bad: "✕", open: "?" };

/** The verdict, and whose run this was. */
export function headSection(document: RunDocument): Markup {
  const { tone, text, detail } = verdictOf(document);
  const { run, by, started, ended, rehearsed = false } = document.summary;
  const until = ended === undefined ? "" : html` to <time>${moment(ended)}</time>`;
  const who = document.start === undefined ? "" : html`by ${by.name} on ${by.host}, `;
  return html`<header class="verdict t-${tone}">
    <span class="sign" aria-hidden="true">${signs[tone]}</span>
    <div>
      <h1>${text}</h1>
      <p>${detail}</p>
      <p class="quiet">
        ${rehearsed ? "Rehearsal" : "Run"} <code>${run}</code>, ${who}<time>${moment(started)}</time>${until}
      </p>
    </div>
  </header> `;
}

/** A service that names the item in what it says has a cause an item; the table of items has them all. */
const mostCauses = 50;

/** What went wrong, the commonest first. */
export function causesSection({ causes, showing }: RunDocument): Markup {
  if (causes.length === 0) return html``;
  const more = causes.length - mostCauses;
  const rows = causes.slice(0, mostCauses).map((cause) => {
    const { state, count: of, examples } = cause;
    const some = `${examples.join(", ")}${of > examples.length && examples.length > 0 ? ", …" : ""}`;
    return html`<tr>
      <td class="n">${count(of)}</td>
      <td><span class="state s-${state}">${state}</span></td>
      <td>${cutLong(whatWasWrong(cause, showing))}</td>
      <td class="quiet">${some === "" ? "" : cut(some)}</td>
    </tr> `;
  });
  return html`<section aria-labelledby="why">
    <h2 id="why">Why</h2>
    ${plainTable([{ number: "items" }, "state", "cause", "such as"], rows, "causes")}
    ${more > 0 ? html`<p class="quiet">and ${countOf(more, "more cause")}: every item has its own below.</p>` : ""}
  </section> `;
}

/** Changes that the plan does not explain, and how long an edit could go unseen. */
export function alsoSection({ collateral, gapMs, showing }: RunDocument): Markup {
  const shown = { ...showing, width: 2000, paint: paintFor(false) };
  const lines = [...(collateral === undefined ? [] : alsoLines(collateral, shown)), ...gapLines(gapMs, 2000)];
  if (lines.length === 0) return html``;
  return html`<section aria-labelledby="also">
    <h2 id="also">What else was seen</h2>
    ${lines.map((line) => html`<p${line.startsWith(" ") ? html` class="in"` : ""}>${line.trim()}</p>`)}
  </section> `;
}

/** What was asked for, of whom, with which inputs and guards. */
export function planSection(document: RunDocument): Markup {
  const { summary, start, selection, selected, plan } = document;
  // Without its first record nothing of this is known.
  if (start === undefined) return html``;
  const inputs = Object.entries(start.inputs);
  const hidden = Object.keys(start.secrets);
  const facts: readonly (readonly [string, string])[] = [
    ["Plan", `${summary.plan} (SHA-256 ${start.plan.digest})`],
    ["Service", `${summary.service}, ${summary.endpoint}`],
    ["Change", `${start.change.method}${start.change.destructive ? ", destructive" : ""}`],
    [
      "List",
      selection === undefined
        ? summary.status === "damaged"
          ? "not known: the record is damaged before it says"
          : "not read whole"
        : `${countOf(selection.rows, "row")}, read ${moment(selection.ended)}`,
    ],
    ["Comes from", originText(summary.from)],
    ["Approved by", (summary.approvals ?? []).map(({ key, at }) => `${key} (${moment(at)})`).join(", ")],
    ["Pace", paceText(start.facts)],
    ["Tool", start.tool],
  ];
  return html`<section aria-labelledby="plan">
    <h2 id="plan">Plan and inputs</h2>
    <dl>
      ${facts
        .filter(([, text]) => text !== "")
        .map(
          ([name, text]) =>
            html`<dt>${name}</dt>
              <dd>${text}</dd>`,
        )}
      ${inputs.map(
        ([name, value]) =>
          html`<dt>input ${name}</dt>
            <dd><code>${valueText(value)}</code></dd>`,
      )}
      ${hidden.map(
        (name) =>
          html`<dt>input ${name}</dt>
            <dd>[secret]</dd>`,
      )}
    </dl>
    ${
      (selected?.guards ?? []).length === 0
        ? ""
        : html`<ul class="guards">
            ${(selected?.guards ?? []).map(({ guard, ok, message }) => html`<li class="${ok ? "ok" : "no"}"><b>${ok ? "holds" : "BREACHED"}</b> <code>${guard}</code> ${message}</li>`)}
          </ul>`
    }
    ${
      plan === undefined
        ? html`<p class="quiet">The plan's file is not the one that the run was begun with; it is not shown.</p>`
        : html`<details>
            <summary>The plan as the run read it</summary>
            <pre tabindex="0">${escapedLines(plan)}</pre>
          </details>`
    }
  </section> `;
}

function paceText({ concurrency, perMinute }: NonNullable<RunDocument["start"]>["facts"]): string {
  const rate = perMinute === undefined ? "" : `, ${count(perMinute)} calls a minute`;
  return `${countOf(concurrency, "call")} at a time${rate}`;
}

function originText(from: Origin | undefined): string {
  switch (from?.kind) {
    case undefined:
      return "";
    case "rerun":
      return `run ${from.run}, its items that were ${from.only.join(", ")}`;
    case "undo":
      return `run ${from.run}, which it takes back`;
    case "change-set":
      return `the change set that run ${from.run} saved (SHA-256 ${from.digest})`;
  }
}

/** How anybody can check that the record behind this page is what it was. */
export function proofSection({ summary }: RunDocument): Markup {
  const { run, anchor } = summary;
  if (anchor === "")
    return html`<section aria-labelledby="proof">
      <h2 id="proof">Proof</h2>
      <p>The record has no whole line: there is nothing that proves anything. This says what is wrong with it:</p>
      <pre tabindex="0">rollcall audit verify ${run}</pre>
    </section> `;
  return html`<section aria-labelledby="proof">
    <h2 id="proof">Proof</h2>
    <p>
      Every line of the record names the one before it by a hash. This page was made from the record up to this anchor:
    </p>
    <p><code class="anchor">${anchor}</code></p>
    <p>With the run's folder at hand, this finds any change to the record at or before it:</p>
    <pre tabindex="0">rollcall audit verify ${run} --anchor ${anchor}</pre>
  </section> `;
}
