import type { SignalName, SignalSource } from "./io.ts";

const names: readonly SignalName[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** How long an aborted run may take to leave by itself. */
const graceMs = 1000;

/**
 * Ctrl-C and its like. The first one asks to stop: nothing new is sent, answers are waited for. The second one aborts, and
 * `forced` resolves shortly after, whatever still hangs. `stop.reason` is the name of the signal.
 */
export class Interruption implements Disposable {
  readonly #source: SignalSource;
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();
  readonly #again = new AbortController();
  readonly #onStop: (name: SignalName) => void;
  readonly #force: () => void;
  #timer: NodeJS.Timeout | undefined;
  readonly forced: Promise<void>;

  constructor(source: SignalSource, onStop: (name: SignalName) => void) {
    this.#source = source;
    this.#onStop = onStop;
    const { promise, resolve } = latch();
    this.forced = promise;
    this.#force = resolve;
    for (const name of names) source.on(name, this.#hear);
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }
  get abort(): AbortSignal {
    return this.#abort.signal;
  }
  /** The second signal, and nothing else: whoever sends it wants to wait for nothing any more. */
  get again(): AbortSignal {
    return this.#again.signal;
  }

  /** Give up waiting, as the second signal does, but leave in peace. */
  leave(): void {
    this.#abort.abort();
  }

  [Symbol.dispose](): void {
    for (const name of names) this.#source.off(name, this.#hear);
    clearTimeout(this.#timer);
  }

  readonly #hear = (name: SignalName): void => {
    if (!this.#stop.signal.aborted) {
      this.#stop.abort(name);
      this.#onStop(name);
      return;
    }
    this.#again.abort(name);
    this.#abort.abort(name);
    this.#timer ??= setTimeout(this.#force, graceMs);
  };
}

function latch(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, resolve: open };
}

/** Resolves at the first signal, one that comes while its caller is still starting included. */
export function untilStopped(source: SignalSource): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const name of names) source.off(name, stop);
      resolve();
    };
    for (const name of names) source.on(name, stop);
  });
}
