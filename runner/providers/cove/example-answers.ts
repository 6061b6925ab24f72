import { structsByName, type MemberData, type MethodData } from "./data.ts";
import { isSecretName, snake } from "./example-params.ts";
import { shapeOf } from "./types.ts";

/** What a lookup is called after the call that it makes: `EnumerateJobsByIds` -> `jobs`. */
export function nounOf(method: string): string {
  return snake(method.replace(/^(?:Enumerate|Get|Find|Lookup|Resolve)/, "").replace(/(?<=.)By[A-Z].*$/, ""));
}

/** What a lookup keeps of the answer, as lines of YAML. */
export function answerLines({ returns, params }: MethodData): readonly string[] {
  const isById = params.some(({ name }) => /id$/i.test(name));
  const { isList, type, members } = answerOf(returns, !isById);
  if (!isList) return [`value: ${members[0]?.path ?? "."}`];
  if (members.length > 0) {
    const key = members[0]?.name === "Id" ? ["key: Id"] : [];
    const isPlain = members.every(({ name, path }) => name === path);
    const named = members.map(({ name, path }) => (isPlain ? name : `${name}: ${path}`)).join(", ");
    return [...key, isPlain ? `fields: [${named}]` : `fields: { ${named} }`];
  }
  // Texts and numbers are rows by themselves; what has no known members is kept whole.
  return shapeOf(type).kind === "any" ? ["value: ."] : [];
}

/** The fields that an item gets of the answer, as lines of YAML. */
export function keptFields({ name, returns }: MethodData): readonly string[] {
  const { isList, members } = answerOf(returns, false);
  const noun = nounOf(name);
  const [first] = members;
  if (first === undefined) return ["fields:", `  ${noun}: .`];
  if (!isList) return [`fields: [${members.map(({ path }) => path).join(", ")}]`];
  const shown = members.find(({ name: one }) => one !== "Id") ?? first;
  return ["fields:", `  ${noun}:`, `    value: rows.map(row, row.${shown.path})`, "    type: list"];
}

interface Member {
  readonly name: string;
  readonly path: string;
}

interface Answer {
  readonly isList: boolean;
  /** Of one element. */
  readonly type: string;
  /** The most telling members; none: it has none, or they are not known. */
  readonly members: readonly Member[];
}

const mostShown = 2;

/** @param wantsId Of a single answer as well, because it was not asked for by it. */
function answerOf(returns: string, wantsId: boolean): Answer {
  const element = /^(?:array of |set<)([^>]+)/.exec(returns)?.[1];
  const type = (element ?? returns).replace(/\?$/, "");
  const struct = structsByName().get(type);
  const members = struct === undefined ? [] : tellingMembers(struct.members, wantsId || element !== undefined);
  return { isList: element !== undefined, type, members };
}

/** The id may stand in an object within. */
function tellingMembers(members: readonly MemberData[], wantsId: boolean): readonly Member[] {
  const plain = members.filter(({ name, type }) => !isSecretName(name) && isPlain(type));
  const others = plain.filter(({ name }) => name !== "Id").toSorted((left, right) => rank(left) - rank(right));
  const own = others.map(({ name }) => ({ name, path: name }));
  const id = plain.some(({ name }) => name === "Id") ? { name: "Id", path: "Id" } : idWithin(members);
  return (wantsId && id !== undefined ? [id, ...own] : own).slice(0, mostShown);
}

function idWithin(members: readonly MemberData[]): Member | undefined {
  const holder = members.find(({ type }) =>
    structsByName()
      .get(type)
      ?.members.some(({ name }) => name === "Id"),
  );
  return holder && { name: "Id", path: `${holder.name}.Id` };
}

function rank({ name }: MemberData): number {
  if (name === "Name") return 0;
  return name.endsWith("Id") ? 2 : 1;
}

function isPlain(type: string): boolean {
  return !["any", "object", "list", "pair", "pairs"].includes(shapeOf(type).kind);
}
