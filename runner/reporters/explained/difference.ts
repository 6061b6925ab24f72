import type { DifferenceGroup, DifferenceSide, ExplainedRun, SelectionDifference } from "../../core/model/explained.ts";
import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { statusText } from "../run-status.ts";
import { changeText } from "../value.ts";
import { hanging } from "../width.ts";
import { nameText, placeText, runLines, secondsText, sectionsText, type Around } from "./around.ts";

/** Which items only one of two runs has selected, and what made the difference. */
export function differenceText(told: SelectionDifference, around: Around): string {
  const { now, then, both, selectedNow, selectedThen } = told;
  const { paint, zone, width } = around;
  return sectionsText([
    [
      ...hanging("", summaryText(told), width, 0).map(paint.strong),
      ...runLines(now, zone),
      `against ${then.run}, ${cleanText(statusText(then))}, whose list was read ${secondsText(then.now, zone)}`,
      ...doubts(told).flatMap((doubt) => hanging("", doubt, width, 0).map(paint.doubt)),
    ],
    sideLines("Selected now, and not then", { side: selectedNow, leftOutBy: then, isNow: true }, told, around),
    sideLines("Selected then, and not now", { side: selectedThen, leftOutBy: now, isNow: false }, told, around),
    both === 0 ? [] : [`Selected in both: ${count(both)}`],
  ]);
}

/** One sentence, for where there is room for no more. */
export function summaryText({ then, both, selectedNow, selectedThen }: SelectionDifference): string {
  if (selectedNow.count === 0 && selectedThen.count === 0)
    return `The same ${countOf(both, "item")} ${both === 1 ? "is" : "are"} selected as in run ${then.run}`;
  return `Against run ${then.run}, ${countOf(selectedNow.count, "item is", "items are")} newly selected, ${count(selectedThen.count)} not any more`;
}

function doubts({ samePlan, sameInputs }: SelectionDifference): readonly string[] {
  if (samePlan && sameInputs) return [];
  const what = [...(samePlan ? [] : ["the text of the plan"]), ...(sameInputs ? [] : ["the inputs"])];
  return [`Between the two runs, ${what.join(" and ")} changed: that may make a difference too.`];
}

function sideLines(
  head: string,
  {
    side,
    leftOutBy,
    isNow,
  }: { readonly side: DifferenceSide; readonly leftOutBy: ExplainedRun; readonly isNow: boolean },
  { now }: SelectionDifference,
  { width, zone, paint }: Around,
): readonly string[] {
  if (side.count === 0) return [];
  const groups = side.groups.flatMap((group) => [
    ...hanging("  ", `${count(group.count)}: ${causeText(group, leftOutBy, isNow)}`, width, 4),
    ...group.examples.flatMap((example) => {
      const { shifts, why, ...item } = example;
      const texts = Object.entries(shifts).map(
        ([name, shift]) => `${cleanText(name)} ${changeText(name, shift, { types: now.types, zone })}`,
      );
      const more = [...texts, ...(why === undefined ? [] : [cleanText(why)])].join(", ");
      return hanging("    ", more === "" ? nameText(item) : `${nameText(item)}: ${more}`, width, 6);
    }),
    ...(group.count > group.examples.length ? [`    … and ${count(group.count - group.examples.length)} more`] : []),
  ]);
  return [paint.strong(`${head}: ${countOf(side.count, "item")}`), ...groups];
}

function causeText({ cause, clause, fields }: DifferenceGroup, leftOutBy: ExplainedRun, isNow: boolean): string {
  const when = isNow ? "then" : "now";
  switch (cause) {
    case "appeared":
      return "not in the list then";
    case "vanished":
      return "not in the list any more";
    case "refused":
      return `could not be decided ${when}`;
    case "unchosen":
      return `not looked at ${when}, since that run was about items chosen before`;
    case "desired":
      return `as desired ${when}${changedText(fields, "what is desired of them")}`;
    case "clause": {
      const where = clause === undefined ? "" : ` (${placeText(clause, leftOutBy)}): ${cleanText(clause.text)}`;
      return `left out ${when} by a clause${where}${clause?.names.length === 0 ? "; it names no field" : changedText(fields, "the inputs, what was looked up, the moment or the plan")}`;
    }
  }
}

function changedText(fields: readonly string[], else_: string): string {
  if (fields.length > 0) return `; changed in between: ${fields.map(cleanText).join(", ")}`;
  return `; no value of theirs that it is about changed, so it is ${else_}`;
}
