import type { Inbox, Message } from "../core/model/run-ports.ts";

/** The one point where the turn loop waits: outcomes, settled reads and stops all arrive here, in order. */
export function openInbox(): Inbox {
  let arrived: Message[] = [];
  let wake: (() => void) | undefined;
  return {
    post(message) {
      arrived.push(message);
      wake?.();
    },
    async take(timeoutMs) {
      if (arrived.length === 0 && timeoutMs > 0) await until(timeoutMs, (resolve) => (wake = resolve));
      wake = undefined;
      const taken = arrived;
      arrived = [];
      return taken;
    },
  };
}

/** Timers hold 31 bits of milliseconds; a longer wait ends early and is asked for again. */
const longestTimerMs = 2 ** 31 - 1;

async function until(timeoutMs: number, onWake: (resolve: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    if (timeoutMs !== Infinity) timer = setTimeout(resolve, Math.min(timeoutMs, longestTimerMs));
    onWake(resolve);
  });
  clearTimeout(timer);
}
