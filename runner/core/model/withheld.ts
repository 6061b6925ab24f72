import type { Value } from "./item.ts";

/** Stands in an answer where something is that is not kept. Whatever holds it can not be written back. */
const withheld = { $withheld: true } as const;

/**
 * An answer as files and expressions may have it: values of secret members are withheld, and so are whole numbers that
 * are too large to be kept exactly. A secret that is unset hides nothing.
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

/** Whether a part of it was withheld. */
export function isWithheld(value: Value): boolean {
  if (Array.isArray(value)) return (value as readonly Value[]).some(isWithheld);
  if (value === null || typeof value !== "object") return false;
  const members = value as Readonly<Record<string, Value>>;
  return members.$withheld === true || Object.values(members).some(isWithheld);
}
