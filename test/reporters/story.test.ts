import { describe, expect, it } from "vitest";
import type { Fact, LedgerRecord } from "../../runner/core/model/events.ts";
import { itemId } from "../../runner/core/model/item.ts";
import { Storyteller } from "../../runner/reporters/story.ts";

const id = itemId("41");
const failure = { class: "reject", code: "13501", message: "Access denied\u001b[2J" } as const;
const showing = { types: { quota: { type: "bytes" as const } }, zone: "UTC" };

/** What is told of item 0 and item 1 by these facts, from seq 1 on. */
function told(...facts: readonly Fact[]): readonly string[] {
  const teller = new Storyteller(showing);
  const records = facts.map((fact, place) => ({ seq: place + 1, t: 1000 + place, up: place, hash: "", ...fact }));
  return records.flatMap((record) =>
    teller.tell(record as LedgerRecord).map(({ index, at, text }) => `${at} ${index} ${text}`),
  );
}

const intent = (index: number, attempt = 1): Fact => ({
  type: "intent",
  index,
  id,
  title: "DESK-1",
  attempt,
  wave: 1,
  method: "ModifyAccount",
  request: "" as never,
  before: { quota: 1 },
  after: { quota: 2048 },
});
const outcome = { type: "outcome", intent: 1, index: 0, id, attempt: 1, ms: 120 } as const;
const read = { type: "read", index: 0, id, began: 0, source: "list", found: null } as const;

describe("the story of an item", () => {
  it("goes from the intent over the answer to what was seen", () => {
    expect(
      told(
        intent(0),
        { type: "sent", intents: [1] },
        { ...outcome, kind: "accepted" },
        { type: "verdict", pass: 1, seen: "before", indexes: [0], pendingNow: true },
        { type: "verdict", pass: 2, seen: "after", indexes: [0] },
      ),
    ).toEqual([
      "1000 0 Attempt 1, in wave 2: to be sent as ModifyAccount",
      "1001 0 Sent",
      "1002 0 Accepted after 120 ms",
      "1003 0 Verified, pass 1: as it was before, on its way",
      "1004 0 Verified, pass 2: as asked for",
    ]);
  });

  it("tells marks and withdrawals of the items whose intents they name, while those are open", () => {
    expect(
      told(
        intent(0),
        intent(1),
        { type: "sent", intents: [1, 2, 77] },
        { type: "withdrawn", intents: [2], reason: "limit" },
        { ...outcome, kind: "lost", failure: { ...failure, code: "timeout", message: "" } },
        { type: "sent", intents: [1, 2] },
      ).slice(2),
    ).toEqual(["1002 0 Sent", "1002 1 Sent", "1003 1 Not sent: limit", "1004 0 No clear answer: timeout"]);
  });

  it.each<readonly [Fact, string]>([
    [{ ...outcome, kind: "rejected", failure }, "Rejected after 120 ms: 13501: Access denied"],
    [{ ...outcome, kind: "not-acted", failure }, "Nothing was done: 13501: Access denied"],
    [
      { ...outcome, kind: "drifted", found: { quota: 1024 }, why: "quota is another" },
      "Not sent: quota is another (quota 1 KiB)",
    ],
    [{ ...outcome, kind: "drifted", found: null, why: "it is gone" }, "Not sent: it is gone"],
    [{ ...outcome, kind: "already", found: {} }, "Not sent: as desired by then"],
    [{ ...read, why: "settle", seen: "after" }, "Read by itself, since its answer was lost: as asked for"],
    [
      { ...read, why: "settle", seen: "other", found: { quota: 3 } },
      "Read by itself, since its answer was lost: neither as before nor as asked for (quota 3 B)",
    ],
    [{ ...read, why: "recheck", seen: "unreadable" }, "Read right before it is sent: could not be read"],
    [
      { type: "verdict", pass: 3, seen: "before", indexes: [0], pastHorizon: true },
      "Verified, pass 3: as it was before, though it should show by now",
    ],
    [
      { type: "verdict", pass: 3, seen: "other", indexes: [0], found: [{ quota: 5 }] },
      "Verified, pass 3: neither as before nor as asked for (quota 5 B)",
    ],
    [{ type: "hold", intent: 1, index: 0, id, until: 1_800_000_000_000 }, "Busy: not before 2027-01-15T08:00:00Z"],
    [{ type: "hold", intent: 1, index: 0, id, until: 0, gaveUp: true }, "Busy for too long: left alone"],
  ])("says of %j: %s", (fact, text) => {
    expect(told(fact)).toEqual([`1000 0 ${text}`]);
  });

  it("has nothing to say of what is not about items", () => {
    expect(told({ type: "clock", jumpMs: 1, kind: "wall" })).toEqual([]);
  });
});
