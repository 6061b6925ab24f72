import type { Catalogue, MethodFacts } from "../core/model/catalogue.ts";
import type { Finding, Path } from "../language/source.ts";
import { meant } from "../language/suggest.ts";
import { unknownMethod } from "./unknown-method.ts";
import type { PlanDocument, ReadDocument } from "./document.ts";

interface MeantPlan {
  readonly document: PlanDocument;
  /** Each misspelt call, once. */
  readonly findings: readonly Finding[];
}

/**
 * A plan with the names of its calls as they are meant, where that is certain: what is wrong behind a misspelt name is
 * told with it, not one run later.
 */
export function withMeantCalls(written: PlanDocument, catalogue: Catalogue): MeantPlan {
  const findings: Finding[] = [];
  const named = <Part extends { readonly call?: string }>(path: Path, part: Part, purpose: Purpose): Part => {
    const call = part.call === undefined ? undefined : meantCall(part.call, purpose, catalogue);
    if (part.call === undefined || call === undefined) return part;
    findings.push(unknownMethod([...path, "call"], part.call, { catalogue, purpose, near: call }));
    return { ...part, call };
  };
  const { lookups, enumerate, read, change, undo, gate, verify, allow_undocumented: isLenient = false } = written;
  const document: PlanDocument = {
    ...written,
    ...(lookups && {
      lookups: Object.fromEntries(
        Object.entries(lookups).map(([name, lookup]) => [name, named(["lookups", name], lookup, "read")]),
      ),
    }),
    enumerate: named(["enumerate"], enumerate, "list"),
    ...(read && { read: withMeantReads(read, named) }),
    change: isLenient ? change : named(["change"], change, "change"),
    ...(undo && { undo: named(["undo"], undo, "change") }),
    ...(gate && { gate: named(["gate"], gate, "read") }),
    ...(verify && {
      verify: {
        ...named(["verify"], verify, "list"),
        ...(verify.read && { read: named(["verify", "read"], verify.read, "read") }),
      },
    }),
  };
  return { document, findings };
}

function withMeantReads(
  read: NonNullable<PlanDocument["read"]>,
  named: (path: Path, part: ReadDocument, purpose: Purpose) => ReadDocument,
): NonNullable<PlanDocument["read"]> {
  return Array.isArray(read)
    ? (read as readonly ReadDocument[]).map((one, place) => named(["read", place], one, "read"))
    : named(["read"], read as ReadDocument, "read");
}

/** What a part of a plan makes its call for. */
export type Purpose = "list" | "read" | "change";

const kindsFor: Readonly<Record<Purpose, readonly MethodFacts["kind"][]>> = {
  list: ["enumerate", "read"],
  read: ["enumerate", "read"],
  change: ["change"],
};

/** Whether a call of that kind can be made for that. What is not known may be. */
export function serves(method: Pick<MethodFacts, "kind"> | undefined, purpose: Purpose): boolean {
  return method === undefined || kindsFor[purpose].includes(method.kind);
}

/** Undefined: the name is known, or nobody can say which one is meant. */
function meantCall(call: string, purpose: Purpose, catalogue: Catalogue): string | undefined {
  // Where any call can be made, a misspelt one is as good as any.
  if (catalogue.isOpen === true) return undefined;
  if (catalogue.method(call) !== undefined || catalogue.list(call) !== undefined) return undefined;
  if (catalogue.elsewhere?.(call) !== undefined) return undefined;
  const near = meant(
    call,
    catalogue.methodNames.filter((name) => serves(catalogue.method(name), purpose)),
  );
  const isList = (name: string): boolean => (catalogue.list(name) ?? catalogue.described?.(name)) !== undefined;
  const isOf = near !== undefined && (purpose !== "list" || isList(near));
  return isOf ? near : undefined;
}
