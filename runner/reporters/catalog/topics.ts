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
import type { Line } from "./lines.ts";

/** One kind of thing that can be looked up: how it is found, listed, and shown by itself. */
export interface Topic<Entry extends Known = Known> {
  readonly all: (reference: Reference) => readonly Entry[];
  /** What it is called, exactly. */
  readonly names: (entry: Entry) => readonly string[];
  /** What a search looks through, names included. */
  readonly text: (entry: Entry) => readonly (string | undefined)[];
  readonly columns: readonly Column[];
  readonly row: (entry: Entry) => readonly string[];
  readonly details: (entry: Entry) => readonly Line[];
  /** Finds by an exact name what is not listed. */
  readonly find?: (reference: Reference, name: string) => Entry | undefined;
}

const methods: Topic<MethodEntry> = {
  all: (reference) => reference.methods(),
  names: ({ name }) => [name],
  text: ({ name, about, params }) => [name, about, ...params.map((param) => param.name)],
  columns: [
    { head: "method", least: 27, whole: true },
    { head: "kind", least: 11 },
    { head: "again", least: 5, spare: 2 },
    { head: "sure", least: 10, spare: 3 },
    { head: "parameters", least: 16, spare: 1, names: true },
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
    { head: "field", least: 18, whole: true },
    { head: "code", least: 10 },
    { head: "old", least: 3, spare: 2 },
    { head: "type", least: 9, spare: 1 },
    { head: "sure", least: 10, spare: 3 },
    { head: "label", least: 8 },
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
    { head: "enum", least: 20, whole: true },
    { head: "sure", least: 10, spare: true },
    { head: "values", least: 16, names: true },
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
    { head: "struct", least: 20, whole: true },
    { head: "sure", least: 10, spare: true },
    { head: "members", least: 16, names: true },
  ],
  row: ({ name, confidence, members }) => [name, confidence, members.map((member) => member.name).join(", ")],
  details: structDetails,
};

const errors: Topic<ErrorEntry> = {
  all: (reference) => reference.errors(),
  names: ({ code }) => [code],
  text: ({ code, message, meaning, remedy }) => [code, message, meaning, remedy],
  columns: [
    { head: "error", least: 20, whole: true },
    { head: "taken for", least: 9, spare: 1 },
    { head: "sure", least: 10, spare: 2 },
    { head: "meaning", least: 18 },
  ],
  row: ({ code, class: taken = "", confidence, meaning }) => [code, taken, confidence, meaning],
  details: errorDetails,
};

export const topics = { methods, columns, enums, structs, errors } as const;

export type TopicName = keyof typeof topics;
