import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import type { PathEnd } from "../core/model/paths-met.ts";

/**
 * A path into an answer: `.` the value itself, `a.b` members, `a[0]` one element, `a[]` every element. In front of a
 * path from a row, each `^` goes to the object that the row's list was found in.
 */
export interface ValuePath {
  readonly up: number;
  readonly steps: readonly Step[];
}

/** A member, one element of a list, or (`each`) all of them. */
type Step = string | number | typeof each;
const each = Symbol("each");

/** Undefined: it is not a path. */
export function parsePath(text: string): ValuePath | undefined {
  const up = /^\^*/.exec(text)?.[0].length ?? 0;
  const rest = text.slice(up);
  if (rest === ".") return { up, steps: [] };
  const steps: Step[] = [];
  for (const part of rest.split(".")) {
    const found = /^([A-Za-z_][\w-]*)?((?:\[\d{0,9}\])*)$/.exec(part);
    if (found === null || part === "" || (found[1] === undefined && steps.length > 0)) return undefined;
    if (found[1] !== undefined) steps.push(found[1]);
    for (const [, place] of (found[2] ?? "").matchAll(/\[(\d*)\]/g)) steps.push(place === "" ? each : Number(place));
  }
  return { up, steps };
}

/** What stands at the end of a path, and the objects that it was found in, the nearest last. */
export interface Found {
  readonly value: Value;
  readonly around: readonly Value[];
}

/** Every value at a path; without `[]` there is one. A path through null, or through what is not there, gives null. */
export function valuesAt(start: Found, { up, steps }: ValuePath): readonly Found[] {
  const from = up === 0 ? start : { value: start.around.at(-up) ?? null, around: start.around.slice(0, -up) };
  let nodes: readonly Found[] = [from];
  // The last object that was gone through belongs to `around` only where a list below it is spread out.
  let holders: readonly Value[] = [from.value];
  for (const step of steps) {
    const next: Found[] = [];
    const nextHolders: Value[] = [];
    for (const [place, { value, around }] of nodes.entries()) {
      const holder = holders[place] ?? null;
      if (step !== each) {
        next.push({ value: stepped(value, step), around });
        nextHolders.push(isObject(value) ? value : holder);
      } else {
        for (const element of Array.isArray(value) ? (value as readonly Value[]) : []) {
          next.push({ value: element, around: [...around, holder] });
          nextHolders.push(element);
        }
      }
    }
    nodes = next;
    holders = nextHolders;
  }
  return nodes;
}

/**
 * The part of a path that leads nowhere: something stands in front of it, and nothing of that has what it names, or is no
 * list where it spreads one out. Undefined: there is none. A list that is null is there, and empty.
 */
export function lostPart(start: Found, { up, steps }: ValuePath): string | undefined {
  for (const [depth, step] of steps.entries()) {
    const nodes = valuesAt(start, { up, steps: steps.slice(0, depth) });
    const isLost =
      step === each
        ? nodes.some(({ value }) => value !== null && !Array.isArray(value))
        : nodes.length > 0 && !nodes.some(({ value }) => hasStep(value, step));
    if (isLost) return pathText(steps.slice(0, depth + 1));
  }
  return undefined;
}

/** Whether a path leads to something; else what there is in the place of the step that leads nowhere. */
export function endOf(start: Found, { up, steps }: ValuePath): PathEnd {
  for (const [depth, step] of steps.entries()) {
    const there = valuesAt(start, { up, steps: steps.slice(0, depth) })
      .map(({ value }) => value)
      .filter((value) => value !== null && !(Array.isArray(value) && value.length === 0));
    if (there.length === 0) return "open";
    if (!there.some((value) => (step === each ? Array.isArray(value) : hasStep(value, step))))
      return { members: there.flatMap((value) => (isObject(value) ? Object.keys(value) : [])) };
  }
  return "found";
}

function hasStep(value: Value, step: string | number): boolean {
  if (typeof step === "number") return Array.isArray(value) && step < value.length;
  return isObject(value) && Object.hasOwn(value, step);
}

function pathText(steps: readonly Step[]): string {
  const parts = steps.map((step) => (typeof step === "string" ? `.${step}` : `[${step === each ? "" : step}]`));
  return parts.join("").replace(/^\./, "");
}

/** The path to the list whose elements a path leads to; the same where it does not end so. */
export function listAt({ up, steps }: ValuePath): ValuePath {
  return { up, steps: steps.at(-1) === each ? steps.slice(0, -1) : steps };
}

/** The path to the elements of the list that a path leads to. */
export function elementsAt({ up, steps }: ValuePath): ValuePath {
  return { up, steps: [...steps, each] };
}

/** Whether a path has `[]` in it. */
export function isSpread({ steps }: ValuePath): boolean {
  return steps.includes(each);
}

/** The value at a path without `[]`. */
export function valueAt(start: Found, path: ValuePath): Value {
  return valuesAt(start, path)[0]?.value ?? null;
}

/** What a path leads to: of one that spreads lists out, the list of all that it finds. */
export function takenAt(start: Found, path: ValuePath): Value {
  return isSpread(path) ? valuesAt(start, path).map(({ value }) => value) : valueAt(start, path);
}

function stepped(value: Value, step: string | number): Value {
  if (typeof step === "number") return Array.isArray(value) ? ((value as readonly Value[])[step] ?? null) : null;
  return isObject(value) && Object.hasOwn(value, step) ? (value[step] ?? null) : null;
}
