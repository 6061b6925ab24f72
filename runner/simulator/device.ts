import { customValuesAtBirth } from "./custom-columns.ts";
import { valueTypes } from "./fleet.ts";
import type { DeviceValues, Fleet } from "./fleet.ts";

/** One device at one instant. */
export interface DeviceView extends DeviceValues {
  readonly id: number;
  readonly name: string;
  readonly creationTime: number;
}

/** A device seen through what was changed about it. Nothing is computed until it is asked for: filters read millions. */
export class Device implements DeviceView {
  readonly fleet: Fleet;
  readonly place: number;
  readonly #changed: Partial<DeviceValues>;

  constructor(fleet: Fleet, place: number, changed: Partial<DeviceValues>) {
    this.fleet = fleet;
    this.place = place;
    this.#changed = changed;
  }

  get id(): number {
    return this.fleet.idAt(this.place);
  }
  get name(): string {
    return this.fleet.nameAt(this.place);
  }
  get creationTime(): number {
    return this.fleet.creationTimeAt(this.place);
  }
  get partnerId(): number {
    return this.#changed.partnerId ?? this.fleet.partnerIdAt(this.place);
  }
  get productId(): number {
    return this.#changed.productId ?? this.fleet.productIdAt(this.place);
  }
  get profileId(): number {
    return this.#changed.profileId ?? this.fleet.profileIdAt(this.place);
  }
  get nameAlias(): string {
    return this.#changed.nameAlias ?? this.fleet.nameAliasAt(this.place);
  }
  get expirationTime(): number {
    return this.#changed.expirationTime ?? this.fleet.expirationTimeAt(this.place);
  }
  get locationId(): number {
    return this.#changed.locationId ?? this.fleet.locationIdAt(this.place);
  }
  get storageLocationId(): number {
    return this.#changed.storageLocationId ?? this.fleet.storageLocationIdAt(this.place);
  }
  get accountType(): number {
    return this.#changed.accountType ?? this.fleet.accountTypeAt(this.place);
  }
  get osType(): number {
    return this.#changed.osType ?? this.fleet.osTypeAt(this.place);
  }
  get lastTimestamp(): number {
    return this.#changed.lastTimestamp ?? this.fleet.lastTimestampAt(this.place);
  }
  get usedStorage(): number {
    return this.#changed.usedStorage ?? this.fleet.usedStorageAt(this.place);
  }
  get customColumns(): string {
    return this.#changed.customColumns ?? customValuesAtBirth(this.fleet, this.place);
  }
  get labels(): string {
    return this.#changed.labels ?? "";
  }
  get mailAddress(): string {
    return this.#changed.mailAddress ?? this.fleet.mailAddressAt(this.place);
  }
  get mailDays(): number {
    return this.#changed.mailDays ?? this.fleet.mailDaysAt(this.place);
  }
}

/** A copy that stays as it is, with plain members. */
export function snapshot(device: DeviceView): DeviceView {
  const { id, name, creationTime } = device;
  return { id, name, creationTime, ...(pickValues(device, valueNames) as DeviceValues) };
}

/** The named values of a device, as a plain object. */
export function pickValues(device: DeviceValues, names: readonly (keyof DeviceValues)[]): Partial<DeviceValues> {
  return Object.fromEntries(names.map((name) => [name, device[name]]));
}

/** Every key of `DeviceValues`. */
export const valueNames = Object.keys(valueTypes) as (keyof DeviceValues)[];
