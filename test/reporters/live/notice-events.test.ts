import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Notice } from "../../../runner/core/model/notice.ts";
import { eventsText } from "../../../runner/reporters/live/notice-events.ts";

type Event = Notice["event"];

const times = (number: number, event: Event): Event[] => Array.from({ length: number }, () => event);

describe("events that somebody was not told of", () => {
  it.each<readonly [readonly Event[], string]>([
    [[], ""],
    [["test"], "test"],
    [["start", "done"], "start and done"],
    [["start", "hold", "done"], "start, hold and done"],
    [["start", ...times(38, "hold"), "done"], "start, 38 holds and done"],
    [["start", "stop", "done", "start", "done"], "2 starts, stop and 2 ends"],
    [times(1234, "hold"), "1,234 holds"],
  ])("%# are counted by kind", (events, text) => {
    expect(eventsText(events)).toBe(text);
  });

  it("make one short line, however many there are and in whatever order they came", () => {
    const event = fc.constantFrom<Event>("start", "hold", "stop", "done", "test");
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 2000 }), (events) => {
        const text = eventsText(events);
        const counted = text.split(/, | and /).map((kind) => Number(/^[\d,]+/.exec(kind)?.[0].replace(",", "") ?? 1));
        expect(counted.reduce((sum, one) => sum + one, 0)).toBe(events.length);
        expect(text.length).toBeLessThan(70);
      }),
    );
  });
});
