import { count } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { whatWasWrong } from "../live/recap.ts";
import type { RunDocument } from "./model.ts";
import { verdictOf } from "./outcome.ts";

/** Annotations that GitHub shows of one kind in one step. */
const mostShown = 10;
const inDoubt = new Set(["pending", "unknown", "not-started"]);

/**
 * Workflow commands of GitHub Actions, a line each: the verdict, then why, the commonest causes first. What is more than
 * GitHub shows is left to the step summary.
 */
export function annotationsOf(document: RunDocument): string {
  const verdict = verdictOf(document);
  const kind = verdict.tone === "bad" ? "error" : verdict.tone === "doubt" ? "warning" : "notice";
  const causes = document.causes.map((cause) => {
    const { state, count: of, examples } = cause;
    const said = whatWasWrong(cause, document.showing);
    const some = examples.length === 0 ? "" : ` (${examples.join(", ")}${of > examples.length ? ", …" : ""})`;
    return {
      kind: inDoubt.has(state) ? "warning" : "error",
      text: `${count(of)} ${state}${said === "" ? "" : `: ${said}`}${some}`,
    };
  });
  const of = (wanted: string): readonly string[] => causes.filter((one) => one.kind === wanted).map(({ text }) => text);
  const room = (wanted: string): number => mostShown - Number(wanted === kind);
  const { run, rehearsed = false } = document.summary;
  const title = `rollcall ${run}${rehearsed ? ", a rehearsal" : ""}`;
  return [
    annotation(kind, verdict.text, verdict.detail),
    ...["error", "warning"].flatMap((wanted) =>
      of(wanted)
        .slice(0, room(wanted))
        .map((text) => annotation(wanted, title, text)),
    ),
  ].join("");
}

function annotation(kind: string, title: string, message: string): string {
  return `::${kind} title=${escaped(title).replaceAll(":", "%3A").replaceAll(",", "%2C")}::${escaped(message)}\n`;
}

function escaped(text: string): string {
  return cleanText(text).replaceAll("%", "%25");
}
