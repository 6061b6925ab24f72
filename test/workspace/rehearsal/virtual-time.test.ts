import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dice } from "../../../runner/workspace/rehearsal/dice.ts";
import { virtualInbox, VirtualTime } from "../../../runner/workspace/rehearsal/virtual-time.ts";

describe("time that passes by itself", () => {
  it("wakes sleepers in the order of their moments, those of one moment in the order in which they fell asleep", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 30 }), async (naps) => {
        const time = new VirtualTime(5000);
        const woken: (readonly [number, number])[] = [];
        const all = naps.map(async (ms, place) => {
          await time.sleep(ms);
          expect(time.passed).toBe(ms);
          woken.push([ms, place]);
        });
        await time.carry(Promise.all(all), undefined);
        expect(woken).toEqual(naps.map((ms, place) => [ms, place] as const).sort(([a, x], [b, y]) => a - b || x - y));
        expect(time.now()).toBe(5000 + Math.max(0, ...naps));
      }),
      { numRuns: 30 },
    );
  });

  it("stands still while files are written", async () => {
    const time = new VirtualTime(0);
    let napped = false;
    const nap = time.sleep(1000).then(() => (napped = true));
    const write = time.outside(
      new Promise<void>((resolve) =>
        setTimeout(() => {
          expect(napped).toBe(false);
          resolve();
        }, 30),
      ),
    );
    await time.carry(Promise.all([nap, write]), undefined);
    expect(time.passed).toBe(1000);
  });

  it("ends a sleep early, without an error, when its signal aborts", async () => {
    const time = new VirtualTime(0);
    const end = new AbortController();
    const nap = time.sleep(1_000_000, end.signal);
    await time.carry(Promise.all([nap, time.sleep(10).then(() => end.abort())]), undefined);
    expect(time.passed).toBe(10);
  });

  it("waits for work that goes on without any time passing, however many turns of the event loop it takes", async () => {
    const time = new VirtualTime(0);
    const nap = time.sleep(50);
    const work = async (): Promise<void> => {
      for (let step = 0; step < 100; step++) {
        await new Promise((resolve) => setImmediate(resolve));
        expect(time.up()).toBe(86_400_000);
        await time.sleep(0);
      }
    };
    await time.carry(work(), undefined);
    await time.carry(Promise.all([work(), nap]), undefined);
    expect(time.passed).toBe(50);
  });

  it("says so when nothing will ever happen any more, and hears Ctrl-C", async () => {
    const never = new Promise<void>(() => undefined);
    await expect(new VirtualTime(0).carry(never, undefined)).rejects.toThrow("never comes");
    await expect(new VirtualTime(0).carry(never, AbortSignal.abort())).rejects.toMatchObject({ code: "interrupted" });
  });

  it("lets an inbox wait for a message, or for as long as it was told to", async () => {
    const time = new VirtualTime(0);
    const inbox = virtualInbox(time);
    const stop = { kind: "stop", reason: "interrupted", why: "test" } as const;
    const heard = time.sleep(300).then(() => inbox.post(stop));
    expect(await time.carry(inbox.take(200), undefined)).toEqual([]);
    expect(time.passed).toBe(200);
    expect(await time.carry(inbox.take(Infinity), undefined)).toEqual([stop]);
    expect(time.passed).toBe(300);
    await heard;
  });
});

describe("named dice", () => {
  it("give the same number for the same words, whatever was drawn before", () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.string(), { minLength: 1 }), (seed, words) => {
        const dice = new Dice(seed);
        const first = dice.of(...words);
        dice.next();
        expect(dice.of(...words)).toBe(first);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(first).toBeLessThan(1);
      }),
    );
  });

  it("are fair: a share of so many items is about that share, for items whose ids follow one another", () => {
    for (const seed of [1, 2, 77]) {
      const dice = new Dice(seed);
      for (const share of [0.01, 0.05, 0.5]) {
        const hits = Array.from({ length: 10_000 }, (_, id) => dice.of("fate", String(1_200_000 + id), "1") < share);
        const found = hits.filter(Boolean).length / 10_000;
        expect(Math.abs(found - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / 10_000));
      }
    }
  });
});
