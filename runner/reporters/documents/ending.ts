import type { FactOf } from "../../core/model/events.ts";
import type { NotStartedReason } from "../../core/model/outcome.ts";
import { count, countOf } from "../amount.ts";
import { exitMeaning } from "../exit.ts";
import { reasons } from "../live/announce.ts";
import { nextSteps } from "../next-steps.ts";
import { brief, byText, sentence } from "../sentence.ts";
import type { RunDocument } from "./model.ts";

/** How much of what a person or a service said stands in one sentence, in characters. */
const longest = 160;

/** Why a run came to its end before all of its items: who or what stopped it, a sentence each. Empty: nothing did. */
export function stopTexts(document: RunDocument): readonly string[] {
  const { end, stops } = document;
  if (end === undefined) return [];
  const said = Object.keys(end.notStarted).map((reason) => stopText(reason as NotStartedReason, document));
  const isTold = end.notStarted.gate !== undefined || end.notStarted.person !== undefined;
  if (end.gate === undefined || isTold || stops.gate === undefined) return said;
  // Everything had been sent when the gate of the last wave found that.
  return [...said, stopText(end.gate === "fail" ? "gate" : "person", document)];
}

function stopText(reason: NotStartedReason, document: RunDocument): string {
  const { stops, end, selected } = document;
  const detail = stops.details.get(reason) ?? "";
  switch (reason) {
    case "aborted":
      return sentence(stops.aborted === undefined ? "The run was aborted" : `Aborted ${askedText(stops.aborted)}`);
    case "interrupted":
      return sentence(
        stops.interrupted === undefined
          ? "The run was interrupted"
          : `Interrupted ${byText(stops.interrupted, longest)}`,
      );
    case "limit":
      return sentence(`Stopped by a limit${after(detail)}`);
    case "gate":
      return sentence(
        `The gate after wave ${(stops.gate?.wave ?? 0) + 1} failed${after(stops.gate?.detail ?? detail)}`,
      );
    case "person":
      return personText(document, detail === "" ? (stops.gate?.detail ?? "") : detail);
    case "window":
      return sentence(`Waits for its change window${after(detail)}`);
    case "held":
      return sentence(`Left out as busy for too long: ${countOf(end?.notStarted.held ?? 0, "item")}`);
    case "parked": {
      const names = stops.parked.map(({ group = 0, limit, value, tolerated }) => {
        const name = brief(selected?.groups?.[group]?.name ?? `number ${group + 1}`, longest);
        return `${name} (stop.${limit} is ${count(value)}, tolerated ${count(tolerated)})`;
      });
      const shown = names.slice(0, mostGroups);
      const more = names.length > shown.length ? [`${count(names.length - shown.length)} more`] : [];
      return sentence(`Groups that were parked: ${[...shown, ...more].join(", ")}`);
    }
    case "expired":
    case "login":
    case "record":
    case "lock":
    case "crash":
      return sentence(`Stopped: ${reasons[reason]}${detail === "" ? "" : ` (${brief(detail, longest)})`}`);
  }
}

const mostGroups = 3;

function personText({ stops }: RunDocument, detail: string): string {
  if (stops.promoted === undefined) return sentence(`Waits for a person${after(detail)}`);
  return `${sentence(`Waited for a person${after(detail)}`)} ${sentence(`Promoted ${askedText(stops.promoted)}`)}`;
}

/** What goes on with a run that was stopped, as commands. Empty: it was not, or nothing does. */
export function wayOnText(document: RunDocument): string {
  const { end, summary, stops } = document;
  if (end === undefined || summary.rehearsed === true) return "";
  const command = (verb: string): string => `rollcall ${verb} ${summary.run}`;
  const steps = new Set(nextSteps(end, summary.repeat).map(({ verb }) => verb.join(" ")));
  if (steps.has("promote") && stops.promoted === undefined)
    return `If the wave is good: ${command("promote")}, then ${command("resume")}. If it is not: ${command("abort")}`;
  if (steps.has("resume"))
    return `It goes on with: ${command("resume")}${end.gate === "fail" ? ", which looks at the wave again" : ""}`;
  const isLeft = Object.keys(end.notStarted).length > 0;
  return isLeft && steps.has("rerun") ? `What is left can be taken up: ${command("rerun")}` : "";
}

/** States that an exit code stands for, of which the table says only that there are some. */
const statesOf: Readonly<Record<number, readonly string[]>> = {
  6: ["rejected", "refused", "not-started"],
  7: ["diverged", "vanished", "unknown", "drifted", "open"],
  8: ["pending", "not-started"],
};

/** `Exit 6: 2 rejected, 45 not-started`. Empty: there is none. */
export function exitText({ summary: { exit, counts, open } }: RunDocument): string {
  if (exit === undefined) return "";
  const numbers: Readonly<Record<string, number>> = { ...counts, open };
  const there = (statesOf[exit] ?? []).filter((state) => (numbers[state] ?? 0) > 0);
  const what = there.map((state) => `${count(numbers[state] ?? 0)} ${state}`).join(", ");
  return sentence(`Exit ${exit}: ${what === "" ? exitMeaning(exit) : what}`);
}

function askedText({ by, why }: Pick<FactOf<"control">, "by" | "why">): string {
  return `${byText(by, longest)}${after(why)}`;
}

function after(text: string): string {
  const said = brief(text, longest).trim();
  return said === "" ? "" : `: ${said}`;
}
