import { itemStates } from "../core/model/outcome.ts";
import type { Rehearsal, RehearsalFaults, RehearsedLimit } from "../core/model/rehearsed.ts";
import { timeText } from "../core/model/values.ts";
import { bound, count, countOf, duration } from "./amount.ts";
import { cleanText } from "./clean.ts";
import { exitMeaning } from "./exit.ts";
import type { Paint } from "./paint.ts";
import { table, type Column } from "./table.ts";
import { wrap } from "./width.ts";

export interface RehearsedShown {
  readonly zone: string;
  readonly width: number;
  readonly tableWidth: number;
  readonly paint: Paint;
}

/** A rehearsal for people. The same rehearsal gives the same text. */
export function rehearsedText(rehearsal: Rehearsal, shown: RehearsedShown): string {
  const sections = [
    headLines(rehearsal, shown.zone),
    durationLines(rehearsal, shown),
    rehearsal.waves.length === 0 ? [] : [wavesTable(rehearsal, shown.tableWidth)],
    endLines(rehearsal, shown),
    callLines(rehearsal),
    rehearsal.assumed.flatMap((sentence) => wrap(cleanText(sentence), shown.width)),
    [verdictLine(rehearsal, shown.paint), ...proofLines.flatMap((line) => wrap(line, shown.width))],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const proofLines = [
  "This shows what the plan does with this list at this pace, and where its limits are. It shows nothing of the real service: whether that takes these changes, refuses them, or does something else, only a run tells.",
];

function headLines(rehearsal: Rehearsal, zone: string): readonly string[] {
  const { plan, service, endpoint, profile, seed, faults, kept } = rehearsal;
  return [
    `Rehearsal of ${cleanText(plan)} on ${cleanText(service)} (${cleanText(endpoint)}); no change was sent.`,
    `list     ${listText(rehearsal, zone)}`,
    `faults   ${profile}: ${faultsText(faults)}; seed ${seed}`,
    `latency  ${latencyText(rehearsal)}`,
    ...(kept === undefined ? [] : [`kept     ${cleanText(kept)}`]),
  ];
}

function listText({ list }: Rehearsal, zone: string): string {
  const when = timeText(list.read, zone) ?? "";
  const rows = countOf(list.rows, "item");
  switch (list.from) {
    case "file":
      return `${rows}, of ${cleanText(list.file)}, read ${when}`;
    case "run":
      return `${rows}, of run ${list.run}, read ${when}`;
    case "service":
      return `${rows}, read from the service for this, ${when}`;
    default:
      throw new Error(list satisfies never);
  }
}

function faultsText({ timeout, lostAfterApply, ignored, reject, throttle, lateMs }: RehearsalFaults): string {
  const shares = { timeout, "lost-after-apply": lostAfterApply, ignored, reject, throttle };
  const parts = [
    ...Object.entries(shares)
      .filter(([, share]) => share > 0)
      .map(([name, share]) => `${name} ${percent(share)}`),
    ...(lateMs > 0 ? [`late up to ${bound(lateMs)}`] : []),
  ];
  return parts.length === 0 ? "nothing goes wrong" : parts.join(", ");
}

function latencyText({ latency: { from, run, medianMs, pageMs } }: Rehearsal): string {
  const ms = `${duration(medianMs)} a call`;
  switch (from) {
    case "run":
      return `${ms} in the middle, ${duration(pageMs)} a page of the list, as in run ${run ?? ""}`;
    case "option":
      return `${ms}, as given`;
    case "default":
      return `${ms}, assumed: no run of this plan has changed anything here; --latency says otherwise`;
    default:
      throw new Error(from satisfies never);
  }
}

function durationLines(rehearsal: Rehearsal, { zone, paint }: RehearsedShown): readonly string[] {
  const { durationMs, listMs, wavesMs, proofMs, begins, refused, pauses } = rehearsal;
  if (refused !== undefined) return [];
  const time = (ms: number): string => timeText(Math.floor(ms / 1000), zone) ?? "";
  const parts = `${duration(listMs)} to read the list, ${duration(wavesMs)} for the changes, ${duration(proofMs)} to prove them`;
  const waited = pauses.map(({ for: reason, ms }) => `${duration(ms)} for ${pauseNames[reason]}`);
  return [
    `${paint.strong(`Would take ${duration(durationMs)}`)}, from ${time(begins)} to ${time(begins + durationMs)}: ${parts}.`,
    ...(waited.length === 0 ? [] : [`Of it waited: ${waited.join(", ")}.`]),
  ];
}

const pauseNames = {
  window: "the change window",
  "between-waves": "the pause between waves",
  person: "a person",
  operator: "an operator",
} as const;

/** How many items ended how is what a narrow terminal has to show: when each wave was gives way. */
const columns: readonly Column[] = [
  { head: "wave", align: "right", fixed: true },
  { head: "size", align: "right", fixed: true },
  { head: "begins after", align: "right", least: 8, spare: 2 },
  { head: "lasts", align: "right", least: 8, spare: true },
  { head: "confirmed", align: "right", least: 9 },
  { head: "rejected", align: "right", least: 8 },
  { head: "unknown", align: "right", least: 7 },
  { head: "others", align: "right", least: 6 },
];
/** Of more waves only the first and the last are worth a line. */
const mostWaves = 20;

function wavesTable({ waves }: Rehearsal, width: number): string {
  const isLong = waves.length > mostWaves;
  const shown = isLong ? [...waves.slice(0, mostWaves - 1), ...waves.slice(-1)] : waves;
  const rows = shown.map(({ wave, size, beginsMs, lastsMs, ...ended }) => [
    ...[count(wave), count(size), duration(beginsMs), duration(lastsMs)],
    ...[ended.confirmed, ended.rejected, ended.unknown, ended.others].map(count),
  ]);
  const left = isLong ? `\n${countOf(waves.length - shown.length, "wave")} between the last two lines not shown.` : "";
  return `${table(columns, rows, width)}${left}`;
}

function endLines(rehearsal: Rehearsal, { paint }: RehearsedShown): readonly string[] {
  const { refused, limits, gates, stopped, counts, notStarted, held } = rehearsal;
  if (refused !== undefined) return [paint.bad(`apply would be refused: ${cleanText(refused.message)}`)];
  const badGates = (gates?.results ?? []).filter(({ result }) => result !== "pass");
  return [
    ...(limits.length === 0 ? ["No limit would trip."] : limits.map((limit) => paint.bad(limitText(limit)))),
    ...badGates.map(({ wave, result, observed }) =>
      paint.doubt(`The gate after wave ${wave} is ${result}${observed === true ? ", only observed" : ""}.`),
    ),
    ...(stopped === undefined
      ? []
      : [`It would stop after ${duration(stopped.atMs)}: ${stopped.reason}, ${cleanText(stopped.detail)}.`]),
    ...(held === 0 ? [] : [`Items were found busy ${count(held)} times.`]),
    ...(counts === undefined
      ? []
      : [
          `Items: ${itemStates
            .filter((state) => counts[state] > 0)
            .map((state) => `${state} ${count(counts[state])}`)
            .join(", ")}.`,
        ]),
    ...leftLines(notStarted),
  ];
}

function leftLines(notStarted: Rehearsal["notStarted"]): readonly string[] {
  const reasons = Object.entries(notStarted).filter(([, number]) => number > 0);
  const all = reasons.reduce((sum, [, number]) => sum + number, 0);
  if (all === 0) return [];
  return [
    `${countOf(all, "item")} would not be started: ${reasons.map(([reason, number]) => `${reason} ${count(number)}`).join(", ")}.`,
  ];
}

function limitText({ limit, tolerated, value, atMs, item, wave, group }: RehearsedLimit): string {
  const over = group === undefined ? (wave === undefined ? "" : ` in wave ${wave}`) : ` of group ${cleanText(group)}`;
  const at = item === undefined ? "" : ` at item ${named(item)}`;
  return `stop.${limit}${over} would trip after ${duration(atMs)}${at}: ${count(value)}, tolerated ${count(tolerated)}.`;
}

function named({ id, title }: NonNullable<RehearsedLimit["item"]>): string {
  return id === title ? cleanText(id) : `${cleanText(title)} (${cleanText(id)})`;
}

function callLines({ calls }: Rehearsal): readonly string[] {
  const { logins, reads, changes, turnedAway, perMinute, share } = calls;
  const all = [countOf(changes, "change"), countOf(reads, "read"), countOf(logins, "login")].join(", ");
  const away = turnedAway === 0 ? "" : `; ${count(turnedAway)} of them turned away`;
  const used =
    perMinute === undefined || share === undefined
      ? "no rate is set"
      : `${percent(share)} of the ${count(Math.round(perMinute))} calls a minute that are allowed`;
  return [`Calls: ${all}${away}; ${used}.`];
}

function verdictLine({ exit }: Rehearsal, paint: Paint): string {
  const text = `apply would end with exit code ${exit}: ${exitMeaning(exit)}.`;
  return exit === 0 ? paint.good(text) : paint.bad(text);
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))}%`;
}
