import type { FactOf } from "../core/model/events.ts";
import type { ControlRequest } from "../core/model/run-ports.ts";
import type { Parts } from "./job.ts";

/** Listens to what people ask from elsewhere: each request is recorded once, and kept until that is on disk. */
export class Hearing implements Disposable {
  readonly #parts: Pick<Parts, "controls" | "book" | "inbox">;
  readonly #aborted = new AbortController();
  #listening: Disposable | undefined;
  #heard: string[] = [];

  constructor(parts: Pick<Parts, "controls" | "book" | "inbox">) {
    this.#parts = parts;
  }

  /** Somebody has asked to abort: whatever only waits or reads need not go on. */
  get aborted(): AbortSignal {
    return this.#aborted.signal;
  }

  begin(): void {
    const { controls, inbox } = this.#parts;
    this.#listening = controls.listen((asked) => {
      inbox.post({ kind: "asked", asked });
      if (asked.op === "abort") this.#aborted.abort();
    });
  }

  [Symbol.dispose](): void {
    this.#listening?.[Symbol.dispose]();
  }

  /** Empty: an earlier process has recorded it. */
  record(asked: ControlRequest): readonly FactOf<"control">[] {
    const { book } = this.#parts;
    this.#heard.push(asked.id);
    if (book.state.asked.has(asked.id)) return [];
    const control: FactOf<"control"> = { type: "control", ...asked };
    book.note([control]);
    return [control];
  }

  /** What was recorded is on disk, and whoever asked may know. */
  async acknowledge(): Promise<void> {
    if (this.#heard.length === 0) return;
    const heard = this.#heard;
    this.#heard = [];
    await this.#parts.book.sync();
    for (const id of heard) await this.#parts.controls.done(id);
  }
}

/** What was asked while nothing was sent any more, too late to change anything: it is in the record all the same. */
export async function hearLate(
  parts: Pick<Parts, "controls" | "book" | "inbox">,
): Promise<readonly FactOf<"control">[]> {
  using hearing = new Hearing(parts);
  // What came in when the loop had just ended lies in the inbox.
  const left = (await parts.inbox.take(0)).flatMap((message) => (message.kind === "asked" ? [message.asked] : []));
  const facts = [...left, ...(await parts.controls.take())].flatMap((asked) => hearing.record(asked));
  await hearing.acknowledge();
  return facts;
}
