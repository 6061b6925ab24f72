import type { Cookies } from "../../rpc/client.ts";

interface Cookie {
  readonly value: string;
  /** Wall clock, ms; undefined: as long as we run. */
  readonly expires: number | undefined;
  /** Of the request whose answer set it. */
  readonly order: number;
}

/** What browsers keep of one site, roughly. */
const mostCookies = 50;
const longest = 4096;

/**
 * Cookies of one address: kept as its answers set them, and sent back to it alone. The newest wins by the order in which
 * requests were sent.
 */
export class CookieJar implements Cookies {
  readonly #url: URL;
  readonly #now: () => number;
  readonly #cookies = new Map<string, Cookie>();
  /** Answers to requests before this one set nothing any more. */
  #floor = 0;

  /** @param now Wall clock, ms. */
  constructor(url: string, now: () => number) {
    this.#url = new URL(url);
    this.#now = now;
  }

  header(): string | undefined {
    this.#dropExpired();
    if (this.#cookies.size === 0) return undefined;
    return [...this.#cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
  }

  take(lines: readonly string[], order: number): void {
    if (order < this.#floor) return;
    for (const line of lines) this.#set(line, order);
  }

  /** Begin anew. @param order Answers to requests before this one are of the old session. */
  clear(order: number): void {
    this.#cookies.clear();
    this.#floor = order;
  }

  /** Values that nothing may show. */
  values(): readonly string[] {
    return [...this.#cookies.values()].map(({ value }) => value);
  }

  #set(line: string, order: number): void {
    const [pair = "", ...attributes] = line.split(";");
    const found = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair);
    const [, name = "", value = ""] = found ?? [];
    if (found === null || line.length > longest || !isSendable(name) || !isSendable(value)) return;
    const known = this.#cookies.get(name);
    if (known !== undefined && known.order > order) return;
    const given = new Map(attributes.map(attributeOf));
    if (!this.#isForUs(given)) return;
    this.#cookies.delete(name);
    this.#cookies.set(name, { value, expires: this.#expiryOf(given), order });
    const [oldest] = this.#cookies.keys();
    if (this.#cookies.size > mostCookies && oldest !== undefined) this.#cookies.delete(oldest);
    this.#dropExpired();
  }

  #isForUs(given: ReadonlyMap<string, string>): boolean {
    const { pathname, protocol } = this.#url;
    if (given.has("secure") && protocol !== "https:") return false;
    const path = given.get("path") ?? "";
    // Without one it is for the folder of the request, which we are in.
    if (!path.startsWith("/") || path === pathname) return true;
    return pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
  }

  /** Max-Age counts before Expires. */
  #expiryOf(given: ReadonlyMap<string, string>): number | undefined {
    const seconds = given.get("max-age");
    if (seconds !== undefined && /^-?\d{1,15}$/.test(seconds)) return this.#now() + Number(seconds) * 1000;
    const date = Date.parse(given.get("expires") ?? "");
    return Number.isNaN(date) ? undefined : date;
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [name, { expires }] of this.#cookies)
      if (expires !== undefined && expires <= now) this.#cookies.delete(name);
  }
}

function attributeOf(text: string): readonly [string, string] {
  const [name = "", ...rest] = text.split("=");
  return [name.trim().toLowerCase(), rest.join("=").trim()];
}

function isSendable(text: string): boolean {
  return /^[\x20-\x3a\x3c-\x7e]*$/.test(text);
}
