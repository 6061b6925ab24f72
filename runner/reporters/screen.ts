import { paintFor, type Paint } from "./paint.ts";

/** A stream that people or programs read. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const plainWidth = 100;

/**
 * Where people read: results on stdout, everything else on stderr, and on a terminal one line at the bottom of stderr that is
 * redrawn. Everything is printed through here, so that nothing is ever written into that line.
 */
export class Screen {
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  /** Colours of stdout and of stderr. */
  readonly paint: Paint;
  readonly notePaint: Paint;
  readonly #mayRedraw: boolean;
  #drawn = "";

  /** @param outputs `mayRedraw`: false where stderr is a terminal that keeps every line, as the logs of CI systems do. */
  constructor(outputs: {
    readonly stdout: OutputStream;
    readonly stderr: OutputStream;
    readonly colour: Coloured;
    readonly mayRedraw?: boolean;
  }) {
    this.#mayRedraw = outputs.mayRedraw ?? true;
    this.#stdout = outputs.stdout;
    this.#stderr = outputs.stderr;
    this.paint = paintFor(outputs.colour.stdout);
    this.notePaint = paintFor(outputs.colour.stderr);
  }

  /** Whether stderr is a terminal whose last line can be redrawn. */
  get isLive(): boolean {
    return this.#mayRedraw && this.#stderr.isTTY === true;
  }
  /** Columns for results; files and pipes have no width of their own and get 100. */
  get width(): number {
    return widthOf(this.#stdout);
  }
  /** Columns for tables: where a program reads them, or a file keeps them, nothing is cut. */
  get tableWidth(): number {
    return this.#stdout.isTTY === true ? this.width : Infinity;
  }
  /** Columns for progress and messages. */
  get noteWidth(): number {
    return widthOf(this.#stderr);
  }

  /** Print a result. */
  result(text: string): void {
    this.#above(() => this.#stdout.write(`${text}\n`));
  }

  /** Print something about the work: progress, warnings, what comes next. */
  note(text: string): void {
    this.#above(() => this.#stderr.write(`${text}\n`));
  }

  /** Replace the live line; empty text takes it away. Must fit the width: a line that wraps can not be redrawn. */
  status(text: string): void {
    if (!this.isLive || text === this.#drawn) return;
    this.#stderr.write(`\r\u001b[2K${text}`);
    this.#drawn = text;
  }

  #above(print: () => void): void {
    const line = this.#drawn;
    this.status("");
    print();
    this.status(line);
  }
}

/** Which of the two streams take colour. */
export interface Coloured {
  readonly stdout: boolean;
  readonly stderr: boolean;
}

function widthOf(stream: OutputStream): number {
  const columns = stream.isTTY === true ? stream.columns : undefined;
  return columns === undefined || columns < 20 ? plainWidth : columns;
}
