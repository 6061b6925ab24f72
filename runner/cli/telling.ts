import type { RunEvent } from "../core/model/events.ts";
import type { Notice } from "../core/model/notice.ts";
import { cleanText } from "../reporters/clean.ts";
import { eventsText } from "../reporters/live/notice-events.ts";
import { Notices } from "../reporters/live/notices.ts";
import type { Notifier } from "../workspace.ts";
import type { Desk } from "./desk.ts";
import { commandLine, type WorkspaceFlags } from "./options.ts";
import type { Interruption } from "./signals.ts";

/** How long a command stays for webhooks once everything else is done. */
const mostWaitMs = 5000;
/** And where a signal has stopped the run: enough to tell that to a receiver that is well, and soon enough for who will kill us. */
const mostWaitStoppedMs = 1000;

/** The webhooks of the config, told of a run that is followed; of nothing where there are none. */
export class Telling {
  readonly #notifier: Notifier | undefined;
  /** Left out where nobody is told: every event of a run comes by here. */
  readonly #notices: Notices | undefined;
  readonly #desk: Desk;
  #hasWarned = false;

  private constructor(desk: Desk, flags: WorkspaceFlags, notifier: Notifier | undefined) {
    this.#desk = desk;
    this.#notifier = notifier;
    const command = (...words: readonly string[]): string => commandLine(desk.io, flags, words);
    if (notifier !== undefined) this.#notices = new Notices({ now: () => Date.now(), command });
  }

  static async of(desk: Desk, flags: WorkspaceFlags): Promise<Telling> {
    return new Telling(desk, flags, await desk.workspace.notifier());
  }

  take(event: RunEvent): void {
    if (event.type === "run" && event.verb !== "preview" && event.verb !== "undo") this.#warn();
    this.#tell(this.#notices?.take(event));
  }

  /** @param error What the command ends with. */
  failed(error: unknown): void {
    this.#tell(this.#notices?.failed(error));
  }

  /** Wait a little for what is on its way, and say what did not get there. After a signal it is less, and the next one ends it. */
  async settle({ stop, again }: Interruption): Promise<void> {
    const [atMostMs, leave] = stop.aborted ? [mostWaitStoppedMs, again] : [mostWaitMs, stop];
    for (const { webhook, events, why } of (await this.#notifier?.settle(atMostMs, leave)) ?? [])
      this.#desk.screen.note(
        `The webhook ${cleanText(webhook)} was not told of ${eventsText(events)}: ${cleanText(why)}.`,
      );
  }

  abandon(): void {
    this.#notifier?.abandon();
  }

  /** Before anything is sent: whoever relies on being told may still want to stop. Once, whatever follows on this run. */
  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    for (const { webhook, why, hint = "" } of this.#notifier?.unusable ?? [])
      this.#desk.screen.note(
        `The webhook ${cleanText(webhook)} will not be told of this run: ${cleanText(why)}. ${cleanText(hint)}`.trimEnd(),
      );
  }

  #tell(notice: Notice | undefined): void {
    if (notice !== undefined) this.#notifier?.tell(notice);
  }
}
