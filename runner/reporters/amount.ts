const grouped = new Intl.NumberFormat("en-US");

/** `12,040`. */
export function count(number: number): string {
  return grouped.format(number);
}

/** `1 change`, `12,040 changes`. */
export function countOf(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** A span of milliseconds in its two largest units: `850 ms`, `12 s`, `3 min 20 s`, `2 d 4 h`. */
export function duration(ms: number): string {
  return span(ms, Math.round);
}

/** The same of what it never was longer than: rounded up, so that a bound holds as it is told. */
export function bound(ms: number): string {
  return span(ms, Math.ceil);
}

function span(ms: number, whole: (amount: number) => number): string {
  if (ms < 1000) return `${Math.max(0, whole(ms))} ms`;
  const seconds = whole(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(seconds, 60, "min", "s");
  if (seconds < 86_400) return pair(whole(seconds / 60), 60, "h", "min");
  return pair(whole(seconds / 3600), 24, "d", "h");
}

function pair(amount: number, per: number, large: string, small: string): string {
  const rest = amount % per;
  const whole = `${Math.floor(amount / per)} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}

/** Items a second: `35/s`, `0.4/s`. */
export function rate(perSecond: number): string {
  return `${perSecond >= 10 ? count(Math.round(perSecond)) : perSecond.toFixed(1)}/s`;
}
