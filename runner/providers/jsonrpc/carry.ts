import { RunnerError } from "../../core/model/errors.ts";
import { isExactInt } from "../../core/model/exact.ts";
import type { Value } from "../../core/model/item.ts";
import { ExpressionError } from "../../core/model/frozen.ts";
import type { ConfigNames, ConfigTemplate, CredentialRule } from "../../core/model/protocol.ts";
import type { Carried, CarriedParam } from "../../rpc/carried.ts";
import { paramsText } from "../../rpc/reveal.ts";

/**
 * What requests carry of the credentials, with the values saved so far. One that needs a value that is not there is left out.
 * @param place Of the credentials in the config, for messages.
 * @throws {RunnerError} `config`: one can not be rendered, or be sent.
 */
export function carriedBy(rules: readonly CredentialRule[], names: ConfigNames, place: string): Carried {
  const members: string[] = [];
  const headers: string[] = [];
  const params: CarriedParam[] = [];
  const secrets: string[] = [];
  for (const [index, rule] of rules.entries()) {
    const here = `${place}[${index}]`;
    if (rule.in === "basic") {
      const user = rendered(rule.user, names, `${here}.user`);
      const password = rendered(rule.password, names, `${here}.password`);
      if (user === undefined || password === undefined) continue;
      const pair = `${textOf(user)}:${textOf(password)}`;
      headers.push("authorization", `Basic ${Buffer.from(pair, "utf8").toString("base64")}`);
      secrets.push(pair, textOf(password), ...wordsOf(headers.at(-1) ?? ""));
      continue;
    }
    const value = rendered(rule.value, names, `${here}.value`);
    if (value === undefined) continue;
    secrets.push(...textsIn(value));
    if (rule.in === "body") members.push(`${JSON.stringify(rule.name)}:${paramsText(value)}`);
    else if (rule.in === "param") params.push({ at: rule.at, value, place: here });
    else if (value !== null) {
      const text = headerText(value, rule.name, here);
      headers.push(rule.name, text);
      secrets.push(...wordsOf(text));
    }
  }
  return { members: members.join(","), headers, params, secrets };
}

/** A template of the config. Undefined: it uses a value that is not there yet. @throws {RunnerError} `config`. */
export function rendered(template: ConfigTemplate, names: ConfigNames, place: string): Value | undefined {
  return evaluated(() => template(names), place);
}

/** @throws {RunnerError} `config`: the expression can not be evaluated. */
export function evaluated<T>(evaluate: () => T, place: string): T {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { hint } = error;
    throw new RunnerError("config", `${place}: ${error.message}`, {
      cause: error,
      ...(hint !== undefined && { hint }),
    });
  }
}

/** Every text in a value, and every number as text: as secrets may be echoed. */
export function textsIn(value: Value): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (value === null || typeof value === "boolean") return [];
  if (isExactInt(value)) return [value.$int];
  return Object.values(value as Readonly<Record<string, Value>>).flatMap(textsIn);
}

/** The header, and what stands behind its scheme. */
function wordsOf(header: string): readonly string[] {
  const [, ...rest] = header.split(" ");
  return rest.length === 0 ? [header] : [header, rest.join(" ")];
}

/** Headers that are those of the connection, or have their own place in the config. */
const reserved =
  /^(connection|content-(length|type|encoding)|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

function headerText(value: Value, name: string, place: string): string {
  if (reserved.test(name) || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    throw new RunnerError("config", `${place}: ${JSON.stringify(name)} is not a header that credentials can have.`, {
      hint: "The content type is `envelope.content_type`; the connection is kept by Rollcall itself.",
    });
  }
  const text = textOf(value);
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text;
  const what = /[\r\n]/.test(text) ? "a line break" : "a character";
  throw new RunnerError("config", `${place}: the header ${name} would hold ${what} that no header can have.`, {
    hint: "See where its value comes from: a secret from a file may have several lines. Encode it, for example with base64().",
  });
}

function textOf(value: Value): string {
  if (isExactInt(value)) return value.$int;
  return typeof value === "string" ? value : JSON.stringify(value);
}
