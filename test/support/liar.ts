import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { answer, answerJson, tell, type Said } from "./liar/answers.ts";
import { isApplied, isListDeed, Lies, type Level, type Lie } from "./liar/lies.ts";
import { hiddenBy, listed, thingOf, type ListStyle, type PageAsked, type Thing } from "./liar/pages.ts";
import { Things, upNow } from "./liar/things.ts";

export interface LiarStyle extends ListStyle {
  readonly params: "named" | "positional";
  /**
   * `token`: `login` gives one, for the header `authorization: Bearer …`; without it HTTP 401, or an error where
   * `sessionError` is its code. `header`: without the header `x-session` HTTP 409, with the value for it in that header.
   */
  readonly session: "none" | "token" | "header";
  readonly sessionError?: number;
  /** What `get` says of a thing that is not there: error 404, or a row in which it is gone. */
  readonly missing: "error" | "row";
}

export interface Received {
  /** When it had arrived whole: ms since boot. */
  readonly at: number;
  readonly method: string;
  /** The JSON-RPC id, as it came. */
  readonly id: unknown;
  readonly params: unknown;
  readonly headers: IncomingHttpHeaders;
  /** Whether it belonged to a session, where one is needed. */
  readonly isKnown: boolean;
  /** Ids of the things it is about. */
  readonly items: readonly number[];
  /** What was done to it in place of what is right. */
  readonly lie: Lie["does"] | undefined;
  /** Of the list: things that belong into this answer, and are left out. */
  readonly hidden: readonly number[];
}

/** A change that was really made. */
interface Applied {
  /** Ms since boot. */
  readonly at: number;
  readonly item: number;
  /** Undefined: it was removed. */
  readonly level: Level | undefined;
  /** Of the request: its JSON-RPC id. */
  readonly id: unknown;
}

export interface Liar extends AsyncDisposable {
  readonly url: string;
  readonly style: LiarStyle;
  readonly lies: Lies;
  /** Everything that arrived whole, in order; unlike the answers it is the truth. */
  readonly received: readonly Received[];
  readonly applied: readonly Applied[];
  /** What somebody else did. */
  readonly edits: readonly { readonly at: number; readonly item: number }[];
  /** Every session that was ever given. */
  readonly sessions: readonly string[];
  /** As they are now, by id. */
  readonly things: ReadonlyMap<number, Readonly<Thing>>;
  /** As it was at an instant, in ms since boot. */
  thingAt(id: number, up: number): Readonly<Thing> | undefined;
  /** Somebody else changes, adds (`thingOf`) or removes (`undefined`) a thing. */
  edit(id: number, thing: Partial<Thing> | undefined): void;
  endSessions(): void;
}

/** The credentials that `login` takes. */
export const liarLogin = { user: "rollcall", password: "open-sesame" } as const;

/**
 * A JSON-RPC 2.0 service over a set of things, which lies on demand. It shares nothing with the program that it is
 * there to mislead. Its methods, with params in the order in which they stand when positional:
 *
 * - `list` (offset, size), (number, size), (cursor, size) or nothing, as paged; what it gives depends on the style.
 * - `copy`: the same list, which lies on its own. `count` (): how many things there are.
 * - `get` (id): the row of one thing; where there is none error 404, or `{ id, gone: true }`.
 * - `set` (id, level): true; error 404. `remove` (id): the same.
 * - `set_many` (ids, level): `{ done: [id], failed: [id] }`.
 * - `login` (user, password): `{ token }`, or false. `logout` (): true.
 *
 * @param options `items`: how many things there are, numbered from 1; style: an array by offset, numbers as ids, named
 * params and no session where it does not say otherwise.
 */
export async function startLiar(
  options: Partial<LiarStyle> & { readonly items?: number; readonly lies?: readonly Lie[] } = {},
): Promise<Liar> {
  const { items = 10, lies = [], ...style } = options;
  const liar = new LyingService(
    { paging: "offset", rows: "array", ids: "number", params: "named", session: "none", missing: "error", ...style },
    items,
  );
  liar.lies.tell(...lies);
  await liar.listen();
  return liar;
}

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: ReturnType<typeof JSON.parse>;
}

class LyingService implements Liar {
  readonly style: LiarStyle;
  readonly lies = new Lies();
  readonly received: Received[] = [];
  readonly applied: Applied[] = [];
  readonly edits: { readonly at: number; readonly item: number }[] = [];
  readonly sessions: string[] = [];
  readonly #things: Things;
  readonly #sessions = new Set<string>();
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      this.#take(text, request.headers, response).catch((error: unknown) => response.destroy(error as Error));
    });
  });

  constructor(style: LiarStyle, items: number) {
    this.style = style;
    this.#things = new Things(items);
  }

  get things(): Things["now"] {
    return this.#things.now;
  }

  thingAt(id: number, up: number): Readonly<Thing> | undefined {
    return this.#things.at(id, up);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/rpc`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  edit(id: number, thing: Partial<Thing> | undefined): void {
    this.edits.push({ at: upNow(), item: id });
    if (thing === undefined) this.#things.remove(id);
    else this.#things.set({ ...thingOf(id), ...this.things.get(id), ...thing, id });
  }

  endSessions(): void {
    this.#sessions.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #take(text: string, headers: IncomingHttpHeaders, response: ServerResponse): Promise<void> {
    const { id, method, params } = JSON.parse(text) as Call;
    const call = { id, method, params: this.#named(method, params) };
    const items = itemsOf(call.params);
    const lie = this.lies.about(method, items);
    if (lie?.does === "end-sessions") this.endSessions();
    const isKnown = this.style.session === "none" || method === "login" || this.#sessions.has(this.#sessionIn(headers));
    const earlierId = this.received.at(-1)?.id;
    const hidden = isListDeed(lie) ? hiddenBy(this.#things.sorted(), lie) : [];
    this.received.push({ at: upNow(), method, id, params, headers, isKnown, items, lie: lie?.does, hidden });
    if (!isKnown) {
      this.#refuse(id, response);
      return;
    }
    if (lie?.does === "wait") await sleep(lie.ms, undefined, { ref: false });
    if (method === "logout") this.#sessions.delete(this.#sessionIn(headers));
    const heard = { id, earlierId, text: `${text} ${JSON.stringify(headers)}` };
    tell(response, heard, this.#answer(call, lie), lie);
  }

  /** Params by their names, however they came. */
  #named(method: string, params: Call["params"]): Call["params"] {
    if (!Array.isArray(params)) return params ?? {};
    const page = {
      none: [],
      offset: ["offset", "size"],
      number: ["number", "size"],
      cursor: ["cursor", "size"],
    } as const;
    const list = page[this.style.paging];
    const names = { list, copy: list, get: ["id"], set: ["id", "level"], set_many: ["ids", "level"] };
    const known: readonly string[] =
      { ...names, remove: ["id"], login: ["user", "password"], logout: [] }[method] ?? [];
    return Object.fromEntries(params.map((value: unknown, place) => [known[place] ?? place, value]));
  }

  #sessionIn(headers: IncomingHttpHeaders): string {
    const { session } = this.style;
    return String(session === "token" ? headers.authorization?.replace("Bearer ", "") : headers["x-session"]);
  }

  #newSession(): string {
    const session = randomUUID();
    this.#sessions.add(session);
    this.sessions.push(session);
    return session;
  }

  #refuse(id: unknown, response: ServerResponse): void {
    const { session, sessionError: code } = this.style;
    if (session === "header")
      answer(response, 409, "Take the session of this answer.", { "x-session": this.#newSession() });
    else if (code === undefined) answer(response, 401, "Log in first.");
    else answerJson(response, { jsonrpc: "2.0", id, error: { code, message: "the session is over" } });
  }

  #answer({ id, method, params }: Call, lie: Lie | undefined): Said {
    switch (method) {
      case "login": {
        const isRight = params.user === liarLogin.user && params.password === liarLogin.password;
        return { result: isRight && lie?.does !== "nothing" && { token: this.#newSession() } };
      }
      case "logout":
        return { result: true };
      case "list":
      case "copy": {
        const deed = isListDeed(lie) ? lie : undefined;
        return { result: listed(this.#things.sorted(), params as PageAsked, this.style, deed) };
      }
      case "count":
        return { result: this.things.size };
      case "get": {
        const thing = this.things.get(Number(params.id));
        if (thing !== undefined) return { result: { ...thing, id: params.id as unknown } };
        return this.style.missing === "error" ? missing : { result: { id: params.id as unknown, gone: true } };
      }
      case "set": {
        const isThere = this.#set(Number(params.id), params.level as Level, { id, lie });
        return isThere ? { result: true } : missing;
      }
      case "remove": {
        const item = Number(params.id);
        if (!this.things.has(item)) return missing;
        if (!isApplied(lie)) return { result: true };
        this.#things.remove(item);
        this.applied.push({ at: upNow(), item, level: undefined, id });
        return { result: true };
      }
      case "set_many": {
        const ids = params.ids as readonly unknown[];
        const set = (item: unknown): boolean => this.#set(Number(item), params.level as Level, { id, lie });
        const done = ids.filter(set);
        const told = ids.filter((item) => lie?.does !== "leave-out" || Number(item) !== lie.item);
        const isDone = (item: unknown): boolean =>
          done.includes(item) && !(lie?.does === "blame" && Number(item) === lie.item);
        return { result: { done: told.filter(isDone), failed: told.filter((item) => !isDone(item)) } };
      }
      default:
        return { error: { code: -32601, message: `there is no method ${method}` } };
    }
  }

  /** False: there is no such thing. */
  #set(item: number, level: Level, { id, lie }: { readonly id: unknown; readonly lie: Lie | undefined }): boolean {
    const thing = this.things.get(item);
    // In a call about several things a lie about one of them leaves the others alone.
    const deed = lie?.item === undefined || lie.item === item ? lie : undefined;
    if (thing === undefined || !isApplied(deed)) return thing !== undefined;
    const stored = deed?.does === "store" ? deed.value : level;
    this.#things.set({ ...thing, level: stored });
    this.applied.push({ at: upNow(), item, level: stored, id });
    return true;
  }
}

const missing = { error: { code: 404, message: "there is no such thing" } } as const;

function itemsOf(params: Call["params"]): readonly number[] {
  const named: readonly unknown[] = [params.id ?? [], params.ids ?? []].flat();
  return named.map(Number);
}
