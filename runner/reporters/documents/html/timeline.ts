import { timeText } from "../../../core/model/values.ts";
import { count, countOf, duration } from "../../amount.ts";
import type { Happening } from "../chronicle.ts";
import type { RunDocument } from "../model.ts";
import { lastedText, type WaveReport } from "../waves.ts";
import { html, type Markup } from "./markup.ts";
import { plainTable } from "./table.ts";

const width = 1000;
const top = 24;
const height = 120;
/** What has a mark of its own on the chart. */
const marked: ReadonlySet<string> = new Set(["limit", "stopped", "gate", "paused", "control", "resume", "clock"]);
const happeningsOpen = 12;

interface Scale {
  readonly from: number;
  readonly to: number;
}

/** Waves, answers and what happened over time: as a chart, and in words below it. */
export function timelineSection(document: RunDocument): Markup {
  const { waves, happenings } = document;
  if (happenings.length === 0) return html``;
  const isOpen = happenings.length <= happeningsOpen ? " open" : "";
  return html`<section aria-labelledby="time"><h2 id="time">What happened when</h2>
${document.pulse.from === undefined ? "" : chart(document)}
${waves.length < 2 ? "" : wavesTable(waves)}
<details${isOpen}><summary>${countOf(happenings.length, "event")} of the run</summary>
<ol class="events">${happenings.map(({ at, text }) => html`<li><time>${moment(at)}</time> ${text}</li>`)}</ol></details></section>
`;
}

function chart({ summary, waves, happenings, pulse }: RunDocument): Markup {
  const last = happenings.at(-1)?.at ?? summary.started;
  const scale = { from: summary.started, to: Math.max(last, summary.started + 1) };
  const most = Math.max(1, ...pulse.counts);
  const label = `${countOf(waves.filter(({ began }) => began !== undefined).length, "wave")} in ${duration(scale.to - scale.from)}; at most ${countOf(most, "answer")} in ${duration(pulse.bucketMs)}`;
  return html`<figure>
    <svg class="chart" viewBox="0 0 ${width} ${top + height + 2}" role="img" aria-label="${label}">
      ${waves.map((wave) => band(wave, scale))}
      ${pulse.counts.map((of, place) => column(of, { most, at: (pulse.from ?? 0) + place * pulse.bucketMs, ms: pulse.bucketMs, scale }))}
      ${happenings.filter(({ kind }) => marked.has(kind)).map((one) => mark(one, scale))}
      <line class="axis" x1="0" x2="${width}" y1="${top + height}" y2="${top + height}" />
    </svg>
    <div class="ticks"><time>${moment(scale.from)}</time><time>${moment(scale.to)}</time></div>
    <figcaption>
      Answers over time, at most ${count(most)} in ${duration(pulse.bucketMs)}. Shaded: waves. Lines: limits, gates,
      pauses and what people asked for.
    </figcaption>
  </figure>`;
}

function xOf(at: number, { from, to }: Scale): number {
  return Math.min(width, Math.max(0, ((at - from) / (to - from)) * width));
}

function band({ number, size, began, ended }: WaveReport, scale: Scale): Markup {
  if (began === undefined) return html``;
  const from = xOf(began, scale);
  const wide = Math.max(1, xOf(ended ?? scale.to, scale) - from);
  const label =
    wide > 40
      ? html`<text class="wave-name" x="${(from + 4).toFixed(1)}" y="${top - 8}">wave ${number + 1}</text>`
      : "";
  return html`<g
    ><rect
      class="wave w${number % 2}"
      x="${from.toFixed(1)}"
      y="${top - 20}"
      width="${wide.toFixed(1)}"
      height="${height + 20}"
      ><title>Wave ${number + 1}: ${countOf(size, "item")}</title></rect
    >${label}</g
  > `;
}

function column(
  of: number,
  { most, at, ms, scale }: { readonly most: number; readonly at: number; readonly ms: number; readonly scale: Scale },
): Markup {
  if (of === 0) return html``;
  const from = xOf(at, scale);
  const wide = Math.max(1.5, xOf(at + ms, scale) - from - 0.5);
  const high = Math.max(1, (of / most) * (height - 8));
  return html`<rect
    class="pulse"
    x="${from.toFixed(1)}"
    y="${(top + height - high).toFixed(1)}"
    width="${wide.toFixed(1)}"
    height="${high.toFixed(1)}"
    ><title>${moment(at)}: ${countOf(of, "answer")}</title></rect
  >`;
}

function mark({ at, kind, text }: Happening, scale: Scale): Markup {
  const x = xOf(at, scale).toFixed(1);
  return html`<line class="mark m-${kind}" x1="${x}" x2="${x}" y1="${top - 4}" y2="${top + height}"
    ><title>${moment(at)}: ${text}</title></line
  >`;
}

/** Of thousands of waves of a few items nobody reads all. */
const mostWaves = 500;

function wavesTable(waves: readonly WaveReport[]): Markup {
  const more = waves.length - mostWaves;
  const rows = waves.slice(0, mostWaves).map((wave) => {
    const { number, size, began, states, gate, isExtra = false } = wave;
    const came = Object.entries(states).map(([state, of]) => `${state} ${count(of)}`);
    return html`<tr>
      <td class="n">${number + 1}</td>
      <td class="n">${count(size)}${isExtra ? " that had to wait" : ""}</td>
      <td>${began === undefined ? "" : html`<time>${moment(began)}</time>`}</td>
      <td>${lastedText(wave)}</td>
      <td>${came.join(", ")}</td>
      <td>${gate ?? ""}</td>
    </tr> `;
  });
  const table = plainTable([{ number: "wave" }, { number: "items" }, "began", "lasted", "came to", "gate"], rows);
  return more > 0
    ? html`${table}
        <p class="quiet">and ${countOf(more, "more wave")}</p>`
    : table;
}

/** UTC, to the second. */
export function moment(ms: number): string {
  return (timeText(Math.floor(ms / 1000), "UTC") ?? "").replace("T", " ").replace("Z", " UTC");
}
