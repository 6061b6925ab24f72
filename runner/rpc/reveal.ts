import type { SecretText } from "../core/model/change.ts";
import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";

/**
 * The JSON text of a request's params, secret inputs filled in: the only place where they become text.
 * @returns `secrets`: the texts filled in, to be kept out of every message.
 */
export function revealed(
  params: Value,
  reveal: (secret: SecretText) => string,
): { readonly params: string; readonly secrets: readonly string[] } {
  const text = JSON.stringify(params);
  if (!text.includes('"$secret"')) return { params: text, secrets: [] };
  const secrets: string[] = [];
  const fill = (_name: string, value: unknown): unknown => {
    if (!isSecretText(value)) return value;
    const filled = reveal(value);
    // A service may echo the whole text or only the secret inside it.
    secrets.push(filled, ...inputsOf(value).map(reveal));
    return filled;
  };
  return { params: JSON.stringify(params, fill), secrets };
}

function inputsOf({ $secret }: SecretText): readonly SecretText[] {
  return $secret.filter((part) => typeof part !== "string").map((part) => ({ $secret: [part] }));
}

function isSecretText(value: unknown): value is SecretText {
  return isObject(value) && Array.isArray(value.$secret) && Object.keys(value).length === 1;
}
