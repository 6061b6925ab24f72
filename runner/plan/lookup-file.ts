import type { Fields } from "../core/model/item.ts";
import type { Problem } from "../core/model/problem.ts";
import type { FieldType } from "../core/model/values.ts";
import { CsvFileError, findCsv, readCsv, rowsAsCsv } from "./csv-file.ts";

/** Where the files of a plan lie. */
export interface FilePlace {
  /** The plan's folder. Undefined: files are not read, since their rows come from a run's folder. */
  readonly folder: string | undefined;
  /** Inputs of type file whose value the operator gave. */
  readonly named: ReadonlySet<string>;
  /** Rows in place of files, by the name of the lookup. */
  readonly rows?: Readonly<Record<string, readonly Fields[]>> | undefined;
}

/** What a plan says of a file's columns. */
interface Columns {
  /** Undefined: all are kept, as text. */
  readonly types: Readonly<Record<string, FieldType>> | undefined;
  /** Those by which rows are found. */
  readonly key: readonly string[];
}

export interface LookupFile {
  readonly columns?: readonly string[];
  readonly rows?: readonly Fields[];
  readonly lines?: readonly number[];
  /** What is wrong with the file as a whole, to be placed in the plan. */
  readonly problem?: { readonly code: string; readonly message: string; readonly hint?: string };
  /** What is wrong inside it. */
  readonly problems: readonly Problem[];
}

/** Rows that were given in place of a file, as the file would give them. */
export function givenRows(lookup: string, rows: readonly Fields[], { types, key }: Columns): LookupFile {
  try {
    return { ...rowsAsCsv(rows, types, key), problems: [] };
  } catch (error) {
    if (!(error instanceof CsvFileError)) throw error;
    const [{ line, message } = { line: 0, message: error.message }] = error.faults;
    return { problem: { code: "bad-rows", message: `row ${line} given for ${lookup}: ${message}` }, problems: [] };
  }
}

/** @param input The input that is the whole of the path as the plan has it. */
export async function readLookupFile(
  path: string,
  { types, key }: Columns,
  { place: { folder, named }, input }: { readonly place: FilePlace; readonly input: string | undefined },
): Promise<LookupFile> {
  if (folder === undefined) return { problems: [] };
  const isAnywhere = input !== undefined && named.has(input);
  try {
    const { columns, rows, lines } = await readCsv(await findCsv(path, { folder, isAnywhere }), types, key);
    return { columns, rows, lines, problems: [] };
  } catch (error) {
    if (!(error instanceof CsvFileError)) throw error;
    // Its lines may hold anything: nobody quotes them.
    const problems = error.faults.map(({ line, message }): Problem => {
      return { file: path, line, column: 1, severity: "error", code: "bad-csv", message, private: true };
    });
    if (problems.length > 0) return { problems };
    const hint = isAnywhere
      ? `Give input ${input} the path of a file that is there: relative ones begin in the current folder.`
      : "A plan's files lie below its folder, also those that an inputs file beside it names; the operator may name any with --set, for an input of type file.";
    return { problem: { code: "bad-file", message: error.message, hint }, problems: [] };
  }
}
