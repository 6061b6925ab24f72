import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { upNow } from "../../runner/simulator/clock.ts";
import { Devices } from "../../runner/simulator/devices.ts";
import { compileFilter } from "../../runner/simulator/filter/compile.ts";
import { parseFilter } from "../../runner/simulator/filter/parse.ts";
import { Fleet } from "../../runner/simulator/fleet.ts";
import { Selections } from "../../runner/simulator/selections.ts";

const filters = [
  "",
  "PD == 3",
  "PD in (3, 4) and OT == 1",
  "AU > 1200100",
  "AU >= 1200100 and AU < 1200300 and PD == 3",
];
const orders = ["", "AU ASC", "AU DESC", "PD ASC", "ED DESC"];

describe("the pages of a list", () => {
  it("are those of the whole list worked out anew, whatever changed between them", () => {
    const step = fc.record({
      filter: fc.constantFrom(...filters),
      orderBy: fc.constantFrom(...orders),
      start: fc.nat(120),
      count: fc.nat(40),
      touch: fc.nat(119),
      product: fc.constantFrom(3, 4, undefined),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { devices, selections, partners } = fleetOf(120);
        for (const { filter, orderBy, start, count, touch, product } of steps) {
          const id = devices.fleet.idAt(touch);
          if (product === undefined) devices.remove(id);
          else devices.change(id, { productId: product });
          const page = selections.page({ partners, filter, orderBy, asOf: upNow() }, { start, count });
          const whole = slowly(devices, { filter, orderBy });
          expect(page.map((device) => device.id)).toEqual(whole.slice(start, start + count));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("show an earlier instant as it was, even after a later one was shown", () => {
    const { devices, selections, partners } = fleetOf(50);
    const list = (asOf: number) =>
      selections
        .page({ partners, filter: "PD == 2", orderBy: "", asOf }, { start: 0, count: 50 })
        .map((device) => device.id);
    const before = [upNow(), list(upNow())] as const;
    for (let place = 0; place < 50; place += 1) devices.change(devices.fleet.idAt(place), { productId: 2 });
    expect(list(upNow())).toHaveLength(50);
    expect(list(before[0])).toEqual(before[1]);
    expect(list(upNow())).toHaveLength(50);
  });
});

describe("a list of many devices", () => {
  it("is right after more changes than are put right one by one, and its deep pages cost no more than its first", () => {
    const { devices, selections, partners } = fleetOf(40_000);
    const page = (start: number) =>
      selections.page({ partners, filter: "", orderBy: "AU ASC", asOf: upNow() }, { start, count: 50 });
    expect(page(0)).toHaveLength(50);
    for (let place = 0; place < 20_000; place += 1) devices.remove(devices.fleet.idAt(place));
    expect(page(0)[0]?.place).toBe(20_000);
    expect(page(19_960).map(({ place }) => place)).toEqual(Array.from({ length: 40 }, (_, row) => 39_960 + row));
    const timeOf = (start: number) => {
      const began = performance.now();
      for (let round = 0; round < 200; round += 1) page(start);
      return performance.now() - began;
    };
    const first = timeOf(0);
    expect(timeOf(19_900)).toBeLessThan(10 * first + 50);
  });
});

function fleetOf(count: number) {
  const devices = new Devices(new Fleet({ devices: count, seed: 3, rootName: "Root", epoch: 1_700_000_000 }));
  return { devices, selections: new Selections(devices), partners: devices.fleet.partners.within(4001) };
}

/** The same list by the plainest means. */
function slowly(devices: Devices, { filter, orderBy }: { filter: string; orderBy: string }): number[] {
  const parsed = parseFilter(filter);
  const accepts = parsed ? compileFilter(parsed) : () => true;
  const matching = devices
    .ids()
    .map((id) => devices.get(id)!)
    .filter(accepts);
  const key = { PD: "productId", ED: "expirationTime", AU: "id" } as const;
  const [code, direction] = (orderBy || "AU ASC").split(" ");
  const name = key[code as keyof typeof key];
  const sign = direction === "DESC" ? -1 : 1;
  return matching.sort((a, b) => sign * (a[name] - b[name]) || a.id - b.id).map((device) => device.id);
}
