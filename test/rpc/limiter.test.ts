import { describe, expect, it } from "vitest";
import type { PaceChange } from "../../runner/core/model/pace-ports.ts";
import { ownStore, SharedRate } from "../../runner/core/schedule/shared-rate.ts";
import { Limiter } from "../../runner/rpc/limiter.ts";
import { never, testClock } from "../support/rpc-server.ts";
import { VirtualTime } from "../support/virtual-time.ts";

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

describe("a service that turns calls away", () => {
  const changes: PaceChange[] = [];
  const paced = (perMinute: number | undefined, time: VirtualTime): Limiter => {
    changes.length = 0;
    const limiter = new Limiter(perMinute, time.clock());
    limiter.listen((change) => changes.push(change));
    return limiter;
  };
  /** How long so many calls take, one after another. */
  const spent = async (limiter: Limiter, time: VirtualTime, calls: number): Promise<number> => {
    const began = time.at;
    const all = Array.from({ length: calls }, () => limiter.take(never, Infinity));
    await Promise.all([time.run(), ...all]);
    return time.at - began;
  };

  it("slows a set rate to half, tells so once, and again when it is back", async () => {
    const time = new VirtualTime(100_000);
    const limiter = paced(600, time);
    await spent(limiter, time, 2);
    limiter.throttled(time.at, "429 Too Many Requests");
    limiter.throttled(time.at - 50, "429 Too Many Requests");
    expect(changes).toEqual([{ from: 600, to: 300, cause: "429 Too Many Requests" }]);
    expect(await spent(limiter, time, 6)).toBeGreaterThan(5 * 200);
    await spent(limiter, time, 300);
    expect(changes[1]).toEqual({ from: 300, to: 600, cause: "the service takes calls again" });
    expect(changes.length).toBe(2);
    expect(await spent(limiter, time, 6)).toBeLessThan(6 * 102);
  });

  it("slows to half of what was measured where no rate is set, and lets everything through again in the end", async () => {
    const time = new VirtualTime(100_000);
    const limiter = paced(undefined, time);
    for (let call = 0; call < 100; call++) {
      expect(limiter.take(never, 0)).toEqual({ kind: "taken" });
      time.at += 10;
    }
    limiter.throttled(time.at, "busy");
    expect(changes).toEqual([{ from: 6000, to: 3000, cause: "busy" }]);
    expect(await spent(limiter, time, 100)).toBeGreaterThan(1900);
    time.at += 60_000;
    await limiter.take(never, 0);
    expect(changes[1]).toMatchObject({ from: 3000, to: null });
    expect(limiter.take(never, 0)).toEqual({ kind: "taken" });
  });

  it("of whose calls too few were made to measure: nothing is slowed, the caller waits by itself", () => {
    const time = new VirtualTime(100_000);
    const limiter = paced(undefined, time);
    expect(limiter.take(never, 0)).toEqual({ kind: "taken" });
    limiter.throttled(time.at, "busy");
    expect(limiter.take(never, 0)).toEqual({ kind: "taken" });
    expect(changes).toEqual([]);
  });

  it("another run's trouble is told as such", async () => {
    const time = new VirtualTime(100_000);
    const store = ownStore();
    const source = (id: string): SharedRate =>
      new SharedRate({ store, up: () => time.at, boot: "", id, perMinute: 600 });
    const told: PaceChange[] = [];
    const limiter = new Limiter(600, time.clock(), { rate: source("a") });
    limiter.listen((change) => told.push(change));
    new Limiter(600, time.clock(), { rate: source("b") }).throttled(time.at, "429");
    await limiter.take(never, 0);
    expect(told).toEqual([{ from: 600, to: 300, cause: "another run on this machine was slowed down" }]);
  });
});

describe("a rate that is changed while calls wait", () => {
  it("counts from the last call on, and undefined lets everything through", async () => {
    const time = new VirtualTime(100_000);
    const rate = new SharedRate({ store: ownStore(), up: () => time.at, boot: "", id: "", perMinute: 6000 });
    const limiter = new Limiter(60, time.clock(), { rate });
    const began = time.at;
    const calls = [1, 2, 3].map(() => limiter.take(never, 0));
    limiter.setRate(600);
    await Promise.all([time.run(), ...calls]);
    expect(time.at - began).toBeLessThan(1100);
    limiter.setRate(undefined);
    const more = [1, 2, 3].map(() => limiter.take(never, 0));
    await Promise.all([time.run(), ...more]);
    // The service's own limit stays.
    expect(time.at - began).toBeGreaterThan(120);
  });
});
