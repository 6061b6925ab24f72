import type { Protocol } from "./protocol.ts";
import type { Secret } from "./secret.ts";

/** A service of the trusted config, defaults merged in. Durations in ms. */
export interface Service {
  readonly name: string;
  /** Which provider it belongs to: a vendor's, `jsonrpc`, or one that another program brought along. */
  readonly kind: string;
  readonly url: string;
  /** Calls for single devices may go to these hosts and those below them, whatever the service says. Lower case. */
  readonly domains: readonly string[];
  /** How long after its deadline a request may still take effect. */
  readonly lateMs: number;
  /** How old a read may be. */
  readonly lag: { readonly listMs: number; readonly byIdMs: number };
  readonly limits: Limits;
  /** Certificates that are trusted besides the usual ones, as PEM. */
  readonly ca?: string;
  /** Of kind `jsonrpc` alone: how it is spoken to. */
  readonly protocol?: Protocol;
  /** Fetched when first needed, by the session alone. Undefined members are left out of the login. */
  credentials(): Promise<Credentials>;
}

export interface Limits {
  readonly concurrency: number;
  readonly perMinute?: number;
  readonly timeoutMs: number;
  /** Largest answer read, in bytes. */
  readonly body: number;
  /** Longest error text kept, in characters. */
  readonly message: number;
}

export interface Credentials {
  readonly partner?: Secret;
  readonly username: Secret;
  readonly password: Secret;
}
