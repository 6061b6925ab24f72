import { uptime } from "node:os";
import { performance } from "node:perf_hooks";
import type { Clock } from "../core/model/ports.ts";

const askAgainMs = 100;
/** `os.uptime()` is coarse; a smaller difference is no suspend. */
const noticeableMs = 1000;
const longestNapMs = 60_000;

/** Where the time comes from, in ms since boot: `running` stands still while the machine is suspended, `total` does not. */
export interface TimeSource {
  running(): number;
  total(): number;
}

const bootOffset = Number(process.hrtime.bigint()) / 1e6 - performance.now();
const system: TimeSource = { running: () => performance.now() + bootOffset, total: () => uptime() * 1000 };

/** The clock of a real run. `up` never goes back, and a suspend shows in it within 100 ms of the machine's waking. */
export function realClock(source: TimeSource = system): Clock {
  const up = sinceBoot(source);
  return { now: () => Date.now(), up, sleep: (ms, signal) => sleepUntil(up() + ms, { up, signal }) };
}

function sinceBoot(source: TimeSource): () => number {
  let suspended = 0;
  let asked = -Infinity;
  return () => {
    const running = source.running();
    if (running - asked >= askAgainMs) {
      asked = running;
      const found = source.total() - running;
      if (found - suspended > noticeableMs) suspended = found;
    }
    return running + suspended;
  };
}

interface Sleep {
  readonly up: () => number;
  readonly signal: AbortSignal | undefined;
}

/** In naps, because a timer holds 24 days at most and stands still while the machine is suspended. */
async function sleepUntil(end: number, { up, signal }: Sleep): Promise<void> {
  for (let left = end - up(); left > 0 && signal?.aborted !== true; left = end - up()) {
    await nap(Math.min(left, longestNapMs), signal);
  }
}

function nap(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
  });
}
