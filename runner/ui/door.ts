import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

// Every page that a browser shows can send requests to 127.0.0.1, and every user of the machine can open a connection to it. So
// a request has to show that it means this server by its own address, that it comes from a page of it, and that whoever sent
// it holds a secret of this process.

/** Header that a page of ours puts its key into. A page of somebody else can neither read the key nor send the header. */
export const keyHeader = "x-rollcall-key";

/** Why somebody is not let in; also the HTTP status. */
type Refused = { readonly status: 401 | 403 | 405 | 415 | 421; readonly why: string };

/** `enter`: a first visit with the token, which the cookie replaces from here on. */
export type Admission = { readonly kind: "in" } | { readonly kind: "enter" } | ({ readonly kind: "out" } & Refused);

export interface Knock {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the address: empty when it has none. */
  readonly token: string;
}

/** The secrets of one server, and who they let in. Nothing of them is ever written down. */
export class Door {
  /** What the printed address holds. */
  readonly token = secret();
  /** What pages of ours send with what they ask for. */
  readonly key = secret();
  readonly #session = secret();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Browsers keep cookies by host, not by port: the name keeps two servers apart. */
  get cookie(): string {
    return `${this.#cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  admit(knock: Knock): Admission {
    const { method, headers, token } = knock;
    if (!this.#hosts.includes((headers.host ?? "").toLowerCase()))
      return out(421, "this is not the address of this server");
    if (!["GET", "HEAD", "POST"].includes(method)) return out(405, `${method} is not understood here`);
    const isIn = this.#holdsSession(headers.cookie ?? "");
    if (method === "POST") return this.#admitPost(headers, isIn);
    if (isForeign(headers)) return out(403, "the request comes from a page of somebody else");
    if (token !== "")
      return same(token, this.token) ? { kind: "enter" } : out(401, "the token is not that of this server");
    return isIn ? { kind: "in" } : out(401, "this browser has not shown the token");
  }

  #admitPost(headers: IncomingHttpHeaders, isIn: boolean): Admission {
    const origin = headers.origin ?? "";
    if (!this.#hosts.some((host) => origin === `http://${host}`) || origin !== `http://${headers.host?.toLowerCase()}`)
      return out(403, "the request comes from a page of somebody else");
    if ((headers["sec-fetch-site"] ?? "same-origin") !== "same-origin")
      return out(403, "the request comes from a page of somebody else");
    if (!isIn) return out(401, "this browser has not shown the token");
    const key = headers[keyHeader];
    if (typeof key !== "string" || !same(key, this.key))
      return out(403, "the page is of an earlier server: load it anew");
    if (!/^application\/json(;|$)/i.test(headers["content-type"] ?? ""))
      return out(415, "what is asked for is sent as JSON");
    return { kind: "in" };
  }

  get #hosts(): readonly string[] {
    const names = ["127.0.0.1", "localhost"];
    // Browsers leave out the port that http has anyway.
    return [...names.map((name) => `${name}:${this.#port}`), ...(this.#port === 80 ? names : [])];
  }

  get #cookieName(): string {
    return `rollcall-${this.#port}`;
  }

  #holdsSession(cookies: string): boolean {
    return cookies
      .split(";")
      .map((one) => one.trim())
      .filter((one) => one.startsWith(`${this.#cookieName}=`))
      .some((one) => same(one.slice(this.#cookieName.length + 1), this.#session));
  }
}

/** Somebody else's page wants it as a part of itself, or by a script. A link from there is a visit like any other. */
function isForeign(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"] ?? "none";
  if (site === "none" || site === "same-origin") return false;
  return headers["sec-fetch-mode"] !== "navigate" || headers["sec-fetch-dest"] !== "document";
}

/** 256 bits, as text that fits into an address. */
function secret(): string {
  return randomBytes(32).toString("base64url");
}

/** In a time that does not tell how much of it is right, nor how long it should be. */
function same(given: string, wanted: string): boolean {
  const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digestOf(given), digestOf(wanted));
}

function out(status: Refused["status"], why: string): Admission {
  return { kind: "out", status, why };
}
