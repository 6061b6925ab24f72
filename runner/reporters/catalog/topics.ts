import type {
  ColumnEntry,
  EnumEntry,
  ErrorEntry,
  Known,
  MethodEntry,
  Reference,
  StructEntry,
} from "../../core/model/reference.ts";
import type { Column } from "../table.ts";
import { columnDetails, enumDetails, errorDetails, methodDetails, structDetails } from "./details.ts";

/** One kind of thing that can be looked up: how it is found, listed, and shown by itself. */
export interface Topic<Entry extends Known = Known> {
  readonly all: (reference: Reference) => readonly Entry[];
  /** What it is called, exactly. */
  readonly names: (entry: Entry) => readonly string[];
  /** What a search looks through, names included. */
  readonly text: (entry: Entry) => readonly (string | undefined)[];
  readonly columns: readonly Column[];
  readonly row: (entry: Entry) => readonly string[];
  readonly details: (entry: Entry) => readonly string[];
  /** Finds by an exact name what is not listed. */
  readonly find?: (reference: Reference, name: string) => Entry | undefined;
}

const methods: Topic<MethodEntry> = {
  all: (reference) => reference.methods(),
  names: ({ name }) => [name],
  text: ({ name, about, params }) => [name, about, ...params.map((param) => param.name)],
  columns: [
    { head: "method", least: 24 },
    { head: "kind", least: 9 },
    { head: "again", least: 5 },
    { head: "sure", least: 10 },
    { head: "parameters", least: 16 },
  ],
  row: ({ name, kind, repeat, confidence, params, destructive }) => [
    name,
    destructive ? `${kind} !` : kind,
    repeat,
    confidence,
    params.map((param) => (param.required === undefined ? `${param.name}?` : param.name)).join(", "),
  ],
  details: methodDetails,
};

const columns: Topic<ColumnEntry> = {
  all: (reference) => reference.columns(),
  names: ({ name, code, legacy }) => [name, code, ...(legacy === undefined ? [] : [legacy])],
  text: ({ name, code, legacy, label, tokens }) => [name, code, legacy, label, ...Object.values(tokens ?? {})],
  columns: [
    { head: "field", least: 16 },
    { head: "code", least: 6 },
    { head: "old" },
    { head: "type" },
    { head: "sure", least: 10 },
    { head: "label", least: 16 },
  ],
  row: ({ name, code, legacy = "", type, confidence, label, secret, deprecated }) => [
    name,
    code,
    legacy,
    type,
    confidence,
    `${label}${secret ? " (secret)" : ""}${deprecated === undefined ? "" : " (deprecated)"}`,
  ],
  details: columnDetails,
  find: (reference, name) => reference.column(name),
};

const enums: Topic<EnumEntry> = {
  all: (reference) => reference.enums(),
  names: ({ name }) => [name],
  text: ({ name, values }) => [name, ...values.flatMap(({ value, meaning }) => [value, meaning])],
  columns: [
    { head: "enum", least: 20 },
    { head: "sure", least: 10 },
    { head: "values", least: 20 },
  ],
  row: ({ name, confidence, values }) => [
    name,
    confidence,
    values.map(({ value, meaning }) => meaning ?? value).join(", "),
  ],
  details: enumDetails,
};

const structs: Topic<StructEntry> = {
  all: (reference) => reference.structs(),
  names: ({ name }) => [name],
  text: ({ name, members }) => [name, ...members.map((member) => member.name)],
  columns: [
    { head: "struct", least: 20 },
    { head: "sure", least: 10 },
    { head: "members", least: 20 },
  ],
  row: ({ name, confidence, members }) => [name, confidence, members.map((member) => member.name).join(", ")],
  details: structDetails,
};

const errors: Topic<ErrorEntry> = {
  all: (reference) => reference.errors(),
  names: ({ code }) => [code],
  text: ({ code, message, meaning, remedy }) => [code, message, meaning, remedy],
  columns: [
    { head: "error", least: 12 },
    { head: "taken for" },
    { head: "sure", least: 10 },
    { head: "meaning", least: 20 },
  ],
  row: ({ code, class: taken = "", confidence, meaning }) => [code, taken, confidence, meaning],
  details: errorDetails,
};

export const topics = { methods, columns, enums, structs, errors } as const;
