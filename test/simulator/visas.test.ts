import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Visas } from "../../runner/simulator/visas.ts";

const passport = { partnerId: 4001, userId: 301, roleId: 1 };

describe("visas", () => {
  it("are all different, and all good at once", () => {
    const visas = new Visas(passport, { ttlMs: 60_000, clockOffsetMs: 0 });
    const issued = Array.from({ length: 100 }, () => visas.issue());
    expect(new Set(issued).size).toBe(100);
    expect(issued.every((visa) => visas.accepts(visa))).toBe(true);
  });

  it("show partner, user, role and the second of issue by the clock of the service", () => {
    const [partner, user, role, second] = new Visas(passport, { ttlMs: 1000, clockOffsetMs: 3_600_000 })
      .issue()
      .split("-");
    expect([partner, user, role]).toEqual(["4001", "301", "1"]);
    expect(Math.abs(Number(second) - Date.now() / 1000 - 3600)).toBeLessThan(5);
  });

  it("are refused after any change of any character, and so is anything else", () => {
    const visas = new Visas(passport, { ttlMs: 60_000, clockOffsetMs: 0 });
    const visa = visas.issue();
    fc.assert(
      fc.property(
        fc.nat(visa.length - 1),
        fc.constantFrom("0", "1", "9", "a", "f", "-", "x", " "),
        (place, character) => {
          const damaged = visa.slice(0, place) + character + visa.slice(place + 1);
          expect(visas.accepts(damaged)).toBe(damaged === visa);
        },
      ),
    );
    expect(
      [undefined, null, 5, "", "x", new Visas(passport, { ttlMs: 60_000, clockOffsetMs: 0 }).issue()].map((one) =>
        visas.accepts(one),
      ),
    ).toEqual(Array(6).fill(false));
  });

  it("age one by one", async () => {
    const visas = new Visas(passport, { ttlMs: 60, clockOffsetMs: 0 });
    const first = visas.issue();
    await sleep(40);
    const second = visas.issue();
    await sleep(40);
    expect([visas.accepts(first), visas.accepts(second)]).toEqual([false, true]);
  });

  it("can be ended early, one or all", () => {
    const visas = new Visas(passport, { ttlMs: 60_000, clockOffsetMs: 0 });
    const [first, second] = [visas.issue(), visas.issue()];
    visas.revoke(first);
    expect([visas.accepts(first), visas.accepts(second)]).toEqual([false, true]);
    visas.revokeAll();
    expect(visas.accepts(second)).toBe(false);
    expect(visas.accepts(visas.issue())).toBe(true);
  });
});
