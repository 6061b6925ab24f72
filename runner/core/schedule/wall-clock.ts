const hourMs = 3_600_000;

/** What clocks on the wall show in a zone, as if it were UTC: ms. @throws {RangeError} no such zone. */
export function wallOf(ms: number, zone: string): number {
  const parts = formatFor(zone).formatToParts(ms);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((one) => one.type === type)?.value);
  const [day, time] = [
    [part("year"), part("month") - 1, part("day")],
    [part("hour"), part("minute"), part("second")],
  ] as const;
  return Date.UTC(...day, ...time) + (((ms % 1000) + 1000) % 1000);
}

/** Whether this machine knows the rules of a zone, by its IANA name. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    formatFor(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** When a clock shows a time. */
export interface Instants {
  /** The first moment at which it shows that time or a later one: of a skipped time the change of clocks. */
  readonly first: number;
  /** The same, but a skipped time is as long after the change of clocks as if it had gone on. */
  readonly carriedOn: number;
}

/** @param wall As `wallOf` gives it. Clocks are taken to change at most once within a day. */
export function instantsOf(wall: number, zone: string): Instants {
  // No zone is further from UTC than these.
  const [early, late] = [wall - 15 * hourMs, wall + 13 * hourMs];
  const [before, after] = [wall - offsetAt(early, zone), wall - offsetAt(late, zone)];
  if (before === after) return { first: before, carriedOn: before };
  const changed = changeBetween(early, late, zone);
  if (before < changed) return { first: before, carriedOn: before };
  if (after >= changed) return { first: after, carriedOn: after };
  return { first: changed, carriedOn: before };
}

function offsetAt(ms: number, zone: string): number {
  return wallOf(ms, zone) - ms;
}

/** The first second with another offset than that of `early`. */
function changeBetween(early: number, late: number, zone: string): number {
  const offset = offsetAt(early, zone);
  let [low, high] = [Math.floor(early / 1000), Math.ceil(late / 1000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * 1000, zone) === offset) low = middle;
    else high = middle;
  }
  return high * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
  const format = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone: zone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23" },
    ...{ ...numeric, second: "numeric" },
  });
  formats.set(zone, format);
  return format;
}
