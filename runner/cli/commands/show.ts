import { exitCodes } from "../../core/model/errors.ts";
import { formatVersion } from "../../core/model/events.ts";
import { type Origin } from "../../core/model/origin.ts";
import type { Value } from "../../core/model/item.ts";
import { itemStates } from "../../core/model/outcome.ts";
import { count, countOf } from "../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import { timeText } from "../../core/model/values.ts";
import { alsoLines, gapLines } from "../../reporters/live/also.ts";
import { causeText, undoneText } from "../../reporters/live/recap.ts";
import type { Screen } from "../../reporters/screen.ts";
import { namesOf, table, type Named } from "../../reporters/table.ts";
import { changeText, heldText, type Showing } from "../../reporters/value.ts";
import { hanging, wrap } from "../../reporters/width.ts";
import type { ItemReport, RunReport, RunSummary } from "../../core/model/told.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import {
  commandLine,
  defineCommand,
  runWord,
  wholeNumber,
  workspaceFlags,
  zoneFlags,
  type WorkspaceFlags,
  type ZoneFlags,
} from "../options.ts";
import { statusText } from "../../reporters/run-status.ts";

export type ShowFlags = WorkspaceFlags &
  ZoneFlags & {
    readonly states?: readonly string[];
    readonly limit: number;
  };

export const command = defineCommand<ShowFlags, [string]>({
  sentence: "Show how a run ended and which items need a look",
  parameters: {
    flags: {
      ...workspaceFlags,
      ...zoneFlags,
      states: {
        kind: "enum",
        values: [...itemStates, "open"],
        optional: true,
        variadic: ",",
        brief: "Only items in these states; all but confirmed when left out",
      },
      limit: { kind: "parsed", parse: wholeNumber(0), default: "100", placeholder: "N", brief: "At most N items" },
    },
    positional: { kind: "tuple", parameters: [runWord] },
  },
  run: show,
});

/** Show one run: its end, the causes of what went wrong, and its items. Exit 0, or 9 when its record is damaged or missing. */
export async function show(io: Io, flags: ShowFlags, run: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { limit, states } = flags;
  const report = await desk.workspace.show(run, { limit, ...(states === undefined ? {} : { states }) });
  const next = (...words: readonly string[]): string => commandLine(io, flags, words);
  desk.screen.result(
    flags.json ? cleanJson({ v: formatVersion, ...report }) : reportText(report, { ...flags, next }, desk.screen),
  );
  return isSound(report.summary) ? 0 : exitCodes.audit;
}

function isSound({ status }: RunSummary): boolean {
  return status !== "damaged" && status !== "missing";
}

/** Makes a complete command line. */
type Next = (...words: readonly string[]) => string;

function reportText(report: RunReport, flags: ShowFlags & { readonly next: Next }, screen: Screen): string {
  const { summary, causes, items, types, collateral, gapMs, gone } = report;
  const { width, tableWidth, paint } = screen;
  const showing = { types, zone: flags.zone };
  const sections = [
    headLines(summary, flags.zone),
    ...(isSound(summary)
      ? [countLines(summary), nextLines(summary, flags)]
      : [summary.status === "missing" ? missingLines(summary, screen) : damageLines(summary, flags.next, screen)]),
    gone === undefined ? [] : goneLines(gone, { width, paint, limit: flags.limit }),
    causes.flatMap((cause) => causeText(cause, { ...showing, width, paint })),
    collateral === undefined ? [] : alsoLines(collateral, { ...showing, width, paint }),
    gapLines(gapMs, width),
    items.length === 0 ? [] : [itemsTable(items, showing, tableWidth)],
    items.length > 0 && items.length === flags.limit
      ? [`The first ${count(flags.limit)}; --limit N shows more, --states a,b others.`]
      : [],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function headLines(summary: RunSummary, zone: string): readonly string[] {
  const { run, plan, service, endpoint, exit, by, started, ended, folder, anchor, from, approvals = [] } = summary;
  const time = (ms: number): string => timeText(Math.floor(ms / 1000), zone) ?? "";
  const until = ended === undefined ? "" : ` to ${time(ended)}`;
  return [
    `${run}  ${cleanText(statusText(summary))}${exit === undefined ? "" : `, exit ${exit}`}`,
    // Damaged in its first record, a ledger does not say of what it is.
    ...(plan === ""
      ? [`began    ${time(started)}`]
      : [
          `plan     ${cleanText(plan)} on ${cleanText(service)} (${cleanText(endpoint)})`,
          `by       ${cleanText(by.name)} on ${cleanText(by.host)}, ${time(started)}${until}`,
        ]),
    ...(from === undefined ? [] : [`from     ${originText(from)}`]),
    ...(approvals.length === 0 ? [] : [`approved ${approvedText(approvals, time)}`]),
    `folder   ${cleanText(folder)}`,
    ...(anchor === "" ? [] : [`anchor   ${anchor}`]),
  ];
}

/** The whole fingerprint stands in the record; a part of it is enough to find it there. */
function approvedText(approvals: NonNullable<RunSummary["approvals"]>, time: (ms: number) => string): string {
  return approvals
    .map(({ key, fingerprint, at }) => `by ${cleanText(key)} (key ${fingerprint.slice(0, 16)}) ${time(at)}`)
    .join(", ");
}

function originText(from: Origin): string {
  if (from.kind === "rerun") return `run ${from.run}, its items that were ${from.only.join(", ")}`;
  if (from.kind === "undo") return `run ${from.run}, which it takes back`;
  const undone = from.undoes === undefined ? "" : `, which takes back run ${from.undoes.run}`;
  return `the change set that run ${from.run} saved${undone} (digest ${from.digest})`;
}

/** Counts of all items of the list: those without a state yet are `open`. */
function countLines({ counts, open, notStarted }: RunSummary): readonly string[] {
  if (counts === undefined) return [];
  const reasons = Object.entries(notStarted).map(([reason, number]) => `${reason} ${count(number)}`);
  const text = [...stateTexts(counts), ...(open === 0 ? [] : [`open ${count(open)}`])];
  return [text.join(", "), ...(reasons.length === 0 ? [] : [`not started because of: ${reasons.join(", ")}`])];
}

/** What an undo could not put back, since its list does not have it. */
function goneLines(
  { count: all, items }: NonNullable<RunReport["gone"]>,
  { width, paint, limit }: Pick<Screen, "width" | "paint"> & { readonly limit: number },
): readonly string[] {
  const shown = items.slice(0, limit);
  const left = all - shown.length;
  return [
    ...hanging(
      "",
      `${countOf(all, "item")} that the run had changed ${all === 1 ? "is" : "are"} gone from the list, and not put back:`,
      width,
      0,
    ).map(paint.bad),
    ...shown.flatMap(({ id, title }) =>
      hanging("  ", title === id ? cleanText(id) : `${cleanText(title)} (${cleanText(id)})`, width, 4),
    ),
    ...(left > 0 ? [`  … and ${count(left)} more`] : []),
  ];
}

function stateTexts(counts: NonNullable<RunSummary["counts"]>): readonly string[] {
  return itemStates.filter((state) => counts[state] > 0).map((state) => `${state} ${count(counts[state])}`);
}

/** What helps an open run: to wait for whoever has it in hand, or to go on with it. */
function nextLines(
  { run, status, worker }: RunSummary,
  { next, zone }: { next: Next; zone: string },
): readonly string[] {
  if (status !== "open") return [];
  const resume = next("resume", run);
  if (worker === undefined || worker.is === "gone") return [`Go on where it stopped: ${resume}`];
  const since = timeText(Math.floor(worker.since / 1000), zone) ?? "";
  const who = `process ${worker.pid} on ${cleanText(worker.host)} since ${since}`;
  if (worker.is === "running") return [`In the hands of ${who}: it goes on by itself.`];
  return [
    `Its lock is held by ${who}; whether that still runs can not be seen from here.`,
    `If you know that it does not: ${next("unlock", run, "--why", "TEXT")}, then ${resume}`,
  ];
}

/** Where, what the record says up to there, and that it says nothing more. */
function damageLines(summary: RunSummary, next: Next, { width, paint }: Screen): readonly string[] {
  const { run, damage = "", isLedgerWhole = false } = summary;
  const lines = [
    `${damage}.`,
    isLedgerWhole ? wholeText(summary) : beforeText(summary),
    "Nothing is repaired and nothing is sent. Put the file back from a copy.",
  ];
  return [
    paint.bad("THE RECORD IS DAMAGED"),
    ...lines.flatMap((line) => wrap(line, width)),
    `Every place: ${next("audit", "verify", run)}`,
  ];
}

/** Another run shows that it was there. */
function missingLines({ damage = "" }: RunSummary, { width, paint }: Screen): readonly string[] {
  const text = `Its folder is gone: ${damage}. Nothing can be told of it. Put the folder back from a copy.`;
  return [paint.bad("THE RECORD IS MISSING"), ...wrap(text, width)];
}

function beforeText({ counts, open }: RunSummary): string {
  const known = counts === undefined ? [] : stateTexts(counts);
  const before =
    known.length === 0
      ? "The records before that say nothing of any item."
      : `The records before that say: ${known.join(", ")}; of ${countOf(open, "item")} they say nothing.`;
  return `${before} What came after, and how the run ended, can not be told.`;
}

/** Which item is which stands in the damaged file. */
function wholeText(summary: RunSummary): string {
  const counted = countLines(summary);
  const said = counted.length === 0 ? "nothing of any item" : counted.join("; ");
  return `The ledger itself is whole, and says: ${said}. Which items these are can not be told.`;
}

const columns = [
  { head: "state", least: 11 },
  { head: "field", least: 8 },
  { head: "before -> wanted", least: 16 },
  { head: "why", least: 12, spare: true },
];

const credits = { ours: "", unsure: " (by us or another)", despite: " (after a no)" } as const;

function itemsTable(items: readonly ItemReport[], showing: Showing, width: number): string {
  const cleaned = (item: ItemReport): Named => ({ id: cleanText(item.id), title: cleanText(item.title) });
  const names = namesOf(items.map(cleaned), width);
  const rows = items.flatMap((item) => itemRows(item, names.cells(cleaned(item)), showing));
  return table([...names.columns, ...columns], rows, width);
}

/** One row a field; item, state and cause stand on its first. */
function itemRows(item: ItemReport, name: readonly string[], showing: Showing): readonly (readonly string[])[] {
  const credit = item.by === undefined ? "" : credits[item.by];
  const names = Object.keys(item.after);
  const fields =
    names.length === 0 ? [["", ""]] : names.map((name) => [cleanText(name), fieldText(item, name, showing)]);
  return fields.map(([field = "", change = ""], place) =>
    place === 0
      ? [...name, `${item.state}${credit}`, field, change, whyText(item)]
      : [...name.map(() => ""), "", field, change, ""],
  );
}

function fieldText({ before, after, found }: ItemReport, name: string, showing: Showing): string {
  const values = { before: before[name] as Value | undefined, after: after[name] as Value | undefined };
  const change = changeText(name, values, showing);
  if (found === undefined || !Object.hasOwn(found, name)) return change;
  return `${change}, found ${heldText(name, found[name] as Value, showing)}`;
}

function whyText({ failure, reason, undone }: ItemReport): string {
  const said = failure === undefined ? (reason ?? "") : [failure.code, failure.message].filter(Boolean).join(": ");
  return cleanText(undone === true ? `${said}; ${undoneText}` : said);
}
