import type { FieldSpec } from "./values.ts";
import type { Repeat } from "./change.ts";
import type { Value } from "./item.ts";

/** What is known, offline, of the methods and lists of a service. Implemented by each provider. */
export interface Catalogue {
  /** Undefined: not in the catalogue. Exact in case, as services are. */
  method(name: string): MethodFacts | undefined;
  readonly methodNames: readonly string[];
  /** Undefined: not a list this provider can page. */
  list(method: string): ListFacts | undefined;
  /** The params of a call as they go over the wire: where a plan writes a name, the service may know a number. Left out: as written. */
  encode?(method: string, params: Value): Encoded;
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
  /** Names of the call's parameters. */
  readonly params: readonly string[];
  /** Parameters that the service fills in itself, and what a plan writes instead. */
  readonly reserved?: readonly { readonly path: string; readonly use: string }[];
  /** It is served where one device lives: a plan may say which with `route`. */
  readonly isRouted?: true;
}

export interface ListFacts {
  readonly method: string;
  /** Name of the field that is the key of its rows. */
  readonly key: string;
  /** Names a plan may write under `fields`, for "did you mean". */
  readonly fieldNames: readonly string[];
  /** By name or by any code, old or new. */
  field(nameOrCode: string): FieldFacts | undefined;
  /** Why a name that the service knows is no field of this list, and what to do; undefined: it knows no such name. */
  whyNot?(name: string): string | undefined;
  /** Parameters that belong to the service, as dotted paths, and what a plan writes instead: `query.Columns` -> `fields`. */
  readonly reserved: readonly { readonly path: string; readonly use: string }[];
  /** Dotted path of the server-side filter text, if the list has one. */
  readonly filterPath?: string;
  /** Its keys are ids of devices: a routed call about an item goes where that device lives. */
  readonly isOfDevices?: true;
  /** It shows what was, not what is: nothing can be confirmed by it. The call that shows the present. */
  readonly presentIs?: string;
  /** Parameters that bound the scope, with the field that a change moves out of it: `query.PartnerId` <-> `partner_id`. */
  readonly scope: readonly { readonly path: string; readonly field: string }[];
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
  /** How old a list's value may be, in ms; undefined: unbounded (the device reports it when it comes online). */
  readonly lagMs?: number;
}
