import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fleet } from "../../runner/simulator/fleet.ts";
import type { FleetOptions } from "../../runner/simulator/fleet.ts";
import { findProduct } from "../../runner/simulator/products.ts";

describe("the simulated fleet", () => {
  it("has rising ids with holes, and finds every device by id and by name", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.integer({ min: 1, max: 700 }), (seed, devices) => {
        const fleet = fleetOf({ seed, devices });
        const places = Array.from({ length: devices }, (_, place) => place);
        const ids = places.map((place) => fleet.idAt(place));
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
        expect(ids.map((id) => fleet.placeOf(id))).toEqual(places);
        expect(places.map((place) => fleet.placeNamed(fleet.nameAt(place)))).toEqual(places);
      }),
      { numRuns: 30 },
    );
  });

  it("knows where an id stands, born or not", () => {
    const fleet = fleetOf({ devices: 500 });
    const ids = Array.from({ length: 500 }, (_, place) => fleet.idAt(place));
    fc.assert(
      fc.property(fc.integer({ min: ids[0]! - 50, max: ids.at(-1)! + 500 }), (id) => {
        const first = ids.findIndex((one) => one >= id);
        expect(fleet.placeFrom(id)).toBe(first < 0 ? 500 : first);
        expect(fleet.placeOf(id)).toBe(ids.includes(id) ? first : undefined);
      }),
    );
    expect([fleet.placeFrom(-Infinity), fleet.placeFrom(Infinity)]).toEqual([0, 500]);
    expect([fleet.placeOf(NaN), fleet.placeOf(1.5), fleet.placeNamed("x"), fleet.placeNamed("desktop-999999")]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it("is the same for the same seed, and another for another", () => {
    expect(portrait(fleetOf({ seed: 7 }))).toEqual(portrait(fleetOf({ seed: 7 })));
    expect(portrait(fleetOf({ seed: 8 }))).not.toEqual(portrait(fleetOf({ seed: 7 })));
  });

  it("gives the demo a few hundred of a thousand devices, well under half", () => {
    const matches = selected(fleetOf({ seed: 7, devices: 1000 }));
    expect(matches).toHaveLength(314);
    expect(matches.filter((product) => product === 3)).toHaveLength(250);
    for (const seed of [1, 2, 3, 4, 5]) {
      const share = selected(fleetOf({ seed, devices: 1000 })).length;
      expect(share).toBeGreaterThan(250);
      expect(share).toBeLessThan(450);
    }
  });

  it("gives every device a product that its partner may use", () => {
    const fleet = fleetOf({ devices: 2000 });
    for (let place = 0; place < 2000; place += 1) {
      const product = findProduct(fleet.partners, fleet.productIdAt(place));
      expect(product && fleet.partners.isWithin(fleet.partnerIdAt(place), product.partnerId)).toBe(true);
    }
  });
});

function fleetOf(options: Partial<FleetOptions>): Fleet {
  return new Fleet({ devices: 100, seed: 7, rootName: "Root", epoch: 1_700_000_000, ...options });
}

function portrait(fleet: Fleet): unknown[] {
  return [0, 1, 2, 50, 99].map((place) => [fleet.idAt(place), fleet.partnerIdAt(place), fleet.usedStorageAt(place)]);
}

/** Products of what the demo plan matches: workstations on product 3 or 4. */
function selected(fleet: Fleet): number[] {
  const places = Array.from({ length: fleet.size }, (_, place) => place);
  return places
    .filter((place) => fleet.accountTypeAt(place) === 1 && fleet.osTypeAt(place) === 1)
    .map((place) => fleet.productIdAt(place))
    .filter((product) => product === 3 || product === 4);
}
