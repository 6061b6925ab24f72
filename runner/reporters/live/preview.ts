import { isOfPolicy } from "../../core/select/policy.ts";
import type { Note } from "../../core/model/events.ts";
import type { GuardResult, PreviewRow, Refusal, StopsAt } from "../../core/model/preview.ts";
import { keysText } from "../../core/select/wanted.ts";
import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import type { Paint } from "../paint.ts";
import { namesOf, table, type Named } from "../table.ts";
import { changeText, type Showing } from "../value.ts";
import { hanging, pad } from "../width.ts";

export interface PreviewShown {
  readonly preview: Extract<Note, { type: "preview" }>;
  /** The command that lists the rest, complete. */
  readonly more: string;
  readonly width: number;
  /** Of its table, and of lines that are not to be cut where nobody's terminal is in the way. */
  readonly tableWidth: number;
  readonly paint: Paint;
  /** Zone of the times it shows. */
  readonly zone: string;
  /** Rows of the table; 0: counts and guards only. */
  readonly rows: number;
}

type Shown = Showing & Pick<PreviewShown["preview"], "expect" | "method">;

const refusalsShown = 10;
const goneShown = 50;

/** What a plan would do: counts, the first changes before -> after, what could not be decided, and every guard with both numbers. */
export function previewText(shown: PreviewShown): string {
  const { counts, sample, refusals, guards, undo } = shown.preview;
  const sections = [
    countsText(shown),
    ...(sample.length === 0 || shown.rows === 0 ? [] : [changesText(shown)]),
    ...(counts.refused === 0 ? [] : [refusalsText(refusals, shown)]),
    ...goneText(shown),
    ...unusedText(shown),
    ...warningsText(shown),
    ...(guards.length === 0 ? [] : [guardsText(guards, shown)]),
    ...(undo === undefined ? [] : [hanging("", `Undo: ${cleanText(undo)}`, shown.width).join("\n")]),
  ];
  return sections.join("\n\n");
}

/** What the counts mean for changes as a plan makes them, and for those that take a run back. */
const forth = {
  filteredOut: "filtered out",
  already: "already as desired",
  refused: "could not be decided",
  missing: "chosen for this rerun",
  selected: "to change",
};
const back: typeof forth = {
  filteredOut: "not changed by it",
  already: "as before already",
  refused: "stay as they are",
  missing: "changed by the run",
  selected: "to put back",
};

function countsText({ preview, width, paint }: PreviewShown): string {
  const { counts, method, missing = 0, narrowed, undoes } = preview;
  const words = undoes === undefined ? forth : back;
  const lines: readonly (readonly [string, number, string])[] = [
    ["enumerated", counts.rows, narrowed ? "of a narrowed list" : ""],
    [words.filteredOut, counts["filtered-out"], ""],
    [words.already, counts.already, ""],
    ...(counts.refused === 0 ? [] : [["refused", counts.refused, words.refused] as const]),
    ...(missing === 0 ? [] : [["gone from the list", missing, words.missing] as const]),
    [words.selected, counts.selected, counts.selected === 0 ? "" : `by ${cleanText(method)}`],
  ];
  const digits = Math.max(...lines.map(([, number]) => count(number).length));
  const shown = lines.flatMap(([name, number, remark]) => {
    const label = `${pad(name, 20)}${pad(count(number), digits, "right")}`;
    const told = remark === "" ? [label] : hanging(`${label}  `, remark, width, 20);
    return name === words.selected ? told.map(paint.strong) : told;
  });
  return [...shown, ...portionsText(preview, width)].join("\n");
}

const wavesShown = 5;

/** In which portions they go out, where there are several. */
function portionsText({ waves = [], groups = 0, stopsAt }: PreviewShown["preview"], width: number): readonly string[] {
  const sizes = waves.slice(0, wavesShown).map(count).join(", ");
  const rest = waves.length > wavesShown ? `, … (${count(waves.length)} waves)` : "";
  return [
    ...(waves.length > 1 ? portion("in waves of", `${sizes}${rest}`, width) : []),
    ...(groups > 0 ? portion("groups", `${count(groups)}, each with a budget of its own`, width) : []),
    ...(stopsAt === undefined ? [] : stopsText(stopsAt, width)),
  ];
}

function portion(name: string, text: string, width: number): readonly string[] {
  return hanging(pad(name, 20), text, width, 20);
}

/** Limits are tolerated counts: what stops is one more. */
function stopsText({ of, errors, consecutive, unknown, drifted, groups }: StopsAt, width: number): readonly string[] {
  const what = [
    ordinal(errors, "error"),
    `${count(consecutive)} in a row`,
    ordinal(unknown, "unknown"),
    ...(drifted === undefined ? [] : [ordinal(drifted, "drifted")]),
  ].join(", ");
  const where = { run: "stops at", wave: "a wave stops at", group: "parks a group at" }[of];
  return [
    ...portion(where, what, width),
    ...(groups === undefined ? [] : portion("stops at", ordinal(groups, "parked group"), width)),
  ];
}

function ordinal(number: number, what: string): string {
  const teen = number % 100 >= 11 && number % 100 <= 13;
  const ending = teen ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `the ${count(number)}${ending} ${what}`;
}

function changesText({
  preview: { sample, counts, types, expect, method },
  more,
  tableWidth,
  rows,
  zone,
}: PreviewShown): string {
  const items = sample.slice(0, rows);
  const names = namesOf(items.map(cleanName), tableWidth);
  const columns = [...names.columns, { head: "field", least: 8 }, { head: "before -> after", least: 16 }];
  const text = table(
    columns,
    items.flatMap((row) => changeRows(row, names.cells(cleanName(row)), { types, zone, expect, method })),
    tableWidth,
  );
  const left = counts.selected - items.length;
  return left > 0 ? `${text}\n… and ${count(left)} more (${more})` : text;
}

const cleanName = ({ id, title }: PreviewRow): Named => ({ id: cleanText(id), title: cleanText(title) });

/** One row a field; the item is named on its first. Where no field is set, it says what is done. */
function changeRows(
  { before, after }: PreviewRow,
  item: readonly string[],
  showing: Shown,
): readonly (readonly string[])[] {
  const names = Object.keys(after);
  if (names.length === 0) return [[...item, "", whatIsDone(showing)]];
  return names.map((name, place) => [
    ...(place === 0 ? item : item.map(() => "")),
    cleanText(name),
    changeText(name, { before: before[name], after: after[name] }, showing),
  ]);
}

function whatIsDone({ expect, method }: Shown): string {
  const call = cleanText(method);
  if (expect === "absent") return "there -> removed";
  return expect === "accepted" ? `${call}; its effect can not be read back` : call;
}

function refusalsText(refusals: readonly Refusal[], { preview, width, tableWidth, paint }: PreviewShown): string {
  const total = preview.counts.refused;
  const groups = alike(refusals);
  const shown = groups.slice(0, refusalsShown);
  const name = namesAmong(refusals);
  const lines = shown.flatMap(({ first, first: { why, hint }, count: number }) => [
    ...refusalLines(
      `${name(first)}${number > 1 ? ` and ${count(number - 1)} more` : ""}: ${cleanText(why)}`,
      tableWidth,
    ),
    ...(hint === undefined ? [] : hanging("    ", cleanText(hint), width, 4).map(paint.quiet)),
  ]);
  const left = total - shown.reduce((sum, group) => sum + group.count, 0);
  return [
    ...hanging(
      "",
      preview.undoes === undefined
        ? `${countOf(total, "item")} could not be decided, so nothing is assumed about ${total === 1 ? "it" : "them"}:`
        : `${countOf(total, "item")} can not be put back:`,
      width,
      0,
    ).map(paint.bad),
    ...lines,
    ...(left > 0 ? [`  … and ${count(left)} more`] : []),
  ].join("\n");
}

/** What was to be put back and is gone, by title and id. Who wants them all asks for JSON, and finds them in the run's record. */
function goneText({ preview: { gone = [], missing = 0 }, width, tableWidth, paint }: PreviewShown): readonly string[] {
  if (gone.length === 0) return [];
  const shown = gone.slice(0, goneShown);
  const name = namesAmong(gone);
  const head = `${countOf(missing, "item that the run changed is", "items that the run changed are")} gone from the list, so ${missing === 1 ? "it" : "they"} can not be put back:`;
  const left = missing - shown.length;
  return [
    [
      ...hanging("", head, width, 0).map(paint.bad),
      ...shown.flatMap((item) => refusalLines(nameAndId(item, name(item)), tableWidth)),
      ...(left > 0 ? [`  … and ${count(left)} more; --json names up to 1 000`] : []),
    ].join("\n"),
  ];
}

function nameAndId({ id }: Refusal, name: string): string {
  const shown = cleanText(id);
  return name === shown || name.endsWith(` (${shown})`) ? name : `${name} (${shown})`;
}

/** Whole, however narrow: what is cut of a reason may be the reason. */
function refusalLines(text: string, width: number): readonly string[] {
  return hanging("  ", text, width, 4);
}

/** The title of each, with the id where several have that title. */
function namesAmong(refusals: readonly Refusal[]): (refusal: Refusal) => string {
  const times = new Map<string, number>();
  for (const { title } of refusals) times.set(title, (times.get(title) ?? 0) + 1);
  return ({ id, title }) => cleanText((times.get(title) ?? 0) > 1 && id !== title ? `${title} (${id})` : title);
}

/** Refusals for the same reason, the first of each and how many there are. */
function alike(refusals: readonly Refusal[]): readonly { readonly first: Refusal; readonly count: number }[] {
  const groups = new Map<string, { readonly first: Refusal; count: number }>();
  for (const refusal of refusals) {
    const key = JSON.stringify([refusal.why, refusal.hint]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: refusal, count: 1 });
    else group.count += 1;
  }
  return [...groups.values()];
}

/** Rows that the plan looks things up in, and that met no item of the list. */
function unusedText({ preview: { lookups = [] }, width, paint }: PreviewShown): readonly string[] {
  const lines = lookups
    .filter(({ unused = 0 }) => unused > 0)
    .flatMap(({ name, rows, unused = 0, keys = [] }) => {
      const told = `${count(unused)} of ${countOf(rows, "row")} of lookup ${name} met no item: ${keysText(keys)}`;
      const more = unused - keys.length;
      return hanging("", cleanText(more > 0 ? `${told} and ${count(more)} more` : told), width);
    });
  return lines.length === 0 ? [] : [paint.strong(lines.join("\n"))];
}

/** What the plan warns of. Not cut at the edge: it is there to be read. */
function warningsText({ preview: { warnings = [], counts }, paint, width }: PreviewShown): readonly string[] {
  const lines = warnings.flatMap(({ message, items }) =>
    hanging(
      "  ",
      `${items === undefined ? "" : `${count(items)} of ${countOf(counts.selected, "item")}: `}${cleanText(message)}`,
      width,
    ),
  );
  return lines.length === 0 ? [] : [paint.strong(["Warnings", ...lines].join("\n"))];
}

function guardsText(guards: readonly GuardResult[], { paint }: PreviewShown): string {
  const name = Math.max(...guards.map(({ guard }) => guard.length));
  const lines = guards.map(({ guard, allowed, found, ok, message }) => {
    const numbers = isOfPolicy(guard)
      ? cleanText(String(found))
      : guard === "require"
        ? `${cleanText(allowed)}: ${cleanText(String(found))}`
        : `found ${cleanText(String(found))}, allowed ${cleanText(allowed)}`;
    const line = `  ${ok ? "ok    " : "BREACH"}  ${pad(guard, name)}  ${numbers}`;
    return ok ? line : `${paint.bad(line)}\n          ${cleanText(message)}`;
  });
  return ["Guards", ...lines].join("\n");
}
