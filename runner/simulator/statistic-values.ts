import type { Device } from "./device.ts";
import { fraction, hash, pick } from "./random.ts";

/** Numbers of the data sources a device backs up, rising; the total (9) is not among them. */
export function activeSources(device: Device): readonly number[] {
  if (device.accountType === 2) return [5, 19, 20, 23];
  if (device.osType === 1) return [1];
  return fraction(device.fleet.seed, device.place, 60) < 0.3 ? [1, 7, 10] : [1, 7];
}

/** One statistic (F number) of one data source (D number), 9 being the total. Undefined: no such data on this device. */
export function statistic(device: Device, code: { source: number; field: number }): string | number | undefined {
  const { source, field } = code;
  if (source !== 9 && !activeSources(device).includes(source)) return undefined;
  const selected = Math.floor(device.usedStorage * 1.6) / (source === 9 ? 1 : activeSources(device).length);
  switch (field) {
    case 0:
    case 17:
      return lastStatus(device);
    case 1:
    case 2:
      return 1000 + (hash(device.fleet.seed, device.place, 61 + field) % 900_000);
    case 3:
    case 7:
      return Math.floor(selected);
    case 4:
    case 5:
      return Math.floor(selected / 50);
    case 6:
      return lastStatus(device) === 8 ? 1 + (hash(device.fleet.seed, device.place, 64) % 40) : 0;
    case 8:
      return colourBar(device);
    case 9:
      return device.lastTimestamp - (lastStatus(device) === 5 ? 0 : 86_400);
    case 12:
      return 60 + pick(device.fleet.seed, device.place, { salt: 65, count: 7200 });
    case 15:
    case 18:
      return device.lastTimestamp;
    case 16:
      return 5;
    case 20:
      return device.accountType === 2 ? 5 + pick(device.fleet.seed, device.place, { salt: 66, count: 200 }) : undefined;
    default:
      return undefined;
  }
}

/** Mostly completed (5), some with errors (8), a few failed (2). */
function lastStatus(device: Device): number {
  const share = fraction(device.fleet.seed, device.place, 67);
  return share < 0.85 ? 5 : share < 0.95 ? 8 : 2;
}

/** One status digit for each of 28 days, newest at the right. */
function colourBar(device: Device): string {
  const days = Array.from({ length: 27 }, (_, day) =>
    hash(device.fleet.seed, device.place, 100 + day) % 12 === 0 ? 8 : 5,
  );
  return [...days, lastStatus(device)].join("");
}
