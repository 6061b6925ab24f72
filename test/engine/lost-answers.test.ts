import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { drive, expectSound, productsOf } from "../support/drive.ts";

/** Two items meet the fault, not one after the other, so that no limit stops the run. */
const struck = (rule: Omit<FaultRule, "method" | "nth">): FaultRule => ({
  method: "ModifyAccount",
  nth: [2, 6],
  ...rule,
});

const afterApplying: readonly Omit<FaultRule, "method" | "nth">[] = [
  { fault: "http-503", when: "after" },
  { fault: "http-503", when: "after", retryAfter: 0 },
  { fault: "http-502", when: "after" },
  { fault: "http-500", when: "after" },
  { fault: "html" },
  { fault: "malformed" },
  { fault: "truncated" },
  { fault: "wrong-id" },
  { fault: "reset-after" },
  { fault: "hang-after" },
];

const beforeApplying: readonly Omit<FaultRule, "method" | "nth">[] = [
  { fault: "http-503" },
  { fault: "http-502" },
  { fault: "http-500" },
  { fault: "html", when: "before" },
  { fault: "malformed", when: "before" },
  { fault: "truncated", when: "before" },
  { fault: "wrong-id", when: "before" },
  { fault: "reset-before" },
  { fault: "hang" },
];

describe.concurrent("T9: an answer that is lost although the change was made", () => {
  for (const rule of afterApplying) {
    it(`${rule.fault}${rule.retryAfter === undefined ? "" : " with Retry-After"}: never sent again, confirmed by reading`, async () => {
      const run = await drive({ simulator: { faults: [struck(rule)] }, plan: productsOf({ count: 12 }) });
      expectSound(run);
      const lost = run.all("outcome").filter(({ kind }) => kind === "lost");
      expect(lost.length).toBe(2);
      expect(run.received.length).toBe(run.changes.length);
      for (const { id } of lost) expect(run.storyOf(id)).toEqual(["intent", "sent", "lost", "read after"]);
      expect(run.end).toMatchObject({ exit: 0, sealed: true });
      expect(run.end.counts.confirmed).toBe(run.changes.length);
    });
  }
});

describe.concurrent("an answer that is lost, and nothing was done", () => {
  for (const rule of beforeApplying) {
    it(`${rule.fault}: read back late enough, sent again, confirmed`, async () => {
      const run = await drive({ simulator: { faults: [struck(rule)] }, plan: productsOf({ count: 12 }) });
      expectSound(run);
      const lost = run.all("outcome").filter(({ kind }) => kind === "lost");
      expect(lost.length).toBe(2);
      expect(run.received.length).toBe(run.changes.length + 2);
      const story = [
        "intent",
        "sent",
        "lost",
        "read early-before",
        "read before",
        "intent",
        "sent",
        "accepted",
        "verdict after",
      ];
      for (const { id } of lost) expect(run.storyOf(id)).toEqual(story);
      expect(run.end).toMatchObject({ exit: 0, sealed: true });
    });
  }

  it("is sent three times at most when no answer ever comes", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "ModifyAccount", fault: "reset-before" }] },
      plan: productsOf({ count: 1, stop: { errors: 9, consecutive: 9, unknown: 9, driftedPercent: 100 } }),
    });
    expectSound(run);
    expect(run.received.length).toBe(3);
    expect(run.end.counts.unknown).toBe(1);
    expect(run.end).toMatchObject({ exit: 7, sealed: true });
  });
});

describe.concurrent("a service that turns calls away", () => {
  it("429 slows the run down and counts as no error, for as long as Retry-After says", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "ModifyAccount", nth: [3, 4, 5, 6, 7], fault: "http-429", retryAfter: 1 }] },
      plan: productsOf({ count: 12, stop: { errors: 0, consecutive: 0, unknown: 0, driftedPercent: 0 } }),
    });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 0, sealed: true });
    expect(run.end.counts.confirmed).toBe(12);
    const turned = run.all("outcome").filter(({ kind }) => kind === "not-acted");
    expect(turned.length).toBeGreaterThanOrEqual(5);
    expect(run.events.some(({ type }) => type === "slowed")).toBe(true);
    const calls = run.evidence.witness.received.filter(({ method }) => method === "ModifyAccount");
    const longest = Math.max(...calls.slice(1).map((call, place) => call.arrived - (calls[place]?.arrived ?? 0)));
    expect(longest).toBeGreaterThan(900);
  });

  it("does not burn through the list while a pause lasts", async () => {
    const run = await drive({
      simulator: { devices: 400, faults: [{ method: "ModifyAccount", nth: 1, fault: "http-429", retryAfter: 2 }] },
      plan: productsOf({ pace: { concurrency: 4 } }),
    });
    expectSound(run);
    expect(run.changes.length).toBeGreaterThan(80);
    const turned = run.all("outcome").filter(({ kind }) => kind === "not-acted");
    expect(turned.length).toBeLessThanOrEqual(12);
    expect(run.end.exit).toBe(0);
  });

  it("refused connections are no errors either: the run goes on when the service is back", async () => {
    let refused = 0;
    const run = await drive({
      plan: productsOf({ count: 12, stop: { errors: 0, consecutive: 0, unknown: 0, driftedPercent: 0 } }),
      seams: {
        connection: (line) => ({
          ...line,
          login: line.login,
          skewMs: line.skewMs,
          write: async (request, options) => {
            if (refused >= 20) return line.write(request, options);
            if (!(await options.ready())) return { kind: "withdrawn" };
            refused += 1;
            const failure = { class: "not_acted", code: "connect", message: "connect ECONNREFUSED" } as const;
            return { kind: "not-acted", failure };
          },
          [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
        }),
      },
    });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 0, sealed: true });
    expect(run.received.length).toBe(12);
  });
});
