import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { realClock } from "../../runner/runs/clock.ts";

describe("the clock of a run", () => {
  it("counts from the start of the machine, as other processes on it do", () => {
    const clock = realClock();
    const monotonic = Number(process.hrtime.bigint()) / 1e6;
    expect(clock.up()).toBeGreaterThanOrEqual(monotonic - 1);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
  });

  it("shows a suspend that the running time does not, and never goes back", () => {
    let running = 5_000;
    let suspended = 0;
    const clock = realClock({ running: () => running, total: () => running + suspended });
    expect(clock.up()).toBe(5_000);
    running += 1000;
    suspended = 3_600_000;
    expect(clock.up()).toBe(3_606_000);
    for (const jitter of [-12, 7, -900, 900]) {
      running += 150;
      suspended = 3_600_000 + jitter;
      expect(clock.up()).toBe(running + 3_600_000);
    }
    running += 150;
    suspended += 5_000;
    expect(clock.up()).toBe(running + suspended);
  });

  it("believes no uptime that is shorter than the time the machine has run, as containers tell it", () => {
    let running = 1_000_000;
    const clock = realClock({ running: () => running, total: () => running - 900_000 });
    expect(clock.up()).toBe(1_000_000);
    running += 500;
    expect(clock.up()).toBe(1_000_500);
  });

  it("asks for the uptime at most ten times a second", () => {
    let asked = 0;
    let running = 0;
    const clock = realClock({ running: () => running, total: () => ((asked += 1), running) });
    for (running = 0; running < 1000; running += 0.5) clock.up();
    expect(asked).toBeLessThanOrEqual(10);
  });

  it("sleeps as long as asked", async () => {
    const clock = realClock();
    const before = clock.up();
    await clock.sleep(30);
    expect(clock.up() - before).toBeGreaterThanOrEqual(30);
    await clock.sleep(0);
    await clock.sleep(-5);
  });

  it("wakes early without an error when it is called off, and leaves nothing behind", async () => {
    const clock = realClock();
    const call = new AbortController();
    const before = clock.up();
    const asleep = [clock.sleep(2 ** 40, call.signal), clock.sleep(10, call.signal)];
    await asleep[1];
    expect(getEventListeners(call.signal, "abort")).toHaveLength(1);
    call.abort();
    await asleep[0];
    await clock.sleep(60_000, call.signal);
    expect(clock.up() - before).toBeLessThan(5_000);
    expect(getEventListeners(call.signal, "abort")).toHaveLength(0);
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThanOrEqual(1);
  });
});
