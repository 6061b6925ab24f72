import type { Cel } from "./cel.ts";
import { elementsIn, elementsOfAll, noElements, unknownElements, type Elements } from "./elements.ts";

/** What can be said of a value before it is known. */
export type Guess =
  /** Exactly this. `orFails`: or it can not be evaluated. */
  | { readonly is: "value"; readonly value: Cel; readonly orFails?: true }
  | { readonly is: "some"; readonly elements?: Elements }
  /** May be null. `path`: a value that a test elsewhere may have been about. */
  | { readonly is: "maybe"; readonly path?: string; readonly elements?: Elements }
  | { readonly is: "unknown"; readonly elements?: Elements }
  /** It can never be evaluated. */
  | { readonly is: "never" };

export const some: Guess = { is: "some" };
export const unknown: Guess = { is: "unknown" };
export const never: Guess = { is: "never" };
export const nothing: Guess = { is: "value", value: null };

/** Undefined: not all of them are known. */
export function valuesOf(guesses: readonly Guess[]): readonly Cel[] | undefined {
  const values: Cel[] = [];
  for (const guess of guesses) if (guess.is === "value") values.push(guess.value);
  return values.length === guesses.length ? values : undefined;
}

export function isNull(guess: Guess): boolean {
  return guess.is === "value" && guess.value === null;
}

export function isNullable(guess: Guess): boolean {
  return guess.is === "maybe" || isNull(guess);
}

/** What is known of the elements of a list. */
export function elementsOf(guess: Guess): Elements {
  if (guess.is === "value") return elementsIn(guess.value);
  return guess.is === "never" ? noElements : (guess.elements ?? unknownElements);
}

/** Of a list whose elements are one of these. */
function elementsOfEither(...guesses: readonly Guess[]): { readonly elements: Elements } {
  return { elements: elementsOfAll(guesses.map(elementsOf)) };
}

/** A result that can not be evaluated where what it is made of can not. */
export function madeOf(parts: readonly Guess[], result: Guess): Guess {
  const mayFail = parts.some((part) => part.is === "value" && part.orFails === true);
  return mayFail && result.is === "value" ? { ...result, orFails: true } : result;
}

/** `!` of it. */
export function negated(guess: Guess): Guess {
  if (guess.is === "value" && typeof guess.value === "boolean") return { ...guess, value: !guess.value };
  return guess.is === "never" ? never : some;
}

/** What `coalesce` gives: it looks at all of them, whichever is the first. */
export function firstValue(guesses: readonly Guess[]): Guess {
  return guesses.some(({ is }) => is === "never") ? never : madeOf(guesses, firstOf(guesses));
}

function firstOf(guesses: readonly Guess[]): Guess {
  const [first, ...others] = guesses.filter((guess) => !isNull(guess));
  if (first === undefined) return nothing;
  if (first.is === "value" || first.is === "some" || others.length === 0) return first;
  const rest = firstOf(others);
  const elements = elementsOfEither(first, rest);
  if (rest.is === "value" || rest.is === "some") return { is: "some", ...elements };
  if (rest.is === "unknown" || first.is === "unknown") return { is: "unknown", ...elements };
  return { ...first, ...rest, ...elements };
}

/** What `? :` gives where either side may be taken. */
export function either(left: Guess, right: Guess): Guess {
  if (left.is === "never") return orFailing(right);
  if (right.is === "never") return orFailing(left);
  if (left.is === "value" && right.is === "value" && left.value === right.value) return madeOf([left, right], left);
  const elements = elementsOfEither(left, right);
  if (left.is === "unknown" || right.is === "unknown") return { is: "unknown", ...elements };
  const [first, ...others] = [left, right].filter(isNullable);
  if (first === undefined) return { is: "some", ...elements };
  return others.length === 0 && first.is === "maybe" ? { ...first, ...elements } : { is: "maybe", ...elements };
}

/** It, unless it can not be evaluated: of what is not exactly known nothing more can be said then. */
function orFailing(guess: Guess): Guess {
  if (guess.is === "value") return { ...guess, orFails: true };
  return guess.is === "some" ? { ...guess, is: "unknown" } : guess;
}

/** What `&&` and `||` give. @param decisive What decides the result on either side. */
export function combined(left: Guess, right: Guess, decisive: boolean): Guess {
  const decides = (guess: Guess): boolean => guess.is === "value" && guess.value === decisive;
  const firm = [left, right].find((guess) => decides(guess) && guess.is === "value" && guess.orFails !== true);
  if (firm !== undefined) return firm;
  if (decides(left) || decides(right)) return { is: "value", value: decisive, orFails: true };
  const fails = [left, right].filter(({ is }) => is === "never").length;
  if (fails === 2 || (fails === 1 && (left.is === "value" || right.is === "value"))) return never;
  if (fails === 1) return { is: "value", value: decisive, orFails: true };
  const isPlain = left.is === "value" && right.is === "value";
  return isPlain ? { is: "value", value: !decisive } : some;
}

/** Whether one of them is true, as `exists` and `in` have it: asked in order. */
export function anyOf(guesses: readonly Guess[]): Guess {
  const first = guesses.find((guess) => guess.is !== "value" || guess.value !== false);
  if (first === undefined) return madeOf(guesses, { is: "value", value: false });
  if (first.is === "never" || first.is === "value") return madeOf(guesses, first);
  const isCertain = guesses.some((guess) => guess.is === "never" || (guess.is === "value" && guess.value === true));
  return isCertain ? { is: "value", value: true, orFails: true } : some;
}
