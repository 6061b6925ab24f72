import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { liveThrough, type Tale, type Told } from "../support/model/life.ts";
import type { Fate } from "../support/model/service.ts";
import { check } from "../support/oracle.ts";

const plain: Omit<Tale, "fates" | "waves"> = {
  ...{
    busy: [],
    gates: [],
    concurrency: 2,
    ramp: false,
    stop: {},
    holds: false,
    hasGate: false,
    asked: [],
    deaths: [],
  },
};

/** Everything that must be so whatever happened. */
function expectSound(tale: Tale, { records, service, changes, state }: Told): void {
  const inventory = changes.map(({ id }) => ({ id, as: "selected" }));
  const evidence = { records, inventory, changes, witness: service.witness(), method: "Set", repeat: "set" as const };
  expect(check(evidence)).toEqual([]);
  expectWaves(tale, records);
  expectBudgets(tale, records);
  for (const { index, id } of changes) {
    const is = state.items.stateOf(index);
    const { tier } = service.witness().valueNow(id) ?? {};
    if (is === "confirmed") expect(tier).toBe("Gold");
    if (is === "not-started" || is === "rejected") expect(tier).toBe("Bronze");
  }
  // Nothing gave a reason to stop, so that an uninterrupted run would have come to every item.
  const isFree = records.every(({ type }) => type !== "stopped" && type !== "limit");
  const hasGivenUp = records.some((one) => one.type === "hold" && one.gaveUp === true);
  if (isFree && !hasGivenUp) expect(state.counts().counts["not-started"]).toBe(0);
}

/** An item is begun in the wave that it was cut into; a wave only once the one before has ended uncut. */
function expectWaves({ waves }: Tale, records: Told["records"]): void {
  const cut = waves.flatMap((size, wave) => Array.from({ length: size }, () => wave));
  const begun = new Set<number>();
  let ended = -1;
  let begunWave = -1;
  for (const one of records) {
    if (one.type === "wave" && one.phase === "begin") {
      // Of a wave that has not ended no other one is begun; one of parked items alone is left out.
      if (begunWave !== ended) expect(one.wave).toBe(begunWave);
      expect(one.wave).toBeGreaterThanOrEqual(begunWave);
      begunWave = one.wave;
    }
    if (one.type === "wave" && one.phase === "end" && one.cut !== true) ended = one.wave;
    if (one.type !== "intent") continue;
    expect(one.wave).toBe(begunWave);
    if (!begun.has(one.index)) expect(one.wave).toBe(cut[one.index]);
    begun.add(one.index);
  }
}

/** Nothing leaves after a count is over what is tolerated, during a pause, or after an abort. */
function expectBudgets({ stop, groupOf }: Tale, records: Told["records"]): void {
  const errors = new Map<number, number>();
  const intents = new Map(records.flatMap((one) => (one.type === "intent" ? [[one.seq, one] as const] : [])));
  const partOf = (seq: number): number => {
    const intent = intents.get(seq);
    if (stop.of === "group") return groupOf?.[intent?.index ?? 0] ?? 0;
    return stop.of === "wave" ? (intent?.wave ?? 0) : 0;
  };
  const rejectedAfterLoss = new Set(
    records.flatMap((one) => (one.type === "outcome" && one.kind === "lost" ? [one.index] : [])),
  );
  let [isPaused, isAborted] = [false, false];
  for (const one of records) {
    if (one.type === "control") {
      if (one.op === "pause") isPaused = true;
      if (one.op === "continue") isPaused = false;
      if (one.op === "abort") isAborted = true;
    }
    if (one.type === "outcome" && one.kind === "rejected" && !rejectedAfterLoss.has(one.index))
      errors.set(partOf(one.intent), (errors.get(partOf(one.intent)) ?? 0) + 1);
    if (one.type !== "sent") continue;
    for (const seq of one.intents) expect(errors.get(partOf(seq)) ?? 0).toBeLessThanOrEqual(stop.errors ?? 99);
    expect({ isPaused, isAborted }).toEqual({ isPaused: false, isAborted: false });
  }
}

async function expectTale(tale: Tale): Promise<Told> {
  const told = await liveThrough(tale);
  expectSound(tale, told);
  return told;
}

const fates: readonly Fate[] = ["accepted", "rejected", "lost-done", "lost-undone", "turned-away"];

describe("T16: a run that is killed and taken up again", () => {
  it(
    "ends as one that nobody killed, wherever it dies, for every fate of three items",
    { timeout: 40_000 },
    async () => {
      for (const one of fates)
        for (const two of fates) {
          const tale: Tale = { ...plain, fates: [["accepted"], [one], [two]], waves: [1, 2] };
          const { state } = await expectTale(tale);
          const expected = [0, 1, 2].map((index) => state.items.stateOf(index));
          for (let at = 2; at < 12; at += 1)
            for (const power of [undefined, 0]) {
              const died = await expectTale({ ...tale, deaths: [{ at, power }] });
              const found = [0, 1, 2].map((index) => died.state.items.stateOf(index));
              // A rejection whose answer died with the process is a lost answer, and is sent again: then it is taken.
              found.forEach((is, index) => expect([expected[index], "confirmed", "unknown"]).toContain(is));
            }
        }
    },
  );

  it(
    "keeps to waves, groups, holds, gates, limits and what people ask, for tales that nobody thought of",
    { timeout: 40_000 },
    async () => {
      const tales = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }).chain((waves) => {
        const size = waves.reduce((sum, wave) => sum + wave, 0);
        const sized = { minLength: size, maxLength: size };
        return fc.record({
          waves: fc.constant(waves),
          fates: fc.array(fc.array(fc.constantFrom(...fates), { maxLength: 3 }), sized),
          busy: fc.array(fc.nat(2), sized),
          gates: fc.array(
            fc.constantFrom("pass" as const, "pass" as const, "pass" as const, "fail" as const, "neither" as const),
            { maxLength: 4 },
          ),
          groupOf: fc.array(fc.nat(2), sized),
          concurrency: fc.integer({ min: 1, max: 3 }),
          ramp: fc.boolean(),
          stop: fc.record({
            errors: fc.nat(3),
            of: fc.constantFrom("run" as const, "wave" as const, "group" as const),
          }),
          holds: fc.boolean(),
          hasGate: fc.boolean(),
          asked: fc
            .record({
              at: fc.integer({ min: 2, max: 9 }),
              op: fc.constantFrom("pause" as const, "promote" as const, "abort" as const, "set" as const),
            })
            .chain((one) =>
              fc.constantFrom([], [one], one.op === "pause" ? [one, { at: one.at, op: "continue" as const }] : []),
            )
            .map((all) => (all.length === 1 && all[0]?.op === "pause" ? [] : all)),
          deaths: fc.array(
            fc.record({ at: fc.integer({ min: 1, max: 20 }), power: fc.option(fc.nat(3), { nil: undefined }) }),
            { maxLength: 2 },
          ),
        });
      });
      await fc.assert(
        fc.asyncProperty(tales, async (tale) => {
          await expectTale(tale);
        }),
        { numRuns: 2000, seed: Number(process.env.CHAOS_SEED ?? 16) },
      );
    },
  );
});
