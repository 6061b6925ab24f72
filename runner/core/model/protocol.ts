import type { Repeat } from "./change.ts";
import type { Fields, Value } from "./item.ts";
import type { FailureClass } from "./outcome.ts";
import type { Secret } from "./secret.ts";

/**
 * How a JSON-RPC service is spoken to, as the trusted config says it: data alone, every template, expression and path of
 * it compiled. Built by `config/`, used by the provider of such services.
 */
export interface Protocol {
  readonly envelope: EnvelopeRules;
  /** What every request carries, in the order written. */
  readonly credentials: readonly CredentialRule[];
  /** Keep the cookies that the service sets, and send them back. */
  readonly cookies: boolean;
  readonly session: SessionSteps;
  /** First match; what none matches is `reject` where the service says that it failed, and as it is else. */
  readonly errors: readonly ErrorRule[];
  /** Empty text reads as null. */
  readonly emptyIsUnset: boolean;
  readonly methods: ReadonlyMap<string, MethodRule>;
  /** What of a method that is not among them: a plan may call it (`once` where it changes), or may not. */
  readonly undeclared: "allow" | "refuse";
  /** By name, fetched when first needed. @throws {RunnerError} `config`: one is not to be had. */
  secrets(): Promise<Readonly<Record<string, Secret>>>;
}

/** What templates and conditions of the config can use. */
export interface ConfigNames {
  /** Revealed. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What session steps and answers have saved so far. */
  readonly session: Fields;
}

/** `undefined`: it uses something that has not been saved yet. @throws {ExpressionError} it can not be rendered. */
export type ConfigTemplate = (names: ConfigNames) => Value | undefined;

/** Finds a value in an answer; null where there is none. */
export type Finder = (answer: Value) => Value;

/** What an answer was, for conditions. Null: there is none of it. */
export interface Told {
  readonly http: { readonly status: number };
  readonly error: Value;
  readonly result: Value;
  /** The whole answer, as JSON; null: it was none. */
  readonly body: Value;
}

/** False also where it can not be evaluated on that answer. */
export type ToldCondition = (told: Told) => boolean;

/** Names and places of the members of requests and answers. */
export interface EnvelopeRules {
  /** Of the member `jsonrpc`; undefined: it is left out. */
  readonly version: string | undefined;
  readonly method: string;
  readonly params: string;
  readonly id: string;
  /** Ids are numbers on the wire; else texts. */
  readonly hasNumericIds: boolean;
  /** What is sent for params that are `{}` or not given. */
  readonly emptyParams: "omit" | "array" | "object";
  /** `undefined`: there is none, which is not the same as a result that is null. */
  readonly result: (body: Value) => Value | undefined;
  readonly error: Finder;
  /** Undefined: there is no error, and there is a result. */
  readonly success: ((body: Value) => boolean) | undefined;
  readonly contentType: string;
  /** An answer without an id, or with null, is taken for the one to our request. */
  readonly nullId: "accept" | "refuse";
}

export type CredentialRule =
  | { readonly in: "body" | "header"; readonly name: string; readonly value: ConfigTemplate }
  /** A positional parameter put in at a place, or a named one. */
  | { readonly in: "param"; readonly at: number | string; readonly value: ConfigTemplate }
  | { readonly in: "basic"; readonly user: ConfigTemplate; readonly password: ConfigTemplate };

export interface SessionSteps {
  /** In order; empty: there is nobody to log in. */
  readonly login: readonly LoginStep[];
  readonly refresh: readonly RefreshRule[];
  readonly logout: SessionCall | undefined;
  /** Logins in a row without an authenticated answer between them. */
  readonly maxLogins: number;
}

export interface SessionCall {
  readonly call: string;
  readonly params: ConfigTemplate;
  /** It goes without credentials. */
  readonly anonymous: boolean;
}

export interface LoginStep extends SessionCall {
  /** True: the step is left out. @throws {ExpressionError} */
  readonly unless: ((names: ConfigNames) => boolean) | undefined;
  readonly save: readonly { readonly name: string; readonly from: Finder }[];
  /** False: the login is refused, whatever the answer was otherwise. Undefined where it can not be evaluated. */
  readonly require: ((result: Value) => boolean | undefined) | undefined;
}

/** Values that answers bring along. */
export interface RefreshRule {
  readonly save: readonly {
    readonly name: string;
    readonly from: { readonly header: string } | { readonly body: Finder };
  }[];
  /** `every`: of every answer; else of those, and the request is then repeated once with the new values. */
  readonly on: "every" | ToldCondition;
}

export interface ErrorRule {
  readonly when: ToldCondition;
  /** Why it can not be evaluated on an answer; undefined: it can. Left out: nobody knows. */
  readonly whyNot?: (told: Told) => string | undefined;
  /** Where the message for people is. Undefined: the error's own. */
  readonly message: Finder | undefined;
  readonly class: FailureClass;
}

export interface MethodRule {
  readonly kind: "enumerate" | "read" | "change";
  readonly repeat: Repeat;
  /** How old what it answers may be, in ms. Undefined: the service's own. */
  readonly lagMs: number | undefined;
  readonly destructive: boolean;
  /** Items in one call at most. Undefined: not known. */
  readonly chunkMax: number | undefined;
}
