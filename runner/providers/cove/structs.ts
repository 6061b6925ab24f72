import type { FieldFacts, ListFacts } from "../../core/model/catalogue.ts";
import type { FieldType } from "../../core/model/values.ts";
import { enumsByName, listsData, structsByName, type ListData, type MemberData } from "./data.ts";
import { shapeOf } from "./types.ts";

/** A list that comes in one answer. Undefined: the method is none. */
export function answeredList(method: string): ListData | undefined {
  return listsData().lists.find((list) => list.method === method);
}

/** What is known of such a list: its fields are the members of its struct, by the vendor's names. */
export function answeredFacts(list: ListData): ListFacts {
  const { method, key, numbers, whole, scope, struct } = list;
  const members = structsByName().get(struct)?.members ?? [];
  const given = members.filter(({ name }) => isGiven(list, name));
  const fields = new Map(given.map((one) => [one.name, factsOf(one, list)]));
  return {
    method,
    key,
    ...(list.struct === "AccountInfo" && { isOfDevices: true as const }),
    fieldNames: [...fields.keys()],
    field: (name) => fields.get(name),
    whyNot: (name) => (members.some((member) => member.name === name) ? whyNotOf(list) : undefined),
    reference: `structs ${struct}`,
    reserved: [
      ...(numbers === undefined ? [] : [{ path: numbers.param, use: "`enumerate.fields`" }]),
      ...(whole === undefined ? [] : [{ path: whole, use: "nothing: the whole list is always read" }]),
    ],
    scope: scope.map(({ param, member }) => ({ path: param, field: member })),
  };
}

/** Of an enum: its values on the wire and what a plan calls them. Undefined: the type is none. */
export function tokensOf(type: string): Readonly<Record<string, string>> | undefined {
  const { values, numbers } = enumsByName().get(type) ?? {};
  // "Undefined" is how the vendor's own code calls a member that is not there.
  return values === undefined
    ? numbers
    : Object.fromEntries(values.filter((name) => name !== "Undefined").map((name) => [name, name]));
}

function isGiven({ numbers }: ListData, member: string): boolean {
  return numbers === undefined || numbers.always.includes(member) || Object.hasOwn(numbers.of, member);
}

function whyNotOf({ method, numbers }: ListData): string | undefined {
  if (numbers === undefined) return undefined;
  const known = [...numbers.always, ...Object.keys(numbers.of)];
  return `${method} is asked for members by number, and no number is known for this one. It can give ${known.join(", ")}.`;
}

function factsOf({ name, type, volatile = false }: MemberData, { lagMs }: ListData): FieldFacts {
  const tokens = tokensOf(type);
  const fieldType = fieldTypeOf(type);
  return {
    name,
    source: name,
    spellings: [name],
    type: fieldType,
    ...(tokens === undefined ? {} : { tokens }),
    lagMs,
    emptyIsUnset: true,
    volatile,
    secret: fieldType === "secret",
  };
}

/** @throws {Error} for a type that no field has: an item of a list with such a member could not be read. */
function fieldTypeOf(type: string): FieldType {
  if (type === "secret") return "secret";
  const { kind } = shapeOf(type);
  switch (kind) {
    case "text":
      return "string";
    case "time":
      return "unix_time";
    case "list":
      return type.startsWith("list<") ? "list" : "set";
    case "any":
    case "pair":
    case "pairs":
      throw new Error(`a field can not be of the type ${type}`);
    default:
      return kind;
  }
}
