import type { FieldFacts, ListFacts } from "../../core/model/catalogue.ts";
import { listsData, type ListData, type MemberData } from "./data.ts";

/** A list that comes in one answer. Undefined: the method is none. */
export function answeredList(method: string): ListData | undefined {
  return listsData().lists.find((list) => list.method === method);
}

/** What is known of such a list: its fields are the members of its struct, by the vendor's names. */
export function answeredFacts(list: ListData): ListFacts {
  const { method, key, numbers, whole, scope } = list;
  const members = listsData().structs[list.struct] ?? [];
  const fields = new Map(
    members.filter(({ name }) => isGiven(list, name)).map((one) => [one.name, factsOf(one, list)]),
  );
  return {
    method,
    key,
    ...(list.struct === "AccountInfo" && { isOfDevices: true as const }),
    fieldNames: [...fields.keys()],
    field: (name) => fields.get(name),
    whyNot: (name) => (members.some((member) => member.name === name) ? whyNotOf(list) : undefined),
    reserved: [
      ...(numbers === undefined ? [] : [{ path: numbers.param, use: "`enumerate.fields`" }]),
      ...(whole === undefined ? [] : [{ path: whole, use: "nothing: the whole list is always read" }]),
    ],
    scope: scope.map(({ param, member }) => ({ path: param, field: member })),
  };
}

/** Values on the wire and what a plan calls them. */
export function tokensOf({ enum: table }: MemberData): Readonly<Record<string, string>> | undefined {
  const names = table === undefined ? undefined : listsData().enums[table];
  if (names === undefined) return undefined;
  return isNames(names) ? Object.fromEntries(names.map((name) => [name, name])) : names;
}

function isNames(names: readonly string[] | Readonly<Record<string, string>>): names is readonly string[] {
  return Array.isArray(names);
}

function isGiven({ numbers }: ListData, member: string): boolean {
  return numbers === undefined || numbers.always.includes(member) || Object.hasOwn(numbers.of, member);
}

function whyNotOf({ method, numbers }: ListData): string | undefined {
  if (numbers === undefined) return undefined;
  const known = [...numbers.always, ...Object.keys(numbers.of)];
  return `${method} is asked for members by number, and no number is known for this one. It can give ${known.join(", ")}.`;
}

function factsOf(member: MemberData, { lagMs }: ListData): FieldFacts {
  const { name, type, volatile = false, secret = false } = member;
  const tokens = tokensOf(member);
  return {
    name,
    source: name,
    spellings: [name],
    type,
    ...(tokens === undefined ? {} : { tokens }),
    lagMs,
    emptyIsUnset: true,
    volatile,
    secret,
  };
}
