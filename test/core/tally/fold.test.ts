import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fact, FactOf } from "../../../runner/core/model/events.ts";
import { digest, itemId } from "../../../runner/core/model/item.ts";
import type { Repeat } from "../../../runner/core/model/change.ts";
import { isConserved } from "../../../runner/core/tally/counts.ts";
import { diedCode, RunState } from "../../../runner/core/tally/fold.ts";
import { notStartedReasons } from "../../../runner/core/tally/not-started.ts";

const selection = { rows: 0, "filtered-out": 0, already: 0, refused: 0, selected: 0 };
const failure = { class: "uncertain", code: "reset", message: "connection reset" } as const;

/** A run of `size` items; `tell` folds facts with rising seq and time. */
function runOf(size: number, repeat: Repeat = "set", unverifiable = false) {
  const state = new RunState();
  const facts = { timeoutMs: 10, lateMs: 10, listLagMs: 10 };
  state.start = { facts, change: { method: "Set", repeat, destructive: false, unverifiable } } as FactOf<"start">;
  let seq = 0;
  const tell = (fact: Fact): number => {
    seq += 1;
    state.fold(fact, { seq, t: seq, up: seq });
    return seq;
  };
  tell({
    type: "enumerated",
    inventory: digest("0"),
    pages: 1,
    began: 0,
    ended: 0,
    ...selection,
    rows: size,
    selected: size,
  });
  tell({ type: "selected", changeSet: digest("0"), size, waves: [size], guards: [] });
  return { state, tell };
}
const intent = (index: number, attempt = 1): FactOf<"intent"> => ({
  type: "intent",
  index,
  id: itemId(String(index)),
  title: String(index),
  attempt,
  wave: 0,
  method: "Set",
  request: digest("0"),
  before: {},
  after: {},
});
type Kind = "accepted" | "rejected" | "lost" | "not-acted";
const outcome = (index: number, seq: number, kind: Kind, { code = "reset", attempt = 1 } = {}): Fact => ({
  type: "outcome",
  intent: seq,
  index,
  id: itemId(String(index)),
  attempt,
  ms: 1,
  ...(kind === "accepted" ? { kind } : { kind, failure: { ...failure, code } }),
});
const read = (index: number, seen: FactOf<"read">["seen"]): Fact => ({
  type: "read",
  index,
  id: itemId(String(index)),
  why: "settle",
  began: 0,
  source: "test",
  seen,
  found: null,
});
const verdict = (index: number, seen: FactOf<"verdict">["seen"], more: object = {}): Fact => ({
  type: "verdict",
  pass: 1,
  seen,
  indexes: [index],
  ...more,
});

describe("T1: the state of a run", () => {
  it("confirms an accepted change only when a read shows it", () => {
    const { state, tell } = runOf(1);
    tell(outcome(0, tell(intent(0)), "accepted"));
    expect(state.items.stateOf(0)).toBe("pending");
    tell(verdict(0, "after"));
    expect(state.items.stateOf(0)).toBe("confirmed");
    expect(state.items.creditOf(0)).toBe("ours");
  });

  it("keeps a lost answer open until a read settles it, and credits it as unsure", () => {
    const { state, tell } = runOf(1);
    tell(outcome(0, tell(intent(0)), "lost"));
    expect(state.items.stateOf(0)).toBe("open");
    expect(state.unsettled()).toEqual([0]);
    tell(read(0, "early-before"));
    expect(state.items.stateOf(0)).toBe("open");
    tell(read(0, "after"));
    expect(state.items.stateOf(0)).toBe("confirmed");
    expect(state.items.creditOf(0)).toBe("unsure");
  });

  it("lets a `set` that was lost and shows the old value be sent again, three times in all", () => {
    const { state, tell } = runOf(1);
    for (const attempt of [1, 2, 3]) {
      tell(outcome(0, tell(intent(0, attempt)), "lost", { code: "timeout", attempt }));
      expect(state.items.mayResend(0)).toBe(false);
      tell(read(0, "before"));
      expect(state.items.mayResend(0)).toBe(attempt < 3);
    }
    expect(state.items.stateOf(0)).toBe("unknown");
    expect(state.counters.unknown).toBe(1);
  });

  it("does not send one again that was lost before and has been busy for too long since: it stays unknown", () => {
    const { state, tell } = runOf(1);
    tell(outcome(0, tell(intent(0)), "lost"));
    tell(read(0, "before"));
    expect([state.items.mayResend(0), state.counters.unknown]).toEqual([true, 0]);
    const busy = { type: "hold", index: 0, id: itemId("0"), until: 0 } as const;
    tell({ ...busy, intent: tell(intent(0, 2)) });
    expect([state.items.mayResend(0), state.counters.unknown]).toEqual([true, 0]);
    tell({ ...busy, intent: tell(intent(0, 3)), gaveUp: true });
    expect([state.items.mayResend(0), state.items.isQueued(0)]).toEqual([false, false]);
    expect([state.items.stateOf(0), state.counters.unknown]).toEqual(["unknown", 1]);
  });

  it("never lets a `once` be sent again", () => {
    const { state, tell } = runOf(1, "once");
    tell(outcome(0, tell(intent(0)), "lost"));
    tell(read(0, "before"));
    expect(state.items.mayResend(0)).toBe(false);
    expect(state.items.stateOf(0)).toBe("unknown");
  });

  it("does not believe a rejection that follows a lost answer", () => {
    const { state, tell } = runOf(1);
    tell(outcome(0, tell(intent(0)), "lost"));
    tell(read(0, "before"));
    tell(outcome(0, tell(intent(0, 2)), "rejected", { code: "not-found", attempt: 2 }));
    expect(state.items.stateOf(0)).toBe("open");
    expect(state.counters.errors).toBe(0);
  });

  it("waits again, uncounted, after an answer that proves nothing was done", () => {
    const { state, tell } = runOf(1);
    tell(outcome(0, tell(intent(0)), "not-acted", { code: "http-429" }));
    expect(state.items.isQueued(0)).toBe(true);
    expect([state.counters.errors, state.counters.consecutive]).toEqual([0, 0]);
  });

  it("remembers a row of failures that ended before anybody looked", () => {
    const { state, tell } = runOf(6);
    for (const index of [0, 1, 2]) tell(outcome(index, tell(intent(index)), "rejected"));
    tell(outcome(3, tell(intent(3)), "accepted"));
    tell(outcome(4, tell(intent(4)), "rejected"));
    expect(state.counters.consecutive).toBe(3);
  });

  it("never calls an item drifted that may have been changed by us", () => {
    const { state, tell } = runOf(1);
    tell(outcome(0, tell(intent(0)), "lost"));
    tell(read(0, "before"));
    const found = { ...(outcome(0, tell(intent(0, 2)), "accepted") as FactOf<"outcome">), found: null, why: "" };
    tell({ ...found, kind: "drifted" });
    expect(state.items.stateOf(0)).toBe("unknown");
    tell(verdict(0, "other"));
    expect(state.items.stateOf(0)).toBe("diverged");
  });

  it("never sends again what verification has judged", () => {
    const { state, tell } = runOf(1);
    tell(outcome(0, tell(intent(0)), "lost"));
    tell(read(0, "before"));
    expect(state.items.mayResend(0)).toBe(true);
    tell(verdict(0, "before"));
    expect(state.items.mayResend(0)).toBe(false);
    expect(state.counters.unknown).toBe(1);
  });

  it("believes a read that shows a rejected change done", () => {
    const { state, tell } = runOf(1);
    tell(outcome(0, tell(intent(0)), "rejected"));
    expect([state.items.stateOf(0), state.counters.errors]).toEqual(["rejected", 1]);
    tell(verdict(0, "after"));
    expect([state.items.stateOf(0), state.items.creditOf(0), state.counters.errors]).toEqual([
      "confirmed",
      "despite",
      0,
    ]);
  });

  it("does not take the answers that its own death lost for trouble with the service", () => {
    const { state, tell } = runOf(5);
    for (const index of [0, 1, 2, 3, 4]) tell(outcome(index, tell(intent(index)), "lost", { code: diedCode }));
    expect(state.counters.consecutive).toBe(0);
  });

  it("forgets an intent that was withdrawn", () => {
    const { state, tell } = runOf(1);
    const seq = tell(intent(0));
    expect(state.openIntents()).toEqual([{ intent: seq, index: 0, marked: false }]);
    tell({ type: "sent", intents: [seq] });
    expect(state.openIntents()).toEqual([{ intent: seq, index: 0, marked: true }]);
    tell({ type: "withdrawn", intents: [seq], reason: "limit" });
    expect(state.openIntents()).toEqual([]);
    tell({ type: "stopped", reason: "limit", detail: "" });
    expect(notStartedReasons(state)).toEqual({ limit: 1 });
  });

  it("knows what else changed until something more is sent, and whether a whole list is still to be told of", () => {
    const { state, tell } = runOf(2);
    const compare = (): void => {
      tell({ type: "pass", pass: 1, phase: "end", rows: 2, complete: true });
      expect(state.owesCollateral).toBe(true);
      tell({ type: "collateral", checked: false, why: "" });
      expect([state.owesCollateral, state.collateral?.checked]).toEqual([false, false]);
    };
    tell({ type: "sent", intents: [tell(intent(0))] });
    compare();
    tell({ type: "pass", pass: 2, phase: "end", rows: 1, complete: false });
    expect([state.owesCollateral, state.collateral?.checked]).toEqual([false, false]);
    tell({ type: "sent", intents: [tell(intent(1))] });
    expect(state.collateral).toBeUndefined();
    compare();
  });

  it("knows the longest gap between a read and the send that relied on it", () => {
    const { state, tell } = runOf(3);
    tell(outcome(0, tell(intent(0)), "accepted"));
    expect(state.gapMs).toBeUndefined();
    for (const [index, gapMs] of [3.5, 1].entries())
      tell({ ...outcome(index + 1, tell(intent(index + 1)), "accepted"), gapMs } as Fact);
    expect(state.gapMs).toBe(3.5);
  });

  it("keeps why items were not started over epochs that come to none of them", () => {
    const { state, tell } = runOf(3);
    const owner = { boot: "b" } as FactOf<"resume">["owner"];
    const by = { name: "ada", host: "ws1" };
    const again = (verb: "resume" | "verify", generation: number): Fact => ({
      ...({ type: "resume", tool: "", recheck: false } as const),
      ...{ verb, generation, owner, by },
    });
    tell(outcome(0, tell(intent(0)), "rejected"));
    tell({ type: "stopped", reason: "limit", detail: "" });
    tell(again("verify", 2));
    expect(notStartedReasons(state)).toEqual({ limit: 2 });
    tell(again("resume", 3));
    expect(notStartedReasons(state)).toEqual({ limit: 2 });
    tell(outcome(1, tell(intent(1)), "accepted"));
    expect(notStartedReasons(state)).toEqual({ crash: 1 });
    tell(again("verify", 4));
    expect(notStartedReasons(state)).toEqual({ crash: 1 });
  });

  it("knows of a lost answer whether a read that began late enough has shown the old value", () => {
    const { state, tell } = runOf(2);
    for (const index of [0, 1]) tell(outcome(index, tell(intent(index)), "lost"));
    tell(read(0, "before"));
    tell(read(1, "unreadable"));
    expect([0, 1].map((index) => state.items.isShownUndone(index))).toEqual([true, false]);
    tell({ type: "pass", pass: 1, phase: "begin", rows: 0, complete: false });
    tell(verdict(1, "before", { pastHorizon: true }));
    expect(state.items.isShownUndone(1)).toBe(false);
    for (let time = 0; time < 30; time++) tell({ type: "clock", jumpMs: 1, kind: "wall" });
    tell({ type: "pass", pass: 2, phase: "begin", rows: 0, complete: false });
    tell(verdict(1, "before", { pastHorizon: true }));
    expect([state.items.stateOf(1), state.items.isShownUndone(1)]).toEqual(["unknown", true]);
    tell(verdict(1, "after"));
    expect(state.items.isShownUndone(1)).toBe(false);
  });

  const answers = ["accepted", "rejected", "lost"] as const;
  const looks = ["after", "before", "other", "absent", "unreadable"] as const;
  for (const repeat of ["set", "once"] as const) {
    for (const unverifiable of [false, true]) {
      it(`sends again only a \`set\` whose lost answer was read back as not done: ${repeat}${unverifiable ? ", accepted is all that is expected" : ""}`, () => {
        for (const answer of answers) {
          for (const seen of looks) {
            const { state, tell } = runOf(1, repeat, unverifiable);
            tell(outcome(0, tell(intent(0)), answer));
            if (answer === "lost") tell(read(0, seen));
            else if (seen !== "unreadable") tell(verdict(0, seen));
            const again = repeat === "set" && answer === "lost" && seen === "before";
            expect([answer, seen, state.items.mayResend(0)]).toEqual([answer, seen, again]);
            expect(state.items.isQueued(0)).toBe(false);
            // A lost answer is not unsealed any more once a read has settled it, whatever it showed.
            expect(state.items.stateOf(0)).not.toBe("open");
          }
        }
      });
    }
  }

  it("is the same in whatever order the items' stories are woven together", () => {
    const step = fc.constantFrom("accepted", "rejected", "lost", "withdrawn");
    const seen = fc.constantFrom("after", "before", "other", "absent");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(step, seen), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat(99)),
        (stories, turns) => {
          // The intent of item i has the number i + 3 in both: all of them come first.
          const tales = stories.map(([kind, look], index): Fact[] => {
            const seq = index + 3;
            if (kind === "withdrawn") return [{ type: "withdrawn", intents: [seq], reason: "limit" }];
            return [outcome(index, seq, kind), kind === "lost" ? read(index, look) : verdict(index, look)];
          });
          const inOrder = runOf(stories.length);
          const woven = runOf(stories.length);
          for (const { tell } of [inOrder, woven]) stories.forEach((_, index) => tell(intent(index)));
          for (const fact of tales.flat()) inOrder.tell(fact);
          const left = tales.map((tale) => [...tale]);
          while (left.some((tale) => tale.length > 0)) {
            const next = left[turns.next().value % left.length]?.shift();
            if (next !== undefined) woven.tell(next);
          }
          expect(woven.state.counts()).toEqual(inOrder.state.counts());
          for (const index of stories.keys()) {
            expect(woven.state.items.stateOf(index)).toBe(inOrder.state.items.stateOf(index));
            expect(woven.state.items.creditOf(index)).toBe(inOrder.state.items.creditOf(index));
          }
          expect([woven.state.counters.errors, woven.state.counters.unknown]).toEqual([
            inOrder.state.counters.errors,
            inOrder.state.counters.unknown,
          ]);
        },
      ),
    );
  });

  it("gives every item exactly one state, whatever happened, in any order across items", () => {
    const step = fc.constantFrom("accepted", "rejected", "lost", "not-acted", "withdraw", "crash");
    const after = fc.constantFrom("after", "before", "other", "absent", "unreadable", "none");
    const story = fc.array(fc.record({ step, after }), { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(story, { minLength: 1, maxLength: 8 }),
        fc.constantFrom<Repeat>("set", "once"),
        fc.infiniteStream(fc.nat(7)),
        (stories, repeat, turns) => {
          const { state, tell } = runOf(stories.length, repeat);
          const queues = stories.map((events, index) =>
            events.map((event, place) => ({ ...event, index, attempt: place + 1 })),
          );
          const replay: [Fact, number][] = [];
          const say = (fact: Fact): number => {
            const seq = tell(fact);
            replay.push([fact, seq]);
            return seq;
          };
          while (queues.some((queue) => queue.length > 0)) {
            const pick = turns.next().value % queues.length;
            const next = queues[pick]?.shift();
            if (next === undefined || !(state.items.isQueued(next.index) || state.items.mayResend(next.index)))
              continue;
            const seq = say(intent(next.index, next.attempt));
            if (next.step === "crash") continue;
            if (next.step === "withdraw") say({ type: "withdrawn", intents: [seq], reason: "limit" });
            else say(outcome(next.index, seq, next.step, { code: "x", attempt: next.attempt }));
            if (next.step === "lost" && next.after !== "none") say(read(next.index, next.after));
          }
          const { counts, open } = state.counts();
          expect(isConserved(counts, open, state.selection!)).toBe(true);
          const again = runOf(stories.length, repeat);
          for (const [fact, seq] of replay) again.state.fold(fact, { seq, t: seq, up: seq });
          expect(again.state.counts()).toEqual(state.counts());
          expect([again.state.counters.errors, again.state.counters.unknown, again.state.counters.consecutive]).toEqual(
            [state.counters.errors, state.counters.unknown, state.counters.consecutive],
          );
          const error = counts.rejected + counts.diverged + counts.vanished;
          expect(state.counters.errors).toBe(error);
        },
      ),
    );
  });
});
