import { RecordError } from "../core/model/errors.ts";
import type { Fact } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import type { Clock } from "../core/model/ports.ts";
import type { Journal } from "../core/model/run-ports.ts";
import { reasonOf } from "../core/model/reason.ts";
import { anchorText } from "./anchor.ts";
import { genesis, seal, type Head } from "./chain.ts";
import { diskHint } from "./disk-error.ts";
import { realFiles, type FileLayer } from "./file-layer.ts";

/** What was noted is on its way to the disk after this time even if nobody asks; it leaves the disk 50 ms of the 200 promised. */
const syncAfterMs = 150;

export interface JournalOptions {
  readonly path: string;
  readonly run: RunId;
  readonly clock: Pick<Clock, "now" | "up">;
  /** Where the existing file's chain stands, all of it on disk (see `renewLedger`); left out: the file is new. */
  readonly from?: Head;
  /** Told once, when the first write or sync has failed. */
  readonly onPoisoned?: (error: RecordError) => void;
  readonly files?: FileLayer;
}

/** Open a run's ledger for writing. There must be no other writer (the run's lock). @throws {RecordError} */
export async function openJournal(options: JournalOptions): Promise<LedgerWriter> {
  const files = options.files ?? realFiles;
  let file: number;
  try {
    file = files.open(options.path, options.from === undefined ? "new" : "existing");
  } catch (cause) {
    throw broken(options, cause, `could not be opened`);
  }
  try {
    await files.syncName(options.path);
  } catch (cause) {
    files.close(file);
    throw broken(options, cause, `could not be put on disk`);
  }
  return new LedgerWriter(options, files, file);
}

/**
 * The ledger's only writer: a note is one write, a sync serves all who wait. The first failure is the last thing it does:
 * after a failed write the file may end within a line, after a failed sync the system may call lost pages clean.
 */
export class LedgerWriter implements Journal, AsyncDisposable {
  readonly #options: JournalOptions;
  readonly #files: FileLayer;
  readonly #file: number;
  #head: Head;
  /** Up to where the file is on disk, and up to where it says so itself. */
  #synced: number;
  #claimed = 0;
  #failure: RecordError | undefined;
  #closed: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waiting: Waiter[] = [];
  #syncing: Promise<void> | undefined;

  constructor(options: JournalOptions, files: FileLayer, file: number) {
    this.#options = options;
    this.#files = files;
    this.#file = file;
    this.#head = options.from ?? genesis(options.run);
    this.#synced = this.#head.seq;
  }

  /** `run:seq:hash` of the last record: names everything up to it. Print it only after a `sync`. */
  get head(): string {
    return anchorText(this.#options.run, this.#head);
  }

  note(facts: readonly Fact[]): number {
    this.#mustBeOpen();
    const first = this.#head.seq + 1;
    if (facts.length === 0) return first;
    const { lines, head } = this.#lines(facts);
    this.#write(Buffer.from(lines, "utf8"));
    this.#head = head;
    this.#claimed = this.#synced;
    this.#timer ??= setTimeout(() => this.#syncUnasked(), syncAfterMs).unref();
    return first;
  }

  async sync(): Promise<void> {
    this.#mustBeOpen();
    await this.#synchronized();
  }

  /** Syncs what is left and closes the file. A journal that failed is only closed. @throws {RecordError} */
  close(): Promise<void> {
    return (this.#closed ??= this.#finish());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #finish(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      if (this.#failure === undefined) await this.#synchronized();
    } finally {
      await this.#syncing;
      this.#release();
    }
  }

  #release(): void {
    try {
      this.#files.close(this.#file);
    } catch (cause) {
      throw this.#poison(cause, "could not be closed");
    }
  }

  #mustBeOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed !== undefined)
      throw new Error(`The ledger ${this.#options.path} was closed before its last record.`);
  }

  #lines(facts: readonly Fact[]): { readonly lines: string; readonly head: Head } {
    const { clock } = this.#options;
    const stamp = `"t":${Math.floor(clock.now())},"up":${Math.floor(clock.up())},`;
    let claim = this.#synced > this.#claimed ? `,"synced":${this.#synced}` : "";
    let { seq, hash } = this.#head;
    let lines = "";
    for (const fact of facts) {
      seq += 1;
      const sealed = seal(`{"seq":${seq},${stamp}${JSON.stringify(fact).slice(1, -1)}${claim}`, hash);
      hash = sealed.hash;
      lines += sealed.line;
      claim = "";
    }
    return { lines, head: { seq, hash } };
  }

  #write(bytes: Uint8Array): void {
    let written: number;
    try {
      written = this.#files.write(this.#file, bytes);
    } catch (cause) {
      throw this.#poison(cause, "could not be written");
    }
    if (written === bytes.length) return;
    const cause = new Error(`only ${written} of ${bytes.length} bytes were taken, the disk is probably full`);
    throw this.#poison(cause, "could not be written");
  }

  async #synchronized(): Promise<void> {
    if (this.#synced === this.#head.seq) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#syncing ??= this.#serve();
    });
  }

  /** One sync at a time; each serves everyone who asked before it began, because all they noted was written by then. */
  async #serve(): Promise<void> {
    while (this.#waiting.length > 0) {
      const served = this.#waiting;
      this.#waiting = [];
      const upTo = this.#head.seq;
      try {
        if (this.#failure !== undefined) throw this.#failure;
        await this.#files.datasync(this.#file);
        this.#synced = upTo;
        for (const { resolve } of served) resolve();
      } catch (cause) {
        const error = this.#poison(cause, "could not be synced");
        for (const { reject } of served) reject(error);
      }
    }
    this.#syncing = undefined;
  }

  #syncUnasked(): void {
    this.#timer = undefined;
    if (this.#failure !== undefined || this.#closed !== undefined) return;
    // A failure has been told to `onPoisoned`, and every later note and sync throws it.
    this.sync().catch(() => undefined);
  }

  /** @returns The one error that this journal throws from now on: the first. */
  #poison(cause: unknown, what: string): RecordError {
    if (this.#failure !== undefined) return this.#failure;
    clearTimeout(this.#timer);
    this.#failure = broken(this.#options, cause, what);
    this.#options.onPoisoned?.(this.#failure);
    return this.#failure;
  }
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: RecordError) => void;
}

function broken({ path, run }: JournalOptions, cause: unknown, what: string): RecordError {
  return new RecordError(`The ledger ${path} ${what}: ${reasonOf(cause)}. Nothing more is sent.`, {
    cause,
    hint: `${diskHint(cause) ?? "Free space on that disk or repair it."} Then go on with: rollcall resume ${run}`,
  });
}
