import type { LogEntry, LogReport } from "../core/model/evidence.ts";
import { timeText } from "../core/model/values.ts";
import { count } from "./amount.ts";
import { cleanText } from "./clean.ts";
import { leastWidth, table, type Column } from "./table.ts";
import { changeText } from "./value.ts";
import { hanging } from "./width.ts";

/** How the log is shown. */
export interface LogShown {
  readonly zone: string;
  /** At most so many rows were asked for. */
  readonly limit: number;
  /** Columns there are; infinite: a program reads it. */
  readonly width: number;
}

const columns: readonly Column[] = [
  { head: "when", fixed: true },
  { head: "item", least: 14 },
  { head: "id", fixed: true },
  { head: "field", least: 10 },
  { head: "before -> after", least: 18 },
  { head: "state", fixed: true },
  { head: "by", least: 6 },
  { head: "customer", least: 14 },
  { head: "run", fixed: true },
];

/** A row for each change; where a table would have to cut what they are about, each has a few lines instead, and nothing is cut. */
export function logText({ entries, more }: LogReport, { zone, limit, width }: LogShown): string {
  const rows = entries.map((entry) => rowOf(entry, zone));
  const rest = more ? `\nThe newest ${count(limit)}; --limit N shows more, --since and the other flags others.` : "";
  const isTable = leastWidth(columns, rows) <= width;
  const text = isTable
    ? table(columns, rows, width)
    : entries.flatMap((entry) => linesOf(entry, zone, width)).join("\n");
  return `${text}${rest}`;
}

function rowOf(entry: LogEntry, zone: string): readonly string[] {
  const { at, title, id, field, state, by, customer, run } = entry;
  return [
    timeText(Math.floor(at / 1000), zone) ?? "",
    ...[title, id, field ?? ""].map(cleanText),
    whatHappened(entry, zone),
    state,
    ...[by, customer].map(cleanText),
    run,
  ];
}

/** What happened to which item, and below it whose it is, and where it stands. */
function linesOf(entry: LogEntry, zone: string, width: number): readonly string[] {
  const [when = "", title = "", id = "", field = "", what = "", state = "", by = "", customer = "", run = ""] = rowOf(
    entry,
    zone,
  );
  const name = title === id ? id : `${title} (${id})`;
  const change = field === "" ? what : `${field} ${what}`;
  const whose = customer === "" ? "" : `customer ${customer}, `;
  return [
    ...hanging("", `${when} ${name}: ${change}, ${state}`, width),
    ...hanging("  ", `${whose}by ${by}, run ${run}`, width),
  ];
}

function whatHappened({ field, before, after, type, method }: LogEntry, zone: string): string {
  if (field === undefined) return cleanText(method);
  return changeText(field, { before, after }, { types: type === undefined ? {} : { [field]: type }, zone });
}
