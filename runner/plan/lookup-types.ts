import type { CelType, NameType, RecordType } from "../language/expression.ts";
import type { RowField, RowShape } from "./lookup-rows.ts";
import type { Around, KnownSource } from "./lookup-source.ts";
import { aboutFields, celTypes } from "./scopes.ts";

/** Of rows of a call that is no list of the catalogue it is not known what may be empty. */
export function rowType(
  kind: string,
  { fields = [], key }: RowShape,
  {
    isBegun,
    source,
    proven = [],
  }: Pick<Around, "isBegun"> & {
    readonly source: KnownSource;
    /** Members that the filter has found to be there. */
    readonly proven?: readonly string[];
  },
): RecordType {
  const present = fields.filter(({ name, fallback, required, isPresent = false }) => {
    const isThere = required || isPresent || fallback !== null || key.includes(name);
    return isThere || proven.includes(name) || source.kind === "call";
  });
  return {
    kind,
    members: Object.fromEntries(fields.map((field) => [field.name, celTypeOf(field)])),
    about: aboutFields(
      fields.map(({ name, type, came }) => ({ ...came, name, type: type ?? came?.type ?? "dyn" })),
      isBegun ? undefined : new Set(present.map(({ name }) => name)),
    ),
  };
}

function celTypeOf({ type, came }: Pick<RowField, "type" | "came">): CelType {
  const known = type ?? came?.type;
  return known === undefined ? "dyn" : celTypes[known];
}

/** What the lookup as a whole is. @param keyType Of keys that are not among declared fields. */
export function typeOf(
  { value, fields, key, isMeasured = false }: RowShape,
  row: RecordType | undefined,
  keyType: "string" | "dyn",
): NameType {
  if (value !== undefined) return celTypeOf({ type: value.type });
  const [only] = key;
  if (only !== undefined) {
    const own = key.length > 1 ? "string" : row === undefined ? keyType : (row.members[only] ?? "dyn");
    const by = own === "int" || own === "string" || own === "double" || own === "bool" ? own : "dyn";
    return { tableOf: row ?? "map", by };
  }
  if (row === undefined) return "dyn";
  if (fields?.length !== 1 || isMeasured) return { listOf: row };
  const [single] = Object.values(row.members);
  return single === "int" ? "list<int>" : single === "string" ? "list<string>" : "list";
}
