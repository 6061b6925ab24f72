import type { RunId } from "../core/model/item.ts";
import { reasonOf } from "../core/model/reason.ts";
import { cleanText } from "../reporters/clean.ts";
import type { Whereabouts } from "../reporters/live/happenings.ts";
import type { RunFolder } from "../runs/folder.ts";
import { workersOn, type Workers } from "../runs/history/workers.ts";
import { lookEvery } from "../runs/look-every.ts";
import { FollowedRun } from "./follow.ts";
import { Glancer, lastWord, type Glance } from "./glance.ts";
import type { EventStream } from "./streams.ts";
import { Voice } from "./voice.ts";

/** Twice a second is as much as a person can read. */
const lookEveryMs = 500;
/** What has ended goes on only once somebody resumes it. */
const lookWhenOverMs = 1000;
/** Who holds the lock of a run is looked up less often. */
const workersEveryMs = 1000;
/** Lines of what was before, for a page that has heard nothing yet. */
const linesBefore = 20;

/** A page that was asked for listens within this, or not at all. */
const keptMs = 10_000;

export interface Watching {
  /** The folder that holds `.rollcall/`. */
  readonly root: string;
  readonly whereabouts: Whereabouts;
}

interface WorkersAt {
  readonly found: Workers;
  readonly at: number;
}

/** One run, looked at as long as a page listens, however many do. */
export class RunWatch {
  readonly #watching: Watching;
  readonly #folder: RunFolder;
  readonly #listeners = new Set<EventStream>();
  #followed!: FollowedRun;
  #glancer!: Glancer;
  #voice!: Voice;
  #workers: WorkersAt | undefined;
  #looking: Disposable | undefined;
  #shown = "";
  /** When to look again, of a steady clock. */
  #due = 0;
  #told = 0;

  constructor(folder: RunFolder, watching: Watching) {
    this.#folder = folder;
    this.#watching = watching;
    this.#anew({ hasBegun: false });
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** Number of the last record that was read. */
  get seq(): number {
    return this.#followed.seq;
  }

  /** The run as it is now. @throws {RecordError} */
  async glance(): Promise<Glance> {
    if ((await this.#followed.look()) === "cut") {
      this.#anew({ hasBegun: true });
      await this.#followed.look();
    }
    const { found } = await this.#workersNow();
    return this.#glancer.glance(found.get(this.#folder.run), performance.now());
  }

  /** From now on, after the run as it is and the lines behind `heard`; undefined: it has heard nothing yet. */
  async listen(stream: EventStream, heard: number | undefined): Promise<void> {
    const glance = await this.glance();
    const seq = this.#followed.seq;
    // A number that the record does not have was heard of another one.
    const lines =
      heard === undefined || heard > seq ? this.#voice.since(0).slice(-linesBefore) : this.#voice.since(heard);
    for (const { seq: id, ...said } of lines) stream.send({ event: "said", id, data: said });
    stream.send({ event: "glance", id: seq, data: glance });
    if (glance.isSettled) {
      finish(stream, glance);
      return;
    }
    if (stream.isClosed) return;
    if (this.#listeners.size === 0) [this.#told, this.#shown] = [seq, JSON.stringify(glance)];
    this.#listeners.add(stream);
    this.#looking ??= lookEvery(
      lookEveryMs,
      () => this.#look(),
      (error) => this.#tell("trouble", { text: cleanText(reasonOf(error)) }),
    );
  }

  /** @returns Whether anybody is left. */
  leave(stream: EventStream): boolean {
    this.#listeners.delete(stream);
    if (this.#listeners.size > 0) return true;
    this.#looking?.[Symbol.dispose]();
    this.#looking = undefined;
    return false;
  }

  async #look(): Promise<void> {
    if (performance.now() < this.#due) return;
    const glance = await this.glance();
    // A timer may fire a little early.
    this.#due = glance.standing === "over" ? performance.now() + lookWhenOverMs - lookEveryMs / 2 : 0;
    const { seq } = this.#followed;
    for (const { seq: id, ...said } of this.#voice.since(this.#told)) this.#tell("said", said, id);
    this.#told = seq;
    const shown = JSON.stringify(glance);
    if (shown !== this.#shown) this.#tell("glance", glance, seq);
    this.#shown = shown;
    if (glance.isSettled) for (const listener of this.#listeners) finish(listener, glance);
  }

  #tell(event: string, data: unknown, id?: number): void {
    for (const listener of this.#listeners) listener.send({ event, data, ...(id === undefined ? {} : { id }) });
  }

  async #workersNow(): Promise<WorkersAt> {
    const now = performance.now();
    if (this.#workers !== undefined && now - this.#workers.at < workersEveryMs) return this.#workers;
    return (this.#workers = { found: await workersOn(this.#watching.root), at: now });
  }

  #anew({ hasBegun }: { readonly hasBegun: boolean }): void {
    const { whereabouts } = this.#watching;
    this.#voice = new Voice(this.#folder, whereabouts);
    this.#followed = new FollowedRun(this.#folder, { each: (record) => this.#voice.take(record), hasBegun });
    this.#glancer = new Glancer(this.#followed, whereabouts);
    this.#told = 0;
  }
}

/** The last message: the page does not come again. */
function finish(stream: EventStream, glance: Glance): void {
  stream.send({ event: "over", data: lastWord(glance) });
  stream.end();
}

/** Runs that are looked at, each by one watch. */
export class Watches {
  readonly #watching: Watching;
  readonly #watches = new Map<RunId, RunWatch>();

  constructor(watching: Watching) {
    this.#watching = watching;
  }

  /** Kept until `forget`: two pages of one run share what was read of it. */
  of(folder: RunFolder): RunWatch {
    const watch = this.#watches.get(folder.run) ?? new RunWatch(folder, this.#watching);
    this.#watches.set(folder.run, watch);
    return watch;
  }

  /** The run as it is now, and the record that it is as of. What was read for it is kept until the page that is made of it listens. */
  async glance(folder: RunFolder): Promise<{ readonly glance: Glance; readonly seq: number }> {
    const watch = this.of(folder);
    const forget = (): void => {
      if (!watch.isHeard && this.#watches.get(folder.run) === watch) this.#watches.delete(folder.run);
    };
    setTimeout(forget, keptMs).unref();
    const glance = await watch.glance();
    return { glance, seq: watch.seq };
  }

  /** A page has left. */
  forget(folder: RunFolder, stream: EventStream): void {
    if (this.#watches.get(folder.run)?.leave(stream) === false) this.#watches.delete(folder.run);
  }
}
