import { count, countOf } from "../../amount.ts";
import { cleanText } from "../../clean.ts";
import type { ItemStory, RunDocument } from "../model.ts";
import { fieldTexts, labelOf, listDamagedText, reasonText, worstFirst } from "../outcome.ts";
import { embedded, html, type Markup } from "./markup.ts";
import { cut, cutLong, plainTable } from "./table.ts";

/** Rows that stand in the page itself, for readers without scripts. */
const staticRows = 100;

/** The frame of the table; the script fills it from the data behind it, and without one a few of the worst items are shown. */
export async function itemsSection(document: RunDocument): Promise<Markup> {
  const total = itemTotal(document);
  if (total === 0) return html``;
  const rows = await worstRows(document);
  const rest = total - rows.length;
  const isFull = rows.length === staticRows;
  const more = html`<p class="quiet">and ${count(rest)} more: this page shows them all where scripts may run.</p>`;
  const missing = html`<p class="quiet">
    ${listDamagedText}: ${countOf(rest, "more item")} can not be told one by one.
  </p>`;
  return html`<section id="items" aria-labelledby="items-h">
    <h2 id="items-h">Items</h2>
    <div class="tools" hidden>
      <label for="search">Search</label>
      <input id="search" type="search" placeholder="name, id, cause or value" autocomplete="off" spellcheck="false" />
      <span id="found" role="status" aria-live="polite"></span>
      <button type="button" id="all" hidden>Show all</button>
    </div>
    <div id="grid" role="grid" aria-label="Items" aria-rowcount="${total + 1}" hidden></div>
    <div id="static">
      ${plainTable(["item", "state", "change", "why"], rows, "items")} ${rest > 0 && isFull ? more : ""}
    </div>
    ${rest > 0 && !isFull ? missing : ""}
    <div id="print"></div>
    <dialog id="story" aria-labelledby="story-h">
      <form method="dialog"><button id="close" aria-label="Close">✕</button></form>
      <h2 id="story-h"></h2>
      <div id="story-body"></div>
    </dialog>
  </section> `;
}

async function worstRows(document: RunDocument): Promise<readonly Markup[]> {
  const rows: Markup[] = [];
  for (const state of worstFirst) {
    if (rows.length >= staticRows || !hasAny(document, state)) continue;
    for await (const item of document.items({ states: [state] })) {
      rows.push(staticRow(item, document));
      if (rows.length >= staticRows) break;
    }
  }
  return rows;
}

function itemTotal({ summary }: RunDocument): number {
  const { counts, open, status } = summary;
  if (counts === undefined || status === "damaged") return 0;
  return worstFirst.reduce((sum, state) => sum + (state === "open" ? open : counts[state]), 0);
}

function hasAny({ summary }: RunDocument, state: (typeof worstFirst)[number]): boolean {
  return (state === "open" ? summary.open : (summary.counts?.[state] ?? 0)) > 0;
}

function staticRow(item: ItemStory, { showing, summary }: RunDocument): Markup {
  const state = labelOf(item.state, summary);
  const fields = fieldTexts(item, showing).map(({ field, text }) => cut(`${field}: ${text}`));
  const hasTitle = item.title !== item.id;
  const title = !hasTitle ? cutLong(item.id) : item.title === "" ? "" : cut(item.title);
  const id = hasTitle ? html` <small class="cut long" title="${item.id}">${item.id}</small>` : "";
  const why = reasonText(item);
  return html`<tr>
    <td><div class="who">${title}${id}</div></td>
    <td><span class="state s-${state}">${state}</span></td>
    <td>${fields}</td>
    <td>${why === "" ? "" : cutLong(why)}</td>
  </tr> `;
}

/**
 * All items as one line of JSON each: id, title, place of the state, why, change, story. Texts are numbers into `strings`, which
 * come last, since most of them stand for many items; -1: none. A story is pairs of ms since the run began and text.
 */
export async function* itemsData(document: RunDocument): AsyncGenerator<string, void> {
  const strings = new Strings();
  const { started } = document.summary;
  const states = worstFirst.map((state) => labelOf(state, document.summary));
  yield `{"states":${JSON.stringify(states)},"began":${started},"items":[`;
  let isFirst = true;
  for await (const item of document.items()) {
    const changes = fieldTexts(item, document.showing).map(({ field, text }) => `${field}: ${text}`);
    const row = [
      cleanText(item.id),
      item.title === item.id ? 0 : cleanText(item.title),
      worstFirst.findIndex((state) => state === item.state),
      strings.numberOf(reasonText(item)),
      strings.numberOf(changes.join("\n")),
      (item.steps ?? []).flatMap(({ at, text }) => [at - started, strings.numberOf(text)]),
    ];
    yield `${isFirst ? "" : ","}\n${embedded(JSON.stringify(row))}`;
    isFirst = false;
  }
  yield `\n],"strings":${embedded(JSON.stringify(strings.list))}}`;
}

/** Each distinct text once. */
class Strings {
  readonly list: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(text: string): number {
    if (text === "") return -1;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.list.length);
    return this.list.push(text) - 1;
  }
}
