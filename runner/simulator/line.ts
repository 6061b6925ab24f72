import type { Socket } from "node:net";
import type { ServerResponse } from "node:http";

/** What goes over the wire as an answer. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Seconds for the Retry-After header. */
  readonly retryAfter?: number | undefined;
}

/** The connection on which one client waits for one answer. */
export class Line {
  readonly #response: ServerResponse;
  readonly #socket: Socket | null;
  readonly #clockOffsetMs: number;
  readonly #callbacks: (() => void)[] = [];
  readonly #leave = () => {
    this.#left();
  };
  #open = true;

  constructor(response: ServerResponse, clockOffsetMs: number) {
    this.#response = response;
    this.#clockOffsetMs = clockOffsetMs;
    this.#socket = response.socket;
    this.#socket?.once("end", this.#leave).once("close", this.#leave);
    if (this.#socket === null || this.#socket.destroyed) this.#left();
  }

  /** Does the client still wait? */
  get open(): boolean {
    return this.#open;
  }

  /** Called once, when the client was answered or has gone; at once if that was before. */
  onceLeft(callback: () => void): void {
    if (this.#open) this.#callbacks.push(callback);
    else callback();
  }

  /** Answer, unless the client has gone. Callbacks run before the bytes leave, so the client can not be ahead of them. */
  send({ status, type, body, retryAfter }: Reply): void {
    if (!this.#open) return;
    this.#left();
    this.#response.setHeader("Date", new Date(Date.now() + this.#clockOffsetMs).toUTCString());
    if (retryAfter !== undefined) this.#response.setHeader("Retry-After", String(retryAfter));
    this.#response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
    this.#response.end(body);
  }

  /** Cut the connection, so that the client sees a reset. */
  cut(): void {
    this.#left();
    this.#socket?.resetAndDestroy();
  }

  #left(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket?.off("end", this.#leave).off("close", this.#leave);
    for (const callback of this.#callbacks) callback();
  }
}
