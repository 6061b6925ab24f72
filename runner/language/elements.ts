import { isList, type Cel } from "./cel.ts";
import type { NameType, Place } from "./names.ts";

/** What can be said of the elements of a list, of all of them alike. */
export interface Elements {
  /** Undefined: only running it can tell. */
  readonly type: NameType | undefined;
  /** Undefined: not known, as of what has no type. */
  readonly mayBeNull: boolean | undefined;
  /** What of each is known not to be null, by what stands behind its own path: `.to`. */
  readonly given: ReadonlySet<string>;
}

const nothingGiven: ReadonlySet<string> = new Set();

export const unknownElements: Elements = { type: undefined, mayBeNull: undefined, given: nothingGiven };
/** Of a list that has none, and of what is no list. */
export const noElements: Elements = { ...unknownElements, mayBeNull: false };
export const texts: Elements = filled("string");

/** Elements of that type, none of which is null. */
function filled(type: NameType): Elements {
  return { type, mayBeNull: false, given: nothingGiven };
}

/** Of the list that stands at a place; of a table its keys, of a map its names. */
export function elementsAt({ type, about }: Place): Elements {
  if (type === "list") return { ...unknownElements, mayBeNull: about.holdsNull };
  if (type === "list<int>") return filled("int");
  if (type === "list<string>" || type === "map") return filled("string");
  if (typeof type !== "object" || "members" in type) return unknownElements;
  return filled("listOf" in type ? type.listOf : type.by);
}

export function elementsIn(value: Cel): Elements {
  if (!isList(value) || value.length === 0) return noElements;
  return { ...unknownElements, mayBeNull: value.includes(null) };
}

/** Of a list that has elements of all of these. */
export function elementsOfAll(all: readonly Elements[]): Elements {
  const [first, ...others] = all.filter((one) => one !== noElements);
  return first === undefined ? noElements : others.reduce(together, first);
}

function together(left: Elements, right: Elements): Elements {
  const isKnown = left.mayBeNull !== undefined && right.mayBeNull !== undefined;
  return {
    type: left.type === right.type ? left.type : undefined,
    mayBeNull: left.mayBeNull === true || right.mayBeNull === true || (isKnown ? false : undefined),
    given: new Set([...left.given].filter((one) => right.given.has(one))),
  };
}
