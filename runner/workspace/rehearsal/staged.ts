import { IncompleteError } from "../../core/model/errors.ts";
import { ExpressionError, type LookedUp } from "../../core/model/frozen.ts";
import type { Fields, Item, ItemId } from "../../core/model/item.ts";
import type { Enumeration, ItemRead, Lookup, Part } from "../../core/model/listing.ts";
import { isObject } from "../../core/model/object.ts";
import { pick } from "../../core/model/pick.ts";
import type { Expectation, Plan, Transition } from "../../core/model/plan.ts";
import type { Gate, Hold } from "../../core/model/precautions.ts";
import type { RehearsedGate } from "../../core/model/rehearsed.ts";
import type { ListMark, StandIn } from "./stand-in.ts";

/** Who answers for the service. */
export interface Staging {
  readonly standIn: StandIn;
  /** What calls and earlier runs gave when the list was read. */
  readonly lookup: LookedUp;
  readonly gate: RehearsedGate;
  /** Whether an item that was busy is so still. */
  readonly isBusyStill: (id: ItemId) => boolean;
  /** The item that a change was made of. */
  readonly idOf: (before: Fields) => ItemId | undefined;
  /** Told of each item whose `expect` does not hold for what a stand-in can show, and is taken to. */
  readonly assumed: (id: ItemId) => void;
}

/**
 * The plan as it can be gone through against a stand-in: each call that only the real service could answer asks for nothing that
 * the plan would have to take apart, and gives what the list had. Everything that the plan decides stays as it is.
 */
export function staged(plan: Plan, staging: Staging): Plan {
  const { enumerate, lookups, reads, hold, gate, verify } = plan;
  return {
    ...plan,
    enumerate: listed(enumerate, staging),
    lookups: lookups.map((lookup) => lookedUp(lookup, staging)),
    ...(reads && { reads: reads.map((read) => askedFor(read, staging)) }),
    ...(hold && { hold: holding(hold, staging) }),
    ...(gate && { gate: judging(gate, staging) }),
    change: changing(plan.change, staging),
    verify: { ...verify, ...(verify.list && { list: listed(verify.list, staging) }) },
  };
}

/**
 * A list whose params are made as ever, and say to the stand-in what it needs to know. What is computed of an item by what was
 * looked up stays so, until its change was made. How many items there are is known.
 */
function listed({ total: _, ...list }: Enumeration, { standIn }: Staging): Enumeration {
  let first: Part | undefined;
  const mark = (part: Part | undefined): ListMark & Fields => ({ isFirst: first === undefined || part === first });
  return {
    ...list,
    params: (frozen, part) => {
      list.params(frozen, part);
      return mark(part);
    },
    ...(list.narrowed && {
      narrowed: (frozen, part) => {
        list.narrowed?.(frozen, part);
        return mark(part);
      },
    }),
    ...(list.complete && {
      complete: (frozen, item) => ({ ...list.complete?.(frozen, item), ...standIn.madeOf(item.id) }),
    }),
    ...(list.parts && {
      parts: (frozen) => {
        const all = list.parts?.(frozen) ?? [{}];
        [first] = all;
        return all;
      },
    }),
  };
}

/** Read as ever, and what it gave once it gives again. */
function lookedUp(lookup: Lookup, { lookup: known }: Staging): Lookup {
  const { source, name } = lookup;
  if (source.kind === "file") return lookup;
  const value = known[name];
  if (value === undefined) throw new IncompleteError(`Lookup ${name}: nothing was looked up when the list was read.`);
  if (source.kind === "run") return { ...lookup, source: { kind: "file", value } };
  return { ...lookup, source: { kind: "call", listing: source.listing, optional: false }, take: () => value };
}

/** A call for one item: the stand-in knows by it which, and what comes of it are the fields that the list had. */
function askedFor(read: ItemRead, { standIn }: Staging): ItemRead {
  const names = read.fields.map(({ name }) => name);
  const needs = read.when === "before" ? names : [];
  return {
    ...read,
    params: (frozen, item) => {
      const params = read.params(frozen, item);
      standIn.question = { id: item.id, needs, tellsAbsence: read.isAbsent !== undefined };
      return params;
    },
    ...(read.isAbsent && { isAbsent: (_frozen, { id }: Item) => standIn.shown(id) === undefined }),
    take: (_frozen, { id }) => {
      const fields = standIn.shown(id) ?? {};
      return { ...Object.fromEntries(names.map((name) => [name, null])), ...pick(fields, known(names, fields)) };
    },
  };
}

function known(names: readonly string[], fields: Fields): readonly string[] {
  return names.filter((name) => Object.hasOwn(fields, name));
}

function holding(hold: Hold, { isBusyStill }: Staging): Hold {
  return { ...hold, when: (frozen, item) => hold.when(frozen, item) && isBusyStill(item.id) };
}

function judging({ source, ...gate }: Gate, { gate: taken }: Staging): Gate {
  return {
    ...gate,
    source: { kind: "call", listing: source.listing, optional: false },
    take: () => null,
    pass: () => taken === "pass",
    fail: () => taken === "fail",
  };
}

function changing(change: Plan["change"], staging: Staging): Plan["change"] {
  const { chunk, expect } = change;
  return {
    ...change,
    expect: expecting(expect, staging),
    ...(chunk && {
      chunk: {
        ...chunk,
        results: (refused) => (id) => {
          const message = isObject(refused) ? refused[id] : undefined;
          return typeof message === "string" ? { done: false, message } : { done: true };
        },
      },
    }),
  };
}

/** What an expression wants to see may be the service's own doing: where the change was made, it is taken to be there. */
function expecting(expect: Expectation, { standIn, idOf, assumed }: Staging): Expectation {
  if (expect.kind !== "expression") return expect;
  return {
    ...expect,
    holds: (frozen, seen) => {
      if (isMet(() => expect.holds(frozen, seen))) return true;
      return isMade(seen, standIn, { idOf, assumed });
    },
  };
}

function isMade(seen: Transition, standIn: StandIn, { idOf, assumed }: Pick<Staging, "idOf" | "assumed">): boolean {
  const id = idOf(seen.before);
  if (id === undefined || !standIn.isDone(id)) return false;
  assumed(id);
  return true;
}

function isMet(holds: () => boolean): boolean {
  try {
    return holds();
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}
