import type { Catalogue, FieldFacts, ListFacts } from "../core/model/catalogue.ts";
import type { Fields } from "../core/model/item.ts";
import type { Source } from "../language/source.ts";
import type { Compiled } from "./compile.ts";
import type { MadeFields } from "./computed.ts";
import type { CustomColumns } from "./custom-columns.ts";
import type { DescribedList } from "./described-list.ts";
import type { PlanDocument } from "./document.ts";
import type { KnownLookup } from "./lookups.ts";
import type { CompiledRead } from "./reads.ts";
import type { MadeField } from "./rules/fields.ts";
import type { Scopes } from "./scopes.ts";
import type { OtherList } from "./verify-list.ts";

/** Everything that a plan is made of. */
export interface ResolveOptions {
  readonly source: Source;
  readonly document: PlanDocument;
  readonly service: string;
  readonly catalogue: Catalogue;
  readonly list: ListFacts;
  /** Where the plan itself says what the list is made of. */
  readonly described: DescribedList | undefined;
  /** Those of the list, then those that are read of an item by itself. */
  readonly fields: readonly FieldFacts[];
  readonly custom: CustomColumns;
  readonly reads: readonly CompiledRead[];
  readonly otherList: OtherList;
  readonly made: ReadonlyMap<string, MadeField>;
  readonly madeFields: MadeFields;
  readonly lookups: readonly KnownLookup[];
  /** What the gate measures. */
  readonly measured: KnownLookup | undefined;
  readonly scopes: Scopes;
  readonly inputs: Fields;
  readonly compiled: Compiled;
}

/** Fields that are read of an item by itself, and show only what became of it. */
export function laterFields({ reads }: Pick<ResolveOptions, "reads">): readonly FieldFacts[] {
  return reads.filter(({ when }) => when === "verify").flatMap(({ fields }) => fields.map(({ facts }) => facts));
}

/** A part that a document without problems always has. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a plan with problems was resolved");
  return value;
}
