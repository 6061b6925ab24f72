/** A text that is not CSV. `line` counts from 1. */
export class CsvError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

export interface CsvRecord {
  /** Where it begins, counted from 1: a cell in quotes may go over several lines. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The records of a CSV text (RFC 4180): commas, LF or CRLF, quotes around cells that hold any of these, a quote inside
 * them doubled. Lines with nothing on them are passed over.
 * @param mostCells Of one record.
 * @throws {CsvError} for a record of more cells, and for a quote that is not where it can be: a part of a file must not be taken for the whole.
 */
export function* csvRecords(text: string, mostCells = Infinity): Generator<CsvRecord> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const begins = line;
    const cells: string[] = [];
    for (;;) {
      const cell = text[at] === '"' ? quoted(text, at, line) : plain(text, at, line);
      cells.push(cell.value);
      line += cell.lines;
      at = cell.end;
      if (cells.length > mostCells) throw new CsvError(begins, `there are more than ${mostCells} cells on one line`);
      if (text[at] !== ",") break;
      at += 1;
    }
    const isEmpty = cells.length === 1 && cells[0] === "" && text[at - 1] !== '"';
    if (text[at] === "\r") at += 1;
    at += 1;
    line += 1;
    if (!isEmpty) yield { line: begins, cells };
  }
}

interface Cell {
  readonly value: string;
  /** Offset of the comma, the line end or the end of the text behind it. */
  readonly end: number;
  /** Line ends inside. */
  readonly lines: number;
}

const stop = /[",\r\n]/g;

function plain(text: string, start: number, line: number): Cell {
  for (let from = start; ;) {
    stop.lastIndex = from;
    const end = stop.exec(text)?.index ?? text.length;
    if (text[end] === '"') throw new CsvError(line, "a quote stands inside a cell that does not begin with one");
    // A lone CR is part of the cell.
    if (text[end] !== "\r" || text[end + 1] === "\n") return { value: text.slice(start, end), end, lines: 0 };
    from = end + 1;
  }
}

function quoted(text: string, start: number, line: number): Cell {
  let value = "";
  for (let from = start + 1; ;) {
    const end = text.indexOf('"', from);
    if (end === -1) throw new CsvError(line, "a quote opens a cell here, and nothing closes it");
    value += text.slice(from, end);
    if (text[end + 1] === '"') {
      value += '"';
      from = end + 2;
      continue;
    }
    const next = text[end + 1];
    if (next !== undefined && next !== "," && next !== "\n" && !(next === "\r" && text[end + 2] === "\n")) {
      throw new CsvError(line + count(value), "something stands between a closing quote and the next comma");
    }
    return { value, end: end + 1, lines: count(value) };
  }
}

function count(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}
