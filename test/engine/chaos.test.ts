import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { dice } from "../support/dice.ts";
import { drive, productsOf, removalOf, type Drive } from "../support/drive.ts";

/** Faults of every kind that a service and a network have; those under which a service lies about what it did are not among them. */
const kinds: readonly Omit<FaultRule, "method">[] = [
  { fault: "http-503" },
  { fault: "http-503", when: "after" },
  { fault: "http-429", retryAfter: 0 },
  { fault: "http-429" },
  { fault: "html" },
  { fault: "malformed", when: "before" },
  { fault: "truncated" },
  { fault: "wrong-id" },
  { fault: "reset-before" },
  { fault: "reset-after" },
  { fault: "hang" },
  { fault: "hang-after" },
  { fault: "late", ms: 120, connection: "reset" },
  { fault: "late", ms: 60, connection: "hang" },
  { fault: "slow", ms: 80 },
  { fault: "error", data: 13501 },
  { fault: "visa-expire" },
  { fault: "visa-expire", chain: true },
];
const readFaults: readonly Omit<FaultRule, "method">[] = [
  { fault: "http-503" },
  { fault: "reset-before" },
  { fault: "malformed" },
  { fault: "stale", ms: 150 },
  { fault: "slow", ms: 50 },
];

function disorder(seed: number): Drive {
  const roll = dice(seed);
  const isRemoval = roll(4) === 0;
  const method = isRemoval ? "RemoveAccount" : "ModifyAccount";
  const some = <T>(from: readonly T[], count: number): T[] =>
    Array.from({ length: count }, () => from[roll(from.length)] as T);
  const faults: FaultRule[] = [
    ...some(kinds, 1 + roll(4)).map((kind) => ({ ...kind, method, probability: (5 + roll(30)) / 100 })),
    ...some(readFaults, roll(3)).map((kind) => ({ ...kind, method: "EnumerateAccountStatistics", probability: 0.15 })),
    ...some(readFaults, roll(2)).map((kind) => ({ ...kind, method: "GetAccountInfoById", probability: 0.2 })),
  ];
  const stop = {
    errors: roll(2) === 0 ? roll(4) : 99,
    consecutive: roll(3) === 0 ? 1 + roll(4) : 99,
    unknown: roll(3) === 0 ? roll(3) : 99,
    driftedPercent: 100,
  };
  const more = {
    count: 5 + roll(30),
    stop,
    pace: { concurrency: 1 + roll(7) },
    verify: { withinMs: 1500, everyMs: 100 },
  };
  const shape = isRemoval ? removalOf(more) : productsOf(more);
  const repeat = !isRemoval && roll(4) === 0 ? ("once" as const) : undefined;
  const stopAfter = roll(4) === 0 ? 1 + roll(40) : Infinity;
  const interrupt = new AbortController();
  let seen = 0;
  return {
    simulator: { devices: 120, seed, latencyMs: roll(3) * 5, lagMs: roll(2) * 150, faults },
    service: { limits: { concurrency: 50, timeoutMs: 150, body: 1 << 20, message: 500 }, lateMs: 150 },
    plan: (simulator) => {
      const plan = shape(simulator);
      return repeat === undefined ? plan : { ...plan, change: { ...plan.change, repeat } };
    },
    options: { stop: interrupt.signal, verifyAfterStop: roll(2) === 0 },
    job: { recheck: roll(4) === 0 },
    on: (event) => {
      if ((event.type === "outcome" || event.type === "read") && ++seen >= stopAfter) interrupt.abort();
    },
    lingerMs: 300,
  };
}

const first = Number(process.env.CHAOS_SEED ?? 1);
const seeds = Array.from({ length: Number(process.env.CHAOS_RUNS ?? 16) }, (_, place) => first + place);

describe.concurrent("whatever goes wrong", () => {
  for (const seed of seeds) {
    it(`seed ${seed}: the evidence holds together`, async () => {
      const run = await drive(disorder(seed));
      // A list that could not be read at all is the one way to refuse before anything is sent.
      if (run.error !== undefined) {
        expect(run.error).toMatchObject({ code: expect.stringMatching(/incomplete|interrupted/) as string });
        expect(run.received).toEqual([]);
        return;
      }
      expect(run.violations).toEqual([]);
      expect(run.end.conserved).toBe(true);
      if (run.all("control").length === 0) expect(run.end.sealed).toBe(true);
    });
  }
});
