import type { Repeat } from "../../core/model/change.ts";
import type { Approved } from "../../core/model/approval.ts";
import type { FactOf, Note } from "../../core/model/events.ts";
import type { Collateral } from "../../core/model/collateral.ts";
import type { Value } from "../../core/model/item.ts";
import type { Cause } from "../../core/model/told.ts";
import { itemStates } from "../../core/model/outcome.ts";
import { count, duration } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { exitMeaning } from "../exit.ts";
import type { Paint } from "../paint.ts";
import { heldText, type Showing } from "../value.ts";
import { fit, hanging, pad } from "../width.ts";
import { alsoLines, gapLines, notComparedLines } from "./also.ts";
import { nextSteps, wayBack } from "../next-steps.ts";
import { good, headlineText, reasonsText, remarks } from "../verdict.ts";

/** How causes are shown. */
export interface CauseShown extends Showing {
  readonly width: number;
  readonly paint: Paint;
}

export interface Recap extends CauseShown {
  readonly end: FactOf<"end">;
  readonly run: Pick<Extract<Note, { type: "run" }>, "run" | "plan" | "service">;
  readonly causes: readonly Cause[];
  /** What else changed; undefined: nothing, or that was not looked at. */
  readonly collateral?: Collateral | undefined;
  /** Of the plan's change; undefined where that is not known. */
  readonly repeat: Repeat | undefined;
  readonly anchor: string | undefined;
  /** Who approved the change set. Left out: nobody. */
  readonly approvals?: readonly Approved[];
  readonly elapsedMs: number;
  /** What was confirmed may be taken back, as far as is known; left out: nobody offers that. */
  readonly canUndo?: boolean;
  /** Makes a complete command line of a verb and its arguments. */
  readonly command: (...words: readonly string[]) => string;
}

/** How a run ended: counts, what went wrong and why, what to do next, and the anchor that proves the record. */
export function recapText(recap: Recap): string {
  const sections = [
    [headline(recap), ...countLines(recap)],
    recap.causes.length === 0 ? [] : causeLines(recap),
    alsoChanged(recap),
    gapLines(recap.end.gapMs, recap.width),
    nextLines(recap),
    closing(recap),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function alsoChanged({ end, collateral, ...shown }: Recap): readonly string[] {
  if (end.collateral?.checked === false) return notComparedLines(end.collateral, shown.width);
  return collateral === undefined ? [] : alsoLines(collateral, shown);
}

function headline({ end, run, elapsedMs, paint }: Recap): string {
  const text = headlineText({ ...run, counts: end.counts });
  return (end.exit === 0 ? paint.good : paint.bad)(`${text}, in ${duration(elapsedMs)}`);
}

function countLines({ end, width, paint }: Recap): readonly string[] {
  const { counts, notStarted } = end;
  const shown = itemStates.filter((state) => counts[state] > 0).reverse();
  const total = Object.values(counts).reduce((sum, number) => sum + number, 0);
  const digits = count(total).length;
  const lines = shown.map((state) => {
    const remark = state === "not-started" ? reasonsText(notStarted) : remarks[state];
    const head = `  ${pad(state, 14)}${pad(count(counts[state]), digits, "right")}  `;
    const line = hanging(head, remark, width, head.length).join("\n").trimEnd();
    return good.has(state) ? line : state === "pending" ? paint.doubt(line) : paint.bad(line);
  });
  const sum = `  ${pad("enumerated", 14)}${pad(count(total), digits, "right")}`;
  const wrong = "  THE COUNTS DO NOT ADD UP to the list that was read: run the audit";
  const gone =
    end.gone === undefined
      ? []
      : hanging(
          `  ${pad("gone", 14)}${pad(count(end.gone), digits, "right")}  `,
          "from the list, though changed by the run that this takes back: not put back",
          width,
          18 + digits,
        ).map(paint.bad);
  const open = end.sealed ? [] : [paint.bad("  some answers are still open: this run is not finished")];
  return [...lines, end.conserved ? sum : paint.bad(sum + wrong), ...gone, ...open];
}

function causeLines(recap: Recap): readonly string[] {
  return ["Why", ...recap.causes.flatMap((cause) => causeText(cause, recap))];
}

/** Two lines: how many and what the service said; then a few of the items. */
export function causeText(cause: Cause, shown: CauseShown): readonly string[] {
  const { width, paint } = shown;
  // The only cause that something confirmed can have.
  const state = cause.state === "confirmed" ? "confirmed, though the service said" : cause.state;
  const what = `  ${count(cause.count)} ${state}: ${whatWasWrong(cause, shown)}`;
  const rest = cause.count - cause.examples.length;
  const names = cause.examples.map(cleanText).join(", ");
  const examples = rest > 0 ? `${names} and ${count(rest)} more` : names;
  return [
    ...hanging("  ", what.trimStart(), width),
    ...(names === "" ? [] : [paint.quiet(fit(`    ${examples}`, width))]),
  ];
}

/** What the service said, what the items hold instead, and whether they may be sent again; empty: nothing to say. */
export function whatWasWrong({ code, message, found, undone }: Cause, showing: Showing): string {
  const said = [code, message].filter((text) => text !== "").map(cleanText);
  return [
    ...(said.length === 0 ? [] : [said.join(": ")]),
    ...(found === undefined ? [] : [foundText(found, showing)]),
    ...(undone === true ? [undoneText] : []),
  ].join("; ");
}

/** Of a lost answer: what is known all the same. */
export const undoneText = "not done as far as reads show; it may be sent again: rerun";

function foundText(found: NonNullable<Cause["found"]>, showing: Showing): string {
  const fields = Object.entries(found).map(
    ([name, value]) => `${cleanText(name)} ${heldText(name, value as Value, showing)}`,
  );
  return `found ${fields.length === 0 ? "something else" : fields.join(", ")}`;
}

function nextLines({ end, repeat, run, command, paint, canUndo = false }: Recap): readonly string[] {
  const found = [...nextSteps(end, repeat), ...(canUndo ? wayBack(end) : [])];
  const steps = found.map(({ verb, options = [], why }) => ({
    text: command(...verb, run.run, ...options),
    why,
  }));
  if (steps.length === 0) return [];
  const longest = Math.max(...steps.map(({ text }) => text.length));
  return ["Next", ...steps.map(({ text, why }) => `  ${pad(text, longest)}  ${paint.quiet(`# ${why}`)}`)];
}

function closing({ end, anchor, approvals = [], paint }: Recap): readonly string[] {
  const exit = end.exit === 0 ? [] : [`Exit ${end.exit}: ${exitMeaning(end.exit)}`];
  const proof = anchor === undefined ? [] : [paint.quiet(`Anchor ${anchor}`)];
  const approved =
    approvals.length === 0 ? [] : [`Approved by ${approvals.map(({ key }) => cleanText(key)).join(", ")}`];
  return [...exit, ...approved, ...proof];
}
