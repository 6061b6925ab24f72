import { describe, expect, it } from "vitest";
import type { Plan } from "../../runner/core/model/plan.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import { drive, expectSound, productsOf, type Driven } from "../support/drive.ts";

const groups = 10;
const groupOf = (id: string | number): string => `customer ${Number(id) % groups}`;

/** Ten customers, told apart by the last digit of their devices. */
const grouped =
  (more: Partial<Plan["pace"]> = {}, stop: Partial<Plan["stop"]> = {}) =>
  (simulator: Simulator): Plan =>
    productsOf({
      pace: {
        concurrency: 4,
        waves: [{ percent: 100 }],
        per: { text: "item.customer", of: (_, item) => groupOf(item.id) },
        ...more,
      },
      stop: { errors: 1, consecutive: 99, unknown: 0, driftedPercent: 10, of: "group", ...stop },
    })(simulator);

/** Every device of these customers is refused. */
const bad = (names: readonly string[]) => ({
  devices: 800,
  latencyMs: 2,
  faults: [
    {
      method: "ModifyAccount",
      item: Array.from({ length: 2000 }, (_, place) => 1_200_000 + place).filter((id) => names.includes(groupOf(id))),
      fault: "error" as const,
      data: 13501,
    },
  ],
});

const sentTo = (run: Driven, name: string): number => run.received.filter((id) => groupOf(id) === name).length;
const sizeOf = (run: Driven, name: string): number => run.changes.filter(({ id }) => groupOf(id) === name).length;

describe.concurrent("groups", () => {
  it("one bad customer of ten is parked while nine finish", async () => {
    const run = await drive({ simulator: bad(["customer 3"]), plan: grouped() });
    expectSound(run);
    const [limit] = run.all("limit");
    const names = run.all("selected")[0]?.groups?.map(({ name }) => name) ?? [];
    expect(names[limit?.group ?? -1]).toBe("customer 3");
    expect(limit).toMatchObject({ limit: "errors", tolerated: 1, value: 2 });
    expect(sentTo(run, "customer 3")).toBeLessThanOrEqual(2 + 4);
    expect(run.end.notStarted).toEqual({ parked: sizeOf(run, "customer 3") - sentTo(run, "customer 3") });
    expect(run.end.counts.confirmed).toBe(run.changes.length - sizeOf(run, "customer 3"));
    expect(run.end.exit).toBe(6);
    expect(run.all("stopped")).toEqual([]);
  });

  it("a change that is bad for everybody stops when more customers are parked than are tolerated", async () => {
    const run = await drive({
      simulator: bad(Array.from({ length: groups }, (_, place) => `customer ${place}`)),
      plan: grouped({}, { groups: 2 }),
    });
    expectSound(run);
    expect(run.all("limit").at(-1)).toMatchObject({ limit: "groups", tolerated: 2, value: 3 });
    expect(run.received.length).toBeLessThan(40);
    expect(run.end.notStarted.limit).toBeGreaterThan(0);
  });

  it("percents are of each group's own items", async () => {
    const run = await drive({ simulator: bad(["customer 7"]), plan: grouped({}, { errors: 99, percent: 20 }) });
    expectSound(run);
    const tolerated = Math.floor(sizeOf(run, "customer 7") / 5);
    expect(run.all("limit")).toMatchObject([{ limit: "percent", tolerated, value: tolerated + 1 }]);
  });

  it("each has no more calls under way than it may", async () => {
    const per = { text: "item.customer", concurrency: 1, of: (_: unknown, { id }: { id: string }) => groupOf(id) };
    const run = await drive({ simulator: { devices: 400, latencyMs: 10 }, plan: grouped({ concurrency: 8, per }) });
    expectSound(run);
    const under = new Map<string, number>();
    const names = new Map(run.all("intent").map(({ seq, id }) => [seq, groupOf(id)]));
    for (const record of run.records) {
      const add = (seq: number, by: number): void => {
        const name = names.get(seq) ?? "";
        under.set(name, (under.get(name) ?? 0) + by);
        expect(under.get(name)).toBeLessThanOrEqual(1);
      };
      if (record.type === "sent") for (const seq of record.intents) add(seq, 1);
      if (record.type === "outcome") add(record.intent, -1);
    }
    expect(run.evidence.witness.maxInFlight).toBeGreaterThan(3);
  });

  it("a customer that is parked in one wave is left out of the next", async () => {
    const run = await drive({
      simulator: bad(["customer 3"]),
      plan: grouped({ waves: [{ percent: 50 }, { percent: 100 }] }),
    });
    expectSound(run);
    const second = run.all("intent").filter(({ wave }) => wave === 1);
    expect(second.length).toBeGreaterThan(0);
    expect(second.filter(({ id }) => groupOf(id) === "customer 3")).toEqual([]);
  });

  it("an item whose group can not be said is refused before anything is sent", async () => {
    const run = await drive({
      plan: grouped({
        per: {
          text: "item.customer",
          of: () => {
            throw new Error("never");
          },
        },
      }),
    });
    expect(run.error).toBeInstanceOf(Error);
    expect(run.received).toEqual([]);
  });
});
