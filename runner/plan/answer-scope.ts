import type { Catalogue, Shape } from "../core/model/catalogue.ts";
import {
  ExpressionFaults,
  type Expression,
  type NameType,
  type RecordType,
  type Scope,
} from "../language/expression.ts";
import type { Finding, Path } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import { anything, specOf, type Answer } from "./answers.ts";
import { celTypes } from "./scopes.ts";

/** What expressions see of an answer: an object is `row`, a list is `rows`. */
export interface AnswerNames {
  readonly row: NameType;
  readonly rows: NameType;
  readonly [name: string]: NameType;
}

export interface OverAnswer {
  readonly shape: Shape;
  readonly answer: Answer;
  readonly scope: (names: AnswerNames) => Scope;
  readonly findings: Finding[];
}

/** The scope of an expression over an answer. Where that is used as a whole, its type would stand in the way: then only its members are looked at. */
export function overAnswer(path: Path, text: string, { shape, answer, scope, findings }: OverAnswer): Scope {
  const names = answerNames(shape, answer);
  const typed = scope(names);
  if (!faultsIn(text, typed).some(({ message }) => message.includes(answerKind))) return typed;
  const loose = scope(answerNames(anything, answer));
  if (faultsIn(text, loose).length > 0) return loose;
  for (const name of unknownMembers(loose.compile(text), names)) {
    const offset = Math.max(0, text.indexOf(`row.${name}`));
    const hint = didYouMean(name, membersOf(names));
    findings.push({ path, offset, code: "unknown-field", message: `row has no ${name}`, hint });
  }
  return loose;
}

function faultsIn(text: string, scope: Scope): ExpressionFaults["faults"] {
  try {
    scope.compile(text);
    return [];
  } catch (error) {
    if (error instanceof ExpressionFaults) return error.faults;
    throw error;
  }
}

function unknownMembers({ uses }: Expression, names: AnswerNames): readonly string[] {
  const members = membersOf(names);
  const used = [...uses].filter((name) => name.startsWith("row.")).map((name) => name.slice("row.".length));
  return members.length === 0 ? [] : used.filter((name) => !members.includes(name));
}

function membersOf({ row }: AnswerNames): readonly string[] {
  return typeof row === "object" && "members" in row ? Object.keys(row.members) : [];
}

/** What `row` and `rows` are where an expression looks at an answer as it came. */
function answerNames(shape: Shape, { catalogue }: Answer): AnswerNames {
  if (shape.kind === "object") return { row: recordOf(shape, catalogue), rows: "list" };
  if (shape.kind === "list" && shape.of.kind === "object")
    return { row: "dyn", rows: { listOf: recordOf(shape.of, catalogue) } };
  return { row: "dyn", rows: "list" };
}

/** Records of answers are told apart from all others by their names. */
const answerKind = "answer_";

function recordOf({ name, members }: Extract<Shape, { readonly kind: "object" }>, catalogue: Catalogue): RecordType {
  const types = members.map(
    (member) => [member.name, typeAsItCame(catalogue.shape?.(member.type) ?? anything)] as const,
  );
  return { kind: `${answerKind}${name.replace(/\W/g, "_")}`, members: Object.fromEntries(types) };
}

function typeAsItCame(shape: Shape): NameType {
  if (shape.kind === "list" || shape.kind === "pairs" || shape.kind === "pair") return "list";
  // Its numbers have no names yet.
  if (shape.kind === "enum" && shape.numbers !== undefined) return "dyn";
  const spec = specOf(shape);
  return spec === undefined ? "dyn" : celTypes[spec.type];
}
