import { describe, expect, it } from "vitest";
import { drive, expectSound, removalOf } from "../support/drive.ts";

describe.concurrent("T10: a removal", () => {
  it("is confirmed by two complete lists without the item", async () => {
    const run = await drive({ plan: removalOf({ count: 6 }) });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 0, sealed: true });
    expect(run.end.counts.confirmed).toBe(6);
    for (const verdict of run.all("verdict")) expect(verdict).toMatchObject({ seen: "after", pass: 2 });
  });

  it("is looked at twice even when there is time for one pass only", async () => {
    const run = await drive({ plan: removalOf({ count: 6, verify: { withinMs: 0, everyMs: 50 } }) });
    expectSound(run);
    expect(run.end.counts.confirmed).toBe(6);
  });

  it("whose answer is lost and that is late is not sent into a `not found`", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "RemoveAccount", nth: 2, fault: "late", ms: 300, connection: "reset" }] },
      plan: removalOf({ count: 6 }),
    });
    expectSound(run);
    expect(run.received.length).toBe(6);
    expect(run.end.counts).toMatchObject({ confirmed: 6, rejected: 0 });
  });

  it("that is rejected after a lost attempt is unsure, never rejected", async () => {
    const run = await drive({
      // Later than declared: the read shows the device, so it is sent again, and by then the first request has acted.
      simulator: {
        faults: [
          { method: "RemoveAccount", nth: 1, fault: "late", ms: 1700, connection: "reset" },
          { method: "RemoveAccount", nth: 2, fault: "slow", ms: 700 },
        ],
      },
      plan: removalOf({ count: 1 }),
    });
    expectSound(run);
    const [item] = run.changes;
    expect(run.storyOf(item!.id)).toEqual([
      ...["intent", "sent", "lost", "read early-before", "read before"],
      ...["intent", "sent", "rejected", "read after"],
    ]);
    expect(run.end).toMatchObject({ exit: 0, sealed: true });
    expect(run.end.counts).toMatchObject({ confirmed: 1, rejected: 0 });
  });

  it("that the service calls failed after doing it is confirmed despite", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "RemoveAccount", nth: 2, fault: "error-after-apply" }] },
      plan: removalOf({ count: 6 }),
    });
    expectSound(run);
    expect(run.all("outcome").filter(({ kind }) => kind === "rejected").length).toBe(1);
    expect(run.end.counts).toMatchObject({ confirmed: 6, rejected: 0 });
    expect(run.end.exit).toBe(0);
  });

  it("of what another has removed meanwhile is rejected first, and found done", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "RemoveAccount", nth: 2, fault: "vanish" }] },
      plan: removalOf({ count: 6 }),
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ confirmed: 6, rejected: 0 });
  });

  it("is not believed to a list that only hides the row once", async () => {
    let hidden = 0;
    const run = await drive({
      simulator: { faults: [{ method: "RemoveAccount", fault: "no-effect" }] },
      plan: removalOf({ count: 1, verify: { withinMs: 900, everyMs: 150, horizonMs: 60_000 } }),
      on: (event, simulator) => {
        if (event.type !== "wave" || event.phase !== "end" || hidden > 0) return;
        hidden = simulator.ids().find((id) => simulator.device(id)?.productId === 3) ?? 0;
        simulator.setFaults([{ method: "EnumerateAccountStatistics", fault: "drop-row", device: hidden, nth: 1 }]);
      },
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ confirmed: 0, pending: 1 });
  });
});
