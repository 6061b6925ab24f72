import type { Catalogue, ListFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { Path } from "../../language/source.ts";
import type { LookupDocument, PlanDocument, ReadDocument } from "../document.ts";
import { serves, type Purpose } from "../meant.ts";
import type { RuleContext } from "./rule.ts";

/** A call as a plan writes it. */
export interface WrittenCall {
  /** Of its params. */
  readonly path: Path;
  readonly call: string;
  readonly given: Value;
  /** The list that fills in parameters of its own; undefined: it is read as none. */
  readonly list: ListFacts | undefined;
  /** More is given elsewhere, so that nothing is missed here. */
  readonly isPart?: boolean;
}

/** Every call that a plan writes and that can be made where it stands, in no order: of another kind its params are not looked at. */
export function* callsOf(context: RuleContext): Generator<WrittenCall> {
  for (const { purpose, ...written } of allCalls(context)) {
    const method = context.catalogue.method(written.call);
    const isRead = purpose === "list" && written.list === undefined && method?.kind === "read";
    if (serves(method, purpose) && !isRead) yield written;
  }
}

type AnyCall = WrittenCall & { readonly purpose: Purpose };

function* allCalls({ document, catalogue, list }: RuleContext): Generator<AnyCall> {
  const { lookups = {}, enumerate, change, undo, gate, verify } = document;
  for (const [name, lookup] of Object.entries(lookups)) {
    const { call, params: given = {} } = lookup;
    if (call === undefined) continue;
    yield { purpose: "read", path: ["lookups", name, "params"], call, given, list: listOf(lookup, catalogue) };
  }
  const listed = { purpose: "list", call: enumerate.call, list } as const;
  yield { ...listed, path: ["enumerate", "params"], given: enumerate.params ?? {} };
  yield { ...listed, path: ["enumerate", "narrow"], given: enumerate.narrow ?? {}, isPart: true };
  for (const { path, document: one } of readsIn(document))
    yield { purpose: "read", path: [...path, "params"], call: one.call, given: one.params ?? {}, list: undefined };
  const changes = { purpose: "change", list: undefined } as const;
  yield { ...changes, path: ["change", "params"], call: change.call, given: change.params };
  if (undo?.call !== undefined && undo.params !== undefined)
    yield { ...changes, path: ["undo", "params"], call: undo.call, given: undo.params };
  if (gate !== undefined) {
    const { call, params: given = {} } = gate;
    yield { purpose: "read", path: ["gate", "params"], call, given, list: listOf(gate, catalogue) };
  }
  if (verify === undefined) return;
  // Another list is asked with these params alone, the same one with those of its own as well.
  const { call = enumerate.call, params: given = {} } = verify;
  const isPart = call === enumerate.call;
  yield { purpose: "list", path: ["verify", "params"], call, given, list: catalogue.list(call), isPart };
}

/** The list that a lookup, or a gate, is read as; undefined: its answer is taken as it comes. */
export function listOf(
  { call, rows, value }: Pick<LookupDocument, "call" | "rows" | "value">,
  catalogue: Catalogue,
): ListFacts | undefined {
  return call === undefined || value !== undefined || rows !== undefined ? undefined : catalogue.list(call);
}

interface WrittenRead {
  readonly path: Path;
  readonly document: ReadDocument;
  readonly isVerify: boolean;
}

/** The reads of single items, in the order in which they are made. */
export function readsIn({ read = [], verify }: PlanDocument): readonly WrittenRead[] {
  const reads: readonly WrittenRead[] = Array.isArray(read)
    ? (read as readonly ReadDocument[]).map((document, place) => ({ path: ["read", place], document, isVerify: false }))
    : [{ path: ["read"], document: read as ReadDocument, isVerify: false }];
  if (verify?.read === undefined) return reads;
  return [...reads, { path: ["verify", "read"], document: verify.read, isVerify: true }];
}
