import { readFile } from "node:fs/promises";
import { PlanError } from "../core/model/errors.ts";
import { aboutFile, type Problem } from "../core/model/problem.ts";
import { reasonOf } from "../core/model/reason.ts";
import type { Service } from "../core/model/service.ts";
import { checkShape } from "../language/schema.ts";
import { readSource, type Finding, type Source } from "../language/source.ts";
import { nearest } from "../language/suggest.ts";
import { findConfig, type ConfigOptions } from "./find.ts";
import { builtInKinds, isLoopback, kindOf, reservedKinds, serviceFrom, type ServiceDocument } from "./services.ts";

export interface Config {
  /** Absolute; undefined: nothing but what is built in. */
  readonly file?: string;
  /** Where `.rollcall` lies: beside the config, else the current folder. */
  readonly folder: string;
  readonly services: ReadonlyMap<string, Service>;
  /** What the config itself says of its services. */
  readonly written: ReadonlyMap<string, ServiceDocument>;
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
  if (text === undefined) return { folder, services: servicesOf({}, { folder, env }), written: new Map() };
  const source = readSource(text, file, "config");
  const { problems, sound } = await checkShape(source, "config");
  const documents = ((sound ?? {}) as { readonly services?: Readonly<Record<string, ServiceDocument>> }).services ?? {};
  const found = [
    ...problems.map(withoutSecret),
    ...Object.entries(documents).flatMap(([name, document]) => [...serviceProblems(source, name, document, kinds)]),
  ];
  if (found.length > 0)
    throw new PlanError(
      found.sort((a, b) => a.line - b.line || a.column - b.column),
      "config",
    );
  const written = new Map(Object.entries(documents));
  return { file, folder, services: servicesOf(documents, { folder, env }), written };
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
  at: { folder: string; env: ConfigOptions["env"] },
): ReadonlyMap<string, Service> {
  const services = new Map<string, Service>();
  for (const [name, document] of Object.entries({ cove: {}, simulator: {}, ...documents })) {
    const kind = kindOf(name, document);
    if (kind !== undefined) services.set(name, serviceFrom(name, document, { kind, ...at }));
  }
  return services;
}

function* serviceProblems(
  source: Source,
  name: string,
  document: ServiceDocument,
  brought: readonly string[],
): Generator<Problem> {
  const path = ["services", name];
  const problem = (finding: Omit<Finding, "path"> & { readonly at?: "key" }, ...below: readonly string[]): Problem =>
    source.problem({ ...finding, path: [...path, ...below] });
  const kinds = [...builtInKinds, ...brought];
  const kind = kindOf(name, document);
  if (kind === undefined && !source.has([...path, "kind"])) {
    const hint = `Write ${kinds.map((one) => `kind: ${one}`).join(" or ")}.`;
    yield problem({ at: "key", code: "missing-key", message: `services.${name} needs the key kind`, hint });
  }
  if (kind !== undefined && !kinds.includes(kind)) yield problem(unknownKind(name, kind, kinds), "kind");
  const { url } = document;
  if (kind !== undefined && brought.includes(kind) && !source.has([...path, "url"])) {
    const message = `services.${name} needs the key url: only the built-in kinds have one`;
    yield problem({ at: "key", code: "missing-key", message });
  }
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

/** What was written is not repeated: it may be a credential in the wrong place. */
function unknownKind(name: string, kind: string, kinds: readonly string[]): Pick<Finding, "code" | "message" | "hint"> {
  if (reservedKinds.includes(kind))
    return { code: "not-yet", message: `services.${name}.kind: "${kind}" is not supported yet` };
  const near = nearest(kind, kinds);
  const hint =
    near === undefined
      ? "A kind of your own needs its provider: the library takes it in openWorkspace; the command line has only the built-in kinds."
      : `Did you mean ${near}?`;
  const message = `services.${name}.kind must be one of ${kinds.join(", ")}, found another text`;
  return { code: "bad-value", message, hint };
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
