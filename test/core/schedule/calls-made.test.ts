import { expect, it } from "vitest";
import { CallsMade } from "../../../runner/core/schedule/calls-made.ts";

function made(count: number, everyMs: number): CallsMade {
  const calls = new CallsMade();
  for (let call = 0; call < count; call++) calls.mark(1000 + call * everyMs);
  return calls;
}

it("tells calls a minute from the last ones, and nothing from a few", () => {
  expect(made(99, 100).perMinute(11_000)).toBeUndefined();
  expect(made(100, 100).perMinute(11_000)).toBe(600);
  expect(made(5000, 10).perMinute(1000 + 5000 * 10)).toBeCloseTo(6000);
});

it("does not count what is longer ago than a minute", () => {
  expect(made(200, 100).perMinute(120_000)).toBeUndefined();
  expect(made(600, 500).perMinute(301_000)).toBe(120);
});
