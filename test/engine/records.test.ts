import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import { check, checkChain } from "../support/oracle.ts";
import { legalRun, tales } from "../support/legal.ts";

/** Records that say what became of an item, or of all of them: none can go without something that does not add up. */
const load: ReadonlySet<LedgerRecord["type"]> = new Set([
  ...(["start", "enumerated", "intent", "sent", "withdrawn", "outcome", "verdict"] as const),
]);
/** A second look at the same thing takes nothing away, and neither does a second last word. */
const onceOnly: ReadonlySet<LedgerRecord["type"]> = new Set([
  ...(["start", "enumerated", "selected", "lock", "intent", "sent", "withdrawn", "outcome"] as const),
]);

const legal = fc.tuple(tales, fc.array(fc.nat(99), { minLength: 40, maxLength: 40 })).map(([told, turns]) => {
  let turn = 0;
  return legalRun(told, () => turns[turn++ % turns.length] ?? 0);
});

const expectFound = (violations: readonly string[], what: string): void => {
  if (!violations.some((line) => /^I(1|3|4|14|15|16):/.test(line)))
    expect.fail(`${what}: ${violations.join() || "nothing found"}`);
};

describe("T2: ledgers of every legal course of events", () => {
  it("are found sound", () => {
    fc.assert(
      fc.property(legal, (run) => {
        expect(check(run)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("do not add up once any record that says what became of an item is missing", () => {
    fc.assert(
      fc.property(legal, (run) => {
        for (const [place, record] of run.records.entries()) {
          if (!load.has(record.type) && record.type !== "read") continue;
          const records = run.records.toSpliced(place, 1);
          expectFound(check({ ...run, records }), `without ${record.type} ${record.seq}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("do not add up once any record of which there can be only one is there twice", () => {
    fc.assert(
      fc.property(legal, fc.nat(), (run, where) => {
        for (const [place, record] of run.records.entries()) {
          if (!onceOnly.has(record.type)) continue;
          for (const to of [place + 1, place + 1 + (where % (run.records.length - place))]) {
            const records = run.records.toSpliced(to, 0, record);
            expectFound(check({ ...run, records }), `${record.type} ${record.seq} again at ${to}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("do not chain without any record but the last, nor with any record twice", () => {
    fc.assert(
      fc.property(legal, ({ lines, records }) => {
        const chain = (some: readonly string[]): string[] =>
          checkChain(Buffer.from(some.join("")), records[0]?.type === "start" ? records[0].run : "");
        expect(chain(lines)).toEqual([]);
        for (let place = 0; place < lines.length; place++) {
          // Nothing in a ledger shows that its last lines are missing: only an anchor does.
          expect(chain(lines.toSpliced(place, 1)).length > 0).toBe(place < lines.length - 1);
          expect(chain(lines.toSpliced(place, 0, lines[place] ?? ""))).not.toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  });
});
