import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { reasons } from "../live/announce.ts";
import { headlineText, reasonsText, toneOf, unfinished, type Tone } from "../verdict.ts";
import { exitText, stopTexts, wayOnText } from "./ending.ts";
import type { ItemStory, RunDocument } from "./model.ts";
import { changeText, heldText, type Showing } from "../value.ts";
import type { Value } from "../../core/model/item.ts";
import type { NotStartedReason } from "../../core/model/outcome.ts";

/** What a report says first. */
export interface Verdict {
  readonly tone: Tone;
  readonly text: string;
  /** What that means, or what is missing for it. */
  readonly detail: string;
}

export function verdictOf(document: RunDocument): Verdict {
  const { summary, isUnderWay, end, selection, selected } = document;
  const { plan, service, counts, status, damage = "", exit } = summary;
  // A record that is damaged from its beginning on does not say of what it is.
  const what = plan === "" ? `Run ${summary.run}` : `${cleanText(plan)} on ${cleanText(service)}`;
  if (status === "damaged")
    return {
      tone: "bad",
      text: `${what}: the record is damaged`,
      detail: `${begun(cleanText(damage))}. What rests on that can not be told.`,
    };
  if (counts === undefined)
    return { tone: "doubt", text: `${what}: stopped before its list was read whole`, detail: "Nothing was sent." };
  const breached = selected?.guards.filter(({ ok }) => !ok) ?? [];
  if (status === "previewed") return previewVerdict(what, selection?.selected ?? 0, breached);
  const text = headlineText({ ...summary, counts });
  if (isUnderWay === true)
    return {
      tone: "open",
      text: `${text}${unfinished.underWay}`,
      detail: "Still under way: this is how it stood when the page was made.",
    };
  if (summary.rehearsed === true && status === "open")
    return { tone: "doubt", text: `${text}${unfinished.left}`, detail: rehearsedText };
  if (end === undefined)
    return {
      tone: "doubt",
      text: `${text}${unfinished.left}`,
      detail: `The record has no end yet. If no process has the run in hand any more, it goes on with: rollcall resume ${summary.run}`,
    };
  const stopped = stopTexts(document);
  if (status === "open")
    return {
      tone: "doubt",
      text: `${text}${unfinished.left}`,
      detail: said(...stopped, "Some answers are still open.", wayOnText(document)),
    };
  const detail = said(...stopped, exitText(document), stopped.length === 0 ? "" : wayOnText(document));
  if (summary.rehearsed !== true) return { tone: toneOf(exit), text, detail };
  // Good it is only once it was done.
  return { tone: exit === 0 ? "open" : toneOf(exit), text, detail: `${rehearsedText} ${detail}` };
}

function said(...sentences: readonly string[]): string {
  return sentences.filter((one) => one !== "").join(" ");
}

const rehearsedText = "Only rehearsed: nothing was sent to the service.";

/** As a sentence begins; the name of a file stays as it is. */
function begun(text: string): string {
  return /^[a-z]+[ ,:]/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : `Of the run's files, ${text}`;
}

function previewVerdict(what: string, size: number, breached: readonly { readonly message: string }[]): Verdict {
  const text = size === 0 ? `${what}: nothing to change` : `${what}: ${countOf(size, "change")} would be made`;
  if (breached.length === 0)
    return { tone: size === 0 ? "good" : "open", text, detail: "Only looked at: nothing was sent." };
  // Whether somebody only looked, or tried to apply it, is not recorded: neither sends anything.
  const detail = `Its guards refuse it: ${breached.map(({ message }) => cleanText(message)).join("; ")}. Nothing was sent.`;
  return { tone: "bad", text, detail };
}

/** What a state is called: nothing of a preview was to be started. */
export function labelOf(state: string, { status }: Pick<RunDocument["summary"], "status">): string {
  return status === "previewed" && state === "not-started" ? "would change" : state;
}

/** The fields of an item, each with what it was and was to become, and what it holds instead. */
export function fieldTexts(
  { before, after, found }: ItemStory,
  showing: Showing,
): readonly { readonly field: string; readonly text: string }[] {
  return Object.keys(after).map((name) => {
    const text = changeText(name, { before: before[name] as Value, after: after[name] as Value }, showing);
    const isFound = found !== undefined && Object.hasOwn(found, name);
    const held = isFound ? `, found ${heldText(name, found[name] as Value, showing)}` : "";
    return { field: cleanText(name), text: `${text}${held}` };
  });
}

const credits = { ours: "", unsure: "by us or another", despite: "after a no" } as const;

/** Why an item is not simply confirmed: what the service said, why it was not sent, who it may have been. Empty: nothing to say. */
export function reasonText({ failure, reason, undone, by }: ItemStory): string {
  const said =
    failure === undefined
      ? reason === undefined
        ? ""
        : reasons[reason as NotStartedReason]
      : [failure.code, failure.message].filter(Boolean).join(": ");
  const parts = [said, undone === true ? "not done as far as reads show" : "", by === undefined ? "" : credits[by]];
  return cleanText(parts.filter((part) => part !== "").join("; "));
}

/** Why items were not started; those of a run whose record has no end may still be. */
export function notStartedText({ summary, end }: RunDocument): string {
  return end === undefined ? "not come to yet" : reasonsText(summary.notStarted);
}

/** Where fewer items can be told than were counted. */
export const listDamagedText = "The list of the run is not what the run read";

/** Items in the order in which they are worth a look. */
export const worstFirst = [
  "diverged",
  "vanished",
  "unknown",
  "rejected",
  "open",
  "drifted",
  "refused",
  "not-started",
  "pending",
  "unverifiable",
  "confirmed",
  "already",
] as const;

/** `312 of 1,204`, where not all are shown. */
export function shownOf(shown: number, all: number): string {
  return shown === all ? count(all) : `${count(shown)} of ${count(all)}`;
}
