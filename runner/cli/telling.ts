import type { RunEvent } from "../core/model/events.ts";
import type { Notice } from "../core/model/notice.ts";
import { cleanText } from "../reporters/clean.ts";
import { Notices } from "../reporters/live/notices.ts";
import type { Notifier } from "../workspace.ts";
import type { Desk } from "./desk.ts";
import { commandLine, type WorkspaceFlags } from "./options.ts";
import type { Interruption } from "./signals.ts";

/** How long a command stays for webhooks once everything else is done. */
const mostWaitMs = 5000;

/** The webhooks of the config, told of a run that is followed; of nothing where there are none. */
export class Telling {
  readonly #notifier: Notifier | undefined;
  /** Left out where nobody is told: every event of a run comes by here. */
  readonly #notices: Notices | undefined;
  readonly #desk: Desk;

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
    this.#tell(this.#notices?.take(event));
  }

  /** @param error What the command ends with. */
  failed(error: unknown): void {
    this.#tell(this.#notices?.failed(error));
  }

  /** Wait a little for what is on its way, and say what did not get there. A signal cuts that short. */
  async settle({ stop, abort }: Interruption): Promise<void> {
    const leave = stop.aborted ? abort : AbortSignal.any([stop, abort]);
    for (const { webhook, events, why } of (await this.#notifier?.settle(mostWaitMs, leave)) ?? [])
      this.#desk.screen.note(
        `The webhook ${cleanText(webhook)} was not told of ${events.join(", ")}: ${cleanText(why)}.`,
      );
  }

  abandon(): void {
    this.#notifier?.abandon();
  }

  #tell(notice: Notice | undefined): void {
    if (notice !== undefined) this.#notifier?.tell(notice);
  }
}
