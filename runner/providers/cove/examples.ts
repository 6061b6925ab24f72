import type { MemberFacts, Shape } from "../../core/model/catalogue.ts";
import type { FieldSpec } from "../../core/model/values.ts";
import { filledIn } from "./homes.ts";
import { shapeOf } from "./types.ts";
import type { MethodData } from "./data.ts";

/** How a plan calls a method, as a part of its YAML. Undefined: a plan does not log in. */
export function callExample({ name, kind, params, destructive = false, endpoint }: MethodData): string | undefined {
  if (kind === "session") return undefined;
  const isRouted = endpoint === "reporting";
  const needed = params.filter((param) => param.required !== undefined && !(isRouted && filledIn.includes(param.name)));
  const given = needed.flatMap((param) => memberLines(param, "    "));
  const lines = [`  call: ${name}`, ...(given.length === 0 ? ["  params: {}"] : ["  params:", ...given])];
  const route = isRouted ? ["  route: { device: 123456 }"] : [];
  if (kind !== "change") return ["enumerate:", ...lines, ...route, ""].join("\n");
  const expect = "  expect: accepted # or absent, or set where the list shows what is changed";
  const consent = destructive ? ["  destructive: true", "guards: { max: 10 }"] : [];
  return ["change:", ...lines, expect, ...consent, ""].join("\n");
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

/** Members that the service fills in itself, or that can not be changed. */
const notShown: ReadonlySet<string> = new Set([
  "Columns",
  "StartRecordNumber",
  "RecordsCount",
  "OrderBy",
  "SelectionMode",
  "Password",
  "Token",
  "Name",
]);
const membersShown = 2;

function memberLines({ name, type }: MemberFacts, indent: string): readonly string[] {
  const shape = shapeOf(type);
  if (shape.kind !== "object") return [`${indent}${name}: ${scalar(name, shape)}`];
  const shown = shape.members.filter((member) => !notShown.has(member.name)).slice(0, membersShown);
  const rest = shape.members.length > shown.length ? [`${indent}  # … of ${shape.members.length} members`] : [];
  return [`${indent}${name}:`, ...shown.flatMap((member) => memberLines(member, `${indent}  `)), ...rest];
}

function scalar(name: string, shape: Shape): string {
  switch (shape.kind) {
    case "boolean":
      return "true";
    case "enum":
      return JSON.stringify(shape.values.find((value) => value !== "Undefined") ?? "");
    case "time":
      return '${{ time("2026-01-31") }}';
    case "bytes":
      return '${{ to_bytes("500 GB") }}';
    case "list":
      return `[${inFlow(scalar(name, shape.of))}]`;
    case "pair":
    case "pairs": {
      const pair = `[${shape.of.map(literal).join(", ")}]`;
      return shape.kind === "pair" ? pair : `[${pair}]`;
    }
    default:
      return `\${{ ${nameInScope(name)} }}`;
  }
}

/** Inside brackets YAML wants quotes around an expression. */
function inFlow(text: string): string {
  return text.startsWith("${{") ? JSON.stringify(text) : text;
}

function literal({ kind }: Shape): string {
  return kind === "integer" ? "843" : '"text"';
}

/** Ids of the device in hand come from it, everything else from whoever runs the plan. */
function nameInScope(name: string): string {
  if (/^(accountId|accountIds|accountIdCollection|Id)$/.test(name)) return "item.device_id";
  return `inputs.${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase()}`;
}
