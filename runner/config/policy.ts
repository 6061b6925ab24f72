import { readFile } from "node:fs/promises";
import { PlanError } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import { aboutFile, type Problem } from "../core/model/problem.ts";
import { reasonOf } from "../core/model/reason.ts";
import { ExpressionFaults, Scope, type Expression, type Names } from "../language/expression.ts";
import { checkShape } from "../language/schema.ts";
import { readSource, type Path, type Source } from "../language/source.ts";
import type { CelMap } from "../language/cel.ts";

/** The policy that the config names, compiled. */
export interface PolicyFile {
  /** Absolute. */
  readonly file: string;
  /** IANA name of the zone in which rules see the time. */
  readonly zone: string;
  readonly rules: readonly PolicyRule[];
}

export interface PolicyRule {
  readonly name: string;
  readonly message: string;
  /** Of `deny`, counted from 1. */
  readonly line: number;
  readonly column: number;
  /** It asks for nothing but the plan and its inputs: known before anything is read. */
  readonly isStatic: boolean;
  /** It asks which calls the plan makes, those that only read among them. */
  readonly isOfCalls: boolean;
  /** It asks for something that is known only once the list was read. */
  readonly isOfList: boolean;
  /** Fields of which it asks for the largest group. */
  readonly groupedBy: readonly string[];
  /** @throws {ExpressionError} */
  denies(names: PolicyNames): boolean;
}

/** What a rule sees. Left out: not known yet. */
export interface PolicyNames {
  readonly plan: PolicyPlan;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly changes?: PolicyChanges;
  readonly largest?: Readonly<
    Record<string, { readonly name: string; readonly items: number; readonly percent: number }>
  >;
  readonly now?: PolicyTime;
  readonly user?: string;
  readonly ci?: boolean;
}

/** The plan as it will run. */
interface PolicyPlan {
  readonly name: string;
  readonly service: string;
  readonly endpoint: string;
  readonly list: string;
  readonly method: string;
  /** Every method that it may call, each once: lists, lookups, reads, gate, change and undo. */
  readonly calls: readonly string[];
  /** The catalogue, or the config, knows the method. */
  readonly declared: boolean;
  readonly destructive: boolean;
  readonly repeatable: boolean;
  readonly verified: boolean;
  readonly sets: readonly string[];
  readonly concurrency: number;
  readonly chunk: number;
}

/** `percent`: of the list. */
interface PolicyChanges {
  readonly rows: number;
  readonly matched: number;
  readonly selected: number;
  readonly percent: number;
}

/** The wall clock in the policy's zone. `weekday`: 1 is Monday; `date`: 2026-11-27. */
export interface PolicyTime {
  readonly hour: number;
  readonly minute: number;
  readonly weekday: number;
  readonly date: string;
}

const names: Names = {
  plan: {
    kind: "plan",
    members: {
      name: "string",
      service: "string",
      endpoint: "string",
      list: "string",
      method: "string",
      calls: "list<string>",
      declared: "bool",
      destructive: "bool",
      repeatable: "bool",
      verified: "bool",
      sets: "list<string>",
      concurrency: "int",
      chunk: "int",
    },
  },
  inputs: "map",
  changes: { kind: "changes", members: { rows: "int", matched: "int", selected: "int", percent: "double" } },
  largest: "map",
  now: { kind: "now", members: { hour: "int", minute: "int", weekday: "int", date: "string" } },
  user: "string",
  ci: "bool",
};

interface PolicyDocument {
  readonly zone?: string;
  readonly rules: Readonly<Record<string, { readonly deny: string; readonly message: string }>>;
}

/**
 * Read the policy. A policy that can not be read whole is none that could be kept: nothing runs without it.
 * @param file Absolute. @throws {PlanError} `config`, with every problem.
 */
export async function loadPolicy(file: string): Promise<PolicyFile> {
  const source = readSource(await textOf(file), file, "config");
  const { problems, sound } = await checkShape(source, "policy");
  if (sound === undefined || problems.length > 0) throw new PlanError(problems, "config");
  const { zone = "UTC", rules } = sound as unknown as PolicyDocument;
  const found: Problem[] = isZone(zone) ? [] : [unknownZone(source, zone)];
  const scope = new Scope(names);
  const compiled = Object.entries(rules).flatMap(([name, { deny, message }]) => {
    const expression = condition(["rules", name, "deny"], deny, { scope, source, found });
    return expression === undefined ? [] : [ruleOf(name, message, { expression, source })];
  });
  if (found.length > 0) throw new PlanError(found, "config");
  return { file, zone, rules: compiled };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const message = `the policy ${file} can not be read: ${reasonOf(error)}`;
    const hint = "The config names it under policy, relative to itself. Nothing runs without it.";
    throw new PlanError([aboutFile(file, { code: "unreadable", message, hint })], "config");
  }
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function unknownZone(source: Source, zone: string): Problem {
  const message = `there is no time zone ${zone}`;
  return source.problem({ path: ["zone"], code: "bad-value", message, hint: "Write it as IANA does: Europe/Berlin." });
}

/** Undefined: what is wrong with it is in `found`. */
function condition(
  path: Path,
  text: string,
  { scope, source, found }: { readonly scope: Scope; readonly source: Source; readonly found: Problem[] },
): Expression | undefined {
  try {
    const expression = scope.compile(text);
    const wrong = faultOf(expression);
    if (wrong === undefined) return expression;
    found.push(source.problem({ path, ...wrong }));
  } catch (error) {
    if (!(error instanceof ExpressionFaults)) throw error;
    for (const { start, ...fault } of error.faults) found.push(source.problem({ path, offset: start, ...fault }));
  }
  return undefined;
}

function faultOf({ type, uses }: Expression): { code: string; message: string; hint?: string } | undefined {
  if (type !== "bool" && type !== "dyn")
    return { code: "bad-type", message: `the expression gives ${type}, not true or false` };
  if (!uses.has("largest")) return undefined;
  const hint = "Write largest.partner_id.percent.";
  return { code: "bad-name", message: "largest is known by the name of a field only", hint };
}

function ruleOf(
  name: string,
  message: string,
  { expression, source }: { readonly expression: Expression; readonly source: Source },
): PolicyRule {
  // What an element of a list is called within the rule is nothing that has to be known.
  const uses = new Set([...expression.uses].filter((one) => (one.split(".")[0] ?? "") in names));
  const { line, column } = source.problem({ path: ["rules", name, "deny"], code: "", message: "" });
  const isStatic = [...uses].every((one) => /^(plan|inputs)(\.|$)/.test(one));
  return {
    ...{ name, message, line, column },
    isStatic,
    isOfCalls: uses.has("plan.calls") || uses.has("plan"),
    isOfList: [...uses].some((one) => /^(changes|largest)(\.|$)/.test(one)),
    groupedBy: [...uses].flatMap((one) => (one.startsWith("largest.") ? [one.slice("largest.".length)] : [])),
    denies: (known) => {
      const result = expression.evaluate(asCel(known));
      if (typeof result === "boolean") return result;
      throw new ExpressionError(`${expression.text.trim()} is neither true nor false`);
    },
  };
}

function asCel({ plan, inputs, changes, largest, now, user, ci }: PolicyNames): CelMap {
  return {
    ...{ plan: { ...plan }, inputs },
    ...(changes && { changes: { ...changes } }),
    ...(largest && { largest }),
    ...(now && { now: { ...now } }),
    ...(user !== undefined && { user }),
    ...(ci !== undefined && { ci }),
  };
}

/** @param ms Wall clock. */
export function timeIn(zone: string, ms: number): PolicyTime {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", weekday: "short" },
  });
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  return {
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    weekday: weekdays.indexOf(parts.weekday ?? "") + 1,
    date: `${parts.year ?? ""}-${parts.month ?? ""}-${parts.day ?? ""}`,
  };
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
