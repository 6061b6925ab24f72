import type { SecretText } from "../core/model/change.ts";
import { isExactInt, type ExactInt } from "../core/model/exact.ts";
import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";

/** JSON text, and the texts that were filled in, to be kept out of every message. */
export interface Revealed {
  readonly params: string;
  readonly secrets: readonly string[];
}

/**
 * The JSON text of a request's params: secret inputs filled in, which become text here alone, and exact whole numbers as
 * the numbers they are.
 */
export function revealed(params: Value, reveal: (secret: SecretText) => string): Revealed {
  const text = JSON.stringify(params);
  if (!text.includes('"$secret"') && !text.includes('"$int"')) return { params: text, secrets: [] };
  const secrets: string[] = [];
  const fill = (secret: SecretText): string => {
    const filled = reveal(secret);
    // A service may echo the whole text or only the secret inside it.
    secrets.push(filled, ...inputsOf(secret).map(reveal));
    return filled;
  };
  return { params: written(params, fill), secrets };
}

/** For params of reads, in which there are no secret inputs. */
export function paramsText(params: Value): string {
  return revealed(params, () => {
    throw new Error("a read has a secret input in its params");
  }).params;
}

function written(value: Value, fill: (secret: SecretText) => string): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isSecretText(value)) return JSON.stringify(fill(value));
  if (isBareNumber(value)) return value.$int;
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map((one) => written(one, fill)).join(",")}]`;
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${written(member, fill)}`);
  return `{${members.join(",")}}`;
}

function inputsOf({ $secret }: SecretText): readonly SecretText[] {
  return $secret.filter((part) => typeof part !== "string").map((part) => ({ $secret: [part] }));
}

function isSecretText(value: unknown): value is SecretText {
  return isObject(value) && Array.isArray(value.$secret) && Object.keys(value).length === 1;
}

/** An object of a service can look like one: digits alone are written without quotes. */
function isBareNumber(value: unknown): value is ExactInt {
  return isExactInt(value) && /^-?[1-9]\d*$/.test(value.$int);
}
