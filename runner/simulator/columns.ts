import { argumentError, securityError } from "./api-error.ts";
import { readColumnCode, sourceLetter } from "./column-codes.ts";
import type { ColumnCode } from "./column-codes.ts";
import { mayBeCustomColumn, readCustomValues } from "./custom-columns.ts";
import type { Device } from "./device.ts";
import { findProduct, findProfile } from "./products.ts";
import { fraction, hash } from "./random.ts";
import { activeSources, statistic } from "./statistic-values.ts";

/** Undefined: the device has no value in this column, so the column is missing from its row. */
export type ColumnValue = string | number | undefined;

export type Column = (device: Device) => ColumnValue;

/**
 * The column of a code, new or legacy.
 * @throws ApiError 13501 for a column this tenant may not read (D02, D03, a custom column of others or of nobody),
 * another one when there is no such column.
 */
export function columnOf(code: string): Column {
  const meaning = readColumnCode(code);
  if (meaning === undefined) throw argumentError(`Column '${code}' doesn't exist`);
  return columnFor(meaning);
}

function columnFor(code: ColumnCode): Column {
  switch (code.kind) {
    case "property":
      return properties[code.number] ?? absent;
    case "statistic":
      if (code.source === 2 || code.source === 3) throw securityError();
      return (device) => statistic(device, code);
    case "legacy":
      return code.code === "AP" ? (device) => activeSources(device).map(sourceLetter).join("") : absent;
    case "custom":
      if (!mayBeCustomColumn(code.id)) throw securityError();
      return (device) => readCustomValues(device.customColumns).get(code.id);
  }
}

/** Columns that exist and that no simulated device fills in. */
function absent(): undefined {
  return undefined;
}

const gigabyte = 2 ** 30;

/** Device properties by number. Numbers not listed are served, and always empty. */
const properties: Readonly<Record<number, Column>> = {
  0: (device) => device.id,
  1: (device) => device.name,
  2: (device) => device.nameAlias || undefined,
  3: (device) => devicePassword(device),
  4: (device) => device.creationTime,
  5: (device) => device.expirationTime || undefined,
  6: (device) => device.lastTimestamp,
  8: (device) => device.fleet.partners.get(device.partnerId)?.name,
  9: (device) => device.productId,
  10: (device) => findProduct(device.fleet.partners, device.productId)?.name,
  11: (device) => ["Amsterdam", "Boston", "Sydney", "Frankfurt"][device.locationId - 1],
  14: (device) => device.usedStorage,
  15: (device) => device.mailAddress || undefined,
  16: (device) =>
    [undefined, "Windows 11 Pro 23H2 (22631), 64-bit", "Windows Server 2022 (20348), 64-bit"][device.osType],
  17: (device) =>
    device.osType === 0 ? undefined : `25.${1 + (mix(device, 40) % 9)}.0.${24_000 + (mix(device, 41) % 999)}`,
  18: (device) => (device.osType === 0 ? undefined : device.name.toUpperCase()),
  19: (device) => (device.osType === 0 ? undefined : `10.${mix(device, 42) % 256}.${mix(device, 43) % 256}.17`),
  20: (device) => (device.osType === 0 ? undefined : `198.51.100.${1 + (mix(device, 44) % 254)}`),
  21: (device) => (device.osType === 0 ? undefined : `02-00-5E-${hexByte(device, 45)}-${hexByte(device, 46)}-01`),
  22: (device) => (device.mailAddress === "" ? undefined : device.mailDays),
  24: () => "+01:00",
  32: (device) => device.osType,
  33: () => 1,
  35: (device) => (device.osType === 2 ? mix(device, 47) % 2 : 0),
  36: (device) => (fraction(device.fleet.seed, device.place, 48) < 0.95 ? 50 : -2),
  37: (device) => (device.osType === 2 && mix(device, 47) % 2 === 1 ? 100 : undefined),
  38: (device) => (device.osType === 2 ? (mix(device, 49) % 3) * 12 * gigabyte || undefined : undefined),
  44: (device) => (device.osType === 0 ? undefined : ["Dell Inc.", "HP", "Lenovo"][mix(device, 50) % 3]),
  45: (device) =>
    device.osType === 0 ? undefined : ["OptiPlex 7010", "EliteDesk 800", "ThinkCentre M70"][mix(device, 50) % 3],
  54: (device) => device.profileId || undefined,
  55: (device) => (device.profileId === 0 ? undefined : 3),
  56: (device) => findProfile(device.profileId)?.name,
  59: (device) => device.accountType,
  63: (device) => device.fleet.partners.get(device.partnerId)?.name,
  72: () => 0,
  78: (device) =>
    activeSources(device)
      .map((source) => `D${String(source).padStart(2, "0")}`)
      .join(""),
  80: () => 0,
  81: (device) => ["Undefined", "Physical", mix(device, 51) % 2 === 0 ? "Virtual" : "Physical"][device.osType],
  82: (device) => (device.osType === 0 ? undefined : "Yes"),
  83: (device) => device.partnerId,
  84: (device) => (device.osType === 0 ? undefined : 4 * device.osType),
  85: (device) => (device.osType === 0 ? undefined : 16 * device.osType * gigabyte),
};

/** Properties that are text, but for the installation key: nobody may look for that. */
const textProperties = [1, 2, 8, 10, 11, 15, 16, 17, 18, 19, 20, 21, 24, 44, 45, 56, 63, 78, 81, 82];

/** All the text of a device, custom columns included: what `ANY` in a filter stands for. */
export function textsOf(device: Device): string[] {
  const texts = textProperties.map((number) => String(properties[number]?.(device) ?? ""));
  return [...texts, ...readCustomValues(device.customColumns).values()];
}

/** The installation key: a made-up secret, so that tests can look for it where it must not be. */
export function devicePassword(device: Device): string {
  return `pw-${mix(device, 52).toString(36)}-${mix(device, 53).toString(36)}`;
}

function mix(device: Device, salt: number): number {
  return hash(device.fleet.seed, device.place, salt);
}

function hexByte(device: Device, salt: number): string {
  return (mix(device, salt) % 256).toString(16).toUpperCase().padStart(2, "0");
}
