import { exitCodes, RunnerError } from "../core/model/errors.ts";
import type { FactOf, RunEvent } from "../core/model/events.ts";
import { bound, countOf } from "../reporters/amount.ts";
import { JsonLinesReporter } from "../reporters/live/jsonl.ts";
import { LineReporter } from "../reporters/live/lines.ts";
import { previewText } from "../reporters/live/preview.ts";
import { recapText, type Recap } from "../reporters/live/recap.ts";
import type { LiveReporter } from "../reporters/live/reporter.ts";
import { Tally } from "../reporters/live/tally.ts";
import { TerminalReporter } from "../reporters/live/terminal.ts";
import type { RunOptions } from "../workspace/options.ts";
import type { Desk } from "./desk.ts";
import { isInteractive, type SignalName } from "./io.ts";
import { commandLine, type WorkspaceFlags } from "./options.ts";
import { Interruption } from "./signals.ts";
import { Telling } from "./telling.ts";

const previewRows = 20;

export interface Following {
  readonly flags: WorkspaceFlags;
  /** Zone of times in the preview; UTC when left out. */
  readonly zone?: string;
  /** How long to wait for a person, or for a change window, in ms; left out: as whoever looks at it would want. */
  readonly wait?: number | undefined;
  /** Rows of the preview's table; 20 when left out. */
  readonly previewRows?: number;
  /** Start the run. `tally` holds what was told so far, for questions asked on the way. */
  readonly start: (options: Required<RunOptions>, tally: Tally) => AsyncIterable<RunEvent>;
}

/**
 * Show a run from its first event to its last, on the screen or as JSON, and hear Ctrl-C. Returns what was counted; its `end`
 * is missing for a preview, and when the run was left by a second Ctrl-C (`forced`).
 */
export async function follow(
  desk: Desk,
  following: Following,
): Promise<{ readonly tally: Tally; readonly forced: boolean }> {
  const tally = new Tally();
  const telling = await Telling.of(desk, following.flags);
  using interruption = new Interruption(desk.io.signals, (name) => desk.screen.note(stopping(name, tally)));
  const shown = new Shown(desk, following, { tally, interruption, telling });
  const left = interruption.forced.then(() => true);
  const ended = shown.all().then(() => false);
  let forced: boolean;
  try {
    forced = await Promise.race([ended, left]);
  } catch (error) {
    const known = afterSending(error, tally, desk, following);
    telling.failed(known);
    await telling.settle(interruption);
    throw known;
  } finally {
    shown.close();
  }
  if (forced) {
    desk.abandon();
    telling.abandon();
    desk.screen.note(`Left at once. ${unfinished(tally, desk, following)}`);
  } else {
    await shown.recap();
    await telling.settle(interruption);
  }
  return { tally, forced };
}

/**
 * The exit code of a run that was followed to its end. Without an end record it is never 0. What takes a stopped run back
 * makes it no better and no worse.
 */
export function exitOf({ tally, forced }: { readonly tally: Tally; readonly forced: boolean }): number {
  return (tally.stoppedEnd ?? tally.end)?.exit ?? (forced ? exitCodes.interrupted : exitCodes.bug);
}

/** The events, one after another, in front of whoever reads them. */
class Shown {
  readonly #desk: Desk;
  readonly #following: Following;
  readonly #tally: Tally;
  readonly #interruption: Interruption;
  readonly #reporter: LiveReporter;
  readonly #telling: Telling;
  readonly #began = performance.now();
  #recapped: FactOf<"end"> | undefined;

  constructor(
    desk: Desk,
    following: Following,
    parts: { readonly tally: Tally; readonly interruption: Interruption; readonly telling: Telling },
  ) {
    this.#desk = desk;
    this.#following = following;
    this.#tally = parts.tally;
    this.#interruption = parts.interruption;
    this.#telling = parts.telling;
    this.#reporter = reporterFor(desk, following, parts.tally);
  }

  async all(): Promise<void> {
    const { stop, abort } = this.#interruption;
    const isAttended = isInteractive(this.#desk.io);
    const { wait } = this.#following;
    const waits = { personMs: wait ?? (isAttended ? Infinity : 0), windowMs: wait ?? Infinity };
    const options = { stop, abort, verifyAfterStop: isAttended, waits };
    for await (const event of this.#following.start(options, this.#tally)) {
      if (event.type === "undoing") await this.recap({ isTakenBack: event.whyNot === undefined });
      this.#take(event);
    }
  }

  /** How the run ended that was told last: once, and not as JSON. */
  async recap({ isTakenBack = false } = {}): Promise<void> {
    const { end } = this.#tally;
    if (this.#following.flags.json || end === undefined || end === this.#recapped) return;
    this.#recapped = end;
    await recap(this.#desk, this.#following, {
      tally: this.#tally,
      elapsedMs: performance.now() - this.#began,
      isTakenBack,
    });
  }

  close(): void {
    this.#reporter.close();
  }

  #take(event: RunEvent): void {
    this.#tally.take(event);
    this.#reporter.take(event);
    this.#telling.take(event);
    if (event.type === "preview" && !this.#following.flags.json) this.#preview();
    // Only a person's Ctrl-C waits for the proof of what was sent; a scheduler that ends us wants us gone.
    const { stop } = this.#interruption;
    if (event.type === "pass" && stop.aborted && stop.reason !== "SIGINT") this.#interruption.leave();
  }

  #preview(): void {
    const { preview, run } = this.#tally;
    const { screen, io } = this.#desk;
    if (preview === undefined) return;
    const more = commandLine(io, this.#following.flags, ["show", run?.run ?? "latest"]);
    const rows = this.#following.previewRows ?? previewRows;
    const zone = this.#following.zone ?? "UTC";
    const { width, tableWidth, paint } = screen;
    screen.result(previewText({ preview, more, rows, zone, width, tableWidth, paint }));
  }
}

function reporterFor({ screen, io }: Desk, { flags, zone = "UTC" }: Following, tally: Tally): LiveReporter {
  if (flags.json) return new JsonLinesReporter(screen);
  const command = (...words: readonly string[]): string => commandLine(io, flags, words);
  const Reporter = screen.isLive ? TerminalReporter : LineReporter;
  return new Reporter(screen, tally, { command, zone });
}

/** What is waited for, in one line. */
function stopping(name: SignalName, tally: Tally): string {
  const again = name === "SIGINT" ? "; press Ctrl-C again to leave at once" : "";
  // Intents run ahead of the slots; what has not left by now never will.
  const open = Math.min(tally.inFlight, tally.start?.facts.concurrency ?? Infinity) + tally.settling;
  if (tally.intents === 0) return `Stopping: nothing was sent${again}.`;
  if (open === 0) return `Stopping: no answer is under way${again}.`;
  const timeoutMs = tally.start?.facts.timeoutMs;
  const most = timeoutMs === undefined ? "" : `, at most ${bound(timeoutMs)}`;
  return `Stopping: waiting for ${countOf(open, "answer")}${most}${again}.`;
}

/** Exit codes 3, 4 and 5 promise that nothing was sent. Where something was, the run is left in doubt, and says how to go on. */
function afterSending(error: unknown, tally: Tally, desk: Desk, following: Following): unknown {
  if (tally.intents === 0) return error;
  const isTakenOver = error instanceof RunnerError && error.code === "lock";
  if (!isTakenOver) desk.screen.note(unfinished(tally, desk, following));
  if (!(error instanceof RunnerError) || ![3, 4, 5].includes(error.exitCode)) return error;
  return new InDoubtError(error);
}

/** A run that had sent changes could not go on. */
class InDoubtError extends RunnerError {
  constructor(cause: RunnerError) {
    super(cause.code, cause.message, { cause, ...(cause.hint === undefined ? {} : { hint: cause.hint }) });
  }
  override get exitCode(): number {
    return 7;
  }
}

function unfinished(tally: Tally, { io }: Desk, { flags }: Following): string {
  if (tally.intents === 0) return "Nothing was sent.";
  return `The run is not finished. Go on with: ${commandLine(io, flags, ["resume", tally.run?.run ?? "latest"])}`;
}

async function recap(
  desk: Desk,
  { flags, zone }: Following,
  {
    tally,
    elapsedMs,
    isTakenBack,
  }: { readonly tally: Tally; readonly elapsedMs: number; readonly isTakenBack: boolean },
): Promise<void> {
  const { end, run, sealed } = tally;
  if (end === undefined || run === undefined) return;
  const { screen } = desk;
  // Of what was refused some may have been done all the same; and more may have changed than was sent.
  const hasMore = end.collateral?.checked === true && end.collateral.found > 0;
  const why = end.exit === 0 && tally.rejected === 0 && !hasMore ? nothingWrong : await whyOf(desk, run.run);
  screen.result(
    `\n${recapText({
      end,
      run,
      ...why,
      anchor: sealed?.anchor,
      approvals: tally.approvals,
      elapsedMs,
      canUndo: !isTakenBack && canUndo(tally),
      command: (...words) => commandLine(desk.io, flags, words),
      zone: zone ?? "UTC",
      width: screen.width,
      paint: screen.paint,
    })}`,
  );
}

/** Whether a run could be taken back, as far as what was told of its plan says. */
function canUndo({ preview, run }: Tally): boolean {
  if (run?.verb === "undo") return false;
  if (preview === undefined) return true;
  const { types, undo = "" } = preview;
  return Object.keys(types).length > 0 && !undo.startsWith("not possible");
}

type Why = Pick<Recap, "causes" | "types" | "repeat" | "collateral">;

const nothingWrong: Why = { causes: [], types: {}, repeat: undefined };

/** From the ledger, which knows them all. A recap without them is better than none. */
async function whyOf({ workspace, screen }: Desk, run: string): Promise<Why> {
  try {
    const { causes, types, summary, collateral } = await workspace.show(run, { limit: 0 });
    return { causes, types, repeat: summary.repeat, collateral };
  } catch (error) {
    screen.note(`The causes can not be shown: ${error instanceof Error ? error.message : String(error)}`);
    return nothingWrong;
  }
}
