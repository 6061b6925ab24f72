/** How far back the rate looks, in ms: long enough to be calm, short enough to follow a throttle. */
const spanMs = 15_000;
const stepMs = 500;

/** Changes a second over the last seconds, and what that says about the rest. Times are ms of any one clock. */
export class Pace {
  readonly #marks: { readonly at: number; readonly done: number; readonly calls: number }[] = [];

  /** @param calls That were made so far, where that is asked for. */
  mark(at: number, done: number, calls = 0): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && at - last.at < stepMs) return;
    this.#marks.push({ at, done, calls });
    while ((this.#marks[1]?.at ?? at) < at - spanMs) this.#marks.shift();
  }

  /** Undefined until something can be said. */
  perSecond(at: number, done: number): number | undefined {
    const first = this.#marks[0];
    if (first === undefined || at - first.at < stepMs || done <= first.done) return undefined;
    return ((done - first.done) * 1000) / (at - first.at);
  }

  /** Undefined until something can be said. */
  callsPerMinute(at: number, calls: number): number | undefined {
    const first = this.#marks[0];
    if (first === undefined || at - first.at < stepMs || calls <= first.calls) return undefined;
    return ((calls - first.calls) * 60_000) / (at - first.at);
  }

  /** Ms until `left` more are done at the present rate; undefined when nobody can tell. */
  remainingMs(at: number, done: number, left: number): number | undefined {
    const perSecond = this.perSecond(at, done);
    return perSecond === undefined ? undefined : (left * 1000) / perSecond;
  }
}
