/**
 * The part of undici that the transport uses, by the file it lives in: loading that file alone takes two thirds of the
 * time of the whole package. It is not public API, so the version is pinned exactly.
 */
declare module "undici/lib/dispatcher/pool.js" {
  export interface Controller {
    abort(reason: Error): void;
  }

  export interface DispatchHandler {
    /** The request is about to be written to a socket. */
    onRequestStart(controller: Controller): void;
    onResponseStart(
      controller: Controller,
      status: number,
      headers: Readonly<Record<string, string | string[] | undefined>>,
    ): void;
    onResponseData(controller: Controller, chunk: Buffer): void;
    onResponseEnd(controller: Controller): void;
    onResponseError(controller: Controller, error: Error & { readonly code?: string }): void;
  }

  export interface DispatchOptions {
    readonly path: string;
    readonly method: "POST";
    readonly headers: readonly string[];
    readonly body: string;
    readonly headersTimeout: number;
    readonly bodyTimeout: number;
  }

  export interface PoolOptions {
    readonly connections: number;
    readonly pipelining: number;
    readonly connect: {
      readonly timeout: number;
      readonly rejectUnauthorized: boolean;
      readonly ca?: readonly string[];
    };
  }

  export default class Pool {
    constructor(origin: string, options: PoolOptions);
    dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
    destroy(error?: Error): Promise<void>;
  }
}
