import { describe, expect, it } from "vitest";
import { GuardError, RunnerError } from "../../runner/core/model/errors.ts";
import { type Plan } from "../../runner/core/model/plan.ts";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import { drive, expectSound, productsOf, type Driven } from "../support/drive.ts";
import { productPlan } from "../support/runs.ts";

const arrivals = (run: Driven): number[] =>
  run.evidence.witness.received.map(({ arrived }) => arrived).sort((a, b) => a - b);

describe.concurrent("pace", () => {
  for (const concurrency of [1, 3, 8, 64]) {
    it(`never has more than ${concurrency} changes at the service, and uses them all`, async () => {
      const run = await drive({
        simulator: { devices: 200, latencyMs: 15 },
        service: { limits: { concurrency: 100, timeoutMs: 1000, body: 1 << 20, message: 500 } },
        plan: productsOf({ count: 40, pace: { concurrency } }),
      });
      expectSound(run);
      expect(run.end.exit).toBe(0);
      const { maxInFlight } = run.evidence.witness;
      expect(maxInFlight).toBeLessThanOrEqual(concurrency);
      expect(maxInFlight).toBeGreaterThanOrEqual(Math.min(concurrency, 8) * 0.75);
    });
  }

  it("stays within the service's own limit when the plan asks for more", async () => {
    const run = await drive({
      simulator: { latencyMs: 10 },
      service: { limits: { concurrency: 2, timeoutMs: 1000, body: 1 << 20, message: 500 } },
      plan: productsOf({ pace: { concurrency: 50 } }),
    });
    expectSound(run);
    expect(run.evidence.witness.maxInFlight).toBeLessThanOrEqual(2);
  });

  it("spaces calls of all kinds evenly: changes, reads and logins", async () => {
    const run = await drive({
      simulator: { faults: [{ method: "ModifyAccount", nth: 4, fault: "reset-after" }] },
      plan: productsOf({ count: 12, pace: { concurrency: 4, perMinute: 1200 } }),
    });
    expectSound(run);
    const times = arrivals(run);
    expect(times.length).toBeGreaterThan(14);
    for (const [first, from] of times.entries()) {
      for (const [last, to] of times.entries()) {
        if (last > first) expect(last - first).toBeLessThanOrEqual((to - from) / 50 + 1.5);
      }
    }
  });

  it("has fewer calls at a time while answers take longer than they did, and says so", async () => {
    const slow = Array.from({ length: 60 }, (_, place) => 40 + place);
    const run = await drive({
      simulator: {
        devices: 800,
        latencyMs: 5,
        faults: [{ method: "ModifyAccount", nth: slow, fault: "slow", ms: 150 }],
      },
      plan: productsOf({ count: 180, pace: { concurrency: 8 } }),
      service: { limits: { concurrency: 8, timeoutMs: 2000, body: 1 << 20, message: 500 } },
    });
    expectSound(run);
    expect(run.end.exit).toBe(0);
    const changes = run.all("throttle").filter(({ what }) => what === "concurrency");
    expect(changes[0]).toMatchObject({ from: 8, to: 6, cause: "answers take longer than they did" });
    expect(changes.some(({ from, to }) => (to ?? 0) > (from ?? 0))).toBe(true);
    for (const { to } of changes) expect(to).toBeGreaterThanOrEqual(1);
  });

  it("keeps no more intents ahead than a second of its rate", async () => {
    const run = await drive({ plan: productsOf({ count: 8, pace: { concurrency: 2, perMinute: 240 } }) });
    expectSound(run); // the oracle counts the intents
    expect(run.all("start")[0]?.facts.margin).toBe(4);
  });

  for (const count of [1, 2]) {
    it(`${count} item${count === 1 ? "" : "s"}, one of them turned away: it is sent again, alone`, async () => {
      const run = await drive({
        simulator: { faults: [{ method: "ModifyAccount", nth: count, fault: "http-429" }] },
        plan: productsOf({ count }),
      });
      expectSound(run);
      expect(run.end.exit).toBe(0);
    });
  }
});

describe.concurrent("before the first write", () => {
  const breaches: Readonly<Record<string, Partial<Plan["guards"]>>> = {
    min: { min: 50 },
    max: { max: 2 },
    max_percent: { maxPercent: 1 },
    require: {
      require: [
        { text: "inputs.to in lookup.products", holds: () => false, message: () => "Product 4 is not offered." },
      ],
    },
    "require that can not be evaluated": {
      require: [
        {
          text: "inputs.to > 1",
          holds: () => {
            throw new ExpressionError("inputs.to is null");
          },
          message: () => "",
        },
      ],
    },
  };
  for (const [guard, guards] of Object.entries(breaches)) {
    it(`guards.${guard} refuses: exit 5, nobody is asked, nothing is sent`, async () => {
      let asked = 0;
      const whole = { require: [], min: 1, allowEmpty: false, allowRefused: 0, ...guards };
      const run = await drive({
        plan: productsOf({ guards: whole }),
        options: { consent: () => (asked++, Promise.resolve({ given: true, how: "library" } as const)) },
      });
      expect(run.error).toBeInstanceOf(GuardError);
      expect((run.error as GuardError).exitCode).toBe(5);
      expect([asked, run.received.length]).toEqual([0, 0]);
      expect(run.all("lock")).toEqual([]);
      expect(run.violations).toEqual([]);
    });
  }

  it("an item that a clause can not judge refuses the run, unless it is allowed", async () => {
    const strange = (plan: Plan): Plan => ({
      ...plan,
      filter: [
        ...plan.filter,
        {
          text: "item.device_name.startsWith('x')",
          line: 3,
          holds: (_, item) => {
            if (Number(item.id) % 5 === 0) throw new ExpressionError("device_name is null");
            return true;
          },
        },
      ],
    });
    const refused = await drive({ plan: (simulator) => strange(productsOf()(simulator)) });
    expect((refused.error as RunnerError).exitCode).toBe(5);
    expect(refused.received).toEqual([]);
    const guards = { require: [], min: 1, allowEmpty: false, allowRefused: 60 };
    const allowed = await drive({ plan: (simulator) => strange(productsOf({ guards })(simulator)) });
    expectSound(allowed);
    expect(allowed.end.counts.refused).toBeGreaterThan(0);
    expect(allowed.end.exit).toBe(6);
  });

  it("no consent: exit 5, nothing is sent", async () => {
    const run = await drive({
      options: { consent: () => Promise.resolve({ given: false, why: "No.", hint: "--yes" }) },
    });
    expect((run.error as RunnerError).exitCode).toBe(5);
    expect(run.received).toEqual([]);
    expect(run.violations).toEqual([]);
  });

  it("everything is as wanted already: exit 0, nobody is asked, no lock is taken", async () => {
    const run = await drive({
      plan: (simulator) => productPlan(simulator.rootPartner, { from: 4, to: 4 }),
      options: { consent: () => Promise.reject(new Error("asked")) },
    });
    expectSound(run);
    expect(run.end.counts.already).toBeGreaterThan(0);
    expect(run.end).toMatchObject({ exit: 0, sealed: true });
    expect(run.all("lock")).toEqual([]);
  });

  it("an empty list refuses, unless it is allowed: then exit 0", async () => {
    const refused = await drive({ simulator: { devices: 0 } });
    expect((refused.error as RunnerError).exitCode).toBe(5);
    const guards = { require: [], min: 1, allowEmpty: true, allowRefused: 0 };
    const allowed = await drive({ simulator: { devices: 0 }, plan: productsOf({ guards }) });
    expectSound(allowed);
    expect(allowed.end).toMatchObject({ exit: 0, sealed: true });
  });
});

describe.concurrent("a session that ends while changes are sent", () => {
  const expired = { method: "ModifyAccount", nth: 5, fault: "visa-expire", chain: true } as const;
  const logins = (run: Driven): number =>
    run.evidence.witness.received.filter(({ method }) => method === "Login").length;

  it("is opened again once, and no change is lost or sent twice", async () => {
    const run = await drive({ simulator: { devices: 200, faults: [expired] } });
    expectSound(run);
    expect(run.end.exit).toBe(0);
    expect(logins(run)).toBe(2);
  });

  it("and a login that is refused: one try, the rest is not started, exit 6", async () => {
    // From the fifth change on: an earlier answer may still bring a visa that is good.
    const nth = Array.from({ length: 500 }, (_, place) => place + 5);
    const refused = { ...expired, nth };
    const unreadable = { method: "EnumerateAccountStatistics", fault: "visa-expire", chain: true } as const;
    const run = await drive({
      simulator: { devices: 200, latencyMs: 5 },
      on: (event, simulator) => {
        if (event.type === "wave" && event.phase === "begin")
          simulator.setFaults([refused, unreadable, { method: "Login", fault: "error", data: 2100 }]);
      },
    });
    expectSound(run);
    expect(logins(run)).toBe(2);
    expect(run.all("stopped")[0]).toMatchObject({ reason: "login" });
    expect(run.end.notStarted.login).toBeGreaterThan(0);
    expect(run.end.exits).toEqual([6, 8]);
    expect(run.end.sealed).toBe(true);
  });

  it("over and over: no more than three logins in a row, then the run stops", async () => {
    const run = await drive({
      simulator: { devices: 200, faults: [{ method: "ModifyAccount", fault: "visa-expire", chain: true }] },
    });
    expectSound(run);
    expect(logins(run)).toBeLessThanOrEqual(4);
    expect(run.all("stopped")[0]).toMatchObject({ reason: "login" });
    expect(run.end.notStarted.login).toBe(run.changes.length);
    expect(run.end.exit).toBe(6);
  });
});
