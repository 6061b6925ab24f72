import { isObject } from "./object.ts";

/**
 * A whole number beyond 2^53 inside an answer or the params of a request, where its type is not known: JSON would round it.
 * On the wire it is the number itself; a field of a whole type keeps the text of its digits instead.
 */
// No interface: those are not taken for a `Value`.
export type ExactInt = { readonly $int: string };

/** The name of its member. An object of a service or a plan that has one, and is none such, is refused wherever it would be sent. */
export const exactMember = "$int";

/** A longer one is no number that anybody counts with, and slow to make. */
const mostDigits = 400;
const digits = /^-?[1-9]\d{15,}$/;

/** @returns False also where the number would fit, since then it is written as it is. */
export function isExactInt(value: unknown): value is ExactInt {
  if (!isObject(value) || typeof value.$int !== "string" || Object.keys(value).length !== 1) return false;
  const { $int: text } = value;
  return text.length <= mostDigits && digits.test(text) && !Number.isSafeInteger(Number(text));
}

/** A whole number as JSON can carry it. */
export function exactly(whole: bigint): number | ExactInt {
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : { $int: whole.toString() };
}

/** A value as JSON for people: such numbers are written out. A text can not look like one, because its quotes are escaped. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/\{"\$int":"(-?\d+)"\}/g, "$1");
}
