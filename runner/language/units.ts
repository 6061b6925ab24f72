/** Units of the API guide: m is a minute, a month 30.44 days, a year 365.24 days; milliseconds. */
const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  mo: 2_629_743_000,
  y: 31_556_926_000,
};

/** `90d` -> milliseconds. Undefined: not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12})(ms|s|mo|m|h|d|w|y)$/.exec(text);
  if (!match) return undefined;
  const ms = Number(match[1]) * (durationUnits[match[2] ?? ""] ?? 0);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

const byteUnits: readonly string[] = ["B", "KB", "MB", "GB", "TB", "PB"];

/** `500 GB` -> bytes; units are powers of 1024 and may be written K, KB or KiB. Undefined: not a size in whole bytes. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,16}(?:\.\d{1,6})?)\s*(?:B|([KMGTP])(?:i?B)?)?$/i.exec(text.trim());
  if (!match) return undefined;
  const power = match[2] === undefined ? 0 : "KMGTP".indexOf(match[2].toUpperCase()) + 1;
  const bytes = Number(match[1]) * 1024 ** power;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes in the largest unit that gives at least 1, with at most two decimals: `500 GB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; Math.abs(value) >= 1024 && unit < byteUnits.length - 1; unit++) value /= 1024;
  return `${Number(value.toFixed(2))} ${byteUnits[unit] ?? "B"}`;
}

/** `2026-01-31` or `2026-01-31T22:00[:00][Z|+01:00]` -> Unix seconds; without a zone UTC is meant. Undefined: not a time. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?)?$/.exec(
    text.trim(),
  );
  if (!match) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", zone = "Z"] = match.map(
    (part) => part as string | undefined,
  );
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(ms);
  if (date.getUTCMonth() + 1 !== Number(month) || date.getUTCDate() !== Number(day)) return undefined;
  return ms / 1000 - zoneSeconds(zone);
}

/** `22:00` -> minutes since midnight. Undefined: not a time of day. */
export function parseTimeOfDay(text: string): number | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

/** `300/m` -> calls a minute. Undefined: not a rate. */
export function parseRate(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})\/(s|m|h)$/.exec(text);
  if (!match) return undefined;
  const count = Number(match[1]);
  return match[2] === "s" ? count * 60 : match[2] === "m" ? count : count / 60;
}

/** `10%` -> 10. Undefined: not a percentage from 0 to 100. */
export function parsePercent(text: string): number | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text);
  const percent = Number(match?.[1] ?? NaN);
  return percent <= 100 ? percent : undefined;
}

function zoneSeconds(zone: string): number {
  if (zone === "Z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(4, 6)) * 60);
}
