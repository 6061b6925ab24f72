import { readCustomValues } from "./custom-columns.ts";
import type { Effect } from "./devices.ts";
import { valueTypes } from "./fleet.ts";
import type { DeviceValues } from "./fleet.ts";
import { partnerValueTypes } from "./partner-records.ts";
import type { PartnerValues } from "./partner-records.ts";
import { userValueTypes } from "./users.ts";
import type { UserValues } from "./users.ts";
import type { World } from "./world.ts";

/** What another editor can set, of a device, a partner or a user. */
export type ItemValues = Partial<DeviceValues> | Partial<PartnerValues> | Partial<UserValues>;

/** The names of values, for messages. */
export const valuesByKind =
  `of a device ${Object.keys(valueTypes).join(", ")}; of a partner ${Object.keys(partnerValueTypes).join(", ")}; ` +
  `of a user ${Object.keys(userValueTypes).join(", ")}`;

/** Are these values of one kind of item, at least one, each of the right type? */
export function areItemValues(values: unknown): values is ItemValues {
  if (typeof values !== "object" || values === null || Object.keys(values).length === 0) return false;
  return isDeviceValues(values) || fits(values, partnerValueTypes) || fits(values, userValueTypes);
}

/** Another editor sets values of whatever has this id. Undefined, and nothing done: nothing has, or nothing of the kind. */
export function editItem(world: World, id: number, values: ItemValues): Effect | undefined {
  if (isDeviceValues(values) && world.devices.get(id)) return world.devices.change(id, values);
  if (fits<PartnerValues>(values, partnerValueTypes) && world.partners.get(id))
    return world.partners.change(id, values);
  return fits<UserValues>(values, userValueTypes) ? world.users.change(id, values) : undefined;
}

/** Another editor removes the device or the user of this id. Undefined, and nothing done, when there is none. */
export function removeItem(world: World, id: number): Effect | undefined {
  return world.devices.remove(id) ?? world.users.remove(id);
}

type ValueTypes = Readonly<Record<string, "number" | "string" | "texts">>;

function isDeviceValues(values: object): values is Partial<DeviceValues> {
  if (!fits<DeviceValues>(values, valueTypes)) return false;
  return values.customColumns === undefined || canBeRead(values.customColumns);
}

function canBeRead(customColumns: string): boolean {
  try {
    readCustomValues(customColumns);
    return true;
  } catch {
    return false;
  }
}

function fits<Values>(values: object, types: ValueTypes): values is Partial<Values> {
  return Object.entries(values).every(([name, value]) => Object.hasOwn(types, name) && isOf(types[name], value));
}

function isOf(type: ValueTypes[string] | undefined, value: unknown): boolean {
  if (type !== "texts") return typeof value === type;
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
