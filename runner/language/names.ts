import type { ASTNode } from "@marcbachmann/cel-js";
import { children, isComprehension } from "./bounds.ts";

/** CEL's types, as far as plans know them. `dyn`: only running it can tell. */
export type CelType = "int" | "double" | "string" | "bool" | "list" | "list<int>" | "list<string>" | "map" | "dyn";

/** The type of a name: CEL's own, a record, a list of records, or records by a key. */
export type NameType =
  | CelType
  | RecordType
  | { readonly listOf: RecordType }
  | { readonly tableOf: RecordType | "map"; readonly by: "int" | "string" | "double" | "bool" | "dyn" };

/** The names an expression may use. */
export type Names = Readonly<Record<string, NameType>>;

/** A record has exactly these members. Records of one `kind` are the same type. */
export interface RecordType {
  readonly kind: string;
  readonly members: Readonly<Record<string, NameType>>;
  /** By member; one that is left out is never null. */
  readonly about?: Readonly<Record<string, About>>;
}

/** What is known of a member beside its type. */
export interface About {
  readonly mayBeNull?: boolean;
  /** Of a list: elements of it may be null. Undefined: not known. */
  readonly holdsNull?: boolean;
  /** The value on the wire -> the name that expressions see; for a list, of its elements. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** What a whole number counts. */
  readonly counts?: "bytes" | "time";
}

/** A value that is reached by names alone: `item.product_id`, `lookup.moves[item.device_id].to`. */
export interface Place {
  /** The same text for the same value, however it is written. */
  readonly path: string;
  /** Undefined: only running it can tell. */
  readonly type: NameType | undefined;
  readonly about: About;
}

/** What all elements of a list are known by, where none of them is null. */
export function elementsPath(path: string): string {
  return `${path}[]`;
}

/** The variables of list functions around an expression. */
export type Variables = ReadonlyMap<string, Place>;

const nothing: About = {};

/** Undefined: the value is computed, not looked up. */
export function placeOf(node: ASTNode, names: Names, variables: Variables): Place | undefined {
  switch (node.op) {
    case "id":
      return variables.get(node.args) ?? nameOf(node.args, names);
    case ".":
      return memberOf(placeOf(node.args[0], names, variables), node.args[1]);
    case "[]": {
      const [object, key] = node.args;
      const owner = placeOf(object, names, variables);
      if (owner === undefined) return undefined;
      if (key.op === "value" && typeof key.args === "string") return memberOf(owner, key.args);
      const path = `${owner.path}[${keyText(key, names, variables)}]`;
      return { path, type: elementOf(owner.type), about: aboutElement(owner) };
    }
    default:
      return undefined;
  }
}

/** Every part of an expression, with the variables that are known there. */
export function* partsOf(
  node: ASTNode,
  names: Names,
  variables: Variables = new Map(),
): Generator<readonly [node: ASTNode, variables: Variables]> {
  yield [node, variables];
  const list = listFunctionOf(node);
  if (list === undefined) {
    for (const child of children(node)) yield* partsOf(child, names, variables);
    return;
  }
  const { range, variable, bodies } = list;
  yield* partsOf(range, names, variables);
  const inside = new Map([...variables, [variable, variableOf(list, node, { names, variables })]]);
  for (const body of bodies) yield* partsOf(body, names, inside);
}

export interface ListFunction {
  readonly range: ASTNode;
  readonly variable: string;
  readonly bodies: readonly ASTNode[];
}

/** The parts of `list.all(x, …)`. Undefined: the node is none such. */
export function listFunctionOf(node: ASTNode): ListFunction | undefined {
  if (node.op !== "rcall" || !isComprehension(node)) return undefined;
  const [, range, [variable, ...bodies]] = node.args;
  return variable?.op === "id" ? { range, variable: variable.args, bodies } : undefined;
}

/** What is known of the variable of a list function. */
export function variableOf(
  { range, variable }: ListFunction,
  { start }: ASTNode,
  { names, variables }: { readonly names: Names; readonly variables: Variables },
): Place {
  const list = placeOf(range, names, variables) ?? { path: "", type: undefined, about: nothing };
  return elementAt(list, `${variable}@${start}`);
}

/** An element of what stands at a place. @param id Tells it from the elements of other list functions. */
function elementAt(place: Place, id: string): Place {
  const { type } = place;
  const isTable = typeof type === "object" && "tableOf" in type;
  return { path: `${place.path}[${id}]`, type: isTable ? type.by : elementOf(type), about: aboutElement(place) };
}

function aboutElement({ about }: Place): About {
  return about.holdsNull === true ? { mayBeNull: true } : nothing;
}

function nameOf(name: string, names: Names): Place | undefined {
  return Object.hasOwn(names, name) ? { path: name, type: names[name], about: nothing } : undefined;
}

function memberOf(owner: Place | undefined, name: string): Place | undefined {
  if (owner === undefined) return undefined;
  const path = `${owner.path}.${name}`;
  const { type } = owner;
  if (typeof type !== "object" || !("members" in type) || !Object.hasOwn(type.members, name))
    return { path, type: elementOf(type), about: nothing };
  const about = type.about !== undefined && Object.hasOwn(type.about, name) ? type.about[name] : undefined;
  return { path, type: type.members[name], about: about ?? nothing };
}

function elementOf(type: NameType | undefined): NameType | undefined {
  if (typeof type !== "object") return undefined;
  if ("listOf" in type) return type.listOf;
  return "tableOf" in type ? type.tableOf : undefined;
}

/** One text for one key. A variable has the name that tells it from others. */
function keyText(node: ASTNode, names: Names, variables: Variables): string {
  const path = placeOf(node, names, variables)?.path;
  if (path !== undefined) return path;
  const text = node.input.slice(node.start, node.end);
  return [text, ...[...variables].filter(([name]) => text.includes(name)).map(([, { path: own }]) => own)].join(" ");
}
