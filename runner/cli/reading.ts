import { RunnerError } from "../core/model/errors.ts";
import type { RunEvent } from "../core/model/events.ts";
import { LineReporter } from "../reporters/live/lines.ts";
import { Tally } from "../reporters/live/tally.ts";
import { TerminalReporter } from "../reporters/live/terminal.ts";
import type { RunOptions } from "../workspace/options.ts";
import type { Desk } from "./desk.ts";
import { commandLine, type WorkspaceFlags } from "./options.ts";
import { Interruption } from "./signals.ts";

export interface Reading<T> {
  readonly flags: WorkspaceFlags & { readonly zone: string };
  /** Read the list; `tell` is to hear every event. */
  readonly start: (
    options: Required<Pick<RunOptions, "stop" | "abort">>,
    tell: (event: RunEvent) => void,
  ) => Promise<T>;
}

/**
 * Wait for something that reads a list and sends nothing, with its progress on stderr and nothing on stdout; no progress with
 * `--json`. Ctrl-C ends the reading. @throws {RunnerError} `interrupted`
 */
export async function whileReading<T>(desk: Desk, { flags, start }: Reading<T>): Promise<T> {
  const { screen, io } = desk;
  using interruption = new Interruption(io.signals, () => screen.note("Stopping: nothing was sent."));
  const tally = new Tally();
  const command = (...words: readonly string[]): string => commandLine(io, flags, words);
  const Reporter = screen.isLive ? TerminalReporter : LineReporter;
  const reporter = flags.json ? undefined : new Reporter(screen, tally, { command, zone: flags.zone });
  const tell = (event: RunEvent): void => {
    tally.take(event);
    reporter?.take(event);
  };
  const { stop, abort } = interruption;
  const left = interruption.forced.then((): never => {
    desk.abandon();
    throw new RunnerError("interrupted", "Left at once. Nothing was sent.");
  });
  try {
    return await Promise.race([start({ stop, abort }, tell), left]);
  } finally {
    reporter?.close();
  }
}
