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
const leastLength = 6;

/**
 * The same without the texts and names that hold one of these secrets, in whatever form, and the numbers that are one: an
 * answer can echo what it was told.
 * @param secrets None: it is the same.
 */
export function withoutEchoes(value: Value, secrets: readonly string[]): Value {
  const forms = secrets.filter(({ length }) => length >= leastLength).flatMap(formsOf);
  return forms.length === 0 ? value : withoutTexts(value, forms);
}

function withoutTexts(value: Value, forms: readonly string[]): Value {
  if (typeof value === "string") return holdsOne(value, forms) ? withheld : value;
  if (typeof value === "number") return forms.includes(String(value)) ? withheld : value;
  if (Array.isArray(value)) return (value as readonly Value[]).map((one) => withoutTexts(one, forms));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Value>>).map(([name, member]) =>
      holdsOne(name, forms) ? ["$withheld", true] : [name, withoutTexts(member, forms)],
    ),
  );
}

function holdsOne(text: string, forms: readonly string[]): boolean {
  return forms.some((form) => text.includes(form));
}

/** Whether a part of it was withheld. */
export function isWithheld(value: Value): boolean {
  if (Array.isArray(value)) return (value as readonly Value[]).some(isWithheld);
  if (value === null || typeof value !== "object") return false;
  const members = value as Readonly<Record<string, Value>>;
  return members.$withheld === true || Object.values(members).some(isWithheld);
}
