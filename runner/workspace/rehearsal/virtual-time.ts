import { RunnerError } from "../../core/model/errors.ts";
import type { Clock } from "../../core/model/ports.ts";
import type { Inbox, Message } from "../../core/model/run-ports.ts";

/** Time since boot when a rehearsal begins: so long ago was the last call that anybody made. */
const bootedMs = 86_400_000;

/**
 * Turns of the event loop in which nobody asks for the time until time may pass. Whatever goes on asks for it: a record is
 * dated, a call is timed. Records that wait for the end of a turn come in them.
 */
const quietTurns = 4;

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that passes only when nothing else can happen, and then at once to the soonest moment that somebody waits for. */
export class VirtualTime implements Clock {
  readonly #began: number;
  #up = bootedMs;
  /** The soonest comes last. Of equals the one that was asked for first does. */
  readonly #timers: Timer[] = [];
  /** Work that takes real time, and none of this one. */
  readonly #outside = new Set<Promise<unknown>>();
  /** How often somebody asked for the time, or for a moment to come. */
  #asked = 0;

  /** @param began Wall ms. */
  constructor(began: number) {
    this.#began = began;
  }

  now(): number {
    this.#asked += 1;
    return this.#began + this.passed;
  }
  up(): number {
    this.#asked += 1;
    return this.#up;
  }
  /** Ms since it began. */
  get passed(): number {
    return this.#up - bootedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const onAbort = (): void => {
        drop();
        resolve();
      };
      const drop = this.at(this.#up + ms, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** @param at Ms since boot. @returns What forgets it. */
  at(at: number, wake: () => void): () => void {
    this.#asked += 1;
    const timer = { at, wake };
    this.#timers.splice(placeFor(at, this.#timers), 0, timer);
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place !== -1) this.#timers.splice(place, 1);
    };
  }

  /** No time passes while this is under way: files are written in no time. */
  async outside<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(nothing, nothing);
    this.#outside.add(settled);
    try {
      return await work;
    } finally {
      this.#outside.delete(settled);
    }
  }

  /** Let work go on until it is done, time passing whenever it does nothing but wait. @throws {RunnerError} `interrupted` */
  async carry<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const end = new AbortController();
    const done = (): void => end.abort();
    const isDone = (): boolean => end.signal.aborted;
    work.then(done, done);
    for (;;) {
      await this.#quiet(isDone);
      if (isDone()) return work;
      if (signal?.aborted === true) throw new RunnerError("interrupted", "Interrupted; nothing was sent.");
      if (this.#outside.size > 0) await Promise.race(this.#outside);
      else this.#advance();
    }
  }

  /** Calls that take no time at all follow one another without a timer: the next turns belong to what they bring about. */
  async #quiet(isDone: () => boolean): Promise<void> {
    for (let turn = 0; turn < quietTurns && !isDone(); turn++) {
      const asked = this.#asked;
      await turnOfLoop();
      if (this.#asked > asked) turn = -1;
    }
  }

  #advance(): void {
    const next = this.#timers.at(-1);
    if (next === undefined) throw new Error("the rehearsed run waits for something that never comes");
    this.#up = Math.max(this.#up, next.at);
    for (let due = this.#timers.at(-1); due !== undefined && due.at <= this.#up; due = this.#timers.at(-1)) {
      this.#timers.pop();
      due.wake();
    }
  }
}

/** The inbox of the engine, its waits in virtual time. */
export function virtualInbox(time: Pick<VirtualTime, "up" | "at">): Inbox {
  let arrived: Message[] = [];
  let wake = nothing;
  return {
    post(message) {
      arrived.push(message);
      wake();
    },
    async take(timeoutMs) {
      if (arrived.length === 0 && timeoutMs > 0) {
        await new Promise<void>((resolve) => {
          const drop = timeoutMs === Infinity ? nothing : time.at(time.up() + timeoutMs, resolve);
          wake = () => {
            drop();
            resolve();
          };
        });
      }
      wake = nothing;
      const taken = arrived;
      arrived = [];
      return taken;
    },
  };
}

/** Behind all that are later, in front of those that are as soon and were there before. */
function placeFor(at: number, timers: readonly Timer[]): number {
  const place = timers.findIndex((timer) => timer.at <= at);
  return place === -1 ? timers.length : place;
}

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function nothing(): void {
  // There is nothing to do.
}
