import type { AnswerFacts, Catalogue, Shape } from "../core/model/catalogue.ts";
import type { FieldSpec } from "../core/model/values.ts";
import type { Finding } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import type { ValuePath } from "../language/paths.ts";
import { listed } from "./rules/rule.ts";

/** What a call answers, as far as the catalogue knows. */
export interface Answer extends AnswerFacts {
  readonly call: string;
  readonly catalogue: Catalogue;
}

export const anything: Shape = { kind: "any" };

/** @param isLenient `allow_undocumented`: nothing is known, so that nothing is refused. */
export function answerOf(call: string, catalogue: Catalogue, { isLenient }: { readonly isLenient: boolean }): Answer {
  const facts = isLenient ? undefined : catalogue.answer?.(call);
  return { shape: anything, beside: [], ...facts, call, catalogue };
}

/** Whether empty text in its answer reads as null. */
export function emptyIsUnset(call: string, catalogue: Catalogue): boolean {
  return catalogue.described?.(call)?.emptyIsUnset ?? true;
}

/** Why nothing ever stands at a path: what is wrong, and at which character of the path. */
export type PathFault = Pick<Finding, "message" | "hint"> & { readonly offset: number };

/** What stands at the end of a path in an answer, or in a part of it. */
export function shapeAt(from: Shape, { up, steps }: ValuePath, answer: Answer, text: string): Shape | PathFault {
  if (up > 0) return anything;
  let shape = from;
  for (const [depth, step] of steps.entries()) {
    const next = stepped(shape, step, answer);
    if (next === undefined) return { ...faultOf(shape, step, answer), offset: offsetOf(text, depth) };
    shape = next;
  }
  return shape;
}

export function isFault(found: Shape | PathFault): found is PathFault {
  return "message" in found;
}

type Step = ValuePath["steps"][number];

function stepped(shape: Shape, step: Step, { catalogue }: Answer): Shape | undefined {
  switch (shape.kind) {
    case "any":
      return anything;
    case "object": {
      const member = shape.members.find(({ name }) => name === step);
      return member && (catalogue.shape?.(member.type) ?? anything);
    }
    case "list":
      return typeof step === "string" ? undefined : shape.of;
    case "pairs":
      return typeof step === "string" ? undefined : { kind: "pair", of: shape.of };
    case "pair":
      return typeof step === "number" ? shape.of[step] : typeof step === "symbol" ? anything : undefined;
    default:
      return undefined;
  }
}

function faultOf(shape: Shape, step: Step, answer: Answer): Pick<Finding, "message" | "hint"> {
  const { call, beside, catalogue } = answer;
  if (shape.kind === "object" && typeof step === "string") {
    const message = `${shape.name} has no member ${step}`;
    if (beside.includes(step) || step === "out")
      return { message, hint: `It comes beside what ${call} returns, and no path leads there.` };
    if (step === "result") return { message, hint: `Paths start at what ${call} returns: leave result out.` };
    const names = shape.members.map(({ name }) => name);
    return { message, hint: didYouMean(step, names) ?? listed(catalogue, `structs ${shape.name}`) };
  }
  if (typeof step !== "string") return { message: `${call} gives no list there` };
  const isList = shape.kind === "list" || shape.kind === "pairs" || shape.kind === "pair";
  if (!isList) return { message: `${call} gives a single value there, which has no member ${step}` };
  return {
    message: `${call} gives a list there, which has no member ${step}`,
    hint: `Write [0].${step} for that of the first, or [].${step} for that of each.`,
  };
}

/** Where a step is written. */
function offsetOf(text: string, depth: number): number {
  return [...text.matchAll(/[A-Za-z_][\w-]*|\[\d*\]/g)][depth]?.index ?? 0;
}

/** How a single value is read, as a list reads its fields. Undefined: it is kept as it comes. */
export function specOf(shape: Shape): FieldSpec | undefined {
  switch (shape.kind) {
    case "text":
      return { type: "string" };
    case "time":
      return { type: "unix_time" };
    case "integer":
    case "number":
    case "boolean":
    case "bytes":
      return { type: shape.kind };
    case "enum":
      return { type: "enum", tokens: tokensOf(shape) };
    default:
      return undefined;
  }
}

function tokensOf({ values, numbers }: Extract<Shape, { readonly kind: "enum" }>): Readonly<Record<string, string>> {
  return Object.fromEntries(values.map((name, place) => [String(numbers?.[place] ?? name), name]));
}
