import type { RunEvent } from "../../core/model/events.ts";
import type { Screen } from "../screen.ts";
import { announcement } from "./announce.ts";
import { happening, type Whereabouts } from "./happenings.ts";
import { Pace } from "./pace.ts";
import { progressParts } from "./progress.ts";
import type { LiveReporter, Stopwatch } from "./reporter.ts";
import type { Phase, Tally } from "./tally.ts";

/** A log of a pipeline stays readable: a line each 5 %, but no two within a second, and one each 10 s of slow work. */
const share = 0.05;
const leastMs = 1000;
const mostMs = 10_000;

/** Plain lines for pipes and CI: announcements as they come, progress now and then. */
export class LineReporter implements LiveReporter {
  readonly #screen: Screen;
  readonly #tally: Tally;
  readonly #whereabouts: Whereabouts;
  readonly #now: Stopwatch;
  readonly #pace = new Pace();
  #told: { readonly at: number; readonly done: number; readonly phase: Phase };
  #last = "";

  constructor(screen: Screen, tally: Tally, whereabouts: Whereabouts, now: Stopwatch = () => performance.now()) {
    this.#screen = screen;
    this.#tally = tally;
    this.#whereabouts = whereabouts;
    this.#now = now;
    this.#told = { at: now(), done: 0, phase: tally.phase };
  }

  /** The tally has taken the event already. */
  take(event: RunEvent): void {
    const line = announcement(event) ?? happening(event, this.#tally, this.#whereabouts);
    if (line !== undefined) this.#screen.note(line);
    const at = this.#now();
    if (this.#tally.phase === "changing") this.#pace.mark(at, this.#tally.done, this.#tally.calls);
    if (this.#isDue(at)) this.#tell(at);
  }

  close(): void {
    // Nothing is drawn that would have to be taken away.
  }

  #isDue(at: number): boolean {
    const { phase, done, total } = this.#tally;
    const since = at - this.#told.at;
    if (since >= mostMs) return true;
    if (phase === "waiting") return this.#told.phase !== "waiting";
    return phase === "changing" && since >= leastMs && done - this.#told.done >= (total ?? Infinity) * share;
  }

  #tell(at: number): void {
    const line = progressParts(this.#tally, this.#pace, at).join(", ");
    this.#told = { at, done: this.#tally.done, phase: this.#tally.phase };
    if (line === "" || line === this.#last) return;
    this.#last = line;
    this.#screen.note(line);
  }
}
