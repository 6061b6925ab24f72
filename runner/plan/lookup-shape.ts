import type { Catalogue, Shape } from "../core/model/catalogue.ts";
import type { FieldType } from "../core/model/values.ts";
import type { Finding, Path } from "../language/source.ts";
import { answerOf, anything, isFault, shapeAt, specOf, type Answer } from "./answers.ts";
import type { LookupDocument, PlanDocument } from "./document.ts";
import type { RowField, RowShape } from "./lookup-rows.ts";
import { isSpread, parsePath, type ValuePath } from "../language/paths.ts";

/** What is needed to say what a lookup is made of. */
export interface ShapeContext {
  readonly document: PlanDocument;
  readonly catalogue: Catalogue;
  readonly findings: Finding[];
  /** It is what a gate measures: what is no list is one row. */
  readonly isMeasured?: boolean;
}

/** Fields of an answer: names of members, or names of the plan's own and the paths to them. */
export function memberFields(
  path: Path,
  { call = "", fields = [] }: LookupDocument,
  around: ShapeContext & { readonly row: Shape },
): readonly RowField[] {
  const answer = answerIn(call, around);
  const typed = (at: Path, field: RowField, text: string): RowField => {
    const spec = specAt({ path: at, text }, { from: around.row, answer, to: field.path }, around);
    return field.type === undefined || field.type === spec?.type ? { ...field, ...spec } : field;
  };
  if (Array.isArray(fields))
    return (fields as readonly string[]).map((name, place) => typed([...path, place], member(name, undefined), name));
  return Object.entries(fields as Exclude<typeof fields, readonly string[]>).map(([name, written]) => {
    const {
      from = name,
      type,
      default: fallback = null,
      optional,
    } = typeof written === "string" ? { from: written } : written;
    const at = typeof written === "string" || written.from === undefined ? [...path, name] : [...path, name, "from"];
    const own = { name, path: pathAt([...path, name], from, around), type, fallback, required: optional === false };
    return typed(at, own, from);
  });
}

function answerIn(call: string, { catalogue, document }: ShapeContext): Answer {
  return answerOf(call, catalogue, { isLenient: document.allow_undocumented ?? false });
}

/** How what stands at a path is read, where that is known. A path that leads nowhere is reported. */
function specAt(
  { path, text }: { readonly path: Path; readonly text: string },
  { from, answer, to }: { readonly from: Shape; readonly answer: Answer; readonly to: ValuePath },
  { findings }: ShapeContext,
): Pick<RowField, "type" | "tokens"> | undefined {
  const found = shapeAt(from, to, answer, text);
  if (!isFault(found)) return isSpread(to) ? undefined : specOf(found);
  if (secretIn(to, answer.catalogue) === undefined) findings.push({ path, code: "unknown-member", ...found });
  return undefined;
}

/** The one value that the lookup is, where it is one. */
export function valueIn(
  path: Path,
  { call = "", value, type }: LookupDocument,
  around: ShapeContext,
): RowShape["value"] {
  if (value === undefined) return undefined;
  const at = pathAt(path, value, around);
  const answer = answerIn(call, around);
  const spec = specAt({ path, text: value }, { from: answer.shape, answer, to: at }, around);
  return { path: at, type, ...((type === undefined || type === spec?.type) && spec) };
}

/** What a row of an answer is. */
export function rowShape(
  path: Path,
  document: LookupDocument & { readonly call: string },
  around: ShapeContext & { readonly rows: RowShape["rows"] },
): Shape {
  const { call, rows: written = "." } = document;
  const { rows, findings } = around;
  const answer = answerIn(call, around);
  const isText = typeof written === "string";
  const place = isText ? [...path, "rows"] : [...path, "rows", "at"];
  const found = shapeAt(answer.shape, rows.path, answer, isText ? written : written.at);
  if (isFault(found)) {
    if (secretIn(rows.path, answer.catalogue) === undefined)
      findings.push({ path: place, code: "unknown-member", ...found });
    return anything;
  }
  if (found.kind === "any" || rows.mapKey !== undefined || rows.scalar !== undefined) return anything;
  if (found.kind === "list") return found.of;
  if (found.kind === "pairs") return { kind: "pair", of: found.of };
  if (isSpread(rows.path) || around.isMeasured === true) return found;
  const message = `${call} gives no list ${document.rows === undefined ? "" : "there "}to take rows from`;
  const hint = "Say with rows where the rows are, or with value which one value is meant.";
  findings.push({ path: document.rows === undefined ? [...path, "call"] : place, code: "bad-path", message, hint });
  return anything;
}

/** Where the rows of an answer are, as the plan says it. */
export function rowsAt(path: Path, { rows = "." }: LookupDocument, around: ShapeContext): RowShape["rows"] {
  if (typeof rows === "string") return { path: pathAt(path, rows, around) };
  const { at, map_key: mapKey, scalar } = rows;
  return {
    path: pathAt([...path, "at"], at, around),
    ...(mapKey === undefined ? {} : { mapKey }),
    ...(scalar === undefined ? {} : { scalar }),
  };
}

export const whole: ValuePath = { up: 0, steps: [] };

export function member(name: string, type: FieldType | undefined): RowField {
  return { name, path: { up: 0, steps: [name] }, type, fallback: null, required: false };
}

function pathAt(path: Path, text: string, { findings }: ShapeContext): ValuePath {
  const parsed = parsePath(text);
  if (parsed === undefined) findings.push(noPath(path, text));
  return parsed ?? whole;
}

/** What is wrong with a text that leads nowhere. */
export function noPath(path: Path, text: string): Finding {
  const hint = "Write . for the whole answer, or members: a.b, a[0], a[].b.";
  return { path, code: "bad-path", message: `${text} is not a path`, hint };
}

/** The secret of the service that a path leads to, or through. */
export function secretIn({ steps }: ValuePath, catalogue: Catalogue): string | undefined {
  return steps.filter((step) => typeof step === "string").find((step) => catalogue.isSecret?.(step) === true);
}
