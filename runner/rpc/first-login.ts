import { ConnectError, RunnerError } from "../core/model/errors.ts";
import type { Outside } from "../core/model/ports.ts";
import type { Session } from "./session.ts";

/**
 * The first login of a connection, which is closed where it fails. Only trouble on the way is tried again; a refusal never.
 * @param line `abort` ends a login that is under way.
 * @throws {ConnectError} unreachable, or refused. @throws {RunnerError} `interrupted`, `config`.
 */
export async function firstLogin(
  line: { readonly session: Session; readonly abort: () => void; readonly close: () => Promise<void> },
  outside: Outside,
  signal: AbortSignal,
): Promise<void> {
  try {
    await tried(line, outside, signal);
  } catch (error) {
    await line.close();
    throw error;
  }
}

async function tried(
  { session, abort }: { readonly session: Session; readonly abort: () => void },
  { clock, random, loginTries = 3 }: Outside,
  signal: AbortSignal,
): Promise<void> {
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (let tries = 1; ; tries++) {
      if (signal.aborted) throw new RunnerError("interrupted", "Interrupted while logging in; nothing was sent.");
      try {
        await session.open();
        return;
      } catch (error) {
        const mayPass = error instanceof ConnectError && error.code === "connect" && tries < loginTries;
        if (!mayPass) throw error;
        await clock.sleep(random() * 1000 * tries, signal);
      }
    }
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
