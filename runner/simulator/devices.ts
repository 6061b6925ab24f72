import { upNow } from "./clock.ts";
import { Device, pickValues, snapshot, valueNames } from "./device.ts";
import type { DeviceView } from "./device.ts";
import type { DeviceValues, Fleet } from "./fleet.ts";

/** What one change did to one device, and when (ms since boot). */
export interface Effect {
  readonly item: number;
  readonly at: number;
  readonly before: object;
  readonly after: object;
}

/** Values that differ from those of birth, all together, from `at` on. `values: undefined` means removed. */
interface Version {
  readonly at: number;
  readonly values: Partial<DeviceValues> | undefined;
}

/**
 * The devices and all that was ever changed about them: the fleet underneath, and a history only for those touched. So
 * any device can be asked for as it was at any instant, which is what lagging lists and the witness do.
 */
export class Devices {
  readonly fleet: Fleet;
  readonly #histories = new Map<number, Version[]>();
  /** Every change in the order of its effect: when, and to which place. */
  readonly #changeTimes: number[] = [];
  readonly #changedPlaces: number[] = [];

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
    const version = this.#histories.get(place)?.findLast((one) => one.at <= asOf);
    if (version === undefined) return new Device(this.fleet, place, {});
    return version.values === undefined ? undefined : new Device(this.fleet, place, version.values);
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
    const earlier = this.#histories.get(device.place)?.at(-1)?.values;
    const after = Object.fromEntries(names.map((name) => [name, values[name]]));
    return { item: id, at: this.#record(device.place, { ...earlier, ...after }), before, after };
  }

  /** Remove a device for good. Undefined, and nothing done, when there is no such device. */
  remove(id: number): Effect | undefined {
    const device = this.get(id);
    if (device === undefined) return undefined;
    const before: DeviceView = snapshot(device);
    return { item: id, at: this.#record(device.place, undefined), before, after: { removed: true } };
  }

  /** How many changes had taken effect at `asOf`. */
  revision(asOf: number): number {
    let count = this.#changeTimes.length;
    while (count > 0 && (this.#changeTimes[count - 1] ?? 0) > asOf) count -= 1;
    return count;
  }

  /** Places touched by the changes after revision `from`, up to revision `to`. */
  changedBetween(from: number, to: number): ReadonlySet<number> {
    return new Set(this.#changedPlaces.slice(from, to));
  }

  #record(place: number, values: Partial<DeviceValues> | undefined): number {
    const at = upNow();
    const history = this.#histories.get(place) ?? [];
    history.push({ at, values });
    this.#histories.set(place, history);
    this.#changeTimes.push(at);
    this.#changedPlaces.push(place);
    return at;
  }
}
