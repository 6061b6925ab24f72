import { request, type IncomingHttpHeaders } from "node:http";
import type { Control } from "../../runner/ui/control.ts";
import { startUi, type Ui } from "../../runner/ui/server.ts";
import { keyHeader } from "../../runner/ui/door.ts";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sending {
  readonly method?: string;
  /** Those given here stand instead of what a browser would send; undefined: not at all. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/** The pages of a folder. */
export function served(root: string, control?: Control, zone = "UTC"): Promise<Ui> {
  const command = (...words: readonly string[]): string => ["rollcall", ...words].join(" ");
  return startUi({ root, port: 0, zone, command, log: quiet, ...(control && { control }) });
}

/** One request as it is, with no browser's rules between. */
export function send(port: number, path: string, { method = "GET", headers = {}, body }: Sending = {}): Promise<Reply> {
  const given: [string, string | undefined][] = Object.entries({ host: `127.0.0.1:${port}`, ...headers });
  const sent = Object.fromEntries<string>(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers: sent, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on("error", reject);
    });
    asked.on("error", reject).end(body);
  });
}

/** Somebody who was let in. */
export class Visitor {
  readonly #port: number;
  readonly cookie: string;

  constructor(port: number, cookie: string) {
    this.#port = port;
    this.cookie = cookie;
  }

  static async of({ port, url }: Ui): Promise<Visitor> {
    const { pathname, search } = new URL(url);
    const { headers } = await send(port, `${pathname}${search}`);
    return new Visitor(port, headers["set-cookie"]?.[0]?.split(";")[0] ?? "");
  }

  get(path: string, headers: Sending["headers"] = {}): Promise<Reply> {
    return send(this.#port, path, { headers: { cookie: this.cookie, ...headers } });
  }

  /** The key of a run's page; empty when it shows only. */
  async keyOf(run: string): Promise<string> {
    return /data-key="([^"]*)"/.exec((await this.get(`/runs/${run}`)).text)?.[1] ?? "";
  }

  /** As a page of ours does it, but for what is given. */
  post(path: string, asked: unknown, { key, ...headers }: Record<string, string | undefined> = {}): Promise<Reply> {
    const own = {
      cookie: this.cookie,
      origin: `http://127.0.0.1:${this.#port}`,
      "sec-fetch-site": "same-origin",
      "content-type": "application/json",
      [keyHeader]: key,
    };
    const body = typeof asked === "string" ? asked : JSON.stringify(asked);
    return send(this.#port, path, { method: "POST", headers: { ...own, ...headers }, body });
  }

  /** Events as they come, until the server ends the stream or `stop` says that it was enough. */
  events(path: string, headers: Record<string, string> = {}): Listening {
    return new Listening(this.#port, path, { cookie: this.cookie, ...headers });
  }
}

export interface Heard {
  readonly event: string;
  readonly id: number | undefined;
  readonly data: Record<string, unknown>;
  /** Ms of a steady clock. */
  readonly at: number;
}

/** What a page hears. */
export class Listening {
  readonly all: Heard[] = [];
  readonly ended: Promise<void>;
  status = 0;
  readonly #leave: () => void;

  constructor(port: number, path: string, headers: Record<string, string>) {
    const asked = request({ host: "127.0.0.1", port, path, headers, agent: false });
    this.#leave = () => asked.destroy();
    this.ended = new Promise((resolve) => {
      asked.on("error", () => resolve());
      asked.on("response", (response) => {
        this.status = response.statusCode ?? 0;
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          const parts = (text + piece).split("\n\n");
          text = parts.pop() ?? "";
          for (const part of parts) this.#take(part);
        });
        response.on("close", () => resolve());
      });
    });
    asked.end();
  }

  of(event: string): readonly Heard[] {
    return this.all.filter((one) => one.event === event);
  }

  async until(is: (heard: Heard) => boolean): Promise<Heard> {
    for (const end = performance.now() + 20_000; performance.now() < end;) {
      const found = this.all.find(is);
      if (found !== undefined) return found;
      await new Promise((next) => setTimeout(next, 20));
    }
    throw new Error(`not heard among: ${JSON.stringify(this.all.slice(-5))}`);
  }

  leave(): void {
    this.#leave();
  }

  #take(part: string): void {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, "m").exec(part)?.[1];
    const [event, data, id] = [field("event"), field("data"), field("id")];
    if (event === undefined || data === undefined) return;
    const said = JSON.parse(data) as Record<string, unknown>;
    this.all.push({ event, data: said, id: id === undefined ? undefined : Number(id), at: performance.now() });
  }
}
