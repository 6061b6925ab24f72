import type { EncodingFault } from "../../core/model/catalogue.ts";
import type { SecretText } from "../../core/model/change.ts";
import type { Value } from "../../core/model/item.ts";
import { isObject } from "../../core/model/object.ts";

/** Params that the service takes as lines of a name and a value, and a plan writes as a map. */
const linesOf: ReadonlyMap<string, string> = new Map([["SendAccountCommand", "parameters"]]);

/** Whether a plan writes a map where the service takes lines. */
export function takesLines(method: string, param: string): boolean {
  return linesOf.get(method) === param;
}

/**
 * Params with the map of such a call as its lines: `time: "00:00"` goes as `time 00:00`, in the order written. Null leaves
 * its line out, empty text leaves the name alone, a list is joined with commas, a secret stays a reference. Text is left as it is.
 */
export function withLines(
  method: string,
  params: Value,
): { readonly params: Value; readonly faults: readonly EncodingFault[] } {
  const name = linesOf.get(method);
  if (name === undefined || !isObject(params) || !Object.hasOwn(params, name)) return { params, faults: [] };
  const map = params[name] ?? null;
  if (!isObject(map) || isSecretText(map)) return { params, faults: [] };
  const faults: EncodingFault[] = [];
  const lines = Object.entries(map).flatMap(([member, value]) => {
    const line = lineOf(member, value);
    if (typeof line !== "string") return [line];
    faults.push({ path: [name, member], message: `${name}.${JSON.stringify(member).slice(1, -1)}: ${line}` });
    return [];
  });
  if (faults.length > 0) return { params, faults };
  return { params: { ...params, [name]: joined(lines.filter((line) => line.length > 0)) }, faults };
}

type Piece = SecretText["$secret"][number];

/** The pieces of a line; none for a line that is left out. A text: why there can be no such line. */
function lineOf(name: string, value: Value): readonly Piece[] | string {
  // The name ends at the first space.
  if (!/^\S+$/.test(name)) return "a name is one word";
  if (value === null) return [];
  if (Array.isArray(value)) return listLine(name, value as readonly Value[]);
  const pieces = piecesOf(value);
  if (pieces === undefined) return "a value is a text, a number, true, false, null or a list of them";
  if (pieces.some(breaksLine)) return oneLine;
  // Some commands know single words: `clear`.
  return pieces.every((piece) => piece === "") ? [name] : [`${name} `, ...pieces];
}

function listLine(name: string, list: readonly Value[]): readonly Piece[] | string {
  const elements = list.map((element) => (element === null ? undefined : piecesOf(element)));
  if (!elements.every((pieces) => pieces !== undefined)) return "a list holds texts, numbers, true and false";
  if (elements.flat().some(breaksLine)) return oneLine;
  const isCut = elements.flat().some((piece) => typeof piece === "string" && piece.includes(","));
  if (isCut) return "an element holds a comma, which would make two of it";
  return [`${name} `, ...elements.flatMap((pieces, place) => (place === 0 ? pieces : [",", ...pieces]))];
}

const oneLine = "it holds a line break, and what follows would be another parameter";

function breaksLine(piece: Piece): boolean {
  return typeof piece === "string" && hasLineBreak(piece);
}

/** Whether a text can not be one line. */
export function hasLineBreak(text: string): boolean {
  return /[\r\n\u0085\u2028\u2029]/.test(text);
}

/** Undefined: no scalar. */
function piecesOf(value: Value): readonly Piece[] | undefined {
  if (isSecretText(value)) return value.$secret;
  return value === null || typeof value === "object" ? undefined : [String(value)];
}

function joined(lines: readonly (readonly Piece[])[]): Value {
  const pieces = lines.flatMap((line, place) => (place === 0 ? line : ["\n", ...line]));
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (typeof piece === "string" && typeof last === "string") merged[merged.length - 1] = last + piece;
    else merged.push(piece);
  }
  const [only = ""] = merged;
  return merged.length <= 1 && typeof only === "string" ? only : { $secret: merged };
}

/** Whether a value is a reference to secret inputs. */
export function isSecretText(value: unknown): value is SecretText {
  return (
    typeof value === "object" && value !== null && "$secret" in value && Array.isArray((value as SecretText).$secret)
  );
}
