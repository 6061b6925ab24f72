import { ExpressionError } from "../core/model/frozen.ts";
import { compilePattern } from "../language/functions.ts";
import type { Finding } from "../language/source.ts";
import type { InputDocument } from "./document.ts";
import { InputError, ordered, scalarOf } from "./input-values.ts";

/** What no value of an input could be checked against. */
export function boundFindings(name: string, input: InputDocument): readonly Finding[] {
  return [...patternFindings(name, input), ...valueFindings(name, input), ...lengthFindings(name, input)];
}

/** An input that takes any value of its type. */
export function withoutBounds({ type, of, default: fallback, required, description }: InputDocument): InputDocument {
  return {
    type,
    ...(of !== undefined && { of }),
    ...(fallback !== undefined && { default: fallback }),
    ...(required !== undefined && { required }),
    ...(description !== undefined && { description }),
  };
}

function* patternFindings(name: string, { pattern }: InputDocument): Generator<Finding> {
  const message = pattern === undefined ? undefined : patternFault(pattern);
  if (message !== undefined) yield { path: ["inputs", name, "pattern"], code: "bad-pattern", message };
}

function patternFault(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}

function* valueFindings(name: string, input: InputDocument): Generator<Finding> {
  const { min, max } = input;
  const type = input.type === "list" ? (input.of ?? "string") : input.type;
  if (type === "secret" || type === "file" || type === "unknown") return;
  const path = ["inputs", name];
  const faulty = new Set<string | number>();
  const values = [["min", min] as const, ["max", max] as const].filter(([, value]) => value !== undefined);
  for (const [bound, value = ""] of values) {
    const fault = isOrdered(type)
      ? valueFault(type, value)
      : `${name} is a ${type}, and only what is a number has bounds`;
    if (fault === undefined) continue;
    faulty.add(bound);
    const hint = isOrdered(type) || type === "boolean" ? undefined : `Write ${bound}_length for the length of a text.`;
    yield { path: [...path, bound], code: "bad-bounds", message: `${bound} of input ${name}: ${fault}`, hint };
  }
  for (const [place, value] of (input.enum ?? []).entries()) {
    const fault = valueFault(type, value);
    if (fault !== undefined)
      yield { path: [...path, "enum", place], code: "bad-bounds", message: `enum of input ${name}: ${fault}` };
  }
  if (min === undefined || max === undefined || faulty.size > 0) return;
  if (isOrdered(type) && ordered(scalarOf(type, min)) > ordered(scalarOf(type, max)))
    yield contradiction(name, "min", `${min} is more than max ${max}`);
}

type ScalarType = Parameters<typeof scalarOf>[0];

function isOrdered(type: ScalarType): boolean {
  return type !== "string" && type !== "boolean";
}

function valueFault(type: ScalarType, value: string | number): string | undefined {
  try {
    scalarOf(type, value);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

function* lengthFindings(name: string, { min_length: min = 0, max_length: max = Infinity }: InputDocument) {
  if (min > max) yield contradiction(name, "min_length", `${min} is more than max_length ${max}`);
}

function contradiction(name: string, bound: string, what: string): Finding {
  const message = `${bound} of input ${name}: ${what}, so no value would do`;
  return { path: ["inputs", name, bound], code: "bad-bounds", message };
}
