import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemStates, type Counts, type ItemState, type NotStartedReason } from "../../../runner/core/model/outcome.ts";
import { exitCodesOf } from "../../../runner/core/tally/exit.ts";

const zero = Object.fromEntries(itemStates.map((state) => [state, 0])) as Record<ItemState, number>;
const ending = (counts: Partial<Counts>, more: object = {}) => ({
  counts: { ...zero, ...counts },
  notStarted: {},
  open: 0,
  conserved: true,
  interrupted: false,
  ...more,
});

describe("T21: exit codes", () => {
  const single: readonly [ItemState, number | undefined][] = [
    ["filtered-out", undefined],
    ["already", undefined],
    ["confirmed", undefined],
    ["unverifiable", undefined],
    ["refused", 6],
    ["rejected", 6],
    ["drifted", 7],
    ["unknown", 7],
    ["diverged", 7],
    ["vanished", 7],
    ["pending", 8],
  ];
  for (const [state, code] of single) {
    it(`one item ${state}: ${code ?? 0}`, () => expect(exitCodesOf(ending({ [state]: 1 }))[0]).toBe(code));
  }

  const reasons: readonly [NotStartedReason, number][] = [
    ["limit", 6],
    ["parked", 6],
    ["gate", 6],
    ["aborted", 6],
    ["login", 6],
    ["lock", 6],
    ["expired", 6],
    ["crash", 6],
    ["interrupted", 130],
    ["held", 8],
    ["window", 8],
    ["record", 10],
  ];
  for (const [reason, code] of reasons) {
    it(`one item not started because of ${reason}: ${code}`, () => {
      expect(exitCodesOf(ending({ "not-started": 1 }, { notStarted: { [reason]: 1 } }))[0]).toBe(code);
    });
  }

  it("something else changed, where the plan says that this fails: 7", () => {
    expect(exitCodesOf(ending({ confirmed: 3 }, { collateral: true }))).toEqual([7]);
    expect(exitCodesOf(ending({ confirmed: 3 }, { collateral: false }))).toEqual([]);
  });

  it("a gate that fails after the last change, with everything sent: 6; one that can not tell: 8", () => {
    expect(exitCodesOf(ending({ confirmed: 3 }, { gate: "fail" }))).toEqual([6]);
    expect(exitCodesOf(ending({ confirmed: 3 }, { gate: "inconclusive" }))).toEqual([8]);
  });

  it("puts the worst first", () => {
    const all = ending({ unknown: 1, rejected: 1, pending: 1 }, { interrupted: true, notStarted: { record: 1 } });
    expect(exitCodesOf(all)).toEqual([10, 7, 6, 130, 8]);
    expect(exitCodesOf({ ...all, conserved: false })[0]).toBe(1);
  });

  it("follow from which states and reasons there are, for every set of states with every reason", () => {
    const codeOf = new Map<string, number>(
      [...single, ...reasons].flatMap(([name, code]) => (code ? [[name, code]] : [])),
    );
    const names = single.map(([state]) => state);
    const order = [1, 10, 7, 6, 130, 8];
    for (let set = 0; set < 2 ** names.length; set++) {
      const present = names.filter((_, place) => (set & (1 << place)) !== 0);
      const counts = Object.fromEntries(present.map((state) => [state, 2]));
      for (const reason of [undefined, ...reasons.map(([name]) => name)]) {
        const notStarted = reason === undefined ? {} : { [reason]: 1 };
        const due = new Set([...present, reason].flatMap((name) => codeOf.get(name ?? "") ?? []));
        // What could not be recorded was not done either.
        if (reason === "record") due.add(6);
        const codes = exitCodesOf(ending({ ...counts, "not-started": reason ? 1 : 0 }, { notStarted }));
        if (codes.join() !== order.filter((code) => due.has(code)).join())
          expect.fail(`${present.join(", ")}, ${reason ?? "no reason"}: ${codes.join()}`);
      }
    }
    for (const [more, code] of [
      [{ open: 1 }, 7],
      [{ conserved: false }, 1],
      [{ interrupted: true }, 130],
    ] as const)
      expect(exitCodesOf(ending({ confirmed: 1 }, more))).toEqual([code]);
  });

  it("is 0 exactly when nothing asks for a look", () => {
    const states = fc.record(Object.fromEntries(itemStates.map((state) => [state, fc.nat(2)])));
    fc.assert(
      fc.property(states, fc.nat(1), fc.boolean(), (counts, open, interrupted) => {
        const codes = exitCodesOf(ending(counts, { open, interrupted }));
        const quiet = new Set(["filtered-out", "already", "confirmed", "unverifiable", "not-started"]);
        const troubled = Object.entries(counts).some(([state, count]) => count > 0 && !quiet.has(state));
        expect(codes.length === 0).toBe(!troubled && open === 0 && !interrupted);
      }),
    );
  });
});
