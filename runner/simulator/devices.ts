import { upNow } from "./clock.ts";
import { Device, pickValues, snapshot, valueNames } from "./device.ts";
import type { DeviceView } from "./device.ts";
import type { DeviceValues, Fleet } from "./fleet.ts";
import { History } from "./history.ts";

/** What one change did to one device, and when (ms since boot). */
export interface Effect {
  readonly item: number;
  readonly at: number;
  readonly before: object;
  readonly after: object;
}

/**
 * The devices and all that was ever changed about them: the fleet underneath, and a history only for those touched. So
 * any device can be asked for as it was at any instant, which is what lagging lists and the witness do.
 */
export class Devices {
  readonly fleet: Fleet;
  readonly #history = new History();

  constructor(fleet: Fleet) {
    this.fleet = fleet;
  }

  /** The device as it was at `asOf` (ms since boot; now when left out). Undefined: never born, or removed by then. */
  get(id: number, asOf = Infinity): Device | undefined {
    const place = this.fleet.placeOf(id);
    return place === undefined ? undefined : this.at(place, asOf);
  }

  /** The same, by place in the fleet. */
  at(place: number, asOf = Infinity): Device | undefined {
    const values = this.#history.valuesAt(place, asOf);
    return values === undefined ? undefined : new Device(this.fleet, place, values);
  }

  /** Ids of all devices there are now, rising. */
  ids(): number[] {
    const places = Array.from({ length: this.fleet.size }, (_, place) => place);
    return places.filter((place) => this.at(place) !== undefined).map((place) => this.fleet.idAt(place));
  }

  /** Set some values of a device; the others stay. Undefined, and nothing done, when there is no such device. */
  change(id: number, values: Partial<DeviceValues>): Effect | undefined {
    const device = this.get(id);
    if (device === undefined) return undefined;
    const names = valueNames.filter((name) => values[name] !== undefined);
    const before = pickValues(device, names);
    const after = Object.fromEntries(names.map((name) => [name, values[name]]));
    const at = upNow();
    this.#history.change(device.place, at, after);
    return { item: id, at, before, after };
  }

  /** Remove a device for good. Undefined, and nothing done, when there is no such device. */
  remove(id: number): Effect | undefined {
    const device = this.get(id);
    if (device === undefined) return undefined;
    const before: DeviceView = snapshot(device);
    const at = upNow();
    this.#history.remove(device.place, at);
    return { item: id, at, before, after: { removed: true } };
  }

  /** A number that rises with every change that had taken effect at `asOf`. */
  revision(asOf: number): number {
    return this.#history.revision(asOf);
  }

  /** Places touched by the changes after revision `from`, up to revision `to`; one may come more than once. */
  changedBetween(from: number, to: number): Iterable<number> {
    return this.#history.changedBetween(from, to);
  }
}
