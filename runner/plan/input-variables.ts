import type { InputDocument } from "./document.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The environment variable that gives an input of any type. */
export function inputVariable(name: string): string {
  return `ROLLCALL_INPUT_${name.toUpperCase()}`;
}

/**
 * The one that gives secret inputs only: where it is set, a plan that declares the same name as a text reads nothing of it. So it is
 * safe beside plans that somebody else wrote.
 */
export function secretVariable(name: string): string {
  return `ROLLCALL_SECRET_${name.toUpperCase()}`;
}

/** The variable that an input is read from; undefined: none of its variables is set. */
export function variableOf(name: string, { type }: InputDocument, env: Env): string | undefined {
  const names = type === "secret" ? [secretVariable(name), inputVariable(name)] : [inputVariable(name)];
  return names.find((one) => env[one] !== undefined);
}

/** Why an input without a value has none, where its name is that of a secret; undefined: it is not. */
export function keptFrom(name: string, { type }: InputDocument, env: Env): string | undefined {
  const variable = secretVariable(name);
  if (type === "secret" || env[variable] === undefined) return undefined;
  return `${variable} is set, and gives a value only to an input of type secret.`;
}
