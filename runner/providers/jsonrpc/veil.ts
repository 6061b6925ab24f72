import { RunnerError } from "../../core/model/errors.ts";
import { isExactInt } from "../../core/model/exact.ts";
import type { Value } from "../../core/model/item.ts";
import { isObject } from "../../core/model/object.ts";
import type { ConfigNames, ConfigTemplate } from "../../core/model/protocol.ts";
import { canonical } from "../../core/model/values.ts";
import { redacted } from "../../rpc/message.ts";
import { rendered, textsIn } from "./carry.ts";

// What of a text comes from a secret is found by making it once more with others in their place.

/** Texts that other secrets would have made other ones: the rest stands in the config as it is, and hides nothing. */
export function textsMadeOf(template: ConfigTemplate, names: ConfigNames, sent: Value): readonly string[] {
  const others = Object.fromEntries(Object.entries(names.secrets).map(([name, text]) => [name, disguised(text)]));
  const known = new Set(textsIn(tried(template, { ...names, secrets: others }) ?? null));
  return textsIn(sent).filter((text) => !known.has(text));
}

/** What is sent, with all that a secret or a value of the session makes another one hidden. */
export function veiledParams(template: ConfigTemplate, { secrets, session }: ConfigNames, sent: Value): Value {
  const others = {
    secrets: Object.fromEntries(Object.entries(secrets).map(([name, text]) => [name, disguised(text)])),
    session: Object.fromEntries(Object.entries(session).map(([name, value]) => [name, anotherValue(value)])),
  };
  return veil(sent, tried(template, others));
}

function veil(sent: Value, other: Value | undefined): Value {
  if (other !== undefined && canonical(sent) === canonical(other)) return sent;
  if (Array.isArray(sent)) {
    const others = Array.isArray(other) && other.length === sent.length ? (other as readonly Value[]) : [];
    return (sent as readonly Value[]).map((one, place) => veil(one, others[place]));
  }
  if (!isMap(sent)) return redacted;
  const others = isMap(other) ? other : {};
  return Object.fromEntries(Object.entries(sent).map(([name, one]) => [name, veil(one, others[name])]));
}

function isMap(value: Value | undefined): value is Readonly<Record<string, Value>> {
  return isObject(value) && !isExactInt(value);
}

function anotherValue(value: Value): Value {
  if (typeof value === "string") return disguised(value);
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (value === null) return value;
  if (isExactInt(value)) return { $int: disguised(value.$int) };
  if (Array.isArray(value)) return (value as readonly Value[]).map(anotherValue);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, anotherValue(member)]));
}

/** Undefined also where it can not be rendered, so that all texts count. */
function tried(template: ConfigTemplate, names: ConfigNames): Value | undefined {
  try {
    return rendered(template, names, "");
  } catch (error) {
    if (error instanceof RunnerError) return undefined;
    throw error;
  }
}

/** Of the same length and kind, and not the same. */
function disguised(text: string): string {
  const other = text
    .replaceAll(/[A-Za-z]/g, (letter) => (letter === "x" ? "y" : "x"))
    .replaceAll(/\d/g, (digit) => (digit === "7" ? "8" : "7"));
  return other === text ? text.replaceAll(/[^]/g, (sign) => (sign === "~" ? "^" : "~")) : other;
}
