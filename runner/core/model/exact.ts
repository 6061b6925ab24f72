import { isObject } from "./object.ts";

/**
 * A whole number beyond 2^53 inside an answer or the params of a request, where its type is not known: JSON would round it.
 * On the wire it is the number itself; a field of a whole type keeps the text of its digits instead.
 */
export interface ExactInt {
  readonly $int: string;
}

export function isExactInt(value: unknown): value is ExactInt {
  return isObject(value) && typeof value.$int === "string" && Object.keys(value).length === 1;
}
