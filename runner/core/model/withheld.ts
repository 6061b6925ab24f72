import type { Value } from "./item.ts";
import { formsOf } from "./secret.ts";

/** Stands in an answer where something is that is not kept. Whatever holds it can not be written back. */
const withheld = { $withheld: true } as const;

/**
 * An answer as files and expressions may have it: values of secret members are withheld, and so are whole numbers that
 * were rounded because they are so large; an `ExactInt` was not. A secret that is unset hides nothing.
 */
export function keepable(value: Value, isSecret: (member: string) => boolean): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map((one) => keepable(one, isSecret));
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value) ? withheld : value;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Value>>).map(([name, member]) => {
      const hidden = member !== null && member !== "" && isSecret(name);
      return [name, hidden ? withheld : keepable(member, isSecret)];
    }),
  );
}

/** Secrets shorter than this are ordinary words of many texts. */
const leastLength = 4;
/** And shorter than this they are parts of many words: they have to stand in a text as a word of their own. */
const leastWithin = 6;

/** Which texts, names and numbers give a secret away. */
interface Echo {
  readonly isIn: (text: string) => boolean;
  readonly is: (number: number) => boolean;
}

/**
 * The same without the texts and names that hold one of these secrets, in whatever form, and the numbers that are one: an
 * answer can echo what it was told.
 * @param secrets None: it is the same.
 */
export function withoutEchoes(value: Value, secrets: readonly string[]): Value {
  return echoVeil(secrets)(value);
}

/** The same for who has many values and always the same secrets. */
export function echoVeil(secrets: readonly string[]): (value: Value) => Value {
  const forms = secrets.filter(({ length }) => length >= leastLength).flatMap(formsOf);
  if (forms.length === 0) return (value) => value;
  const long = forms.filter(({ length }) => length >= leastWithin);
  const words = forms.filter(({ length }) => length < leastWithin).map(wordOf);
  const echo: Echo = {
    isIn: (text) => long.some((form) => text.includes(form)) || words.some((word) => word.test(text)),
    is: (number) => long.includes(String(number)),
  };
  return (value) => withoutTexts(value, echo);
}

function wordOf(form: string): RegExp {
  const literal = form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "u");
}

function withoutTexts(value: Value, echo: Echo): Value {
  if (typeof value === "string") return echo.isIn(value) ? withheld : value;
  if (typeof value === "number") return echo.is(value) ? withheld : value;
  if (Array.isArray(value)) return (value as readonly Value[]).map((one) => withoutTexts(one, echo));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Value>>).map(([name, member]) =>
      echo.isIn(name) ? ["$withheld", true] : [name, withoutTexts(member, echo)],
    ),
  );
}

/** Whether a part of it was withheld. */
export function isWithheld(value: Value): boolean {
  if (Array.isArray(value)) return (value as readonly Value[]).some(isWithheld);
  if (value === null || typeof value !== "object") return false;
  const members = value as Readonly<Record<string, Value>>;
  return members.$withheld === true || Object.values(members).some(isWithheld);
}
