import type { FieldFacts } from "../core/model/catalogue.ts";
import type { DeclaredPath } from "../core/model/listing.ts";
import { didYouMean } from "../language/suggest.ts";
import type { Compiled } from "./compile.ts";
import type { MadeFields } from "./computed.ts";
import type { DescribedList } from "./described-list.ts";
import type { PlanDocument } from "./document.ts";
import type { CompiledRead } from "./reads.ts";
import type { MadeField } from "./rules/fields.ts";

interface Declared {
  readonly document: PlanDocument;
  readonly compiled: Compiled;
  readonly reads: readonly CompiledRead[];
  readonly made: ReadonlyMap<string, MadeField>;
  readonly madeFields: MadeFields;
}

/** The paths that some answer is to have: all but those of fields that the plan says may be missing. */
export function declaredPaths(declared: Declared, described: DescribedList): readonly DeclaredPath[] {
  const { madeFields, made, reads } = declared;
  const needed = neededFields(declared);
  const ofList = madeFields.fields
    .filter(({ name }) => !madeFields.expressions.has(name) && made.get(name)?.isOptional !== true)
    .map((facts) => [facts, described.pathText(facts), "row"] as const);
  const ofReads = reads
    .filter(({ when }) => when === "before")
    .flatMap(({ document: { call }, fields }) => fields.map((field) => ({ ...field, call })))
    .filter(({ from, isOptional }) => from !== undefined && !isOptional)
    .map(({ facts, call }) => [facts, facts.source.slice(`${call}: `.length), `answer of ${call}`] as const);
  return [...ofList, ...ofReads].map(([facts, path, what]) => declaredPath(facts, { path, what, needed }));
}

function declaredPath(
  { name: field }: FieldFacts,
  { path, what, needed }: { readonly path: string; readonly what: string; readonly needed: ReadonlySet<string> },
): DeclaredPath {
  return {
    field,
    isNeeded: needed.has(field),
    told: ({ answers, members }) => {
      const seen = answers === 1 ? `The one ${what} that was read has no` : `None of ${answers} ${plural(what)} has`;
      const parts = path.split(/[.[\]^]+/).filter((part) => part !== "" && !members.includes(part));
      const guess = didYouMean(parts[0] ?? path, members) ?? membersText(members);
      const hint = `${guess === "" ? "" : `${guess} `}Where it may be missing everywhere, write optional: true at the field.`;
      return { message: `${seen} ${path}, which the field ${field} is read from.`, hint };
    },
  };
}

function plural(what: string): string {
  return what.replace(/^\w+/, (word) => `${word}s`);
}

function membersText(members: readonly string[]): string {
  if (members.length === 0) return "";
  const more = members.length > 20 ? ", …" : "";
  return `There are: ${members.slice(0, 20).join(", ")}${more}.`;
}

/** What is decided, sent or checked is made of these. */
function neededFields({ document, compiled, reads, madeFields }: Declared): ReadonlySet<string> {
  const { filter, unless, set, call, undo, expect, pending, hold, per } = compiled;
  const { key = "", title = "" } = document.enumerate;
  const { cover = [] } = document.pace ?? {};
  const parts = [
    ...[...filter, unless, call.params, call.route, undo.call?.params, undo.unless, expect, pending, hold, per],
    ...[...Object.values(set), ...reads.flatMap(({ params, route, absent }) => [params, route, absent])],
  ];
  const needed = new Set([key, title, ...cover, ...Object.keys(set), ...parts.flatMap((part) => namesIn(part?.uses))]);
  const computed = [
    ...[...madeFields.fields].map(({ name }) => [name, madeFields.expressions.get(name)] as const),
    ...reads.flatMap(({ fields }) => fields.map(({ facts, value }) => [facts.name, value] as const)),
  ];
  // Each is made of fields above it.
  for (const [name, value] of computed.reverse())
    if (needed.has(name)) for (const used of namesIn(value?.uses)) needed.add(used);
  return needed;
}

function namesIn(uses: ReadonlySet<string> | undefined): readonly string[] {
  return [...(uses ?? [])].flatMap((name) => /^(?:item|set|before|after)\.(\w+)/.exec(name)?.slice(1) ?? []);
}
