import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterTry } from "../../../runner/workspace/notify/retry.ts";
import type { Try } from "../../../runner/workspace/notify/post.ts";

const answered = (status: number, retryAfterMs?: number): Try => ({ kind: "answered", status, retryAfterMs });
const first = { tries: 1, lastedMs: 10, random: 0 };

describe("after a try", () => {
  it.each([
    [answered(200), "told"],
    [answered(204), "told"],
    [answered(302), "given-up"],
    [answered(400), "given-up"],
    [answered(401), "given-up"],
    [answered(404), "given-up"],
    [answered(408), "again"],
    [answered(429), "again"],
    [answered(500), "again"],
    [answered(503), "again"],
    [{ kind: "failed", why: "the connection failed: connect ECONNREFUSED" }, "again"],
  ] as const)("%j comes %s", (found, kind) => {
    expect(afterTry(found, first).kind).toBe(kind);
  });

  it("a receiver's wish is kept to, unless it takes longer than the notice is worth", () => {
    expect(afterTry(answered(429, 7000), first)).toMatchObject({ kind: "again", waitMs: 7000 });
    expect(afterTry(answered(429, 59_995), first)).toEqual({ kind: "given-up", why: "HTTP 429" });
  });

  it("all tries of one notice are few, take about a minute at most, and are apart", () => {
    const wait = fc.option(fc.integer({ min: 0, max: 40_000 }), { nil: undefined });
    const chance = fc.integer({ min: 0, max: 999 }).map((number) => number / 1000);
    const steps = fc.array(fc.record({ wait, random: chance, tookMs: fc.integer({ min: 0, max: 30_000 }) }), {
      ...{ minLength: 10, maxLength: 10 },
    });
    fc.assert(
      fc.property(steps, (all) => {
        let lastedMs = 0;
        let tries = 0;
        for (const { wait: retryAfterMs, random, tookMs } of all) {
          tries += 1;
          lastedMs += tookMs;
          const next = afterTry(answered(503, retryAfterMs), { tries, lastedMs, random });
          if (next.kind !== "again") break;
          expect(next.waitMs).toBeGreaterThanOrEqual(500);
          lastedMs += next.waitMs;
          expect(lastedMs).toBeLessThanOrEqual(60_000);
        }
        expect(tries).toBeLessThanOrEqual(6);
      }),
    );
  });
});
