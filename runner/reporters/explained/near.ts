import type { NearMissGroup, NearMissReport } from "../../core/model/explained.ts";
import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { hanging } from "../width.ts";
import { holdsText, nameText, placeText, runLines, sectionsText, type Around } from "./around.ts";

/** Items that one clause alone keeps out, clause by clause. */
export function nearMissText(report: NearMissReport, around: Around): string {
  const { of, groups } = report;
  const sure = groups.reduce((sum, group) => sum + group.count, 0);
  return sectionsText([
    [...headLines(report, sure, around), ...runLines(of, around.zone)],
    ...groups.map((group) => groupLines(group, report, around)),
    sure === 0 ? [] : [`Why one of them is where it is: ${around.command("explain", of.run, "ID")}`],
  ]);
}

function headLines(
  { rows, filteredOut, unlooked, chosenBy }: NearMissReport,
  sure: number,
  { width, paint }: Around,
): readonly string[] {
  const judged = filteredOut - unlooked;
  const all = countOf(rows, "item");
  const left = `${count(judged)} of ${all} ${judged === 1 ? "was" : "were"} left out by the filter, ${count(sure)} of them by one clause alone`;
  if (unlooked === 0) return hanging("", left, width, 0).map(paint.strong);
  const why =
    chosenBy === undefined
      ? "this run was about items that had been chosen before"
      : `one clause left them out, which is all that an undo asks: ${cleanText(chosenBy.text)}`;
  const beside = `Not looked at: ${count(unlooked)} of ${all}, since ${why}`;
  return [
    ...(judged === 0 ? [] : hanging("", left, width, 0).map(paint.strong)),
    ...hanging("", beside, width, 0).map(paint.strong),
  ];
}

function groupLines(group: NearMissGroup, { of }: NearMissReport, { zone, width, paint }: Around): readonly string[] {
  const { clause, count: sure, unread, examples } = group;
  const more = sure - examples.length;
  const head =
    sure === 0
      ? "No item is known to fail only this clause"
      : `${countOf(sure, "item fails", "items fail")} only this clause`;
  return [
    ...hanging("", `${head}: ${cleanText(clause.text)}`, width).map((line, at) =>
      at === 0 ? paint.strong(line) : line,
    ),
    `  ${placeText(clause, of)}${sure === 0 ? "" : `; without it ${wouldText(group)}`}`,
    ...examples.flatMap(({ fields, ...item }) => {
      const held = holdsText(fields, { types: of.types, zone });
      return hanging("  ", held === "" ? nameText(item) : `${nameText(item)}: ${held}`, width, 4);
    }),
    ...(more > 0 && examples.length > 0 ? [`  … and ${count(more)} more`] : []),
    ...(unread === 0 ? [] : hanging("  ", unreadText(group), width)),
  ];
}

function wouldText({ would: { selected, already, refused, unknown } }: NearMissGroup): string {
  const texts = [
    ...(selected > 0 ? [`${count(selected)} would change`] : []),
    ...(already > 0 ? [`${count(already)} would be as desired already`] : []),
    ...(refused > 0 ? [`${count(refused)} could not be decided`] : []),
    ...(unknown > 0 ? [`of ${count(unknown)} it is not known: they were not read by themselves`] : []),
  ];
  return texts.join(", ");
}

function unreadText({ unread, count: sure }: NearMissGroup): string {
  const besides = sure === 0 ? "" : " more";
  return `${countOf(unread, `item${besides}`, `items${besides}`)} may fail only this one: other clauses are about what is read of an item by itself, and ${unread === 1 ? "it was" : "they were"} not read, so that these can not be judged.`;
}
