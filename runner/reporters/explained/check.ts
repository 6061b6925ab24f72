import type { BaselineReport, CheckReport } from "../../core/model/explained.ts";
import type { Fields } from "../../core/model/item.ts";
import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { previewText } from "../live/preview.ts";
import { statusText } from "../run-status.ts";
import { heldText, type Showing } from "../value.ts";
import { hanging } from "../width.ts";
import { nameText, secondsText, sectionsText, type Around } from "./around.ts";
import { summaryText } from "./difference.ts";

const rows = 20;

/** Whether a list is as its plan wants it, and what is not. */
export function checkText(report: CheckReport, around: Around & { readonly tableWidth: number }): string {
  const { of, preview, baseline } = report;
  const { zone, width, tableWidth, paint } = around;
  const more = around.command("show", of.run);
  return sectionsText([
    verdictLines(report, around),
    [previewText({ preview, more, rows, zone, width, tableWidth, paint })],
    sinceLines(report, around),
    baseline === undefined ? [] : baselineLines(baseline, around, { types: of.types, zone }),
    [`Why one of them is where it is: ${around.command("explain", of.run, "ID")}`],
  ]);
}

function verdictLines(
  { of, exit, counts, guards, baseline, unjudgeable, preview }: CheckReport,
  { paint, width, zone }: Around,
): readonly string[] {
  const { selected, already, rows: all } = counts;
  const strayed = baseline?.strayed.count ?? 0;
  const broken = guards.filter(({ ok }) => !ok).map(({ guard }) => guard);
  const isGone = exit === 0 && preview.expect === "absent";
  const drift = unjudgeable
    ? `Can not be judged: ${countOf(selected, "item")} of ${count(all)} ${selected === 1 ? "matches" : "match"}, and no read shows whether ${of.plan} was applied to ${selected === 1 ? "it" : "them"} (expect: accepted)`
    : selected > 0
      ? `DRIFT: ${count(selected)} of ${countOf(all, "item")} ${selected === 1 ? "is" : "are"} not as ${of.plan} wants`
      : isGone && already === 0
        ? `Nothing would change: nothing is left of what ${of.plan} removes, of ${countOf(all, "item")}`
        : `Nothing would change: ${countOf(already, "item is", "items are")} as ${of.plan} wants, of ${count(all)}`;
  const head = exit === 0 ? paint.good : paint.bad;
  return [
    ...(selected === 0 && strayed > 0
      ? hanging(
          "",
          `DRIFT: ${countOf(strayed, "item does", "items do")} not hold what run ${baseline?.of.run ?? ""} left.`,
          width,
          0,
        ).map(head)
      : []),
    ...hanging("", `${cleanText(drift)}. Read ${secondsText(of.now, zone)}.`, width, 0).map(head),
    ...(broken.length === 0
      ? []
      : hanging(
          "",
          `An apply would be refused now: ${[...new Set(broken)].map(cleanText).join(", ")} (see below).`,
          width,
          0,
        ).map(paint.doubt)),
  ];
}

function sinceLines({ since, later, of }: CheckReport, { width, zone, command }: Around): readonly string[] {
  if (later !== undefined) {
    const text = `Not compared with run ${later.run}: its list was read ${secondsText(later.now, zone)}, after this one.`;
    return hanging("", text, width, 2);
  }
  if (since === undefined) return [];
  const isSame = since.selectedNow.count === 0 && since.selectedThen.count === 0;
  return [
    ...hanging("", `${summaryText(since)}.`, width, 2),
    ...(isSame ? [] : [`What made the difference: ${command("explain", of.run, "--against", since.then.run)}`]),
  ];
}

function baselineLines(baseline: BaselineReport, { width, paint, zone }: Around, showing: Showing): readonly string[] {
  const { of, confirmed, holding, strayed, gone, unjudged, unverifiable, added } = baseline;
  return [
    ...hanging(
      "",
      `Run ${of.run}, whose list was read ${secondsText(of.now, zone)}, confirmed ${countOf(confirmed, "item")}; ${count(holding)} of them hold what it left`,
      width,
      2,
    ).map(paint.strong),
    ...(of.status === "sealed"
      ? []
      : hanging(
          "  ",
          `That run is not over (${cleanText(statusText(of))}): what it has not confirmed by now is not looked at.`,
          width,
        ).map(paint.doubt)),
    ...strayLines(strayed, { width, paint, showing }),
    ...named("not in the list any more", gone.count, gone.examples, width),
    ...(unjudged === 0
      ? []
      : hanging(
          "  ",
          `${countOf(unjudged, "item")} can not be judged: this list does not show what that run set.`,
          width,
        )),
    ...(unverifiable === 0
      ? []
      : hanging(
          "  ",
          `${countOf(unverifiable, "item was", "items were")} accepted by the service, and no read shows what became of ${unverifiable === 1 ? "it" : "them"}: whether ${unverifiable === 1 ? "it holds" : "they hold"} that can not be judged.`,
          width,
        )),
    ...named(
      `new since then and match: ${count(added.already)} as desired, ${count(added.selected)} not`,
      added.already + added.selected,
      added.examples,
      width,
    ),
  ];
}

function strayLines(
  { count: strayed, examples }: BaselineReport["strayed"],
  { width, paint, showing }: Pick<Around, "width" | "paint"> & { readonly showing: Showing },
): readonly string[] {
  if (strayed === 0) return [];
  const head = `${countOf(strayed, "item does", "items do")} not hold it any more. Somebody or something changed ${strayed === 1 ? "it" : "them"} since; who, a list does not say:`;
  return [
    ...hanging("  ", head, width, 2).map(paint.bad),
    ...examples.flatMap(({ left, found, ...item }) =>
      hanging("    ", `${nameText(item)}: ${strayText(left, found, showing)}`, width, 6),
    ),
    ...(strayed > examples.length ? [`    … and ${count(strayed - examples.length)} more`] : []),
  ];
}

function strayText(left: Fields, found: Fields | undefined, showing: Showing): string {
  if (found === undefined) return "it was removed, and is there again";
  const names = [...new Set([...Object.keys(left), ...Object.keys(found)])];
  return names
    .map((name) => {
      const now = heldText(name, found[name] ?? null, showing);
      return Object.hasOwn(left, name)
        ? `${cleanText(name)} was left as ${heldText(name, left[name] ?? null, showing)}, is ${now}`
        : `${cleanText(name)} is ${now}`;
    })
    .join(", ");
}

function named(
  what: string,
  all: number,
  examples: BaselineReport["gone"]["examples"],
  width: number,
): readonly string[] {
  if (all === 0) return [];
  const more = all > examples.length ? ` and ${count(all - examples.length)} more` : "";
  return hanging("  ", `${countOf(all, "item")} ${what}: ${examples.map(nameText).join(", ")}${more}`, width, 4);
}
