import { createInterface, type Interface } from "node:readline";
import { RunnerError } from "../core/model/errors.ts";
import type { Io } from "./io.ts";

/** Questions to the person at the terminal, one after another. Lines typed ahead answer the questions that follow. */
export class Questions implements Disposable {
  readonly #io: Io;
  readonly #signal: AbortSignal | undefined;
  readonly #lines: Interface;
  readonly #ahead: string[] = [];
  #isOver = false;
  #wake: () => void = () => undefined;

  /** @param signal Ends a question: Ctrl-C. */
  constructor(io: Io, signal?: AbortSignal) {
    this.#io = io;
    this.#signal = signal;
    // Not a terminal of readline's own: the keyboard stays as it is, and Ctrl-C stays a signal.
    this.#lines = createInterface({ input: io.stdin, terminal: false });
    this.#lines.on("line", (line) => {
      this.#ahead.push(line.trim());
      this.#wake();
    });
    this.#lines.on("close", () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** The line typed in answer; undefined at the end of the input. @throws {RunnerError} `interrupted` */
  async ask(text: string): Promise<string | undefined> {
    this.#io.stderr.write(text);
    const interrupted = (): boolean => this.#signal?.aborted === true;
    while (this.#ahead.length === 0 && !this.#isOver && !interrupted()) await this.#news();
    if (interrupted()) throw new RunnerError("interrupted", "Interrupted before anything was sent.");
    const answer = this.#ahead.shift();
    // What comes next does not stand behind the question.
    if (answer === undefined) this.#io.stderr.write("\n");
    return answer;
  }

  [Symbol.dispose](): void {
    this.#lines.close();
    this.#io.stdin.pause();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}
