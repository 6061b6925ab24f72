import type { FieldSpec } from "./values.ts";
import type { Repeat } from "./change.ts";
import type { Value } from "./item.ts";

/** What is known, offline, of the methods and lists of a service. Implemented by each provider. */
export interface Catalogue {
  /** Undefined: not in the catalogue. Exact in case, as services are. */
  method(name: string): MethodFacts | undefined;
  readonly methodNames: readonly string[];
  /** Where a method is served that this provider does not call yet, in words; undefined: there is no such method. */
  elsewhere?(name: string): string | undefined;
  /** What values a type of a parameter or member takes. Left out: that is not known, and only names are checked. */
  shape?(type: string): Shape;
  /** What a method returns, where the vendor documents it. Left out, or undefined: not known, and any path in it passes. */
  answer?(method: string): AnswerFacts | undefined;
  /** `rollcall catalog` looks things up in it, and hints say so. */
  readonly hasReference?: boolean;
  /** The service whose config says which methods there are. Left out: that is known without one. */
  readonly configured?: string;
  /** Undefined: not a list this provider can page. */
  list(method: string): ListFacts | undefined;
  /** What holds for a list that a plan describes itself, with its rows, fields and paging. Left out, or undefined: it can not. */
  described?(method: string): DescribedFacts | undefined;
  /** Methods that are not in the catalogue may be called. */
  readonly isOpen?: boolean;
  /** The params of a call as they go over the wire: where a plan writes a name, the service may know a number. Left out: as written. */
  encode?(method: string, params: Value): Encoded;
  /** Whether a member of that name, in any answer, is a secret of an item: never shown, never kept. */
  isSecret?(member: string): boolean;
}

export interface DescribedFacts {
  /** Empty text reads as null. */
  readonly emptyIsUnset: boolean;
  /** How old what such a list says may be, in ms. */
  readonly lagMs: number;
}

export interface Encoded {
  readonly params: Value;
  /** Values that the call can not take; they are in `params` as they were. */
  readonly faults: readonly EncodingFault[];
}

export interface EncodingFault {
  /** Below the params. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string | undefined;
}

export interface MethodFacts {
  readonly name: string;
  readonly kind: "enumerate" | "read" | "change" | "session";
  readonly repeat: Repeat;
  readonly destructive: boolean;
  readonly params: readonly ParamFacts[];
  /** What parameters it takes is not known: any pass. */
  readonly takesAny?: true;
  /** Items in one call at most, where that is known. */
  readonly chunkMax?: number;
  /** A call about several items at once: paths in what it returns to the ids of those it changed, and of those it did not. */
  readonly result?: { readonly succeeded: string; readonly failed: string };
  /** Parameters that the service fills in itself, and what a plan writes instead. */
  readonly reserved?: readonly { readonly path: string; readonly use: string }[];
  /** It is served where one device lives: a plan may say which with `route`. */
  readonly isRouted?: true;
  /** Undefined: documented. */
  readonly confidence?: Confidence;
}

/** How sure a fact is: the vendor says so, public code relies on it, or it was concluded from either. */
export type Confidence = "documented" | "code" | "inferred";

export interface ParamFacts extends MemberFacts {
  /** How sure it is that the call needs it; undefined: it may be left out. */
  readonly required?: Confidence;
}

export interface AnswerFacts {
  readonly shape: Shape;
  /** What comes beside it, which no path leads to. */
  readonly beside: readonly string[];
}

export interface MemberFacts {
  readonly name: string;
  /** In the catalogue's own notation: `int`, `set<int>`, `AccountInfo`. */
  readonly type: string;
  readonly note?: string;
}

export type ScalarKind = "text" | "integer" | "number" | "boolean" | "time" | "bytes";

/** The values a type takes. `any`: not known. `pairs`: a map, written as a list of keys and values. */
export type Shape =
  | { readonly kind: "any" }
  | { readonly kind: ScalarKind }
  /** `numbers`: what `encode` puts in place of the values; a plan may write these too. */
  | {
      readonly kind: "enum";
      readonly name: string;
      readonly values: readonly string[];
      readonly numbers?: readonly number[];
    }
  | { readonly kind: "list"; readonly of: Shape }
  | { readonly kind: "pair" | "pairs"; readonly of: readonly [Shape, Shape] }
  | { readonly kind: "object"; readonly name: string; readonly members: readonly MemberFacts[] };

export interface ListFacts {
  readonly method: string;
  /** Name of the field that is the key of its rows. */
  readonly key: string;
  /** Names a plan may write under `fields`, for "did you mean". */
  readonly fieldNames: readonly string[];
  /** By name or by any code, old or new. */
  field(nameOrCode: string): FieldFacts | undefined;
  /** A column that customers have added, by its number or its code. Left out: the list has none such. */
  custom?(numberOrCode: string): FieldFacts | undefined;
  /** Why a name that the service knows is no field of this list, and what to do; undefined: it knows no such name. */
  whyNot?(name: string): string | undefined;
  /** Where `rollcall catalog` has its fields: `columns`, `structs UserInfo`. */
  readonly reference?: string;
  /** Parameters that belong to the service, as dotted paths, and what a plan writes instead: `query.Columns` -> `fields`. */
  readonly reserved: readonly { readonly path: string; readonly use: string }[];
  /** Dotted path of the server-side filter text, if the list has one. */
  readonly filterPath?: string;
  /** What is wrong with such a text; in it a `hole` stands for each character that is known only later. Left out: any text passes. */
  readonly filterFaults?: (text: string) => readonly FilterFault[];
  /** Its keys are ids of devices: a routed call about an item goes where that device lives. */
  readonly isOfDevices?: true;
  /** That its items have keys of their own is concluded from the type of what the call returns: a lookup does not rely on it. */
  readonly isConcluded?: true;
  /** It shows what was, not what is: nothing can be confirmed by it. The call that shows the present. */
  readonly presentIs?: string;
  /** Parameters that bound the scope, with the field that a change moves out of it: `query.PartnerId` <-> `partner_id`. */
  readonly scope: readonly { readonly path: string; readonly field: string }[];
}

/** In the text of a filter: a character of something that is known only later. */
export const hole = "\uFFFC";

export interface FilterFault {
  /** In the text, in characters. */
  readonly offset: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** It is worth knowing, and stops nothing. */
  readonly isNote?: true;
}

export interface FieldFacts extends FieldSpec {
  /** As the plan writes it: `product_id`, or the code when the plan wrote a code. */
  readonly name: string;
  /** What the provider asks the service for. */
  readonly source: string;
  /** Every spelling the service knows it by, `source` included. */
  readonly spellings: readonly string[];
  /** Changes by itself; left out of collateral. */
  readonly volatile: boolean;
  /** Never shown, never kept. */
  readonly secret: boolean;
  /** The `source` of the field that this one shows the name of: it changes with that. */
  readonly follows?: string;
  /** The plan wrote an old code: what to write now. */
  readonly current?: string;
  /** Why it had better not be asked for, and what to use. */
  readonly deprecated?: { readonly why: string; readonly use: string };
  /** `set` only: names that its elements are known to have. */
  readonly elements?: readonly string[];
  /** Undefined: documented. */
  readonly confidence?: Confidence;
  /** How old a list's value may be, in ms; undefined: unbounded (the device reports it when it comes online). */
  readonly lagMs?: number;
  /** Its values are kept as they come: `type` says nothing. */
  readonly untyped?: boolean;
}
