import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { drive, expectSound, productsOf, type Drive, type Driven } from "../support/drive.ts";

const list = "EnumerateAccountStatistics";
/** Three pages of 500 and what proves the end. */
const devices = 1200;
const boundaries = [1, 2, 3, 4];
const patient = { verify: { withinMs: 3000, everyMs: 100 } };

const rowsOf = ({ evidence }: Driven): string[] => evidence.inventory.map(({ id }) => id);

/** Ids of a fleet of the same seed that nobody touches: what a frozen list would hold. */
async function frozen(): Promise<readonly string[]> {
  return rowsOf(await drive({ simulator: { devices }, plan: productsOf({ count: 5, ...patient }) }));
}

const during = (rule: FaultRule): Drive => ({
  simulator: { devices, faults: [rule] },
  plan: productsOf({ count: 5, ...patient }),
});

describe.concurrent("T13: a list that moves while it is selected from", () => {
  for (const nth of boundaries) {
    it(`a row deleted in front of request ${nth}: every other row is there once`, async () => {
      const all = await frozen();
      // The last row of the page before: without it, every row of this page moves up by one.
      const run = await drive(during({ method: list, nth, fault: "vanish" }));
      expectSound(run);
      const gone = run.evidence.witness.edits.map(({ item }) => item);
      expect(gone.length).toBe(nth === 1 ? 0 : 1);
      expect(rowsOf(run).filter((id) => !gone.includes(id))).toEqual(all.filter((id) => !gone.includes(id)));
      expect(new Set(rowsOf(run)).size).toBe(rowsOf(run).length);
    });

    it(`a row inserted in front of request ${nth}: every row is there once, the new one perhaps`, async () => {
      const all = await frozen();
      let added = "";
      const run = await drive({
        simulator: { devices },
        plan: (simulator) => {
          // The list is that of one customer; another device comes to him while it is read.
          const [partner = 0] = [...groups(simulator.ids().map((id) => simulator.device(id)!.partnerId))];
          const stranger = simulator.ids().find((id) => simulator.device(id)!.partnerId !== partner)!;
          added = String(stranger);
          for (const id of simulator.ids())
            if (id !== stranger && simulator.device(id)!.partnerId !== partner)
              simulator.edit(id, { partnerId: partner });
          simulator.setFaults([{ method: list, nth, fault: "editor", device: stranger, set: { partnerId: partner } }]);
          const plan = productsOf({ count: 5, ...patient })(simulator);
          return {
            ...plan,
            enumerate: { ...plan.enumerate, params: () => ({ query: { PartnerId: partner } }) },
          };
        },
      });
      expectSound(run);
      const others = all.filter((id) => id !== added);
      expect(rowsOf(run).filter((id) => id !== added)).toEqual(others);
      expect(rowsOf(run).filter((id) => id === added).length).toBeLessThanOrEqual(1);
    });

    it(`the first row left out of request ${nth}: found out at the next boundary, and read again`, async () => {
      const all = await frozen();
      const run = await drive(during({ method: list, nth, fault: "drop-row", row: 0 }));
      expectSound(run);
      expect(rowsOf(run)).toEqual(all);
    });
  }

  const broken: readonly FaultRule[] = [
    { method: list, fault: "repeat-first-page" },
    { method: list, every: 2, fault: "empty-page" },
    { method: list, fault: "cap", rows: 1 },
  ];
  for (const rule of broken) {
    it(`a server that answers with ${rule.fault}: refused, nothing is sent`, async () => {
      const run = await drive(during(rule));
      expect(run.error).toMatchObject({ code: "incomplete" });
      expect(run.received).toEqual([]);
      expect(run.changes).toEqual([]);
    });
  }
});

/** Customers, the one with most devices first. */
function groups(partners: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const partner of partners) counts.set(partner, (counts.get(partner) ?? 0) + 1);
  return [...counts].sort(([, left], [, right]) => right - left).map(([partner]) => partner);
}
