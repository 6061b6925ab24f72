import { existsSync, readFileSync } from "node:fs";
import type { FieldSpec } from "../../core/model/values.ts";
import { answerLines, keptFields, nounOf } from "./example-answers.ts";
import { isSecretName, paramsOf, subjectOf, subjects, type Params, type Subject } from "./example-params.ts";
import type { MethodData } from "./data.ts";

/** How a plan uses a method, as parts of its YAML, or why no plan does. */
export type Use =
  { readonly example: string; readonly notInPlans?: never } | { readonly notInPlans: string; readonly example?: never };

export function useOf(method: MethodData): Use {
  const notInPlans = whyNot(method);
  if (notInPlans !== undefined) return { notInPlans };
  const subject = isOfItem(method) ? subjectOf(method) : undefined;
  const params = paramsOf(method, subject);
  const lines = method.kind === "change" ? changeLines(method, subject, params) : readLines(method, subject, params);
  const parts = written(method.name) ?? `${lines.join("\n")}\n`;
  return { example: inputsOf(parts, params.inputs) + parts };
}

/** Whether it is asked for each item. Lists of what belongs to a customer are looked up, for the one the plan is about. */
function isOfItem(method: MethodData): boolean {
  return method.kind !== "enumerate" || subjectOf(method) !== subjects.customers;
}

function whyNot({ kind, params, returns, endpoint }: MethodData): string | undefined {
  if (kind === "session") return "it is about sessions, and Rollcall opens its own";
  if (endpoint === "other") return "it is served where plans can not call yet";
  if (kind === "change" || endpoint === "reporting") return undefined;
  if (params.some(({ name, required }) => required !== undefined && isSecretName(name)))
    return "it takes a secret, and plans give secrets to changes alone";
  return returns === "nothing" ? "what it tells stands beside its result, where plans do not look" : undefined;
}

/** The examples that say more than types can: what is set, what proves it, what has to be read before. */
function written(name: string): string | undefined {
  const file = new URL(`../../../schemas/cove/examples/${name}.yaml`, import.meta.url);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** The inputs that an example uses, so that it can be copied with them. */
function inputsOf(example: string, types: Params["inputs"]): string {
  const names = new Set([...example.matchAll(/\binputs\.(\w+)/g)].map(([, name]) => name ?? ""));
  const inputs = [...names].map((name) => `  ${name}: { type: ${types.get(name) ?? typeByName(name)} }\n`);
  return inputs.length === 0 ? "" : `inputs:\n${inputs.join("")}`;
}

/** Of inputs that are not the value of one parameter alone. */
function typeByName(name: string): string {
  return /^(?:partner|device)$|_id$/.test(name) ? "integer" : "string";
}

const mostAtOnce = 10;

function changeLines(method: MethodData, subject: Subject | undefined, { lines }: Params): readonly string[] {
  const { name, destructive = false } = method;
  const proof =
    subject?.removedBy === name ? "absent" : "accepted # if a field of the list shows it, write set instead";
  const params = lines.length === 0 ? ["  params: {}"] : ["  params:", ...lines.map((line) => `    ${line}`)];
  const consent = destructive ? ["  destructive: true"] : [];
  // One call an item: without one in its params, each would be the same call again.
  const max =
    subject === undefined ? "  max: 1 # it names no item: each would be the same call" : `  max: ${mostAtOnce}`;
  const guards = destructive || subject === undefined ? ["guards:", max] : [];
  return [
    ...listLines(subject),
    ...["change:", `  call: ${name}`, ...params, ...consent, `  expect: ${proof}`],
    ...guards,
  ];
}

function readLines(method: MethodData, subject: Subject | undefined, { lines }: Params): readonly string[] {
  const kept = subject === undefined ? answerLines(method) : keptFields(method);
  const given = lines.length === 0 ? [] : ["params:", ...lines.map((line) => `  ${line}`)];
  const inside = [`call: ${method.name}`, ...given, ...kept];
  if (subject !== undefined) return [...listLines(subject), "read:", ...inside.map((line) => `  ${line}`)];
  return ["lookups:", `  ${nounOf(method.name)}:`, ...inside.map((line) => `    ${line}`)];
}

function listLines(subject: Subject | undefined): readonly string[] {
  if (subject === undefined) return [];
  const { list, params, key } = subject;
  return ["enumerate:", `  call: ${list}`, "  params:", ...params.map((line) => `    ${line}`), `  fields: [${key}]`];
}

/** How a plan reads a column and selects by it. */
export function columnExample(name: string, spec: FieldSpec): string {
  return [
    "enumerate:",
    "  call: EnumerateAccountStatistics",
    `  fields: [device_id${name === "device_id" ? "" : `, ${name}`}]`,
    `filter: ${condition(`item.${name}`, spec)}`,
    "",
  ].join("\n");
}

function condition(item: string, { type, tokens, unit }: FieldSpec): string {
  switch (type) {
    case "enum":
      return `${item} == ${JSON.stringify(Object.values(tokens ?? {})[1] ?? "name")}`;
    case "unix_time":
      return `coalesce(${item}, 0) < ago("30d")`;
    case "bytes":
      return `coalesce(${item}, 0) > to_bytes("500 GB")`;
    case "boolean":
      return `coalesce(${item}, false)`;
    case "integer":
      return unit === "seconds" ? `coalesce(${item}, 0) > 3600` : `${item} == 1`;
    case "set":
      return `${item} != null`;
    default:
      return `coalesce(${item}, "") != ""`;
  }
}
