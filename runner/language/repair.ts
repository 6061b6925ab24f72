import { mostProblems } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import { conditionsOf, schemaAt, type SchemaName } from "./schema-parts.ts";
import type { Path } from "./source.ts";
import { nearest } from "./suggest.ts";
import { Told } from "./told.ts";
import { changed, pathOf, put, valueAt, without } from "./tree.ts";
import { isObject } from "../core/model/object.ts";

/** As ajv compiles it: the errors are those of its last call. */
export interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ShapeError[] | null;
}

export interface ShapeError {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Set on what is wrong with a key itself; told by `propertyNames` as well. */
  readonly propertyName?: string;
}

/** What the next passes can do with where something is wrong or not there. Undefined: nothing, it is left out. */
export type StandIn = (path: Path) => Value | undefined;

/** A key that is not known, in the map at a path, and the one that is meant. */
interface Slip {
  readonly path: Path;
  readonly key: string;
  readonly known: string;
}

interface Respelt {
  readonly value: Value;
  readonly slips: readonly Slip[];
}

/** Keys within keys, to the depth that a document has. */
const mostRounds = 4;

/** A document with its keys as they are meant. */
export function respelt(written: Value, validate: Validator, schema: SchemaName): Respelt {
  const all: Slip[] = [];
  let value = written;
  for (let round = 0; round < mostRounds && !validate(value); round++) {
    const slips = (validate.errors ?? []).slice(0, mostProblems).flatMap((error) => slipOf(error, value, schema));
    for (const { path, key, known } of slips) value = changed(value, path, (map) => renamed(map, key, known));
    if (slips.length === 0) break;
    all.push(...slips);
  }
  return { value, slips: all };
}

function slipOf({ keyword, instancePath, params }: ShapeError, value: Value, schema: SchemaName): readonly Slip[] {
  if (keyword !== "additionalProperties") return [];
  const path = pathOf(instancePath, value);
  const key = String(params.additionalProperty);
  if (conditionsOf(key, { name: schema, path, document: value }).length > 0) return [];
  const known = nearest(key, Object.keys(schemaAt(schema, path, value).properties ?? {}));
  const map = valueAt(value, path);
  return known === undefined || !isObject(map) || Object.hasOwn(map, known) ? [] : [{ path, key, known }];
}

/** The other keys keep their order. One that two slips mean is given to the first. */
function renamed(map: Value, from: string, to: string): Value {
  if (!isObject(map) || Object.hasOwn(map, to)) return map;
  return Object.fromEntries(Object.entries(map).map(([key, member]) => [key === from ? to : key, member]));
}

interface Repair {
  readonly validate: Validator;
  readonly standIn: StandIn;
  readonly told: Told;
}

/** Taking out what is wrong may empty what held it: so again, a few times. */
export function repaired(value: Value, { validate, standIn, told }: Repair): Value | undefined {
  const settled = new Told();
  const named = new Told();
  let rest = value;
  for (let round = 0; round < mostRounds; round++) {
    if (validate(rest)) return rest;
    if ((validate.errors ?? []).length > mostProblems) return undefined;
    // An error of a branch as a whole follows from those inside it.
    const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== "if");
    const wrong = errors.map((error) => ({ error, path: wrongAt(error, rest) }));
    const open = wrong.filter(({ error, path }) => !(isOfName(error) ? named : settled).covers(path));
    if (open.length === 0) return rest;
    for (const { error, path } of open) {
      told.add(path);
      if (isOfName(error)) named.add(path);
      const { at, instead } = isOfName(error)
        ? goodName(path, { value: rest, standIn })
        : { at: path, instead: insteadOf(error, { path, value: rest, standIn }) };
      if (instead !== undefined) {
        told.add(at);
        settled.add(at);
        rest = put(rest, at, instead);
      } else if (!isOfName(error)) {
        const lost = error.keyword === "required" ? path.slice(0, -1) : path;
        told.add(lost);
        rest = without(rest, lost);
      }
    }
  }
  return undefined;
}

interface Instead {
  readonly at: Path;
  readonly instead: Value | undefined;
}

/** What has a bad name is used by that name, or by the good one that is nearest: what stands there is not looked at. */
function goodName(path: Path, { value, standIn }: { readonly value: Value; readonly standIn: StandIn }): Instead {
  const holder = path.slice(0, -1);
  const written = String(path.at(-1)).replace(/^[^A-Za-z]+/, "");
  const at = [...holder, written.replace(/\W/g, "_").toLowerCase()];
  const map = valueAt(value, holder);
  const isTaken = isObject(map) && Object.hasOwn(map, String(at.at(-1)));
  return { at, instead: isTaken || written === "" ? undefined : standIn(at) };
}

function isOfName({ keyword, propertyName }: ShapeError): boolean {
  return propertyName !== undefined || keyword === "propertyNames";
}

function insteadOf(
  { keyword, params }: ShapeError,
  { path, value, standIn }: { readonly path: Path; readonly value: Value; readonly standIn: StandIn },
): Value | undefined {
  if (keyword === "additionalProperties") return undefined;
  const isOfTexts = typeof path.at(-1) === "number" && (keyword !== "type" || params.type === "string");
  if (!isOfTexts) return standIn(path);
  const found = valueAt(value, path);
  return typeof found === "string" ? found : JSON.stringify(found);
}

function wrongAt({ keyword, instancePath, params, propertyName }: ShapeError, value: Value): Path {
  const path = pathOf(instancePath, value);
  if (propertyName !== undefined) return [...path, propertyName];
  switch (keyword) {
    case "additionalProperties":
      return [...path, String(params.additionalProperty)];
    case "propertyNames":
      return [...path, String(params.propertyName)];
    case "required":
      return [...path, String(params.missingProperty)];
    default:
      return path;
  }
}
