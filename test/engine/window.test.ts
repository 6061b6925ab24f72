import { describe, expect, it } from "vitest";
import type { Window } from "../../runner/core/model/precautions.ts";
import type { Clock } from "../../runner/core/model/ports.ts";
import { realClock } from "../../runner/runs/clock.ts";
import { drive, expectSound, productsOf } from "../support/drive.ts";

const hour = 3_600_000;

/** The clock on the wall can be set; what has passed since boot can not. */
function wallClock(): Clock & { set(byMs: number): void } {
  const real = realClock();
  let shift = 0;
  return {
    now: () => real.now() + shift,
    up: () => real.up(),
    sleep: (ms, signal) => real.sleep(ms, signal),
    set: (byMs) => (shift += byMs),
  };
}

/** Every day around this moment. @param fromMs Before it. */
function windowAround(now: number, fromMs: number, toMs: number): Window {
  const minute = (ms: number): number => (new Date(ms).getUTCHours() * 60 + new Date(ms).getUTCMinutes()) % 1440;
  return { days: [1, 2, 3, 4, 5, 6, 7], from: minute(now - fromMs), to: minute(now + toMs), zone: "UTC" };
}

describe.concurrent("a change window", () => {
  it("that is open lets the run through without a word", async () => {
    const window = windowAround(Date.now(), hour, hour);
    const run = await drive({ plan: productsOf({ count: 5, window }) });
    expectSound(run);
    expect(run.all("paused")).toEqual([]);
    expect(run.end.exit).toBe(0);
  });

  it("that is closed for longer than is waited for ends the run before anything is sent: exit 8", async () => {
    const window = windowAround(Date.now(), -2 * hour, 4 * hour);
    const run = await drive({ plan: productsOf({ window }), job: { waits: { personMs: 0, windowMs: 60_000 } } });
    expectSound(run);
    expect(run.received).toEqual([]);
    expect(run.all("paused")).toMatchObject([{ for: "window", until: expect.any(Number) as number }]);
    expect(run.all("stopped")).toMatchObject([
      { reason: "window", detail: expect.stringContaining("it opens at") as string },
    ]);
    expect(run.end.notStarted).toEqual({ window: run.changes.length });
    expect(run.end.exit).toBe(8);
  });

  it("T14: that closes in mid-run, by a clock that is set, lets nothing through until it opens again", async () => {
    const clock = wallClock();
    const window = windowAround(clock.now(), hour, hour);
    let closedAt = Infinity;
    let openedAt = Infinity;
    const run = await drive({
      simulator: { devices: 400, latencyMs: 60 },
      plan: productsOf({ window, pace: { concurrency: 2 } }),
      seams: { clock },
      on: (event) => {
        if (event.type === "outcome" && closedAt === Infinity) {
          closedAt = clock.up();
          clock.set(3 * hour);
        }
        if (event.type === "paused") {
          setTimeout(() => {
            openedAt = clock.up();
            clock.set(21 * hour);
          }, 1500);
        }
      },
    });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 0, notStarted: {} });
    const [paused] = run.all("paused");
    const [continued] = run.all("continued");
    expect(continued).toMatchObject({ after: "window" });
    expect((paused?.up ?? 0) - closedAt).toBeLessThan(1300);
    expect(continued?.up ?? 0).toBeGreaterThanOrEqual(openedAt - 1);
    const between = run.records.filter(
      ({ type, seq }) => type === "sent" && seq > (paused?.seq ?? 0) && seq < (continued?.seq ?? 0),
    );
    expect(between).toEqual([]);
  });

  it("T14: items that are busy are given up by the time that has passed, whatever the clock on the wall says", async () => {
    const clock = wallClock();
    const run = await drive({
      plan: productsOf({ count: 2, hold: { everyMs: 100, giveUpMs: 700, when: () => true } }),
      seams: { clock },
      on: (event) => {
        if (event.type === "hold") clock.set(hour);
      },
    });
    expectSound(run);
    const holds = run.all("hold").filter(({ index }) => index === 0);
    const lasted = (holds.at(-1)?.up ?? 0) - (holds[0]?.up ?? 0);
    expect(lasted).toBeGreaterThan(400);
    expect(lasted).toBeLessThan(5000);
    expect(run.end.notStarted).toEqual({ held: 2 });
  });
});
