import type { FactOf, Note } from "../../core/model/events.ts";
import { itemStates, type ItemState, type NotStartedReason } from "../../core/model/outcome.ts";
import { count, countOf, duration } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { exitMeaning } from "../exit.ts";
import type { Paint } from "../paint.ts";
import { fit, hanging, pad } from "../width.ts";
import { reasons } from "./announce.ts";

/** Items of one state with one cause. */
export interface Cause {
  readonly state: string;
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** Titles of a few of them. */
  readonly examples: readonly string[];
}

export interface Recap {
  readonly end: FactOf<"end">;
  readonly run: Pick<Extract<Note, { type: "run" }>, "run" | "plan" | "service">;
  readonly causes: readonly Cause[];
  readonly anchor: string | undefined;
  readonly elapsedMs: number;
  /** Makes a complete command line of a verb and its arguments. */
  readonly command: (...words: readonly string[]) => string;
  readonly width: number;
  readonly paint: Paint;
}

/** How a run ended: counts, what went wrong and why, what to do next, and the anchor that proves the record. */
export function recapText(recap: Recap): string {
  const sections = [
    [headline(recap), ...countLines(recap)],
    recap.causes.length === 0 ? [] : causeLines(recap),
    nextLines(recap),
    closing(recap),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const remarks: Readonly<Record<ItemState, string>> = {
  "filtered-out": "",
  already: "as desired before we came",
  refused: "could not be decided",
  "not-started": "",
  drifted: "not as reviewed when it was read right before sending, or not readable: not sent",
  confirmed: "read again, and as asked for",
  pending: "accepted, not visible yet",
  rejected: "the service said no, or it could not be sent",
  unknown: "no answer, and no read shows the change",
  diverged: "not the value we asked for",
  vanished: "gone from the list",
  unverifiable: "accepted; nothing more can be shown",
};

const good: ReadonlySet<ItemState> = new Set(["confirmed", "already", "unverifiable", "filtered-out"]);

function headline({ end, run, elapsedMs, paint }: Recap): string {
  const { counts } = end;
  const what = `${cleanText(run.plan)} on ${cleanText(run.service)}`;
  const changes = countOf(selected(end), "change");
  const text =
    selected(end) === 0
      ? `${what}: nothing to change`
      : `${what}: ${count(counts.confirmed + counts.unverifiable)} of ${changes} ${counts.unverifiable > 0 ? "accepted or confirmed" : "confirmed"}`;
  return (end.exit === 0 ? paint.good : paint.bad)(`${text}, in ${duration(elapsedMs)}`);
}

function selected({ counts }: FactOf<"end">): number {
  const others = counts["filtered-out"] + counts.already + counts.refused;
  return Object.values(counts).reduce((sum, number) => sum + number, 0) - others;
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
  const open = end.sealed ? [] : [paint.bad("  some answers are still open: this run is not finished")];
  return [...lines, end.conserved ? sum : paint.bad(sum + wrong), ...open];
}

function reasonsText(notStarted: Readonly<Partial<Record<NotStartedReason, number>>>): string {
  return Object.entries(notStarted)
    .map(([reason, number]) => `${count(number)} because ${reasons[reason as NotStartedReason]}`)
    .join(", ");
}

function causeLines({ causes, width, paint }: Recap): readonly string[] {
  return ["Why", ...causes.flatMap((cause) => causeText(cause, width, paint))];
}

/** Two lines: how many and what the service said; then a few of the items. */
export function causeText(cause: Cause, width: number, paint: Paint): readonly string[] {
  const code = cause.code === "" ? "" : `${cleanText(cause.code)}: `;
  // The only cause that something confirmed can have.
  const state = cause.state === "confirmed" ? "confirmed, though the service said" : cause.state;
  const what = `  ${count(cause.count)} ${state}: ${code}${cleanText(cause.message)}`;
  const rest = cause.count - cause.examples.length;
  const names = cause.examples.map(cleanText).join(", ");
  const examples = rest > 0 ? `${names} and ${count(rest)} more` : names;
  return [
    ...hanging("  ", what.trimStart(), width),
    ...(names === "" ? [] : [paint.quiet(fit(`    ${examples}`, width))]),
  ];
}

function nextLines({ end, run, command, paint }: Recap): readonly string[] {
  const steps = nextSteps(end).map(({ verb, why }) => ({ text: command(...verb, run.run), why }));
  if (steps.length === 0) return [];
  const longest = Math.max(...steps.map(({ text }) => text.length));
  return ["Next", ...steps.map(({ text, why }) => `  ${pad(text, longest)}  ${paint.quiet(`# ${why}`)}`)];
}

/** What helps, most useful first. */
function nextSteps(end: FactOf<"end">): readonly { readonly verb: readonly string[]; readonly why: string }[] {
  const { counts, notStarted } = end;
  const stopped = Object.keys(notStarted).filter((reason) => reason !== "limit");
  const steps: { verb: readonly string[]; why: string }[] = [];
  if (!end.conserved) steps.push({ verb: ["audit", "verify"], why: "find out what is wrong with the record" });
  if (!end.sealed || stopped.length > 0) steps.push({ verb: ["resume"], why: "go on where it stopped" });
  const unseen = counts.pending + counts.unknown;
  if (unseen > 0) steps.push({ verb: ["verify"], why: "look again; nothing is sent" });
  const toSee = counts.rejected + counts.refused + counts.drifted + counts.diverged + counts.vanished + unseen;
  if (toSee + counts["not-started"] > 0) steps.push({ verb: ["show"], why: "every item that is not confirmed" });
  if (end.sealed && counts.rejected + counts.unknown + (notStarted.limit ?? 0) > 0) {
    steps.push({ verb: ["rerun"], why: "when the cause is gone: what was rejected, unknown or not started" });
  }
  return steps;
}

function closing({ end, anchor, paint }: Recap): readonly string[] {
  const exit = end.exit === 0 ? [] : [`Exit ${end.exit}: ${exitMeaning(end.exit)}`];
  const proof = anchor === undefined ? [] : [paint.quiet(`Anchor ${anchor}`)];
  return [...exit, ...proof];
}
