import { RunnerError } from "../core/model/errors.ts";
import { noticeEvents, type NoticeEvent, type Webhook, type WebhookFormat } from "../core/model/notice.ts";
import type { Problem } from "../core/model/problem.ts";
import { Secret } from "../core/model/secret.ts";
import type { Finding, Path, Source } from "../language/source.ts";
import type { Told } from "../language/told.ts";
import { parseDuration } from "../language/units.ts";
import { isLoopback } from "./services.ts";

/** One entry of `notify` as the config says it, its shape checked. */
export interface WebhookDocument {
  readonly url?: string;
  readonly url_env?: string;
  readonly events?: readonly NoticeEvent[];
  readonly format?: WebhookFormat;
  readonly secret_env?: string;
  readonly timeout?: string;
  readonly headers?: Readonly<Record<string, string | { readonly env: string }>>;
}

type Env = Readonly<Record<string, string | undefined>>;

interface Context {
  readonly source: Source;
  /** Where the shape is wrong, so that nothing more is told of it. */
  readonly told: Told;
  readonly env: Env;
}

interface CompiledNotify {
  readonly problems: readonly Problem[];
  readonly webhooks: readonly Webhook[];
}

const defaultTimeoutMs = 5000;
const mostTimeoutMs = 30_000;
/** Shorter ones can be guessed. */
const leastSecret = 16;

/** Look at the webhooks, and say how each is reached. The environment is read when one is first used. */
export function compileNotify(documents: readonly WebhookDocument[], { source, told, env }: Context): CompiledNotify {
  const problems = documents.flatMap((document, place) => {
    const path: Path = ["notify", place];
    if (told.touches(path)) return [];
    const name = `notify[${place}]`;
    return [...findings(name, document)].map(({ path: below = [], ...finding }) =>
      source.problem({ ...finding, path: [...path, ...below] }),
    );
  });
  return { problems, webhooks: documents.map((document, place) => webhookFrom(`notify[${place}]`, document, env)) };
}

function webhookFrom(name: string, document: WebhookDocument, env: Env): Webhook {
  const { events = noticeEvents, format = "json", timeout } = document;
  const timeoutMs = (timeout === undefined ? undefined : parseDuration(timeout)) ?? defaultTimeoutMs;
  return { name, events, format, timeoutMs, target: () => targetOf(name, document, env) };
}

function targetOf(name: string, { url, url_env, secret_env, headers = {} }: WebhookDocument, env: Env) {
  const address = url ?? valueOf(`${name}.url_env`, url_env ?? "", env);
  const fault = url === undefined ? faultOf(address) : undefined;
  if (fault !== undefined)
    throw new RunnerError("config", `${name}.url_env: what ${url_env ?? ""} holds ${fault.what}`, { hint: fault.hint });
  const secret = secret_env === undefined ? undefined : valueOf(`${name}.secret_env`, secret_env, env);
  if (secret !== undefined && secret.length < leastSecret)
    throw new RunnerError(
      "config",
      `${name}.secret_env: what ${secret_env ?? ""} holds is shorter than ${leastSecret} characters`,
      { hint: "Make one that nobody can guess: openssl rand -hex 32" },
    );
  return {
    url: new Secret(address),
    host: new URL(address).host,
    signingSecret: secret === undefined ? undefined : new Secret(secret),
    headers: Object.entries(headers).map(
      ([header, value]) => [header, new Secret(headerOf(name, header, value, env))] as const,
    ),
  };
}

function headerOf(name: string, header: string, value: string | { readonly env: string }, env: Env): string {
  if (typeof value === "string") return value;
  const place = `${name}.headers.${header}`;
  const text = valueOf(place, value.env, env);
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  throw new RunnerError("config", `${place}: what ${value.env} holds can not stand in a header`, {
    hint: "It may have letters, digits and signs of ASCII, and no line break.",
  });
}

function valueOf(place: string, variable: string, env: Env): string {
  const value = env[variable];
  if (value !== undefined && value !== "") return value;
  throw new RunnerError("config", `${place}: environment variable ${variable} is not set`, {
    hint: `Set ${variable}, or take the webhook out of rollcall.config.yaml.`,
  });
}

type Found = Omit<Finding, "path"> & { readonly path?: Path };

function* findings(name: string, { url, url_env, timeout, headers = {} }: WebhookDocument): Generator<Found> {
  if (url === undefined && url_env === undefined) {
    const hint =
      "Write url: https://… or url_env: VARIABLE. Where the address is as good as a password, use the variable.";
    yield { code: "missing-key", message: `${name} needs the key url, or url_env`, hint };
  }
  if (url !== undefined && url_env !== undefined) {
    const hint = "Take one of them out.";
    yield { path: ["url_env"], at: "key", code: "bad-value", message: `${name} has both url and url_env`, hint };
  }
  const fault = url === undefined ? undefined : faultOf(url);
  if (fault !== undefined)
    yield { path: ["url"], code: fault.code, message: `${name}.url ${fault.what}`, hint: fault.hint };
  const timeoutMs = timeout === undefined ? defaultTimeoutMs : (parseDuration(timeout) ?? defaultTimeoutMs);
  if (timeoutMs < 1 || timeoutMs > mostTimeoutMs) {
    const message = `${name}.timeout must be from 1ms to ${mostTimeoutMs / 1000}s`;
    yield {
      path: ["timeout"],
      code: "bad-value",
      message,
      hint: "A receiver should answer at once, and work afterwards.",
    };
  }
  for (const [header, value] of Object.entries(headers)) yield* headerFindings(name, header, value);
}

interface AddressFault {
  readonly code: string;
  /** The end of a sentence about the address, which is not repeated. */
  readonly what: string;
  readonly hint: string;
}

function faultOf(url: string): AddressFault | undefined {
  if (!/^https?:\/\/\S+$/.test(url) || !URL.canParse(url))
    return {
      code: "bad-value",
      what: "is not an address",
      hint: "Write it whole, such as https://hooks.example/rollcall.",
    };
  const { username, password, protocol } = new URL(url);
  if (username !== "" || password !== "")
    return {
      code: "literal-secret",
      what: "holds a login",
      hint: "Take it out; say headers: { Authorization: { env: VARIABLE } }.",
    };
  if (protocol === "http:" && !isLoopback(url))
    return {
      code: "plain-http",
      what: "would be sent to without TLS",
      hint: "Use https://. Only this machine itself may be told without.",
    };
  return undefined;
}

/** Those that are ours to say. */
const ours = /^(host|content-.*|transfer-encoding|connection|expect|upgrade|te|trailer|x-rollcall-.*)$/i;
const secretNames = /^(proxy-)?authorization$|^cookie$|token|secret|pass|key/i;

function* headerFindings(name: string, header: string, value: string | { readonly env: string }): Generator<Found> {
  const path = ["headers", header];
  const place = `${name}.headers.${header}`;
  if (ours.test(header)) {
    const hint = "Take it out.";
    yield { path, at: "key", code: "bad-name", message: `${place} is a header that Rollcall sets itself`, hint };
  } else if (typeof value === "string" && secretNames.test(header)) {
    const hint = "Name a variable instead: { env: VARIABLE }.";
    yield { path, code: "literal-secret", message: `${place} is written in the file itself`, hint };
  }
}
