import type { FieldFacts, ListFacts, Shape } from "../../core/model/catalogue.ts";
import type { FieldType } from "../../core/model/values.ts";
import { enumsByName, listsData, methodsData, structsByName, type ListData, type MemberData } from "./data.ts";
import { shapeOf } from "./types.ts";

/** A list that comes in one answer. Undefined: the method is none. */
export function answeredList(method: string): ListData | undefined {
  return listsData().lists.find((list) => list.method === method) ?? concludedList(method);
}

/** Bounds of lists by customer, whatever the call is. */
const customerParams = new Set(["partnerId", "partnerIds", "parentPartnerId"]);
/** Calls that show what is not any more, so that nothing can be changed there, or that take what lets one in. */
const otherLists = /Removed|AtTime|ByPeriod|History|Token/;

/** A call that enumerates structs which have an `Id`: a list of these, in one answer, as those are that are known. */
function concludedList(method: string): ListData | undefined {
  const call = methodsData().methods.find(({ name }) => name === method);
  const struct = /^array of (\w+)$/.exec(call?.returns ?? "")?.[1] ?? "";
  const members = structsByName().get(struct)?.members ?? [];
  const isList = call?.kind === "enumerate" && call.endpoint === undefined && !otherLists.test(method);
  if (!isList || !members.some(({ name, type }) => name === "Id" && type === "int")) return undefined;
  const isOfCustomers = members.some(({ name }) => name === "PartnerId");
  const bounds = isOfCustomers ? call.params.filter(({ name }) => customerParams.has(name)) : [];
  return {
    ...{ method, struct, item: itemOf(struct), key: "Id", isConcluded: true, rows: "result[]", lagMs: usualLagMs },
    scope: bounds.map(({ name }) => ({ param: name, member: "PartnerId" })),
  };
}

const usualLagMs = 30_000;

/** `CustomColumnInfo` is a custom column. */
function itemOf(struct: string): string {
  return struct
    .replace(/(Info|Record)$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
}

/** What is known of such a list: its fields are the members of its struct, by the vendor's names. */
export function answeredFacts(list: ListData): ListFacts {
  const { method, key, numbers, whole, scope, struct, isConcluded } = list;
  const members = structsByName().get(struct)?.members ?? [];
  const given = members.filter((one) => isGiven(list, one));
  const fields = new Map(given.map((one) => [one.name, factsOf(one, list)]));
  return {
    method,
    key,
    ...(isConcluded && { isConcluded }),
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

/** Of a set of names. Empty: its elements are something else, or not known. */
export function elementsOf(type: string): readonly string[] {
  const inner = /^(?:flags|set)<(.+)>$/.exec(type)?.[1];
  return Object.values((inner === undefined ? undefined : tokensOf(inner)) ?? {});
}

function isGiven({ numbers, isConcluded }: ListData, { name, type }: MemberData): boolean {
  if (isConcluded && !isFlat(shapeOf(type))) return false;
  return numbers === undefined || numbers.always.includes(name) || Object.hasOwn(numbers.of, name);
}

/** What is nested may hold what must not be kept. */
function isFlat(shape: Shape): boolean {
  if (shape.kind === "list") return isFlat(shape.of);
  return !["any", "object", "pair", "pairs"].includes(shape.kind);
}

function whyNotOf({ method, numbers, isConcluded }: ListData): string | undefined {
  if (isConcluded) return "Of this list only plain values can be had; `read` gives the whole of an item.";
  if (numbers === undefined) return undefined;
  const known = [...numbers.always, ...Object.keys(numbers.of)];
  return `${method} is asked for members by number, and no number is known for this one. It can give ${known.join(", ")}.`;
}

function factsOf({ name, type, volatile = false }: MemberData, { lagMs }: ListData): FieldFacts {
  const tokens = tokensOf(type);
  const elements = elementsOf(type);
  const fieldType = fieldTypeOf(type);
  return {
    name,
    source: name,
    spellings: [name],
    type: fieldType,
    ...(tokens === undefined ? {} : { tokens }),
    ...(elements.length === 0 ? {} : { elements }),
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
