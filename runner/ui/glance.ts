import type { FactOf } from "../core/model/events.ts";
import type { Worker } from "../core/model/told.ts";
import { lostThoughLocked } from "../runs/history/lost.ts";
import { count, countOf, duration, rate } from "../reporters/amount.ts";
import { exitMeaning } from "../reporters/exit.ts";
import { pausedText, type Whereabouts } from "../reporters/live/happenings.ts";
import { Pace } from "../reporters/live/pace.ts";
import { cleanText } from "../reporters/clean.ts";
import { byText, sentence } from "../reporters/sentence.ts";
import { headlineText, toneOf, unfinished, type Tone } from "../reporters/verdict.ts";
import { servicePart } from "../runs/history/summary.ts";
import { withClockTexts } from "./clock-text.ts";
import type { FollowedRun } from "./follow.ts";
import { nextText } from "./next.ts";
import { offersFor, type Operation } from "./offers.ts";
import { sharesOf, type Share } from "./shares.ts";
import { isSettled, standingOf, type Standing } from "./standing.ts";

/** A run at one moment, for the bar at the top of its page. All of it is text to be shown as it is. */
export interface Glance {
  readonly standing: Standing;
  readonly tone: Tone;
  /** What its report would say first if it were made now; left out: what it said when it was made. */
  readonly heading?: string;
  readonly headline: string;
  readonly detail: string;
  /** Changes with an answer, of all that are to be made; 0 of 0 until the list was read. */
  readonly done: number;
  readonly total: number;
  readonly parts: readonly string[];
  readonly shares: readonly Share[];
  readonly offers: readonly Operation[];
  /** It is not followed: see `isSettled` of a standing. */
  readonly isSettled: boolean;
}

const worst: readonly string[] = ["rejected", "unknown", "diverged", "vanished", "drifted"];

/** Makes glances of one run, one after another: how fast it is can be seen from two of them only. */
export class Glancer {
  readonly #followed: FollowedRun;
  readonly #whereabouts: Whereabouts;
  #pace = new Pace();
  #generation = 0;

  constructor(followed: FollowedRun, whereabouts: Whereabouts) {
    this.#followed = followed;
    this.#whereabouts = whereabouts;
  }

  /** @param at Ms of any one clock. */
  glance(worker: Worker | undefined, at: number): Glance {
    const { told } = this.#followed;
    const standing = standingOf(told, worker);
    const { shares, done, total } = progressOf(this.#followed);
    return {
      standing,
      ...headingOf(this.#followed, standing),
      ...this.#headline(standing, worker),
      ...{ done, total, shares },
      parts: [
        ...soFar(done, total),
        ...this.#where(standing),
        ...troubles(shares),
        ...this.#speed(standing, { at, done, total }),
      ],
      offers: offersFor(this.#followed, standing),
      isSettled: isSettled(standing, told.state),
    };
  }

  #headline(standing: Standing, worker: Worker | undefined): Pick<Glance, "tone" | "headline" | "detail"> {
    const { told, folder } = this.#followed;
    const { command } = this.#whereabouts;
    const exit = told.state.end?.exit ?? 0;
    switch (standing) {
      case "damaged":
        return {
          tone: "bad",
          headline: "The record is damaged",
          detail: cleanText(`${told.damage ?? lostThoughLocked}. What came after can not be told.`),
        };
      case "over":
        return { tone: toneOf(exit), headline: `Ended, exit ${exit}`, detail: this.#ended(exit) };
      case "previewed":
        return { tone: "open", headline: "Only looked at", detail: "Nothing was sent." };
      case "deciding":
        return { tone: "open", headline: this.#deciding(), detail: "Nothing is sent before that." };
      case "running":
        return { tone: this.#followed.paused === undefined ? "open" : "doubt", ...this.#running() };
      case "unseen":
        return {
          tone: "doubt",
          headline: `In the hands of process ${worker?.pid} on ${cleanText(worker?.host ?? "")}`,
          detail: "Whether that still runs can not be seen from here.",
        };
      case "left":
        return {
          tone: "doubt",
          headline: "Nobody has it in hand",
          detail: `To go on where it stopped: ${command("resume", folder.run)}`,
        };
    }
  }

  #deciding(): string {
    return this.#followed.told.state.selected === undefined ? "Reading the list" : "Waiting for a yes";
  }

  #ended(exit: number): string {
    const { abort } = this.#followed.told.state.asked;
    const aborted = abort === undefined ? "" : sentence(`Aborted ${abortText(abort)}`);
    const said = [aborted, sentence(exitMeaning(exit)), nextText(this.#followed, this.#whereabouts)];
    return said.filter((one) => one !== "").join(" ");
  }

  #running(): Pick<Glance, "headline" | "detail"> {
    const { pauses, told } = this.#followed;
    const { asked } = told.state;
    if (asked.abort !== undefined)
      return { headline: "Aborted", detail: sentence(`${sentence(abortText(asked.abort))} What was sent is seen to`) };
    if (pauses.length === 0) return { headline: this.#doing(), detail: "" };
    const isHuman = pauses.some((paused) => paused.for === "operator" || paused.for === "person");
    // The newest first; what is done about one of them leaves the others.
    const reasons = pauses.map((paused) => this.#pausedText(paused)).reverse();
    return { headline: isHuman ? "Paused" : "Waiting", detail: reasons.join(" · ") };
  }

  #pausedText(paused: FactOf<"paused">): string {
    const text = pausedText(paused, this.#followed.folder.run, this.#whereabouts);
    return paused.until === undefined ? text : withClockTexts(text);
  }

  #doing(): string {
    const { last, state } = this.#followed.told;
    if (last?.type === "pass" || last?.type === "verdict") return "Reading the list again to confirm";
    return state.wave === undefined ? "About to begin" : "Making changes";
  }

  #where(standing: Standing): readonly string[] {
    const { selected, wave, busySince } = this.#followed.told.state;
    const waves = selected?.waves.length ?? 1;
    if (standing === "over" || standing === "damaged" || wave === undefined) return [];
    const which = wave.number < waves ? `wave ${wave.number + 1} of ${waves}` : "a last wave";
    return [...(waves > 1 ? [which] : []), ...(busySince.size > 0 ? [`${count(busySince.size)} busy`] : [])];
  }

  #speed(standing: Standing, { at, done, total }: { at: number; done: number; total: number }): readonly string[] {
    const { generation } = this.#followed.told.state;
    // The time between two processes is none in which it was slow.
    if (generation !== this.#generation) this.#pace = new Pace();
    this.#generation = generation;
    if (standing !== "running" || this.#followed.paused !== undefined || done === total) return [];
    this.#pace.mark(at, done);
    const perSecond = this.#pace.perSecond(at, done);
    const leftMs = this.#pace.remainingMs(at, done, total - done);
    return [
      ...(perSecond === undefined ? [] : [rate(perSecond)]),
      ...(leftMs === undefined ? [] : [`${duration(leftMs)} left`]),
    ];
  }
}

/** The last thing that a page hears of a run that is not followed. Of a damaged record nobody can say that the run has ended. */
export function lastWord({ standing }: Pick<Glance, "standing">) {
  return standing === "damaged"
    ? { live: "Not live", text: "A damaged record is not followed.", link: "Load the page anew" }
    : { live: "Ended", text: "It has ended, and sent nothing.", link: "Show the finished report" };
}

function progressOf({ told }: FollowedRun): Pick<Glance, "done" | "total" | "shares"> {
  const { state } = told;
  const { counts, open } = state.counts();
  const already = counts.already - (state.selection?.already ?? 0);
  return {
    total: state.items.size,
    done: state.items.size - counts["not-started"] - open,
    shares: sharesOf(counts, { already, open }),
  };
}

const headed: Readonly<Partial<Record<Standing, string>>> = {
  running: unfinished.underWay,
  unseen: unfinished.underWay,
  left: unfinished.left,
  over: "",
};

function headingOf({ told: { state }, folder }: FollowedRun, standing: Standing): Pick<Glance, "heading"> {
  const { start, selection } = state;
  if (standing === "damaged") return { heading: `Run ${folder.run}: the record is damaged` };
  const more = headed[standing];
  if (start === undefined || selection === undefined || more === undefined) return {};
  const text = headlineText({ plan: start.plan.name, ...servicePart(start.service), ...state.counts() });
  return { heading: `${text}${more}` };
}

function soFar(done: number, total: number): readonly string[] {
  if (total === 0) return [];
  return [`${count(done)} of ${countOf(total, "change")}, ${Math.floor((done * 100) / total)}%`];
}

function troubles(shares: Glance["shares"]): readonly string[] {
  return shares.filter(({ state }) => worst.includes(state)).map((share) => `${count(share.count)} ${share.state}`);
}

function abortText({ by, why }: FactOf<"control">): string {
  return `${byText(by)}: ${cleanText(why)}`;
}
