import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Fields, Value } from "../core/model/item.ts";
import { reasonOf } from "../core/model/reason.ts";
import { readValue, ValueError, type FieldType } from "../core/model/values.ts";
import { CsvError, csvRecords } from "./csv.ts";
import { liesBelow } from "./own-text.ts";

/** Most rows of one file; they are all in memory. */
const mostRows = 1_000_000;
const mostBytes = 256 * 1024 * 1024;
/** Of one file, and of its header. */
const mostCells = 5_000_000;
const mostColumns = 1000;
const mostFaults = 20;
/** Of a cell, in a message. */
const longestCell = 60;

export interface CsvFile {
  readonly path: string;
  /** Names of the columns, in the order of the file. */
  readonly columns: readonly string[];
  readonly rows: readonly Fields[];
  /** The line that each row begins at. */
  readonly lines: readonly number[];
}

/** Something wrong inside the file. */
export interface CsvFault {
  readonly line: number;
  readonly message: string;
}

/** The file can not be used. `faults` are inside it; none: it can not be read at all. */
export class CsvFileError extends Error {
  readonly faults: readonly CsvFault[];
  constructor(message: string, faults: readonly CsvFault[] = []) {
    super(message);
    this.faults = faults;
  }
}

/**
 * Where a file lies that a plan names: below the plan's folder, links followed. One that the operator names lies anywhere.
 * @throws {CsvFileError}
 */
export async function findCsv(
  path: string,
  { folder, isAnywhere }: { readonly folder: string; readonly isAnywhere: boolean },
): Promise<string> {
  const wanted = resolve(folder, path);
  try {
    const real = await realpath(wanted);
    if (!isAnywhere && !(await liesBelow(folder, real))) {
      throw new CsvFileError(`${path} lies outside the plan's folder`);
    }
    const { size, ...about } = await factsOf(real);
    if (!about.isFile) throw new CsvFileError(`${path} is not a file`);
    if (size > mostBytes) throw new CsvFileError(`${path} has ${size} bytes; at most ${mostBytes} are read`);
    return real;
  } catch (error) {
    if (error instanceof CsvFileError) throw error;
    throw new CsvFileError(`${path} can not be read: ${reasonOf(error)}`);
  }
}

/** The folder that files of a plan lie below. */
export function folderOf(plan: string): string {
  return dirname(resolve(plan));
}

/**
 * Read a file whose first line names the columns. An empty cell is null.
 * @param types Of the columns that are kept; undefined: all of them, as text.
 * @param key Columns by which rows are found: a blank at an end of their cells, which nobody sees, would make another key.
 * @throws {CsvFileError} with every fault, up to 20.
 */
export async function readCsv(
  path: string,
  types: Readonly<Record<string, FieldType>> | undefined,
  key: readonly string[],
): Promise<CsvFile> {
  const text = decoded(await bytesOf(path), path);
  const faults: CsvFault[] = [];
  const rows: Fields[] = [];
  const lines: number[] = [];
  let columns: readonly string[] | undefined;
  let count = 0;
  try {
    for (const { line, cells } of csvRecords(text, mostColumns)) {
      if (columns === undefined) {
        columns = header(cells, line, path);
        checkColumns(columns, types, { line, path });
      } else if (cells.length !== columns.length) {
        faults.push({ line, message: `${cells.length} cells where the header has ${columns.length}` });
      } else {
        const row = rowOf(columns, cells, { types, key, report: (message) => faults.push({ line, message }) });
        rows.push(row);
        lines.push(line);
      }
      count += cells.length;
      if (count > mostCells) throw new CsvFileError(`${path} has more than ${mostCells} cells`);
      if (rows.length > mostRows) throw new CsvFileError(`${path} has more than ${mostRows} rows`);
      if (faults.length >= mostFaults) break;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    faults.push({ line: error.line, message: error.message });
  }
  if (faults.length > 0) throw new CsvFileError(`${path} is not as the plan has it`, faults);
  if (columns === undefined) throw new CsvFileError(`${path} is empty: its first line names the columns`);
  return { path, columns, rows, lines };
}

/**
 * Rows that stand in place of a file's, read as its cells would be.
 * @throws {CsvFileError} with every fault, up to 20.
 */
export function rowsAsCsv(
  given: readonly Fields[],
  types: Readonly<Record<string, FieldType>> | undefined,
  key: readonly string[],
): Pick<CsvFile, "columns" | "rows"> {
  const columns = types === undefined ? [...new Set(given.flatMap((row) => Object.keys(row)))] : Object.keys(types);
  const faults: CsvFault[] = [];
  const rows = given.map((row, place) => {
    const report = (message: string): void => void faults.push({ line: place + 1, message });
    for (const name of Object.keys(row)) if (!columns.includes(name)) report(`the plan has no column ${name}`);
    return rowOf(
      columns,
      columns.map((name) => cellOf(row[name] ?? null)),
      { types, key, report },
    );
  });
  if (faults.length > 0) throw new CsvFileError("the rows are not as the plan has them", faults.slice(0, mostFaults));
  return { columns, rows };
}

function cellOf(value: Value): string {
  return value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

async function factsOf(path: string): Promise<{ readonly size: number; readonly isFile: boolean }> {
  const found = await stat(path);
  return { size: found.size, isFile: found.isFile() };
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CsvFileError(`${path} can not be read: ${reasonOf(error)}`);
  }
}

function decoded(bytes: Buffer, path: string): string {
  try {
    // A byte order mark at the beginning is left out by itself.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CsvFileError(`${path} is not UTF-8 text`);
  }
}

function header(cells: readonly string[], line: number, path: string): readonly string[] {
  const names = cells.map((cell) => cell.trim());
  const met = new Set<string>();
  const twice = names.find((name) => met.size === met.add(name).size);
  const message =
    twice !== undefined
      ? `the column ${JSON.stringify(twice)} is there twice`
      : names.includes("")
        ? "a column has no name"
        : undefined;
  if (message !== undefined) throw new CsvFileError(`the header of ${path} can not be used`, [{ line, message }]);
  return names;
}

function checkColumns(
  columns: readonly string[],
  types: Readonly<Record<string, FieldType>> | undefined,
  { line, path }: { readonly line: number; readonly path: string },
): void {
  const missing = Object.keys(types ?? {}).filter((name) => !columns.includes(name));
  if (missing.length === 0) return;
  const message = `there is no column ${missing.join(", ")} among the ${columns.length} of the header`;
  throw new CsvFileError(`${path} lacks columns that the plan needs`, [{ line, message }]);
}

function rowOf(
  columns: readonly string[],
  cells: readonly string[],
  {
    types,
    key,
    report,
  }: {
    readonly types: Readonly<Record<string, FieldType>> | undefined;
    readonly key: readonly string[];
    readonly report: (message: string) => void;
  },
): Fields {
  const row: Record<string, Value> = {};
  for (const [place, name] of columns.entries()) {
    const type = types === undefined ? "string" : Object.hasOwn(types, name) ? types[name] : undefined;
    const cell = cells[place] ?? "";
    if (type === undefined) continue;
    if (type === "string" && key.includes(name) && cell !== cell.trim())
      report(`${name}: ${JSON.stringify(cell.slice(0, longestCell))} has a blank at an end, and it is a key`);
    try {
      row[name] = readValue({ type, emptyIsUnset: true }, cell);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      report(`${name}: ${error.message}`);
    }
  }
  return row;
}
