import { itemStates } from "../../core/model/outcome.ts";
import { timeText } from "../../core/model/values.ts";
import { count, countOf } from "../amount.ts";
import { alsoLines, gapLines } from "../live/also.ts";
import { whatWasWrong } from "../live/recap.ts";
import { paintFor } from "../paint.ts";
import { brief } from "../sentence.ts";
import { remarkOn, type Tone } from "../verdict.ts";
import type { ItemStory, RunDocument } from "./model.ts";
import {
  fieldTexts,
  labelOf,
  listDamagedText,
  notStartedText,
  reasonText,
  shownOf,
  verdictOf,
  worstFirst,
} from "./outcome.ts";
import { lastedText } from "./waves.ts";

/** GitHub drops a step summary above 1 MiB as a whole. */
export const stepSummaryBytes = 1_000_000;
/** A page has room for its head and foot. */
export const leastBytes = 4000;

/** Room for what is said where not all items fit. */
const lastLineBytes = 300;

/** How much of a text is shown, in characters. */
const most = {
  title: 120,
  id: 80,
  value: 300,
  sentence: 600,
  person: 80,
  example: 60,
  fields: 12,
  approvals: 5,
} as const;

const marks: Readonly<Record<Tone, string>> = { good: "✅", doubt: "⏳", bad: "❌", open: "🔍" };

/**
 * A page for step summaries and comments: the verdict first, then the items, the worst first, as many as fit.
 * @param maxBytes Of UTF-8, at least `leastBytes`: all but the items always stands in it, shortened where there is very much of it.
 * Long texts are cut, so that no item takes the room of others.
 */
export async function* markdownOf(
  document: RunDocument,
  { maxBytes = stepSummaryBytes }: { readonly maxBytes?: number } = {},
): AsyncGenerator<string, void> {
  const foot = footOf(document);
  const room = maxBytes - bytesOf(foot) - lastLineBytes;
  const head = cut(headOf(document), Math.floor(room / 2));
  yield head;
  let left = room - bytesOf(head);
  const { counts, status } = document.summary;
  const isPreview = status === "previewed";
  const states = worstFirst.filter((state) => isPreview || (state !== "confirmed" && state !== "already"));
  // Of what would change there is nothing to say but that.
  const hasWhy = !isPreview || (counts?.refused ?? 0) > 0;
  const wanted = states.filter((state) => state === "open" || (counts?.[state] ?? 0) > 0);
  let shown = 0;
  let isFull = false;
  for (const state of wanted) {
    if (isFull) break;
    for await (const item of document.items({ states: [state] })) {
      const row = `${shown === 0 ? tableHead(hasWhy) : ""}${rowOf(item, document, hasWhy)}`;
      left -= bytesOf(row);
      if (left < 0) {
        isFull = true;
        break;
      }
      shown += 1;
      yield row;
    }
  }
  const all = wanted.reduce(
    (sum, state) => sum + (state === "open" ? document.summary.open : (counts?.[state] ?? 0)),
    0,
  );
  if (shown < all && status !== "damaged") yield `\n${missingText(shown, all, { isFull, document })}\n`;
  yield foot;
}

/** Either there was no room for the others, or the file that has them is not what it was. */
function missingText(
  shown: number,
  all: number,
  { isFull, document: { summary } }: { readonly isFull: boolean; readonly document: RunDocument },
): string {
  if (!isFull)
    return `${shownOf(shown, all)} items can be told. ${listDamagedText}: \`rollcall audit verify ${summary.run}\``;
  return `${shownOf(shown, all)} items fit here. More of them: \`rollcall show ${summary.run}\``;
}

function headOf(document: RunDocument): string {
  const verdict = verdictOf(document);
  const sections = [
    `### ${marks[verdict.tone]} ${inline(verdict.text)}\n\n${inline(verdict.detail)}`,
    countsTable(document),
    guardLines(document),
    causeLines(document),
    wavesTable(document),
    plainLines(document),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function countsTable(document: RunDocument): string {
  const { counts, open, status } = document.summary;
  if (counts === undefined || status === "damaged") return "";
  const states = itemStates.filter((state) => counts[state] > 0).reverse();
  const rows = states.map((state) => {
    const remark =
      state === "not-started" && status !== "previewed" ? notStartedText(document) : remarkOn(state, document.summary);
    return `| ${labelOf(state, document.summary)} | ${count(counts[state])} | ${inline(remark)} |`;
  });
  const unsettled = open === 0 ? [] : [`| open | ${count(open)} | sent, and not settled yet |`];
  const total = Object.values(counts).reduce((sum, number) => sum + number, open);
  return [
    "| state | items | |",
    "| --- | ---: | --- |",
    ...rows,
    ...unsettled,
    `| **listed** | **${count(total)}** | |`,
  ].join("\n");
}

function guardLines({ selected, summary }: RunDocument): string {
  const guards = selected?.guards ?? [];
  const told = summary.status === "previewed" ? guards : guards.filter(({ ok }) => !ok);
  return told.map(({ guard, ok, message }) => `- ${ok ? "✅" : "❌"} ${code(guard)} ${inline(message)}`).join("\n");
}

function causeLines({ causes, showing }: RunDocument): string {
  if (causes.length === 0) return "";
  const lines = causes.slice(0, 20).map((cause) => {
    const { state, count: of, examples } = cause;
    const said = whatWasWrong(cause, showing);
    const some = examples.map((title) => code(title, most.example)).join(", ");
    return `- **${count(of)} ${state}**${said === "" ? "" : `: ${code(said)}`}${some === "" ? "" : ` (${some}${of > examples.length ? ", …" : ""})`}`;
  });
  const more = causes.length > lines.length ? [`- ${countOf(causes.length - lines.length, "more cause")}`] : [];
  return ["**Why**", "", ...lines, ...more].join("\n");
}

const mostWaves = 50;

function wavesTable({ waves }: RunDocument): string {
  if (waves.length < 2) return "";
  const rows = waves.slice(0, mostWaves).map((wave) => {
    const { number, size, states, gate, isExtra = false } = wave;
    const came = Object.entries(states).map(([state, of]) => `${state} ${count(of)}`);
    return `| ${number + 1} | ${count(size)}${isExtra ? " that had to wait" : ""} | ${lastedText(wave)} | ${came.join(", ")} | ${gate ?? ""} |`;
  });
  const head = ["| wave | items | lasted | came to | gate |", "| ---: | ---: | ---: | --- | --- |"];
  const more = waves.length - rows.length;
  return [...head, ...rows, ...(more > 0 ? [`\nand ${countOf(more, "more wave")}`] : [])].join("\n");
}

function plainLines({ collateral, gapMs, showing }: RunDocument): string {
  const shown = { ...showing, width: 400, paint: paintFor(false) };
  const also = collateral === undefined ? [] : alsoLines(collateral, shown);
  return [
    ...also.map((line) => `> ${inline(line.trim())}`),
    ...gapLines(gapMs, 400).map((line) => `> ${inline(line)}`),
  ].join("  \n");
}

function tableHead(hasWhy: boolean): string {
  return hasWhy
    ? "\n| item | state | change | why |\n| --- | --- | --- | --- |\n"
    : "\n| item | state | change |\n| --- | --- | --- |\n";
}

function rowOf(item: ItemStory, { showing, summary }: RunDocument, hasWhy: boolean): string {
  const id = code(item.id, most.id);
  const name = item.title === item.id ? id : `${code(item.title, most.title)} ${id}`;
  const all = fieldTexts(item, showing);
  const fields = all.slice(0, most.fields).map(({ field, text }) => code(`${field}: ${text}`));
  if (all.length > most.fields) fields.push(countOf(all.length - most.fields, "more field"));
  const why = reasonText(item);
  const state = labelOf(item.state, summary);
  const cells = [name, state, fields.join("<br>"), ...(!hasWhy ? [] : [why === "" ? "" : code(why)])];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}

function footOf({ summary, start }: RunDocument): string {
  const { run, by, started, anchor, rehearsed = false, approvals = [] } = summary;
  const keys = approvals.slice(0, most.approvals).map(({ key }) => code(key, most.person));
  if (approvals.length > keys.length) keys.push(`${approvals.length - keys.length} more`);
  const approved = keys.length === 0 ? "" : `, approved by ${keys.join(", ")}`;
  const when = timeText(Math.floor(started / 1000), "UTC") ?? "";
  const who = code(`${brief(by.name, most.person)} on ${brief(by.host, most.person)}`);
  const told = start === undefined ? `, ${when}` : ` by ${who}, ${when}${approved}, ${code(start.tool)}`;
  const check = (more: string): string => code(`rollcall audit verify ${run}${more}`);
  const anchored =
    anchor === ""
      ? `${check("")} says what is wrong with its record.`
      : `Anchor ${code(anchor)}: ${check(` --anchor ${anchor}`)} checks the record against it.`;
  return `\n${rehearsed ? "Rehearsal" : "Run"} ${code(run)}${told}.\n${anchored}\n`;
}

/** Text from outside as code: nobody is mentioned by it, nothing is linked, and no HTML begins. */
function code(text: string, longest: number = most.value): string {
  const clean = brief(text, longest);
  if (clean.trim() === "") return "";
  const ticks = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(ticks + 1);
  const pad = ticks > 0 || clean.startsWith(" ") || clean.endsWith(" ") ? " " : "";
  return `${fence}${pad}${clean}${pad}${fence}`;
}

/** A sentence of ours, with words from outside in it: they name nobody, and link to nothing. */
function inline(text: string): string {
  return brief(text, most.sentence)
    .replace(/[\\`*_[\]~|]/g, "\\$&")
    .replace(/[&<>]/g, (found) => entities[found] ?? "")
    .replace(/[@#]|:(?=\/\/)|\bwww(?=\.)/gi, "$&\u200b");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

const bytesOf = (text: string): number => Buffer.byteLength(text, "utf8");

/** At a line end, with a word that it was. */
function cut(text: string, mostBytes: number): string {
  if (bytesOf(text) <= mostBytes) return text;
  const kept = Buffer.from(text, "utf8")
    .subarray(0, mostBytes - 20)
    .toString("utf8");
  return `${kept.slice(0, kept.lastIndexOf("\n"))}\n\n(shortened)\n`;
}
