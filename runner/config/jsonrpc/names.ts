import { Scope, type RecordType } from "../../language/expression.ts";
import type { CelType } from "../../language/names.ts";

/** What an expression of the config can use. */
export interface ConfigScope {
  readonly scope: Scope;
  /** Session values that are saved, but not when this is evaluated, and where. */
  readonly later: ReadonlyMap<string, string>;
  /** All names, and those of their members. */
  readonly words: ReadonlySet<string>;
}

interface Members {
  readonly secrets: readonly string[];
  readonly session: Iterable<string>;
  readonly later?: ReadonlyMap<string, string>;
}

/** Of templates. */
export function templateScope({ secrets, session, later = new Map() }: Members): ConfigScope {
  const names = { secrets: record("secrets", secrets, "string"), session: record("session", session, "dyn") };
  return { scope: new Scope(names), later, words: wordsOf(names) };
}

/** Of conditions over what was saved. */
export function sessionScope({ session, later = new Map() }: Omit<Members, "secrets">): ConfigScope {
  const names = { session: record("session", session, "dyn") };
  return { scope: new Scope(names), later, words: wordsOf(names) };
}

/** Of conditions over an answer. */
export function answerScope(parts: readonly ("http" | "error" | "result" | "body")[]): ConfigScope {
  const types = { http: record("http", ["status"], "int"), error: "dyn", result: "dyn", body: "dyn" } as const;
  const names = Object.fromEntries(parts.map((part) => [part, types[part]]));
  return { scope: new Scope(names), later: new Map(), words: wordsOf(names) };
}

function record(kind: string, names: Iterable<string>, type: CelType): RecordType {
  return { kind, members: Object.fromEntries([...names].map((name) => [name, type])) };
}

function wordsOf(names: Readonly<Record<string, RecordType | string>>): ReadonlySet<string> {
  const members = Object.values(names).flatMap((type) => (typeof type === "string" ? [] : Object.keys(type.members)));
  return new Set([...Object.keys(names), ...members]);
}
