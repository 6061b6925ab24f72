import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Window } from "../../../runner/core/model/precautions.ts";
import { closesAt, opensAt } from "../../../runner/core/schedule/window.ts";

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const time = (text: string): number => {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
};
/** `22:00-05:00 Europe/Berlin`. */
function windowOf(text: string, days: readonly number[] = everyDay): Window {
  const [, from = "", to = "", zone = ""] = /^(\S+)-(\S+) (\S+)$/.exec(text) ?? [];
  return { days, from: time(from), to: time(to), zone };
}
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().replace(":00.000Z", "Z");
const at = (text: string): number => Date.parse(text);

interface Case {
  readonly window: string;
  readonly days?: readonly number[];
  readonly now: string;
  /** `now`: it is open. */
  readonly opens: string;
  /** `never`; `now`: it is closed. */
  readonly closes: string;
}

describe("a change window", () => {
  it("works out the clocks of a day once, though a run that waits asks every second", () => {
    const window = windowOf("22:00-23:00 Europe/Berlin");
    opensAt(window, at("2026-11-26T12:00Z"));
    const looks = vi.spyOn(Intl.DateTimeFormat.prototype, "formatToParts");
    onTestFinished(() => looks.mockRestore());
    for (let second = 1; second <= 1000; second++) opensAt(window, at("2026-11-26T12:00Z") + second * 1000);
    // One for each question: which day it is.
    expect(looks).toHaveBeenCalledTimes(1000);
  });

  it("says the same whichever days it was asked about before", () => {
    const days = [1, 2, 3];
    const window = windowOf("22:00-05:00 Europe/Berlin", days);
    const moments = ["2026-03-27T12:00Z", "2026-03-30T23:00Z", "2026-03-27T12:00Z", "2026-10-25T00:30Z"].map(at);
    const fresh = (ms: number) => opensAt(windowOf("22:00-05:00 Europe/Berlin", days), ms);
    expect(moments.map((ms) => opensAt(window, ms))).toEqual(moments.map(fresh));
  });

  it.each<[string, Case]>([
    [
      "is closed until it opens",
      { window: "22:00-23:00 UTC", now: "2026-11-26T12:00Z", opens: "2026-11-26T22:00Z", closes: "now" },
    ],
    [
      "is open from its first moment",
      { window: "22:00-23:00 UTC", now: "2026-11-26T22:00Z", opens: "now", closes: "2026-11-26T23:00Z" },
    ],
    [
      "is closed at the moment at which it closes",
      { window: "22:00-23:00 UTC", now: "2026-11-26T23:00Z", opens: "2026-11-27T22:00Z", closes: "now" },
    ],
    [
      "goes on past midnight",
      { window: "22:00-05:00 Europe/Berlin", now: "2026-11-26T23:30Z", opens: "now", closes: "2026-11-27T04:00Z" },
    ],
    [
      "belongs after midnight to the day on which it opened",
      { window: "22:00-05:00 UTC", days: [5], now: "2026-11-28T04:59Z", opens: "now", closes: "2026-11-28T05:00Z" },
    ],
    [
      "is not open on the morning of a day alone on which it opens in the evening",
      { window: "22:00-05:00 UTC", days: [5], now: "2026-11-27T04:59Z", opens: "2026-11-27T22:00Z", closes: "now" },
    ],
    [
      "waits for its next day, a week away if need be",
      { window: "08:00-09:00 UTC", days: [4], now: "2026-11-26T09:00Z", opens: "2026-12-03T08:00Z", closes: "now" },
    ],
    [
      "knows what day it is in its zone",
      {
        window: "08:00-09:00 Pacific/Auckland",
        days: [5],
        now: "2026-11-26T19:30Z",
        opens: "now",
        closes: "2026-11-26T20:00Z",
      },
    ],
    [
      "is a whole day where it closes when it opens",
      { window: "06:00-06:00 UTC", days: [1], now: "2026-11-30T07:00Z", opens: "now", closes: "2026-12-01T06:00Z" },
    ],
    [
      "stays open over whole days one after another",
      { window: "00:00-00:00 UTC", days: [6, 7], now: "2026-11-28T07:00Z", opens: "now", closes: "2026-11-30T00:00Z" },
    ],
    [
      "never closes when all days are whole",
      { window: "06:00-06:00 Europe/Berlin", now: "2026-11-26T07:00Z", opens: "now", closes: "never" },
    ],
    [
      "is an hour shorter in the night in which clocks go forward",
      { window: "22:00-05:00 Europe/Berlin", now: "2026-03-28T21:00Z", opens: "now", closes: "2026-03-29T03:00Z" },
    ],
    [
      "is an hour longer in the night in which they go back",
      { window: "22:00-05:00 Europe/Berlin", now: "2026-10-24T20:00Z", opens: "now", closes: "2026-10-25T04:00Z" },
    ],
    [
      "opens when clocks go forward over the time at which it opens",
      { window: "02:30-04:00 Europe/Berlin", now: "2026-03-29T00:59Z", opens: "2026-03-29T01:00Z", closes: "now" },
    ],
    [
      "closes in time when it opened so",
      { window: "02:30-04:00 Europe/Berlin", now: "2026-03-29T01:00Z", opens: "now", closes: "2026-03-29T02:00Z" },
    ],
    [
      "closes as late as it would have when clocks go forward over that time",
      { window: "01:00-02:30 Europe/Berlin", now: "2026-03-29T00:00Z", opens: "now", closes: "2026-03-29T01:30Z" },
    ],
    [
      "is not skipped with the hour that it is",
      { window: "02:00-03:00 Europe/Berlin", now: "2026-03-29T01:00Z", opens: "now", closes: "2026-03-29T02:00Z" },
    ],
    [
      "is not skipped with the hour that it lies in",
      { window: "02:10-02:50 Europe/Berlin", now: "2026-03-29T01:00Z", opens: "now", closes: "2026-03-29T01:50Z" },
    ],
    [
      "opens at the first of two times that are the same",
      { window: "02:30-04:00 Europe/Berlin", now: "2026-10-25T00:30Z", opens: "now", closes: "2026-10-25T03:00Z" },
    ],
    [
      "closes at the first of two times that are the same",
      { window: "01:00-02:30 Europe/Berlin", now: "2026-10-24T23:00Z", opens: "now", closes: "2026-10-25T00:30Z" },
    ],
    [
      "does not open again in an hour that comes twice",
      { window: "02:10-02:50 Europe/Berlin", now: "2026-10-25T01:10Z", opens: "2026-10-26T01:10Z", closes: "now" },
    ],
    [
      "knows clocks that go forward at midnight",
      { window: "00:00-01:00 America/Havana", now: "2026-03-08T05:00Z", opens: "now", closes: "2026-03-08T06:00Z" },
    ],
    [
      "knows clocks that change by half an hour",
      {
        window: "02:00-02:30 Australia/Lord_Howe",
        now: "2026-10-03T15:30Z",
        opens: "now",
        closes: "2026-10-03T16:00Z",
      },
    ],
    [
      "is not skipped with a date that a zone has skipped",
      {
        window: "10:00-12:00 Pacific/Apia",
        days: [5],
        now: "2011-12-30T09:00Z",
        opens: "2011-12-30T10:00Z",
        closes: "now",
      },
    ],
  ])("%s", (_, { window, days, now, opens, closes }) => {
    const written = windowOf(window, days);
    const name = (ms: number | undefined): string => (ms === at(now) ? "now" : (iso(ms) ?? "never"));
    expect({ opens: name(opensAt(written, at(now))), closes: name(closesAt(written, at(now))) }).toEqual({
      opens,
      closes,
    });
  });

  it("never has been open before it opens, nor is closed before it closes, minute by minute in any zone", () => {
    fc.assert(
      fc.property(anyWindow, anyMoment, (window, now) => {
        const scan = new Scan(window, now);
        expect(iso(opensAt(window, now))).toBe(iso(scan.first(true)));
        const whole = window.from === window.to && window.days.length === 7;
        expect(iso(closesAt(window, now))).toBe(whole ? undefined : iso(scan.first(false)));
      }),
      { numRuns: 60 },
    );
  });
});

/** Zones with their own ways of changing clocks, and moments within days of such changes. */
const zones = [
  ...["UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Beirut"],
  ...["Africa/Casablanca", "Pacific/Chatham", "America/Santiago", "Asia/Kathmandu", "Pacific/Kiritimati"],
];
const changes = ["2026-03-08", "2026-03-29", "2026-04-05", "2026-09-06", "2026-10-04", "2026-10-25", "2026-11-01"];

const anyTime = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 240 }));
const anyWindow: fc.Arbitrary<Window> = fc.record({
  days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
  from: anyTime,
  to: anyTime,
  zone: fc.constantFrom(...zones),
});
const anyMoment = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -3 * 24 * 60, max: 3 * 24 * 60 }))
  .map(([day, minutes]) => at(`${day}T00:00Z`) + minutes * 60_000);

/** Looks at every minute, and does nothing cleverly. */
class Scan {
  readonly #window: Window;
  readonly #now: number;
  /** Minutes since 1970 on the clock, by the minute. */
  readonly #clock: readonly number[];
  readonly #start: number;
  readonly #open: ReadonlySet<number>;

  constructor(window: Window, now: number) {
    this.#window = window;
    this.#now = now;
    this.#start = now - 4 * 24 * 60 * 60_000;
    const format = new Intl.DateTimeFormat("sv-SE", {
      ...{ timeZone: window.zone, dateStyle: "short", timeStyle: "short" },
    });
    this.#clock = Array.from({ length: 15 * 24 * 60 }, (_, minute) => {
      return Date.parse(`${format.format(this.#start + minute * 60_000).replace(" ", "T")}Z`) / 60_000;
    });
    this.#open = new Set(
      this.#nights().flatMap(([from, to]) => Array.from({ length: to - from }, (__, k) => from + k)),
    );
  }

  /** The first minute from now on in which it is open, or closed. */
  first(open: boolean): number {
    let minute = (this.#now - this.#start) / 60_000;
    while (this.#open.has(minute) !== open) minute += 1;
    return this.#start + minute * 60_000;
  }

  #nights(): readonly (readonly [number, number])[] {
    const { days, from, to } = this.#window;
    const dates = [...new Set(this.#clock.map((wall) => Math.floor(wall / 1440)))].slice(1, -1);
    return dates
      .filter((date) => days.includes(((date + 3) % 7) + 1))
      .map((date) => {
        const opens = this.#shows(date * 1440 + from);
        const length = to > from ? to - from : to - from + 1440;
        const closes = this.#shows(date * 1440 + from + length);
        // As much later as the clock lacks.
        const shown = this.#clock[closes - 1] ?? 0;
        const isSkipped = this.#clock[closes] !== date * 1440 + from + length;
        const end = isSkipped ? closes + (date * 1440 + from + length - shown - 1) : closes;
        return [opens, end > opens ? end : opens + length] as const;
      });
  }

  /** The first minute in which the clock shows that, or more. */
  #shows(wall: number): number {
    const found = this.#clock.findIndex((shown) => shown >= wall);
    return found < 0 ? this.#clock.length : found;
  }
}
