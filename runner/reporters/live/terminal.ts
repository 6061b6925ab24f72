import type { RunEvent } from "../../core/model/events.ts";
import type { Screen } from "../screen.ts";
import { fit, widthOf } from "../width.ts";
import { announcement } from "./announce.ts";
import { happening, type Whereabouts } from "./happenings.ts";
import { Pace } from "./pace.ts";
import { progressParts } from "./progress.ts";
import type { LiveReporter, Stopwatch } from "./reporter.ts";
import type { Tally } from "./tally.ts";

/** At most ten pictures a second; once a second when nothing happens, so that the rate does not freeze. */
const redrawMs = 100;
const idleMs = 1000;
const bar = 20;

/** One line on a terminal, redrawn in place; announcements scroll above it. */
export class TerminalReporter implements LiveReporter {
  readonly #screen: Screen;
  readonly #tally: Tally;
  readonly #whereabouts: Whereabouts;
  readonly #now: Stopwatch;
  readonly #pace = new Pace();
  readonly #idle: NodeJS.Timeout;
  #drawnAt = -Infinity;

  constructor(screen: Screen, tally: Tally, whereabouts: Whereabouts, now: Stopwatch = () => performance.now()) {
    this.#screen = screen;
    this.#tally = tally;
    this.#whereabouts = whereabouts;
    this.#now = now;
    this.#idle = setInterval(() => this.#draw(), idleMs).unref();
  }

  /** The tally has taken the event already. */
  take(event: RunEvent): void {
    const line = announcement(event) ?? happening(event, this.#tally, this.#whereabouts);
    if (line !== undefined) this.#screen.note(line);
    if (this.#tally.phase === "changing") this.#pace.mark(this.#now(), this.#tally.done, this.#tally.calls);
    const stops = this.#tally.phase === "previewed" || this.#tally.phase === "ended";
    if (stops || this.#now() - this.#drawnAt >= redrawMs) this.#draw();
  }

  close(): void {
    clearInterval(this.#idle);
    this.#screen.status("");
  }

  #draw(): void {
    this.#drawnAt = this.#now();
    const parts = progressParts(this.#tally, this.#pace, this.#drawnAt);
    // One column stays free: a line that fills the last one wraps on some terminals.
    const room = this.#screen.noteWidth - 1;
    this.#screen.status(joined([...this.#bar(), ...parts], room));
  }

  #bar(): readonly string[] {
    const { phase, done, total } = this.#tally;
    if (phase !== "changing" || total === undefined || total === 0 || this.#screen.noteWidth < 80) return [];
    const filled = Math.min(bar, Math.floor((done * bar) / total));
    return [`[${"#".repeat(filled)}${"-".repeat(bar - filled)}]`];
  }
}

/** As many parts as fit, in their order; the first is cut rather than left out. */
function joined(parts: readonly string[], room: number): string {
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? fit(part, room) : `${line}  ${part}`;
    if (widthOf(longer) > room) break;
    line = longer;
  }
  return line;
}
