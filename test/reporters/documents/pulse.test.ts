import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../../runner/core/model/events.ts";
import { Pulse } from "../../../runner/reporters/documents/pulse.ts";

const answer = (t: number): LedgerRecord => ({ type: "outcome", t }) as LedgerRecord;

function pulseOf(times: readonly number[]): Pulse {
  const pulse = new Pulse();
  for (const t of times) pulse.take(answer(t));
  return pulse;
}

describe("answers over time", () => {
  it("are counted in stretches that become longer as time goes on", () => {
    const short = pulseOf([1000, 1050, 1100, 1350]);
    expect([short.from, short.bucketMs, short.counts]).toEqual([1000, 100, [2, 1, 0, 1]]);
    const long = pulseOf([0, 100, 23_900, 24_000]);
    expect(long.bucketMs).toBe(200);
    expect([long.counts[0], long.counts[119], long.counts[120]]).toEqual([2, 1, 1]);
  });

  it("are counted once each, in at most 240 stretches, whatever the clock does", () => {
    const times = fc.array(fc.integer({ min: 0, max: 10 ** 10 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, (all) => {
        const { counts } = pulseOf(all);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(all.length);
        expect(counts.length).toBeLessThanOrEqual(240);
      }),
    );
  });

  it("are none where nothing was answered", () => {
    const pulse = new Pulse();
    pulse.take({ type: "sent", t: 5, intents: [] } as never);
    expect([pulse.from, pulse.counts]).toEqual([undefined, []]);
  });
});
