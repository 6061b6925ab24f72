import type { Value } from "../../core/model/item.ts";
import type { FailureClass } from "../../core/model/outcome.ts";
import type { CommonDocument } from "../document.ts";
import type { SecretSource } from "../credentials.ts";

/** A service of kind `jsonrpc` as the config writes it, once its shape has been checked. */
export interface JsonrpcDocument extends CommonDocument {
  readonly kind: "jsonrpc";
  readonly secrets?: Readonly<Record<string, SecretSource>>;
  readonly envelope?: EnvelopeDocument;
  readonly credentials?: readonly CredentialDocument[];
  readonly cookies?: boolean;
  readonly session?: SessionDocument;
  readonly errors?: readonly ErrorDocument[];
  readonly empty_is_unset?: boolean;
  readonly methods?: Readonly<Record<string, MethodDocument>>;
  readonly undeclared?: "allow" | "refuse";
}

export interface EnvelopeDocument {
  readonly version?: "2.0" | "1.0" | "omit";
  readonly method?: string;
  readonly params?: string;
  readonly id?: string;
  readonly numeric_ids?: boolean;
  readonly empty_params?: "omit" | "array" | "object";
  readonly result?: string;
  readonly error?: string;
  readonly success?: string;
  readonly content_type?: string;
  readonly null_id?: "accept" | "refuse";
}

export type CredentialDocument = NamedCredential | ParamCredential | BasicCredential;

export interface NamedCredential {
  readonly in: "body" | "header";
  readonly name: string;
  readonly value: Value;
}

export interface ParamCredential {
  readonly in: "param";
  readonly index?: number;
  readonly name?: string;
  readonly value: Value;
}

export interface BasicCredential {
  readonly in: "basic";
  readonly user: string;
  readonly password: string;
}

export interface SessionDocument {
  readonly login?: readonly LoginDocument[];
  readonly refresh?: readonly RefreshDocument[];
  readonly logout?: SessionCallDocument;
  readonly max_logins?: number;
}

export interface SessionCallDocument {
  readonly call: string;
  readonly params?: Value;
  readonly anonymous?: boolean;
}

export interface LoginDocument extends SessionCallDocument {
  readonly unless?: string;
  readonly require?: string;
  readonly save?: Readonly<Record<string, string>>;
}

export interface RefreshDocument {
  readonly save: Readonly<Record<string, string>>;
  readonly on: string;
}

export interface ErrorDocument {
  readonly when: string;
  readonly class: FailureClass;
  readonly message?: string;
}

export interface MethodDocument {
  readonly kind: "enumerate" | "read" | "change";
  readonly repeat?: "read" | "set" | "once";
  readonly lag?: string;
  readonly destructive?: boolean;
  readonly chunk_max?: number;
}
