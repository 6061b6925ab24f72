import type { Catalogue, DescribedFacts, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import type { Finding } from "../language/source.ts";
import { parsePath, type ValuePath } from "../language/paths.ts";
import type { PlanDocument, RowsDocument } from "./document.ts";
import type { RowShape } from "./lookup-rows.ts";
import { rowsAt, secretIn, whole } from "./lookup-shape.ts";

/** A list of which the service knows nothing: the plan says where its rows are, and its fields are paths from a row. */
export interface DescribedList {
  readonly facts: DescribedFacts;
  readonly rows: RowShape["rows"];
  /** For declaring fields: any path is one. */
  readonly anyField: ListFacts;
  /** As the rest of a plan knows a list, once its fields are declared. */
  withFields(fields: readonly FieldFacts[]): ListFacts;
  /** Of a field that is computed of the row. */
  sourceOf(expression: string): string;
  pathOf(field: FieldFacts): ValuePath;
  /** The same as the plan writes it. */
  pathText(field: FieldFacts): string;
}

/** Undefined: the catalogue knows the list, or the service has none that a plan could describe. */
export function describedList(
  document: PlanDocument,
  { catalogue, findings }: { readonly catalogue: Catalogue; readonly findings: Finding[] },
): DescribedList | undefined {
  const { call, rows: written = ".", key = "" } = document.enumerate;
  const facts = catalogue.list(call) === undefined ? catalogue.described?.(call) : undefined;
  if (facts === undefined) return undefined;
  const rows = rowsAt(["enumerate", "rows"], { rows: written }, { document, catalogue, findings });
  // Values mean the same only where they come from the same rows.
  const prefix = written === "." ? "" : `${rowsText(written)}: `;
  const list = { method: call, fieldNames: [], reserved: [], scope: [] };
  return {
    facts,
    rows,
    anyField: { ...list, key: "", field: (path) => fieldAt(path, { prefix, facts, catalogue }) },
    withFields: (fields) => ({ ...list, key, field: (name) => fields.find((one) => one.name === name) }),
    sourceOf: (expression) => `${prefix}= ${expression}`,
    pathText: ({ source }) => source.slice(prefix.length),
    pathOf: ({ source }) => parsePath(source.slice(prefix.length)) ?? whole,
  };
}

function rowsText(rows: RowsDocument): string {
  if (typeof rows === "string") return rows;
  const { at, map_key: key, scalar } = rows;
  return [
    at,
    ...(key === undefined ? [] : [`map_key ${key}`]),
    ...(scalar === undefined ? [] : [`scalar ${scalar}`]),
  ].join(" ");
}

/** Without a type of its own it is kept as it comes. */
function fieldAt(
  text: string,
  {
    prefix,
    facts,
    catalogue,
  }: { readonly prefix: string; readonly facts: DescribedFacts; readonly catalogue: Catalogue },
): FieldFacts | undefined {
  const path = parsePath(text);
  if (path === undefined) return undefined;
  const { emptyIsUnset, lagMs } = facts;
  return {
    ...{ name: text, source: `${prefix}${text}`, spellings: [text], type: "object", untyped: true },
    ...{ emptyIsUnset, lagMs, volatile: false, secret: secretIn(path, catalogue) !== undefined },
  };
}
