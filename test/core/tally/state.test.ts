import { describe, expect, it } from "vitest";
import type { Seen } from "../../../runner/core/model/outcome.ts";
import { stateOf, type AnswerKind } from "../../../runner/core/tally/state.ts";

const reads: readonly (Seen | undefined)[] = ["after", "before", "other", "absent", undefined];

/** A row an answer, a column a best read (after, before, other, absent, none), then `expect: accepted`. */
const table: Readonly<Record<AnswerKind, readonly string[]>> = {
  accepted: ["confirmed", "pending", "diverged", "vanished", "pending", "unverifiable"],
  rejected: ["confirmed", "rejected", "diverged", "vanished", "rejected", "rejected"],
  lost: ["confirmed", "unknown", "diverged", "vanished", "unknown", "unknown"],
  none: ["not-started", "not-started", "not-started", "not-started", "not-started", "not-started"],
  drifted: ["drifted", "drifted", "drifted", "drifted", "drifted", "drifted"],
  already: ["already", "already", "already", "already", "already", "already"],
  open: ["open", "open", "open", "open", "open", "open"],
};

describe("T1: where an item ends", () => {
  for (const [answer, row] of Object.entries(table) as [AnswerKind, readonly string[]][]) {
    for (const [column, seen] of reads.entries()) {
      it(`${answer}, read ${seen ?? "nothing"}: ${row[column]}`, () => {
        const evidence = { answer, seen, pastHorizon: false, onItsWay: false, unverifiable: false };
        expect(stateOf(evidence)).toBe(row[column]);
      });
    }
    it(`${answer}, nothing can be shown: ${row[5]}`, () => {
      const evidence = { answer, seen: undefined, pastHorizon: false, onItsWay: false, unverifiable: true };
      expect(stateOf(evidence)).toBe(row[5]);
    });
  }

  it("calls an accepted change that is still not visible past the horizon diverged: success that did nothing", () => {
    const evidence = {
      answer: "accepted",
      seen: "before",
      pastHorizon: true,
      onItsWay: false,
      unverifiable: false,
    } as const;
    expect(stateOf(evidence)).toBe("diverged");
  });

  it("leaves an item pending while the plan says it is on its way", () => {
    const evidence = { answer: "accepted", pastHorizon: true, onItsWay: true, unverifiable: false } as const;
    expect(stateOf({ ...evidence, seen: "before" })).toBe("pending");
    expect(stateOf({ ...evidence, seen: "other" })).toBe("pending");
  });

  it("never calls a rejected or lost item pending because a horizon passed", () => {
    const evidence = { seen: "before", pastHorizon: true, onItsWay: false, unverifiable: false } as const;
    expect(stateOf({ ...evidence, answer: "rejected" })).toBe("rejected");
    expect(stateOf({ ...evidence, answer: "lost" })).toBe("unknown");
  });
});
