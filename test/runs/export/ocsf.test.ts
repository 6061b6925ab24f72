import { describe, expect, it } from "vitest";
import type { Fact } from "../../../runner/core/model/events.ts";
import { itemId } from "../../../runner/core/model/item.ts";
import type { Outcome } from "../../../runner/core/model/outcome.ts";
import { OcsfEvents } from "../../../runner/runs/export/ocsf.ts";
import { intent, resume, run, sent, start } from "../../ledger/sample.ts";

interface Event {
  readonly status: string;
  readonly activity_name: string;
  readonly actor: { readonly user: { readonly name: string } };
  readonly api: { readonly request: { readonly uid: string } };
  readonly resources: readonly { readonly uid: string }[];
  readonly unmapped: { readonly outcome: string };
}

function told(facts: readonly Fact[]): Event[] {
  const events = new OcsfEvents(run);
  const records = facts.map((fact, place) => ({ ...fact, seq: place + 1, t: place, up: place, hash: "0" }));
  return [...records.flatMap((record) => events.take(record)), ...events.end()].map(
    (line) => JSON.parse(line) as Event,
  );
}

const failure = { class: "reject", code: "7", message: "no" } as const;
type Kind = Outcome["kind"];

/** An answer to the intent at place `seq` of the record. */
function answer(seq: number, index: number, kind: Kind): Fact {
  const about = { intent: seq, index, id: itemId(String(index)), attempt: 1, ms: 3.4 };
  const more = { accepted: {}, rejected: { failure }, lost: { failure }, "not-acted": { failure } } as const;
  if (kind === "drifted") return { type: "outcome", ...about, kind, found: null, why: "moved" };
  if (kind === "already") return { type: "outcome", ...about, kind, found: {} };
  return { type: "outcome", ...about, kind, ...more[kind] } as Fact;
}

describe("OCSF events of a record", () => {
  it.each<[Kind, string]>([
    ["accepted", "Success"],
    ["rejected", "Failure"],
    ["not-acted", "Failure"],
    ["lost", "Unknown"],
  ])("call a request that was %s a %s", (kind, status) => {
    const [event, ...others] = told([start, intent(0), sent(2), answer(2, 0, kind)]);
    expect([event?.status, event?.unmapped.outcome, event?.api.request.uid, others]).toEqual([
      status,
      kind,
      `${run}-2-1`,
      [],
    ]);
  });

  it.each<Kind>(["drifted", "already"])("tell of no request where an item was %s", (kind) => {
    expect(told([start, intent(0), answer(2, 0, kind)])).toEqual([]);
  });

  it("tell of no request that was withdrawn, marked or not, or that was held", () => {
    expect(told([start, intent(0), { type: "withdrawn", intents: [2], reason: "paused" }])).toEqual([]);
    expect(told([start, intent(0), sent(2), { type: "withdrawn", intents: [2], reason: "paused" }])).toEqual([]);
    expect(told([start, intent(0), { type: "hold", intent: 2, index: 0, id: itemId("0"), until: 9 }])).toEqual([]);
  });

  it("tell of a request that a dead process may have sent, whoever settled it", () => {
    expect(told([start, intent(0)])).toMatchObject([{ status: "Unknown", unmapped: { outcome: "none" } }]);
    expect(told([start, intent(0), sent(2)])).toHaveLength(1);
    const settled = told([start, intent(0), resume(2), answer(2, 0, "lost")]);
    expect(settled).toMatchObject([{ status: "Unknown", unmapped: { outcome: "lost" } }]);
  });

  it("tell once of a call about several items, and call it a success only if it was one for each", () => {
    const call = [start, intent(0), intent(1), sent(2, 3)];
    const [event, ...others] = told([...call, answer(2, 0, "accepted"), answer(3, 1, "accepted")]);
    expect([event?.status, event?.resources.map(({ uid }) => uid), others]).toEqual(["Success", ["0", "1"], []]);
    expect(told([...call, answer(2, 0, "accepted"), answer(3, 1, "rejected")])).toMatchObject([{ status: "Failure" }]);
    expect(told([...call, answer(2, 0, "accepted")])).toMatchObject([{ status: "Unknown" }]);
  });

  it("name a change that may be repeated an update, a destructive one without fields a removal, and anything else other", () => {
    const named = (change: Partial<typeof start.change>, after: object): string | undefined =>
      told([{ ...start, change: { ...start.change, ...change } }, { ...intent(0), after } as Fact, sent(2)])[0]
        ?.activity_name;
    expect(named({}, { tier: "Gold" })).toBe("Update");
    expect(named({ destructive: true, repeat: "once" }, {})).toBe("Delete");
    expect(named({ repeat: "once" }, {})).toBe("Other");
  });
});
