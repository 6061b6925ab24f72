import type { SecretSource } from "./credentials.ts";

/** What services of every kind can say, once their shape has been checked. */
export interface CommonDocument {
  readonly url?: string;
  readonly late?: string;
  readonly lag?: string | { readonly list?: string; readonly by_id?: string };
  readonly limits?: {
    readonly concurrency?: number;
    readonly rate?: string;
    readonly timeout?: string;
    readonly body?: number | string;
    readonly message?: number;
  };
  readonly tls?: { readonly allow_plain_http?: boolean; readonly ca?: string };
}

/** Of a kind whose provider knows how to speak to it. */
export interface VendorDocument extends CommonDocument {
  readonly kind?: string;
  readonly domains?: readonly string[];
  readonly credentials?: {
    readonly partner?: SecretSource;
    readonly username?: SecretSource;
    readonly password?: SecretSource;
  };
}
