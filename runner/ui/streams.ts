import type { ServerResponse } from "node:http";
import { cleanJson } from "../reporters/clean.ts";
import { head } from "./replies.ts";

/** A browser keeps six connections to one server; this is for a few browsers, and no more memory than they need. */
const mostStreams = 24;
/** Something between us and the browser may cut a line on which nothing is heard. */
const heartbeatMs = 15_000;
/** Who does not read is cut off, and comes again with what it heard last. */
const mostUnread = 1024 * 1024;

export interface Message {
  /** What the page's script listens for. */
  readonly event: string;
  /** Of the record that it stands for: a browser that comes again says the last one it has heard. */
  readonly id?: number;
  readonly data: unknown;
}

/** Server-sent events to one page. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#heartbeat = setInterval(() => this.#write(": still here\n\n"), heartbeatMs).unref();
    this.#response.once("close", () => clearInterval(this.#heartbeat));
    this.#write("retry: 2000\n\n");
  }

  get isClosed(): boolean {
    return this.#response.closed || this.#response.writableEnded;
  }

  send({ event, id, data }: Message): void {
    const place = id === undefined ? "" : `id: ${id}\n`;
    this.#write(`${place}event: ${event}\ndata: ${cleanJson(data)}\n\n`);
  }

  end(): void {
    clearInterval(this.#heartbeat);
    this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.writableEnded) return;
    if (this.#response.writableLength > mostUnread) this.#response.destroy();
    else this.#response.write(text);
  }
}

/** All pages that listen. */
export class Streams {
  readonly #open = new Set<EventStream>();

  get isFull(): boolean {
    return this.#open.size >= mostStreams;
  }

  /** @param left Called once, when nobody listens any more. */
  open(response: ServerResponse, left: () => void): EventStream {
    head(response, 200, { type: "text/event-stream; charset=utf-8" });
    const stream = new EventStream(response);
    this.#open.add(stream);
    response.once("close", () => {
      this.#open.delete(stream);
      left();
    });
    return stream;
  }

  closeAll(): void {
    for (const stream of this.#open) stream.end();
  }
}
