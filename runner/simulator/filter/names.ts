import { products } from "../products.ts";
import { filterError } from "./tokens.ts";

/** A function of the filter language, of the value before its dot and the time (Unix seconds). */
type FilterFunction = (value: number, now: number) => number;

/**
 * The function of a call such as `90.days()`.
 * @throws ApiError when there is none of that name, or it is called in another way.
 */
export function callFunction(
  name: string,
  call: { readonly hasTarget: boolean; readonly arguments: number; readonly at: number },
): FilterFunction {
  const known = functions.get(name);
  if (known === undefined) throw filterError(`function '${name}' doesn't exist`, call.at);
  if (!call.hasTarget) throw filterError(`'${name}' needs a value and a dot before it`, call.at);
  if (call.arguments > 0) throw filterError(`'${name}' takes no arguments`, call.at);
  return known;
}

/**
 * The value of a constant such as `Product.Documents`.
 * @throws ApiError when there is none of that name.
 */
export function constantValue(name: string, at: number): number {
  const value = constants.get(name);
  if (value === undefined) throw filterError(`constant '${name}' doesn't exist`, at);
  return value;
}

/** Does the text of a filter ask what time it is? */
export function asksTheTime(filter: string): boolean {
  return /\bago\b/.test(filter);
}

const seconds = { minutes: 60, hours: 3600, days: 86_400, weeks: 7 * 86_400 };

/** Lengths of time in seconds. How long a month or a year is nobody has published: here 30 and 365 days. */
const functions: ReadonlyMap<string, FilterFunction> = new Map<string, FilterFunction>([
  ...Object.entries({ ...seconds, months: 30 * seconds.days, years: 365 * seconds.days }).map(
    ([name, length]): [string, FilterFunction] => [name, (value) => value * length],
  ),
  ["ago", (value, now) => now - value],
]);

/** The one constant that was seen in public; in the simulator it is the id of its product for documents. */
const constants: ReadonlyMap<string, number> = new Map([["Product.Documents", products.documents]]);
