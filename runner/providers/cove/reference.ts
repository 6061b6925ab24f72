import type {
  ColumnEntry,
  EnumEntry,
  ErrorEntry,
  MethodEntry,
  Reference,
  StructEntry,
} from "../../core/model/reference.ts";
import { customColumn, deviceColumns } from "./columns.ts";
import {
  columnsData,
  enumsData,
  errorsData,
  methodsData,
  sourcesData,
  structsData,
  type ColumnData,
  type MethodData,
  type StatisticData,
  type SourceData,
} from "./data.ts";
import { columnExample, useOf } from "./examples.ts";

/** The data files for people: everything, with its source in words. */
export const coveReference: Reference = {
  methods: () => methodsData().methods.map(methodEntry),
  columns: columnEntries,
  column: columnOf,
  enums: () => enumsData().enums.map(enumEntry),
  structs: () => structsData().structs.map(structEntry),
  errors: () => [...errorsData().errors.map(inWords), ...namedErrors()],
};

/** Short names of sources in words. */
function inWords<T extends { readonly source: readonly string[] }>(entry: T): T {
  return { ...entry, source: entry.source.map((short) => sourcesData()[short] ?? short) };
}

function methodEntry(method: MethodData): MethodEntry {
  const { name, kind, about, params, out = [], returns, destructive = false, repeat, why, at, endpoint } = method;
  const { confidence, source } = inWords(method);
  const isRouted = endpoint === "reporting";
  return {
    ...{ name, kind, params, out, returns, destructive, repeat, confidence, source },
    ...(about === undefined ? {} : { about }),
    ...(why === undefined ? {} : { why }),
    ...(at === undefined ? {} : { elsewhere: at }),
    ...(isRouted ? { isRouted } : {}),
    ...useOf(method),
  };
}

function enumEntry(data: ReturnType<typeof enumsData>["enums"][number]): EnumEntry {
  const { values = [], numbers = {}, ...rest } = inWords(data);
  const numbered = Object.entries(numbers).map(([value, meaning]) => ({ value, meaning }));
  return { ...rest, values: [...values.map((value) => ({ value })), ...numbered] };
}

function structEntry(data: ReturnType<typeof structsData>["structs"][number]): StructEntry {
  const { members, ...rest } = inWords(data);
  return { ...rest, members: members.map((member) => ({ ...member, optional: member.optional ?? false })) };
}

function columnEntries(): readonly ColumnEntry[] {
  const { columns, sources, statistics, named, custom, filters } = columnsData();
  const plain = { volatile: false, secret: false };
  return [
    ...columns.map(columnEntry),
    ...named.map(({ name, code, ...rest }) => ({ ...statisticOf(code, name), ...inWords(rest) })),
    ...sources.map(({ plugin, legacy, shared, ...rest }) => {
      const note = `Goes before a statistic: ${rest.code}F00 … (plug-in ${plugin})${shared === undefined ? "" : `; the old letter ${shared} stands for another source too`}.`;
      return { ...inWords(rest), type: "source", ...plain, note, ...(legacy === undefined ? {} : { legacy }) };
    }),
    ...statistics.map(({ tokens: _, ...rest }) => ({
      ...{ note: `Goes behind a source: D01${rest.code} …` },
      ...inWords(rest),
      volatile: true,
      secret: false,
    })),
    ...custom.map((one) => ({ ...inWords(one), name: one.code, type: "string", ...plain })),
    ...filters.map((one) => ({ ...inWords(one), name: one.code, type: "filter word", ...plain })),
  ];
}

function columnEntry({
  member,
  code,
  byId: _,
  lagMs: __,
  zeroIsUnset: ___,
  follows: ____,
  ...column
}: ColumnData): ColumnEntry {
  const { volatile = false, secret = false, ...rest } = inWords(column);
  const example = secret ? {} : { example: columnExample(rest.name, rest) };
  return { ...rest, code: code ?? member ?? rest.name, volatile, secret, ...example };
}

function columnOf(spelling: string): ColumnEntry | undefined {
  const entries = columnEntries();
  const known = entries.find(({ name, code, legacy }) => [name, code, legacy].includes(spelling));
  if (known !== undefined) return known;
  const facts = deviceColumns().find(spelling);
  if (facts === undefined) return undefined;
  if (customColumn(spelling) !== undefined) return customEntry(spelling);
  return entries.find(({ code }) => facts.spellings.includes(code)) ?? statisticOf(facts.source);
}

function customEntry(code: string): ColumnEntry | undefined {
  const pattern = columnEntries().find((entry) => entry.code.startsWith("AA<"));
  return pattern && { ...pattern, name: code, code, example: columnExample(code, { type: "string" }) };
}

/** A column that is a source and a statistic. */
function statisticOf(code: string, name = code): ColumnEntry {
  const { sources, statistics, tokens } = columnsData();
  const source = part(sources, code.slice(0, 3));
  const statistic = part(statistics, code.slice(3));
  const facts = deviceColumns().find(code);
  const legacy =
    source.legacy !== undefined && statistic.legacy !== undefined ? source.legacy + statistic.legacy : undefined;
  const sure = [source, statistic].find(({ confidence }) => confidence !== "documented") ?? source;
  const words = statistic.tokens === undefined ? undefined : tokens[statistic.tokens];
  return {
    ...{ name, code, label: `${source.label}: ${statistic.label}`, type: statistic.type },
    ...(statistic.unit === undefined ? {} : { unit: statistic.unit }),
    ...(legacy === undefined ? {} : { legacy }),
    ...(words === undefined ? {} : { tokens: words }),
    ...(statistic.note === undefined ? {} : { note: statistic.note }),
    ...(facts?.deprecated === undefined ? {} : { deprecated: facts.deprecated }),
    ...{ volatile: true, secret: false, confidence: sure.confidence, source: inWords(sure).source },
    example: columnExample(name, { type: statistic.type, ...(words === undefined ? {} : { tokens: words }) }),
  };
}

function part<T extends SourceData | StatisticData>(parts: readonly T[], code: string): T {
  const found = parts.find((one) => one.code === code);
  if (found === undefined) throw new Error(`the columns data has no part ${code}`);
  return found;
}

/** Their names are documented, and nothing else: what one means and what to do is concluded from it. */
function namedErrors(): readonly ErrorEntry[] {
  const named = enumsData().enums.find(({ name }) => name === "Error");
  if (named === undefined) return [];
  const { names, families } = errorsData();
  const { source } = inWords(named);
  return (named.values ?? []).flatMap((code) => {
    const words = names[code] ?? families.find(({ prefixes }) => prefixes.some((prefix) => code.startsWith(prefix)));
    if (words === undefined) return [];
    const { meaning, remedy } = words;
    return [{ code, meaning, remedy, confidence: "inferred" as const, source }];
  });
}
