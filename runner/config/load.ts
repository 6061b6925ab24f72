import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ApprovalConfig } from "../core/model/approval.ts";
import { PlanError } from "../core/model/errors.ts";
import { aboutFile, type Problem } from "../core/model/problem.ts";
import { reasonOf } from "../core/model/reason.ts";
import type { Webhook } from "../core/model/notice.ts";
import type { Protocol } from "../core/model/protocol.ts";
import type { Service } from "../core/model/service.ts";
import { checkShape } from "../language/schema.ts";
import { readSource } from "../language/source.ts";
import { compileApproval, type ApprovalDocument } from "./approval.ts";
import { readCertificates } from "./ca.ts";
import { findConfig, type ConfigOptions } from "./find.ts";
import { compileNotify, type WebhookDocument } from "./notify.ts";
import type { CompiledProtocol, CompileOptions } from "./jsonrpc/compile.ts";
import type { JsonrpcDocument } from "./jsonrpc/document.ts";
import { serviceProblems, type ServiceContext } from "./service-problems.ts";
import { isJsonrpc, kindOf, serviceFrom, type ServiceDocument } from "./services.ts";
import { configStandIn } from "./stand-ins.ts";

export interface Config {
  /** Absolute; undefined: nothing but what is built in. */
  readonly file?: string;
  /** Where a config was looked for, if there is none. */
  readonly missing?: string;
  /** Where `.rollcall` lies: beside the config, else the current folder. */
  readonly folder: string;
  readonly services: ReadonlyMap<string, Service>;
  /** Absolute path of the policy; read by who needs it. */
  readonly policy?: string;
  /** What the config itself says of its services. */
  readonly written: ReadonlyMap<string, ServiceDocument>;
  /** Undefined: it says nothing of approvals. */
  readonly approval?: ApprovalConfig;
  /** In the order of the config; empty: nobody is told of anything. */
  readonly webhooks: readonly Webhook[];
}

/** A config whose shape has been checked. */
interface ConfigDocument {
  readonly services?: Readonly<Record<string, ServiceDocument>>;
  readonly approval?: ApprovalDocument;
  readonly policy?: string;
  readonly notify?: readonly WebhookDocument[];
}

/** What reading a config needs to know. */
export interface LoadOptions extends ConfigOptions {
  /** Kinds of service beside the built-in ones. */
  readonly kinds?: readonly string[];
}

/**
 * Read the config that counts, if there is one.
 * @throws {PlanError} `config`, with every problem.
 */
export async function loadConfig(options: LoadOptions): Promise<Config> {
  const { env, kinds = [] } = options;
  const { file, folder, namedBy } = findConfig(options);
  const text = await readConfig(file, namedBy !== "nobody");
  if (text === undefined) {
    const services = servicesOf({}, { folder, env, more: new Map() });
    return { missing: file, folder, services, written: new Map(), webhooks: [] };
  }
  const source = readSource(text, file, "config");
  const { problems, sound, told } = await checkShape(source, "config", configStandIn);
  const { services: documents = {}, approval: written, policy, notify = [] } = (sound ?? {}) as ConfigDocument;
  const found = problems.map(withoutSecret);
  const more = new Map<string, Compiled>();
  for (const [name, document] of Object.entries(documents)) {
    const compiled = await compileService(name, document, { source, told, brought: kinds, folder, env });
    found.push(...compiled.problems);
    more.set(name, compiled);
  }
  const compiled = written && (await compileApproval(written, { source, told, folder }));
  const { problems: ofWebhooks, webhooks } = compileNotify(notify, { source, told, env });
  found.push(...(compiled?.problems ?? []), ...ofWebhooks);
  if (found.length > 0)
    throw new PlanError(
      found.sort((a, b) => a.line - b.line || a.column - b.column),
      "config",
    );
  return {
    file,
    folder,
    services: servicesOf(documents, { folder, env, more }),
    ...(policy !== undefined && { policy: resolve(folder, policy) }),
    written: new Map(Object.entries(documents)),
    ...(compiled && { approval: compiled.approval }),
    webhooks,
  };
}

/** What reading a service finds beside what it says itself. */
interface Compiled {
  readonly problems: readonly Problem[];
  readonly ca: string | undefined;
  readonly protocol: Protocol | undefined;
}

async function compileService(
  name: string,
  document: ServiceDocument,
  { folder, env, ...context }: ServiceContext & Around,
): Promise<Compiled> {
  const problems = [...serviceProblems(name, document, context)];
  const { ca } = document.tls ?? {};
  const certificates = ca === undefined ? undefined : await readCertificates(resolve(folder, ca));
  if (certificates !== undefined && "fault" in certificates) {
    const message = `services.${name}.tls.ca ${certificates.fault}`;
    const hint = "Name a file of certificates in PEM; its path is relative to the config.";
    problems.push(context.source.problem({ path: ["services", name, "tls", "ca"], code: "bad-file", message, hint }));
  }
  const compiled = isJsonrpc(document) ? await compile(document, { name, folder, env, ...context }) : undefined;
  return {
    problems: [...problems, ...(compiled?.problems ?? [])],
    ca: certificates !== undefined && "pem" in certificates ? certificates.pem : undefined,
    protocol: compiled?.protocol,
  };
}

/** The language of expressions is loaded only where a service is described in it. */
async function compile(document: JsonrpcDocument, options: CompileOptions): Promise<CompiledProtocol> {
  const { compileProtocol } = await import("./jsonrpc/compile.ts");
  return compileProtocol(document, options);
}

interface Around {
  readonly folder: string;
  readonly env: ConfigOptions["env"];
}

async function readConfig(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (!mustExist && (error as { readonly code?: unknown }).code === "ENOENT") return undefined;
    const message = `${file} can not be read: ${reasonOf(error)}`;
    const hint = "Check --config and ROLLCALL_CONFIG.";
    throw new PlanError([aboutFile(file, { code: "unreadable", message, hint })], "config");
  }
}

function servicesOf(
  documents: Readonly<Record<string, ServiceDocument>>,
  { more, ...around }: Around & { readonly more: ReadonlyMap<string, Compiled> },
): ReadonlyMap<string, Service> {
  const services = new Map<string, Service>();
  for (const [name, document] of Object.entries({ cove: {}, simulator: {}, ...documents })) {
    const kind = kindOf(name, document);
    const { ca, protocol } = more.get(name) ?? {};
    if (kind !== undefined) services.set(name, serviceFrom(name, document, { kind, ca, protocol, ...around }));
  }
  return services;
}

/** A credential written as text is a mistake whose message must not repeat it. */
function withoutSecret(problem: Problem): Problem {
  if (/^\S+\.credentials must be a list, found a map$/.test(problem.message)) {
    const hint =
      "With kind: jsonrpc it is a list, such as - { in: header, name: X-Token, value: ${{ secrets.token }} }.";
    return { ...problem, hint };
  }
  const [, name] =
    /^(\S+\.(?:credentials\.(?:partner|username|password)|secrets\.\w+)) must be a map/.exec(problem.message) ?? [];
  if (name === undefined) return problem;
  return {
    ...problem,
    code: "literal-secret",
    message: `${name} is written in the file itself`,
    hint: "Name a source instead: { env: VARIABLE }, { file: PATH } or { command: [program, argument] }.",
  };
}
