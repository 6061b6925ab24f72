import type { Confidence, MemberFacts, MethodFacts, ParamFacts } from "./catalogue.ts";

/** All that is known of a service without asking it, for people who look something up. */
export interface Reference {
  methods(): readonly MethodEntry[];
  columns(): readonly ColumnEntry[];
  /** By any spelling, those included that are put together from parts and so are not listed. */
  column(spelling: string): ColumnEntry | undefined;
  enums(): readonly EnumEntry[];
  structs(): readonly StructEntry[];
  errors(): readonly ErrorEntry[];
}

/** How sure an entry is, and where it is known from, in words. */
export interface Known {
  readonly confidence: Confidence;
  readonly source: readonly string[];
}

export interface MethodEntry extends Known {
  readonly name: string;
  readonly kind: MethodFacts["kind"];
  readonly about?: string;
  readonly params: readonly ParamFacts[];
  /** What the answer holds beside its result. */
  readonly out: readonly MemberFacts[];
  readonly returns: string;
  readonly destructive: boolean;
  readonly repeat: MethodFacts["repeat"];
  /** Why `repeat` is what it is, where that was argued. */
  readonly why?: string;
  /** Where it is served, when not with the others. Plans can not call it, unless `isRouted`. */
  readonly elsewhere?: string;
  /** It is served where one device lives: a plan may say which with `route`. */
  readonly isRouted?: boolean;
  /** How a plan calls it, as YAML: the parts of a plan that are about it. */
  readonly example?: string;
  /** Why no plan calls it, where there is no example. */
  readonly notInPlans?: string;
}

export interface ColumnEntry extends Known {
  readonly name: string;
  readonly code: string;
  /** The old code. */
  readonly legacy?: string;
  readonly label: string;
  readonly type: string;
  readonly unit?: string;
  /** Wire value -> the token that a plan writes. */
  readonly tokens?: Readonly<Record<string, string>>;
  readonly volatile: boolean;
  readonly secret: boolean;
  readonly deprecated?: { readonly why: string; readonly use: string };
  readonly note?: string;
  readonly example?: string;
}

export interface EnumEntry extends Known {
  readonly name: string;
  /** `meaning`: of values that are numbers. */
  readonly values: readonly { readonly value: string; readonly meaning?: string }[];
  readonly note?: string;
}

export interface StructEntry extends Known {
  readonly name: string;
  readonly members: readonly (MemberFacts & { readonly optional: boolean })[];
}

export interface ErrorEntry extends Known {
  /** A number, or a name whose number is not published. */
  readonly code: string;
  readonly message?: string;
  /** What Rollcall takes it for: `auth`, `reject` … */
  readonly class?: string;
  readonly meaning: string;
  /** What a person can do about it. */
  readonly remedy?: string;
}
