import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { upNow } from "../../runner/simulator/clock.ts";
import { snapshot } from "../../runner/simulator/device.ts";
import type { DeviceView } from "../../runner/simulator/device.ts";
import { Devices } from "../../runner/simulator/devices.ts";
import { Fleet } from "../../runner/simulator/fleet.ts";
import { bytesInUse } from "../support/heap.ts";

describe("the history of a device", () => {
  it("shows at every instant what was true then", () => {
    const change = fc.oneof(
      fc.record({ productId: fc.nat(5) }),
      fc.record({ nameAlias: fc.string(), profileId: fc.nat(3) }),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const devices = new Devices(new Fleet({ devices: 5, seed: 1, rootName: "Root", epoch: 1_700_000_000 }));
        const id = devices.fleet.idAt(2);
        const born = snapshot(devices.get(id)!);
        let now: DeviceView | undefined = born;
        const truth: [number, DeviceView | undefined][] = [[upNow(), now]];
        for (const values of changes) {
          const effect = values === undefined ? devices.remove(id) : devices.change(id, values);
          expect(effect === undefined).toBe(now === undefined);
          now = now === undefined || values === undefined ? undefined : { ...now, ...values };
          truth.push([upNow(), now]);
        }
        for (const [at, expected] of truth) {
          const seen = devices.get(id, at);
          expect(seen && snapshot(seen)).toEqual(expected);
        }
      }),
    );
  });

  it("says what a change did, and nothing about a device that is not there", () => {
    const devices = new Devices(new Fleet({ devices: 5, seed: 1, rootName: "Root", epoch: 1_700_000_000 }));
    const id = devices.fleet.idAt(0);
    const old = devices.get(id)!.productId;
    expect(devices.change(id, { productId: 9 })).toMatchObject({ before: { productId: old }, after: { productId: 9 } });
    expect(devices.remove(id)).toMatchObject({ before: { id, productId: 9 }, after: { removed: true } });
    expect(devices.remove(id)).toBeUndefined();
    expect(devices.change(999, { productId: 9 })).toBeUndefined();
    expect(devices.ids()).toHaveLength(4);
  });

  it("costs some tens of bytes for a change of one number", () => {
    const count = 200_000;
    const devices = new Devices(new Fleet({ devices: count, seed: 1, rootName: "Root", epoch: 1_700_000_000 }));
    const before = bytesInUse();
    for (let place = 0; place < count; place += 1) devices.change(devices.fleet.idAt(place), { productId: 9 });
    expect((bytesInUse() - before) / count).toBeLessThan(40);
    expect(devices.at(count - 1)?.productId).toBe(9);
  });
});
