import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { PlanError } from "../core/model/errors.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Service } from "../core/model/service.ts";
import { checkShape } from "../language/schema.ts";
import { readSource, type Finding, type Source } from "../language/source.ts";
import { isLoopback, kindOf, serviceFrom, type ServiceDocument } from "./services.ts";

export interface Config {
  /** Absolute; undefined: nothing but what is built in. */
  readonly file?: string;
  /** Where `.rollcall` lies: beside the config, else the current folder. */
  readonly folder: string;
  readonly services: ReadonlyMap<string, Service>;
}

export interface ConfigOptions {
  /** As given to --config. */
  readonly path?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

const fileName = "rollcall.config.yaml";

/**
 * Read the config: --config, else ROLLCALL_CONFIG, else `./rollcall.config.yaml` if there is one. Never beside the plan
 * and never above the current folder: whoever sends a plan could put one there.
 * @throws {PlanError} `config`, with every problem.
 */
export async function loadConfig(options: ConfigOptions): Promise<Config> {
  const { env, cwd } = options;
  const named = options.path ?? (env.ROLLCALL_CONFIG === "" ? undefined : env.ROLLCALL_CONFIG);
  const file = resolve(cwd, named ?? fileName);
  const text = await readConfig(file, named !== undefined);
  if (text === undefined) return { folder: cwd, services: servicesOf({}, { folder: cwd, env }) };
  const source = readSource(text, file, "config");
  const { problems, sound } = await checkShape(source, "config");
  const documents = ((sound ?? {}) as { readonly services?: Readonly<Record<string, ServiceDocument>> }).services ?? {};
  const found = [
    ...problems.map(withoutSecret),
    ...Object.entries(documents).flatMap(([name, document]) => [...serviceProblems(source, name, document)]),
  ];
  if (found.length > 0)
    throw new PlanError(
      found.sort((a, b) => a.line - b.line || a.column - b.column),
      "config",
    );
  const folder = dirname(file);
  return { file, folder, services: servicesOf(documents, { folder, env }) };
}

async function readConfig(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (!mustExist && (error as { readonly code?: unknown }).code === "ENOENT") return undefined;
    const message = `${file} can not be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new PlanError(
      [
        {
          file,
          line: 1,
          column: 1,
          severity: "error",
          code: "unreadable",
          message,
          hint: "Check --config and ROLLCALL_CONFIG.",
        },
      ],
      "config",
    );
  }
}

function servicesOf(
  documents: Readonly<Record<string, ServiceDocument>>,
  at: { folder: string; env: ConfigOptions["env"] },
): ReadonlyMap<string, Service> {
  const services = new Map<string, Service>();
  for (const [name, document] of Object.entries({ cove: {}, simulator: {}, ...documents })) {
    const kind = kindOf(name, document);
    if (kind !== undefined) services.set(name, serviceFrom(name, document, { kind, ...at }));
  }
  return services;
}

function* serviceProblems(source: Source, name: string, document: ServiceDocument): Generator<Problem> {
  const path = ["services", name];
  const problem = (finding: Omit<Finding, "path"> & { readonly at?: "key" }, ...below: readonly string[]): Problem =>
    source.problem({ ...finding, path: [...path, ...below] });
  if (kindOf(name, document) === undefined && !source.has([...path, "kind"])) {
    yield problem({
      at: "key",
      code: "missing-key",
      message: `services.${name} needs the key kind`,
      hint: "Write kind: cove or kind: simulator.",
    });
  }
  const { url } = document;
  if (url === undefined) return;
  if (!URL.canParse(url))
    yield problem({ code: "bad-value", message: `services.${name}.url is not an address` }, "url");
  else if (new URL(url).username !== "" || new URL(url).password !== "") {
    yield problem(
      {
        code: "literal-secret",
        message: "the address holds a login",
        hint: "Take it out; say credentials: { username: { env: … }, password: { env: … } }.",
      },
      "url",
    );
  } else if (url.startsWith("http:") && !isLoopback(url) && !document.tls?.allow_plain_http) {
    yield problem(
      {
        code: "plain-http",
        message: `${url} would send the password without TLS`,
        hint: "Use https://, or say tls: { allow_plain_http: true } for a network you own.",
      },
      "url",
    );
  }
}

/** A credential written as text is a mistake whose message must not repeat it. */
function withoutSecret(problem: Problem): Problem {
  const [, name] = /^(\S+\.credentials\.(?:partner|username|password)) must be a map/.exec(problem.message) ?? [];
  if (name === undefined) return problem;
  return {
    ...problem,
    code: "literal-secret",
    message: `${name} is written in the file itself`,
    hint: "Name a source instead: { env: VARIABLE }, { file: PATH } or { command: [program, argument] }.",
  };
}
