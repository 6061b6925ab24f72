import type { Finding, Source } from "../language/source.ts";
import type { Problem } from "../core/model/problem.ts";
import { nearest } from "../language/suggest.ts";
import type { Told } from "../language/told.ts";
import { isJsonrpc, isLoopback, kindOf, ownKinds, type ServiceDocument } from "./services.ts";

export interface ServiceContext {
  readonly source: Source;
  /** Where the shape is wrong, so that nothing more is told of it. */
  readonly told: Told;
  /** Kinds that another program brought along. */
  readonly brought: readonly string[];
}

/** What is wrong with the kind of a service, and with its address. */
export function* serviceProblems(name: string, document: ServiceDocument, context: ServiceContext): Generator<Problem> {
  const { source, told } = context;
  const path = ["services", name];
  for (const { below, ...finding } of findings(name, document, context)) {
    const place = below === undefined ? path : [...path, below];
    if (!told.covers(place)) yield source.problem({ ...finding, path: place });
  }
}

interface ServiceFinding extends Omit<Finding, "path"> {
  /** The key that it is about. Undefined: the service. */
  readonly below?: "kind" | "url";
}

function* findings(
  name: string,
  document: ServiceDocument,
  { source, brought }: ServiceContext,
): Generator<ServiceFinding> {
  const kinds = [...ownKinds, ...brought];
  const kind = kindOf(name, document);
  if (kind === undefined && !source.has(["services", name, "kind"])) {
    const hint = `Write ${kinds.map((one) => `kind: ${one}`).join(" or ")}.`;
    yield { at: "key", code: "missing-key", message: `services.${name} needs the key kind`, hint };
  }
  if (kind !== undefined && !kinds.includes(kind)) yield { below: "kind", ...unknownKind(name, kind, kinds) };
  if (kind !== undefined && brought.includes(kind) && !source.has(["services", name, "url"])) {
    const message = `services.${name} needs the key url: only the built-in kinds have one`;
    yield { at: "key", code: "missing-key", message };
  }
  if (document.url !== undefined) yield* addressFindings(name, document.url, document);
}

function* addressFindings(name: string, url: string, document: ServiceDocument): Generator<ServiceFinding> {
  if (!URL.canParse(url)) {
    yield { below: "url", code: "bad-value", message: `services.${name}.url is not an address` };
    return;
  }
  const { username, password } = new URL(url);
  if (username !== "" || password !== "") {
    const instead = isJsonrpc(document)
      ? "credentials: [{ in: basic, user: …, password: … }] with ${{ secrets.name }} in them"
      : "credentials: { username: { env: … }, password: { env: … } }";
    const hint = `Take it out; say ${instead}.`;
    yield { below: "url", code: "literal-secret", message: "the address holds a login", hint };
  } else if (url.startsWith("http:") && !isLoopback(url) && !document.tls?.allow_plain_http) {
    const message = `services.${name}.url would send credentials without TLS`;
    const hint = "Use https://, or say tls: { allow_plain_http: true } for a network you own.";
    yield { below: "url", code: "plain-http", message, hint };
  }
}

/** What was written is not repeated: it may be a credential in the wrong place. */
function unknownKind(name: string, kind: string, kinds: readonly string[]): Pick<Finding, "code" | "message" | "hint"> {
  const near = nearest(kind, kinds);
  const hint =
    near === undefined
      ? "A kind of your own needs its provider: the library takes it in openWorkspace; the command line has only the built-in kinds."
      : `Did you mean ${near}?`;
  const message = `services.${name}.kind must be one of ${kinds.join(", ")}, found another text`;
  return { code: "bad-value", message, hint };
}
