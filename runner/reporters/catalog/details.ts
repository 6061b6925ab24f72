import type { Confidence, ParamFacts } from "../../core/model/catalogue.ts";
import type {
  ColumnEntry,
  EnumEntry,
  ErrorEntry,
  Known,
  MethodEntry,
  StructEntry,
} from "../../core/model/reference.ts";

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

export function methodDetails(method: MethodEntry): readonly string[] {
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
  } = method;
  const names = Math.max(0, ...params.map((param) => param.name.length));
  const types = Math.max(0, ...params.map((param) => param.type.length));
  return [
    name,
    ...(about === undefined ? [] : [`  ${about}`]),
    `  ${kind}${destructive ? ", can not be taken back: a plan needs destructive: true and guards.max" : ""}`,
    ...(elsewhere === undefined
      ? []
      : [
          `  served by ${elsewhere}; ${isRouted ? "`route` says which device, and fills in its name and token" : "plans can not call it yet"}`,
        ]),
    `  ${repeats[repeat]}`,
    ...(why === undefined ? [] : [`    ${why}`]),
    `  ${knownText(method)}`,
    "",
    params.length === 0 ? "No parameters" : "Parameters",
    ...params.map((param) =>
      `  ${param.name.padEnd(names)}  ${param.type.padEnd(types)}  ${needText(param)}`.trimEnd(),
    ),
    ...(out.length === 0 ? [] : ["", "Beside the result", ...out.map((one) => `  ${one.name}  ${one.type}`)]),
    "",
    `Returns ${returns}`,
    ...exampleLines(example),
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

export function columnDetails(column: ColumnEntry): readonly string[] {
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
    ...(tokens === undefined ? [] : ["", "Values", ...pairLines(Object.entries(tokens))]),
    ...exampleLines(example),
  ];
}

export function enumDetails(entry: EnumEntry): readonly string[] {
  const { name, values, note } = entry;
  return [
    name,
    ...(note === undefined ? [] : [`  ${note}`]),
    `  ${knownText(entry)}`,
    "",
    "Values",
    ...pairLines(values.map(({ value, meaning = "" }) => [value, meaning])),
  ];
}

export function structDetails(entry: StructEntry): readonly string[] {
  const { name, members } = entry;
  const names = Math.max(0, ...members.map((member) => member.name.length));
  const types = Math.max(0, ...members.map((member) => member.type.length));
  return [
    name,
    `  ${knownText(entry)}`,
    "",
    "Members",
    ...members.map((member) => {
      const remarks = [...(member.optional ? ["optional"] : []), ...(member.note === undefined ? [] : [member.note])];
      return `  ${member.name.padEnd(names)}  ${member.type.padEnd(types)}  ${remarks.join("; ")}`.trimEnd();
    }),
  ];
}

export function errorDetails(entry: ErrorEntry): readonly string[] {
  const { code, message, class: taken, meaning, remedy } = entry;
  return [
    code,
    ...(message === undefined ? [] : [`  ${message}`]),
    `  ${meaning}`,
    ...(taken === undefined ? [] : [`  taken for: ${taken}`]),
    ...(remedy === undefined ? [] : [`  look at: ${remedy}`]),
    `  ${knownText(entry)}`,
  ];
}

function knownText({ confidence, source }: Known): string {
  return `${sure[confidence]} (${source.join("; ")})`;
}

function pairLines(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const widest = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, meaning]) => `  ${name.padEnd(widest)}  ${meaning}`.trimEnd());
}

function exampleLines(example: string | undefined): readonly string[] {
  if (example === undefined) return [];
  return [
    "",
    "In a plan",
    ...example
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`),
  ];
}
