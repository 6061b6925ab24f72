import { expect, it } from "vitest";
import { Limiter } from "../../runner/rpc/limiter.ts";
import { never, testClock } from "../support/rpc-server.ts";

it("lets parallel callers through one by one, in the order they asked", async () => {
  const limiter = new Limiter(3000, testClock());
  const passed: { readonly call: number; readonly at: number }[] = [];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: 6 }, async (_, call) => {
      await limiter.take(never, 0);
      passed.push({ call, at: performance.now() - began });
    }),
  );
  expect(passed.map(({ call }) => call)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(passed[5]!.at).toBeGreaterThan(95);
});

it("waits out a pause of the service, unless it is longer than the caller waits", async () => {
  const clock = testClock();
  const limiter = new Limiter(undefined, clock);
  expect(limiter.take(never, 0)).toEqual({ kind: "taken" });
  limiter.holdUntil(clock.up() + 60);
  expect(await limiter.take(never, 30)).toMatchObject({ kind: "held" });
  const began = performance.now();
  expect(await limiter.take(never, 100)).toEqual({ kind: "taken" });
  expect(performance.now() - began).toBeGreaterThan(40);
  expect(limiter.take(never, 0)).toEqual({ kind: "taken" });
});

it("gives a waiting caller up when its signal aborts, and the next one its turn", async () => {
  const limiter = new Limiter(600, testClock());
  await limiter.take(never, 0);
  const giveUp = new AbortController();
  const [first, second] = [limiter.take(giveUp.signal, 0), limiter.take(never, 0)];
  giveUp.abort();
  expect(await first).toEqual({ kind: "aborted" });
  expect(await second).toEqual({ kind: "taken" });
});
