import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import type { Item, Value } from "../../runner/core/model/item.ts";
import type { Plan } from "../../runner/core/model/plan.ts";
import type { Frozen } from "../../runner/core/model/frozen.ts";
import { dice, oneOf, type Dice } from "../support/dice.ts";
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

const wavesOf: readonly Plan["pace"]["waves"][] = [
  [{ percent: 100 }],
  [{ count: 1 }, { percent: 10 }, { percent: 100 }],
  [{ count: 3 }],
  [{ percent: 40 }, { percent: 100 }],
];

/** Waves, groups, a ramp, busy items and a gate, as it falls out. */
function fleet(roll: Dice, plan: Plan): Plan {
  const isGrouped = roll(3) === 0;
  const of = isGrouped ? "group" : roll(2) === 0 ? "wave" : "run";
  const per = { text: "item.device_id % 3", concurrency: 1 + roll(3), of: groupOf };
  const looks = new Map<string, number>();
  const busy = roll(4);
  const results = [roll(6), roll(6), roll(6)];
  const { method, fields, key } = plan.enumerate;
  let measured = 0;
  return {
    ...plan,
    pace: {
      ...plan.pace,
      waves: oneOf(roll, wavesOf) ?? [],
      ...(isGrouped && { per }),
      ...(roll(4) === 0 && { ramp: "double" as const }),
      ...(roll(4) === 0 && { cover: ["device_name"] }),
    },
    stop: { ...plan.stop, of, groups: roll(3) },
    ...(busy === 0 && {
      hold: {
        everyMs: 30,
        giveUpMs: 60 + roll(200),
        when: (_: unknown, { id }: Item) => {
          looks.set(id, (looks.get(id) ?? 0) + 1);
          return Number(id) % 2 === 0 && (looks.get(id) ?? 0) <= 4;
        },
      },
    }),
    ...(roll(4) === 0 && {
      gate: {
        method,
        source: {
          ...{ kind: "list" as const, fields, key, optional: false },
          listing: { method, params: (frozen: Frozen) => plan.enumerate.params(frozen) },
        },
        take: ([rows]: readonly Value[]) => rows ?? [],
        ...{ waitMs: 0, everyMs: 10, count: 1, observeOnly: roll(4) === 0 },
        pass: () => results[measured % 3]! > 0,
        fail: () => results[measured++ % 3] === 1,
      },
    }),
  };
}

const groupOf = (_: unknown, { id }: Item): string => String(Number(id) % 3);

function disorder(seed: number, isFleet: boolean): Drive {
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
      const plan = isFleet ? fleet(roll, shape(simulator)) : shape(simulator);
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
  for (const [seed, isFleet] of [
    ...seeds.map((one) => [one, false] as const),
    ...seeds.map((one) => [one, true] as const),
  ]) {
    it(`seed ${seed}${isFleet ? ", T16, a fleet" : ""}: the evidence holds together`, async () => {
      const run = await drive(disorder(seed, isFleet));
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
