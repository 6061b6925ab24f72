import { ConnectError } from "../core/model/errors.ts";
import type { Fields, Item } from "../core/model/item.ts";
import type { Failure } from "../core/model/outcome.ts";
import { type Plan } from "../core/model/plan.ts";
import { ExpressionError, type Frozen } from "../core/model/frozen.ts";
import { type ItemRead } from "../core/model/listing.ts";
import type { PathsMet } from "../core/model/paths-met.ts";
import type { Reading } from "../core/model/ports.ts";
import type { Parts } from "./job.ts";

/** What the reads of a plan are asked for. */
export type Purpose = "select" | "recheck" | "settle" | "verify";

const made: Readonly<Record<Purpose, readonly ItemRead["when"][]>> = {
  select: ["before"],
  recheck: ["before"],
  settle: ["before", "settle", "verify"],
  verify: ["before", "verify"],
};

/** The reads that are made for this, of those that show one of these fields. Undefined: any field. */
export function readsFor(plan: Plan, purpose: Purpose, names?: readonly string[]): readonly ItemRead[] {
  return (plan.reads ?? []).filter(
    ({ when, fields }) =>
      made[purpose].includes(when) && (names === undefined || fields.some(({ name }) => names.includes(name))),
  );
}

/** The reads that can say that an item is gone. */
export function absenceReads({ reads = [] }: Plan): readonly ItemRead[] {
  return reads.filter((read) => read.when === "settle" && read.isAbsent !== undefined);
}

/**
 * One item read by itself, with call after call: its fields, and those that the calls show. Never throws for one item's trouble.
 * @throws {ConnectError} `login`: it is the trouble of all items.
 */
export async function readMore(
  item: Item,
  reads: readonly ItemRead[],
  {
    frozen,
    parts,
    signal,
    met,
  }: { readonly frozen: Frozen; readonly parts: Parts; readonly signal: AbortSignal; readonly met?: PathsMet },
): Promise<Reading> {
  const { connection, clock, book } = parts;
  const age = { source: reads.map(({ method }) => method).join(", "), lagMs: book.state.facts.byIdLagMs };
  let began = clock.up();
  let fields: Fields = item.fields;
  try {
    for (const [place, read] of reads.entries()) {
      const now: Item = { ...item, fields };
      const route = read.route?.(frozen, now);
      const request = { method: read.method, params: read.params(frozen, now), ...(route && { route }) };
      const answer = await connection.ask(request, signal);
      if (answer.kind === "failed") return failed(answer.failure, { ...age, began });
      // The oldest answer says how old the whole is.
      if (place === 0) began = answer.began;
      if (read.isAbsent?.(frozen, now, answer.value)) return { ...age, began, kind: "absent" };
      fields = { ...fields, ...read.take(frozen, now, answer.value, met) };
    }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return {
      ...age,
      began,
      kind: "unreadable",
      failure: { class: "fatal", code: "bad-value", message: error.message },
    };
  }
  return { ...age, began, kind: "found", fields };
}

function failed(failure: Failure, age: Pick<Reading, "source" | "began" | "lagMs">): Reading {
  if (failure.code === "login") throw new ConnectError("login", failure.message);
  return failure.class === "not_found" ? { ...age, kind: "absent" } : { ...age, kind: "unreadable", failure };
}
