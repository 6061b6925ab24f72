import { resolve } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import type { Protocol } from "../core/model/protocol.ts";
import type { Credentials, Limits, Service } from "../core/model/service.ts";
import { parseBytes, parseDuration, parseRate } from "../language/units.ts";
import { describe, fetchSecret, type SecretSource } from "./credentials.ts";
import type { VendorDocument } from "./document.ts";
import type { JsonrpcDocument } from "./jsonrpc/document.ts";

/** A service as the config writes it, once its shape has been checked. */
export type ServiceDocument = VendorDocument | JsonrpcDocument;

type Env = Readonly<Record<string, string | undefined>>;

/** A service without its way to the credentials. */
interface Defaults extends Omit<Service, "credentials" | "name" | "kind"> {
  readonly sources: {
    readonly partner?: SecretSource;
    readonly username?: SecretSource;
    readonly password?: SecretSource;
  };
}

const limits: Limits = { concurrency: 8, timeoutMs: 30_000, body: 64 * 1024 ** 2, message: 500 };

/** What needs no config: a service of each kind, under the name of its kind. */
const builtIn = {
  cove: {
    url: "https://api.backup.management/jsonapi",
    domains: ["cloudbackup.management", "backup.management"],
    lateMs: 60_000,
    lag: { listMs: 30_000, byIdMs: 5000 },
    limits,
    sources: {
      partner: { env: "COVE_PARTNER" },
      username: { env: "COVE_USERNAME" },
      password: { env: "COVE_PASSWORD" },
    },
  },
  simulator: {
    url: "http://127.0.0.1:8765/jsonapi",
    domains: ["127.0.0.1"],
    lateMs: 200,
    lag: { listMs: 200, byIdMs: 0 },
    limits,
    sources: {
      partner: { text: "Rollcall Demo (demo@example.com)" },
      username: { text: "simulator" },
      password: { text: "simulator" },
    },
  },
} as const satisfies Readonly<Record<string, Defaults>>;

/** For a service that nothing is known of: as careful as for the slowest we know. Its url stands in the config. */
const cautious: Defaults = {
  url: "",
  domains: [],
  lateMs: 60_000,
  lag: { listMs: 30_000, byIdMs: 5000 },
  limits,
  sources: {},
};

/** Kinds with a service that needs no config. */
export const builtInKinds: readonly string[] = Object.keys(builtIn);

/** Kinds whose provider no program has to bring along: nobody else may give a kind one of these names. */
export const ownKinds: readonly string[] = [...builtInKinds, "jsonrpc"];

export function isJsonrpc(document: ServiceDocument): document is JsonrpcDocument {
  return document.kind === "jsonrpc";
}

/** The kind of a service: as written, or that of the built-in of the same name. */
export function kindOf(name: string, document: ServiceDocument): string | undefined {
  return document.kind ?? (isBuiltIn(name) ? name : undefined);
}

function isBuiltIn(kind: string): kind is keyof typeof builtIn {
  return Object.hasOwn(builtIn, kind);
}

interface Around {
  readonly kind: string;
  /** That paths of files are relative to. */
  readonly folder: string;
  readonly env: Env;
  readonly ca: string | undefined;
  /** Of a service of kind `jsonrpc`. */
  readonly protocol: Protocol | undefined;
}

/** A service of the config over the built-in one of its kind. */
export function serviceFrom(name: string, document: ServiceDocument, around: Around): Service {
  const { kind, ca, protocol } = around;
  const base = defaultsOf(kind);
  const domains = isJsonrpc(document) ? undefined : document.domains;
  return {
    name,
    kind,
    url: document.url ?? base.url,
    domains: domains?.map((domain) => domain.toLowerCase()) ?? base.domains,
    lateMs: ms(document.late) ?? base.lateMs,
    lag: lagFrom(document.lag, base.lag),
    limits: limitsFrom(document.limits, base.limits),
    ...(ca !== undefined && { ca }),
    ...(protocol !== undefined && { protocol }),
    credentials: () =>
      isJsonrpc(document) ? noCredentials(name) : credentialsFrom(name, sourcesOf(kind, document), around),
  };
}

function defaultsOf(kind: string): Defaults {
  return isBuiltIn(kind) ? builtIn[kind] : cautious;
}

function sourcesOf(kind: string, document: VendorDocument): Defaults["sources"] {
  return { ...defaultsOf(kind).sources, ...document.credentials };
}

function noCredentials(name: string): Promise<never> {
  return Promise.reject(new Error(`service ${name} was asked for the login of a vendor's service: it has secrets`));
}

/** Where one part of a login, or a secret, comes from, for people. `isUnset`: an environment variable that is not there. */
export interface CredentialReference {
  readonly part: string;
  readonly from: string;
  readonly isUnset: boolean;
}

/** The references of a service's login, or its secrets; never what is behind them. */
export function credentialReferences(
  kind: Service["kind"],
  document: ServiceDocument,
  env: Env,
): readonly CredentialReference[] {
  const sources = isJsonrpc(document) ? (document.secrets ?? {}) : sourcesOf(kind, document);
  return Object.entries(sources).map(([part, source]) => ({
    part,
    from: describe(source),
    isUnset: "env" in source && (env[source.env] ?? "") === "",
  }));
}

/** Whether credentials may travel to a URL without TLS: to this machine only. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function lagFrom(written: ServiceDocument["lag"], base: Service["lag"]): Service["lag"] {
  if (typeof written === "string") return { listMs: ms(written) ?? base.listMs, byIdMs: ms(written) ?? base.byIdMs };
  return { listMs: ms(written?.list) ?? base.listMs, byIdMs: ms(written?.by_id) ?? base.byIdMs };
}

function limitsFrom(written: ServiceDocument["limits"] = {}, base: Limits): Limits {
  const perMinute = written.rate === undefined ? base.perMinute : parseRate(written.rate);
  return {
    concurrency: written.concurrency ?? base.concurrency,
    ...(perMinute !== undefined && { perMinute }),
    timeoutMs: ms(written.timeout) ?? base.timeoutMs,
    body: typeof written.body === "string" ? (parseBytes(written.body) ?? base.body) : (written.body ?? base.body),
    message: written.message ?? base.message,
  };
}

function ms(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}

async function credentialsFrom(
  service: string,
  sources: Defaults["sources"],
  { folder, env }: { folder: string; env: Env },
): Promise<Credentials> {
  const fetched = async (part: "partner" | "username" | "password"): Promise<Credentials["partner"]> => {
    const source = sources[part];
    if (source === undefined) return undefined;
    const placed = "file" in source ? { file: resolve(folder, source.file) } : source;
    return await fetchSecret(`services.${service}.credentials.${part}`, placed, env);
  };
  const partner = await fetched("partner");
  const username = await fetched("username");
  const password = await fetched("password");
  if (username !== undefined && password !== undefined) return { ...(partner && { partner }), username, password };
  const part = username === undefined ? "username" : "password";
  const source = sources[part];
  throw new RunnerError(
    "config",
    `service ${service} has no ${part}: ${source ? `${describe(source)} is not set` : "the config names no source"}`,
    {
      hint:
        source && "env" in source
          ? `Set ${source.env}, or say services.${service}.credentials.${part} in rollcall.config.yaml.`
          : `Say services.${service}.credentials.${part} in rollcall.config.yaml.`,
    },
  );
}
