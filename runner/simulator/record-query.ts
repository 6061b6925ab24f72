import { argumentError } from "./api-error.ts";
import type { ColumnValue } from "./columns.ts";
import { compileOver } from "./filter/compile.ts";
import type { Vocabulary } from "./filter/compile.ts";
import { parseFilter } from "./filter/parse.ts";
import { filterError } from "./filter/tokens.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import type { World } from "./world.ts";

/** Records of one kind, and what a query calls their values: not always as the records do. */
export interface Recorded<Row extends object> {
  readonly rows: readonly Row[];
  readonly columns: Readonly<Record<string, keyof Row | ((row: Row) => ColumnValue)>>;
}

/**
 * What `query`, `orderBy` and `range` leave of some records.
 * @throws ApiError for a query that can not be read, or a name that no record has.
 */
export function recordsAsked<Row extends object>(world: World, params: Members, recorded: Recorded<Row>): Row[] {
  const sent = new Params(params);
  const vocabulary = vocabularyOf(recorded);
  const filter = parseFilter(sent.text("query"));
  const now = Math.floor((Date.now() + world.clockOffsetMs) / 1000);
  const accepts = filter === undefined ? () => true : compileOver(vocabulary, filter, now);
  const found = recorded.rows.filter(accepts).sort(orderOf(sent.text("orderBy"), vocabulary));
  const range = sent.optionalMembers("range");
  if (range === undefined) return found;
  const [offset, size] = [range.integer("Offset"), range.integer("Size")];
  if (offset < 0 || size < 0) throw argumentError("range.Offset and range.Size can't be negative");
  return found.slice(offset, offset + size);
}

function vocabularyOf<Row extends object>({ columns }: Recorded<Row>): Vocabulary<Row> {
  const column = (name: string, at: number): ((row: Row) => ColumnValue) => {
    const known = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (known === undefined) throw filterError(`field '${name}' doesn't exist`, at);
    return typeof known === "function" ? known : (row) => shown(row[known]);
  };
  const names = Object.keys(columns);
  return { column, texts: (row) => names.map((name) => String(column(name, 0)(row) ?? "")) };
}

function shown(value: unknown): ColumnValue {
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

/** `<field> ASC`, `<field> DESC`, or nothing: as the records were written. */
function orderOf<Row>(orderBy: string, { column }: Vocabulary<Row>): (left: Row, right: Row) => number {
  if (orderBy === "") return () => 0;
  const [name = "", direction = "ASC", ...rest] = orderBy.split(" ");
  if ((direction !== "ASC" && direction !== "DESC") || rest.length > 0) {
    throw argumentError(`orderBy '${orderBy}' isn't '<field> ASC' or '<field> DESC'`);
  }
  const value = column(name, 0);
  const sign = direction === "ASC" ? 1 : -1;
  return (left, right) => {
    const [first = "", second = ""] = [value(left), value(right)];
    return first === second ? 0 : first < second ? -sign : sign;
  };
}
