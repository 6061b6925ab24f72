import type { Confidence, ParamFacts } from "../../core/model/catalogue.ts";
import type {
  ColumnEntry,
  EnumEntry,
  ErrorEntry,
  Known,
  MethodEntry,
  StructEntry,
} from "../../core/model/reference.ts";
import type { Line } from "./lines.ts";

const sure: Readonly<Record<Confidence, string>> = {
  documented: "documented by the vendor",
  code: "known from public code alone",
  inferred: "concluded, and nobody is known to use it",
};

const repeats: Readonly<Record<MethodEntry["repeat"], string>> = {
  read: "read: it changes nothing, so it is asked again when an answer is lost",
  set: "set: a second time changes nothing more, so it is sent again when a read shows that the first was not done",
  once: "once: it is never sent twice; a lost answer is settled by reading",
};

export function methodDetails(method: MethodEntry): readonly Line[] {
  const {
    name,
    kind,
    about,
    params,
    out,
    returns,
    destructive,
    repeat,
    why,
    elsewhere,
    isRouted = false,
    example,
    notInPlans,
  } = method;
  return [
    name,
    ...(about === undefined ? [] : [`  ${about}`]),
    `  ${kind}${destructive ? ", can not be taken back: a plan needs destructive: true and guards.max" : ""}`,
    ...(elsewhere === undefined
      ? []
      : [`  served by ${elsewhere}${isRouted ? "; `route` says which device, and fills in its name and token" : ""}`]),
    `  ${repeats[repeat]}`,
    ...(why === undefined ? [] : [`    ${why}`]),
    `  ${knownText(method)}`,
    "",
    params.length === 0 ? "No parameters" : "Parameters",
    ...rows(params.map((param) => [param.name, param.type, needText(param)])),
    ...(out.length === 0 ? [] : ["", "Beside the result", ...rows(out.map((one) => [one.name, one.type]))]),
    "",
    `Returns ${returns}`,
    ...exampleLines(example),
    ...(notInPlans === undefined ? [] : ["", `Not in a plan: ${notInPlans}.`]),
  ];
}

function needText({ required, note }: ParamFacts): string {
  const need = required === undefined ? "optional" : needs[required];
  return note === undefined ? need : `${need}; ${note}`;
}

const needs: Readonly<Record<Confidence, string>> = {
  documented: "needed",
  code: "needed, as public code has it",
  inferred: "probably needed",
};

export function columnDetails(column: ColumnEntry): readonly Line[] {
  const { name, code, legacy, label, type, unit, tokens, volatile, secret, deprecated, note, example } = column;
  return [
    name,
    `  ${label}`,
    `  code ${code}${legacy === undefined || legacy === code ? "" : `, in old notation ${legacy}`}`,
    `  ${type}${unit === undefined ? "" : ` in ${unit}`}`,
    ...(note === undefined ? [] : [`  ${note}`]),
    ...(volatile ? ["  changes by itself: not compared when a run looks for side effects"] : []),
    ...(secret ? ["  a secret: never read and never shown"] : []),
    ...(deprecated === undefined ? [] : [`  deprecated, use ${deprecated.use}. ${deprecated.why}`]),
    `  ${knownText(column)}`,
    ...(tokens === undefined ? [] : ["", "Values", ...rows(Object.entries(tokens))]),
    ...exampleLines(example),
  ];
}

export function enumDetails(entry: EnumEntry): readonly Line[] {
  const { name, values, note } = entry;
  return [
    name,
    ...(note === undefined ? [] : [`  ${note}`]),
    `  ${knownText(entry)}`,
    "",
    "Values",
    ...rows(values.map(({ value, meaning = "" }) => [value, meaning])),
  ];
}

export function structDetails(entry: StructEntry): readonly Line[] {
  const { name, members } = entry;
  return [
    name,
    `  ${knownText(entry)}`,
    "",
    "Members",
    ...rows(
      members.map(({ name: member, type, optional, note }) => {
        const remarks = [...(optional ? ["optional"] : []), ...(note === undefined ? [] : [note])];
        return [member, type, remarks.join("; ")];
      }),
    ),
  ];
}

export function errorDetails(entry: ErrorEntry): readonly Line[] {
  const { code, message, class: taken, meaning, remedy } = entry;
  return [
    code,
    ...(message === undefined ? [] : [`  ${message}`]),
    `  ${meaning}`,
    ...(taken === undefined ? [] : [`  taken for: ${taken}`]),
    ...(remedy === undefined ? [] : [`  what to do: ${remedy}`]),
    `  ${errorKnownText(entry)}`,
  ];
}

/** A name that has no number may never have been seen: what it says is all there is. */
function errorKnownText(entry: ErrorEntry): string {
  const { code, confidence, source } = entry;
  if (confidence !== "inferred") return knownText(entry);
  const basis = /^-?\d+$/.test(code)
    ? "concluded, and not seen with this service"
    : "concluded from the name: the vendor publishes neither its number nor its meaning";
  return `${basis} (${source.join("; ")})`;
}

function knownText({ confidence, source }: Known): string {
  return `${sure[confidence]} (${source.join("; ")})`;
}

/** Cells under one another. */
function rows(all: readonly (readonly string[])[]): readonly Line[] {
  const places = Math.max(0, ...all.map((row) => row.length)) - 1;
  const widths = Array.from({ length: Math.max(0, places) }, (_, place) =>
    Math.max(...all.map((row) => (row[place] ?? "").length)),
  );
  return all.map((cells) => ({ cells, widths }));
}

function exampleLines(example: string | undefined): readonly Line[] {
  if (example === undefined) return [];
  const lines = example.trimEnd().split("\n");
  return ["", "In a plan", ...lines.map((line) => ({ verbatim: `  ${line}` }))];
}
