import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RecordError } from "../../runner/core/model/errors.ts";
import type { Journal } from "../../runner/core/model/run-ports.ts";
import { realClock } from "../../runner/runs/clock.ts";
import { drive, expectSound, productsOf, removalOf, type Drive, type Driven } from "../support/drive.ts";

/** Two items at once, one lost answer that is settled and sent again, and verification. */
const small: Drive = {
  simulator: { faults: [{ method: "ModifyAccount", nth: 2, fault: "reset-before" }] },
  service: { limits: { concurrency: 50, timeoutMs: 100, body: 1 << 20, message: 500 }, lateMs: 50 },
  plan: productsOf({ count: 5, pace: { concurrency: 2 } }),
};

type Call = keyof Journal;

/** A journal that fails at its `nth` call of one kind, and for good. Counts the calls, and says what was durable when. */
function failing(kind: Call, nth: number) {
  const counts = { note: 0, sync: 0 };
  const durable: { readonly upTo: number; readonly at: number }[] = [];
  let failure: RecordError | undefined;
  const strike = (call: Call): void => {
    counts[call] += 1;
    if (call === kind && counts[call] === nth) failure = new RecordError(`no ${call} number ${nth}`);
    if (failure !== undefined) throw failure;
  };
  const around = (journal: Journal): Journal => {
    let last = 0;
    return {
      note: (facts) => {
        strike("note");
        const first = journal.note(facts);
        last = first + facts.length - 1;
        return first;
      },
      sync: async () => {
        strike("sync");
        const upTo = last;
        await journal.sync();
        durable.push({ upTo, at: performance.now() });
      },
    };
  };
  return { around, counts, durable, struck: () => failure !== undefined };
}

let spilled: { run: string; intent: number }[] = [];

beforeEach(() => {
  spilled = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    for (const line of String(text).split("\n"))
      if (line.startsWith('{"type":"outcome"')) spilled.push(JSON.parse(line) as (typeof spilled)[number]);
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());

function expectHonest(run: Driven, journal: ReturnType<typeof failing>, kind: Call): void {
  expect(run.error).toBeInstanceOf(RecordError);
  expect((run.error as RecordError).exitCode).toBe(10);
  expect(run.violations.filter((line) => !/^I1: (no (start|enumerated) record|\d+ items have)/.test(line))).toEqual([]);
  // Only the very last sync fails after the end was written.
  expect(run.all("end").length).toBe(kind === "sync" && run.records.at(-1)?.type === "end" ? 1 : 0);
  const { run: name } = run.folder;
  const answered = new Set(run.all("outcome").map(({ intent }) => intent));
  for (const one of spilled) if (one.run === name) answered.add(one.intent);
  const withdrawn = new Set(run.all("withdrawn").flatMap(({ intents }) => intents));
  const intents = new Map(run.all("intent").map((one) => [`${name}-${one.seq}-${one.attempt}`, one.seq]));
  for (const { rpcId, method } of run.evidence.witness.received) {
    if (method !== "ModifyAccount") continue;
    const seq = intents.get(rpcId)!;
    expect(
      journal.durable.some(({ upTo }) => upTo >= seq),
      `${rpcId} left before its intent was on disk`,
    ).toBe(true);
    expect(answered.has(seq) || withdrawn.has(seq), `what became of ${rpcId} is told nowhere`).toBe(true);
  }
}

describe("T8: a ledger that can not be written", () => {
  for (const kind of ["note", "sync"] as const) {
    it(`at any ${kind}: nothing leaves without its intent on disk, nothing leaves afterwards, answers go to stderr`, async () => {
      const whole = failing(kind, Infinity);
      expectSound(await drive({ ...small, seams: { journal: whole.around } }));
      const total = whole.counts[kind];
      expect(total).toBeGreaterThan(5);
      const one = async (nth: number): Promise<void> => {
        const journal = failing(kind, nth);
        const run = await drive({ ...small, seams: { journal: journal.around } });
        if (journal.struck()) expectHonest(run, journal, kind);
      };
      for (let nth = 1; nth <= total; nth += 6) {
        await Promise.all([0, 1, 2, 3, 4, 5].map((more) => one(nth + more)));
      }
    });
  }

  it("while many answers are under way: every one of them is told", async () => {
    for (const nth of [12, 16, 20, 24]) {
      const journal = failing("note", nth);
      const run = await drive({
        simulator: { devices: 200, latencyMs: 40 },
        plan: productsOf({ pace: { concurrency: 8 } }),
        seams: { journal: journal.around },
      });
      expect(journal.struck()).toBe(true);
      expectHonest(run, journal, "note");
    }
    expect(spilled.length).toBeGreaterThan(0);
  });
});

describe("the wall clock", () => {
  for (const jumpMs of [3_600_000, -3_600_000]) {
    it(`is set by ${jumpMs / 60_000} minutes: a \`clock\` record, and the same states`, async () => {
      const clock = realClock();
      let offset = 0;
      const run = await drive({
        plan: removalOf({ count: 4 }),
        seams: {
          clock: {
            now: () => clock.now() + offset,
            up: () => clock.up(),
            sleep: (ms, signal) => clock.sleep(ms, signal),
          },
        },
        on: (event) => {
          if (event.type === "wave" && event.phase === "begin") offset = jumpMs;
        },
      });
      expectSound(run);
      expect(run.end.counts.confirmed).toBe(4);
      const [jump, ...more] = run.all("clock");
      expect(more).toEqual([]);
      expect(Math.abs((jump?.jumpMs ?? 0) - jumpMs)).toBeLessThan(1000);
    });
  }
});
