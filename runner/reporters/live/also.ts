import type { AlsoGroup, Collateral } from "../../core/model/collateral.ts";
import { bound, count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import type { Paint } from "../paint.ts";
import { changeText, type Showing } from "../value.ts";
import { fit, hanging, wrap } from "../width.ts";

interface Shown extends Showing {
  readonly width: number;
  readonly paint: Paint;
}

/** What else changed, by field and cause; nothing where nothing did. */
export function alsoLines(collateral: Collateral, shown: Shown): readonly string[] {
  const { width } = shown;
  if (!collateral.checked) return notComparedLines(collateral, width);
  const { found, groups, more, narrowed } = collateral;
  if (found === 0) return [];
  return [
    `Also changed: ${countOf(found, "item is", "items are")} not as in the first list`,
    ...groups.flatMap((group) => groupLines(group, shown)),
    ...(more === 0 ? [] : [`  ${countOf(more, "item is", "items are")} counted above and not told by field`]),
    ...(narrowed === true ? hanging("  ", narrowedText, width) : []),
  ];
}

const narrowedText = "compared were the items of the first list alone, which the plan narrows";

/** That nobody has looked is told too. */
export function notComparedLines({ why }: { readonly why: string }, width: number): readonly string[] {
  return wrap(`Whether anything else changed was not checked: ${cleanText(why)}.`, width);
}

/** How long an edit by somebody else could go unseen right before a change was sent. */
export function gapLines(gapMs: number | undefined, width: number): readonly string[] {
  if (gapMs === undefined) return [];
  const longest = bound(Math.max(1, gapMs));
  const text = `Where an item was read again right before its change was sent, that was at most ${longest} before. What somebody else wrote to the same fields in that time is overwritten, and nothing shows it.`;
  return wrap(text, width);
}

function groupLines(group: AlsoGroup, shown: Shown): readonly string[] {
  const { width, paint } = shown;
  const examples = group.examples.map((example) => exampleText(group, example, shown)).join(", ");
  const rest = group.count - group.examples.length;
  const all = rest > 0 ? `${examples} and ${count(rest)} more` : examples;
  return [...hanging("  ", groupText(group), width), paint.quiet(fit(`    ${all}`, width))];
}

/** Says no more than is known: of an item that nothing was sent to, not who changed it. */
function groupText({ what, cause, field, count: number }: AlsoGroup): string {
  const items = countOf(number, "item");
  const sent = "that a change was or may have been sent to";
  const changed = `${cleanText(field ?? "")} on ${items}`;
  switch (what) {
    case "touched":
      return cause === "ours"
        ? `${changed} ${sent}, and on no other: by all appearances a side effect`
        : `${changed} ${sent}: by that, or by somebody else`;
    case "untouched":
      return `${changed} that this run sent nothing to`;
    case "appeared":
      return `${items} appeared in the list`;
    case "vanished":
      return `${items} ${cause === "unknown" ? sent : "that this run sent nothing to"}: not in the list any more`;
  }
}

function exampleText({ field }: AlsoGroup, example: AlsoGroup["examples"][number], shown: Shown): string {
  const { title, before, after } = example;
  if (field === undefined) return cleanText(title);
  return `${cleanText(title)} ${changeText(field, { before, after }, shown)}`;
}
