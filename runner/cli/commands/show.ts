import { formatVersion, type Origin } from "../../core/model/events.ts";
import type { Value } from "../../core/model/item.ts";
import { itemStates } from "../../core/model/outcome.ts";
import { count } from "../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import { causeText } from "../../reporters/live/recap.ts";
import type { Screen } from "../../reporters/screen.ts";
import { table } from "../../reporters/table.ts";
import { valueText } from "../../reporters/value.ts";
import type { ItemReport, RunReport, RunSummary } from "../../workspace.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import { defineCommand, runWord, wholeNumber, workspaceFlags, type WorkspaceFlags } from "../options.ts";

export type ShowFlags = WorkspaceFlags & {
  readonly states?: readonly string[];
  readonly limit: number;
};

export const command = defineCommand<ShowFlags, [string]>({
  sentence: "Show how a run ended and which items need a look",
  parameters: {
    flags: {
      ...workspaceFlags,
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

/** Show one run: its end, the causes of what went wrong, and its items. */
export async function show(io: Io, flags: ShowFlags, run: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { limit, states } = flags;
  const report = await desk.workspace.show(run, { limit, ...(states === undefined ? {} : { states }) });
  desk.screen.result(flags.json ? cleanJson({ v: formatVersion, ...report }) : reportText(report, flags, desk.screen));
  return 0;
}

function reportText({ summary, causes, items }: RunReport, flags: ShowFlags, { width, paint }: Screen): string {
  const sections = [
    headLines(summary),
    countLines(summary),
    causes.flatMap((cause) => causeText(cause, width, paint)),
    items.length === 0 ? [] : [table(columns, items.flatMap(itemRows), width)],
    items.length > 0 && items.length === flags.limit
      ? [`The first ${count(flags.limit)}; --limit N shows more, --states a,b others.`]
      : [],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function headLines(summary: RunSummary): readonly string[] {
  const { run, plan, service, endpoint, status, exit, by, started, ended, folder, anchor, from } = summary;
  const until = ended === undefined ? "" : ` to ${time(ended)}`;
  return [
    `${run}  ${status}${exit === undefined ? "" : `, exit ${exit}`}`,
    `plan     ${cleanText(plan)} on ${cleanText(service)} (${cleanText(endpoint)})`,
    `by       ${cleanText(by.name)} on ${cleanText(by.host)}, ${time(started)}${until}`,
    ...(from === undefined ? [] : [`from     ${originText(from)}`]),
    `folder   ${cleanText(folder)}`,
    `anchor   ${anchor}`,
  ];
}

function originText(from: Origin): string {
  if (from.kind === "rerun") return `run ${from.run}, its items that were ${from.only.join(", ")}`;
  return `the change set that run ${from.run} saved (digest ${from.digest})`;
}

function countLines({ counts, notStarted }: RunSummary): readonly string[] {
  if (counts === undefined) return [];
  const shown = itemStates.filter((state) => counts[state] > 0);
  const reasons = Object.entries(notStarted).map(([reason, number]) => `${reason} ${count(number)}`);
  const text = shown.map((state) => `${state} ${count(counts[state])}`);
  return [text.join(", "), ...(reasons.length === 0 ? [] : [`not started because of: ${reasons.join(", ")}`])];
}

const columns = [
  { head: "item", least: 12 },
  { head: "id", least: 7, spare: true },
  { head: "state", least: 11 },
  { head: "field", least: 8 },
  { head: "before -> wanted", least: 16 },
  { head: "why", least: 12, spare: true },
];

/** One row a field; item, state and cause stand on its first. */
function itemRows(item: ItemReport): readonly (readonly string[])[] {
  const state = item.by === "unsure" ? `${item.state} (by us or another)` : item.state;
  const names = Object.keys(item.after);
  const fields = names.length === 0 ? [["", ""]] : names.map((name) => [cleanText(name), changeText(item, name)]);
  return fields.map(([name = "", change = ""], place) =>
    place === 0
      ? [cleanText(item.title), cleanText(item.id), state, name, change, whyText(item)]
      : ["", "", "", name, change, ""],
  );
}

function changeText({ before, after }: ItemReport, name: string): string {
  return `${valueText(before[name] as Value | undefined)} -> ${valueText(after[name] as Value | undefined)}`;
}

function whyText({ failure, reason }: ItemReport): string {
  if (failure !== undefined)
    return cleanText(failure.code === "" ? failure.message : `${failure.code}: ${failure.message}`);
  return cleanText(reason ?? "");
}

/** `2026-11-23 20:47:00Z`. */
function time(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}
