import type { Problem } from "../../core/model/problem.ts";
import type { Protocol } from "../../core/model/protocol.ts";
import type { Source } from "../../language/source.ts";
import type { Told } from "../../language/told.ts";
import { ServiceCompiler } from "./compiler.ts";
import { compileCredentials } from "./credentials.ts";
import type { JsonrpcDocument } from "./document.ts";
import { compileEnvelope, membersOf } from "./envelope.ts";
import { compileErrors } from "./errors.ts";
import { methodRules } from "./methods.ts";
import { templateScope } from "./names.ts";
import { secretsFrom, type SecretPlace } from "./secrets.ts";
import { compileSession, savedBy } from "./session.ts";

export interface CompileOptions extends SecretPlace {
  readonly source: Source;
  /** Where the shape is wrong, so that nothing more is told of it. */
  readonly told: Told;
}

export interface CompiledProtocol {
  /** Counts only where there is no problem. */
  readonly protocol: Protocol;
  readonly problems: readonly Problem[];
}

/** What the config says of a JSON-RPC service, compiled. */
export function compileProtocol(
  document: JsonrpcDocument,
  { source, told, ...place }: CompileOptions,
): CompiledProtocol {
  const compiler = new ServiceCompiler(source, ["services", place.name], told);
  const { secrets = {}, envelope = {}, cookies = false, session = {}, methods = {} } = document;
  const names = Object.keys(secrets);
  for (const name of names) compiler.named(["secrets", name], "secrets", name);
  const known = templateScope({ secrets: names, session: savedBy(session) });
  const protocol: Omit<Protocol, "secrets"> = {
    envelope: compileEnvelope(envelope, compiler),
    credentials: compileCredentials(document.credentials ?? [], {
      compiler,
      known,
      cookies,
      members: membersOf(envelope),
    }),
    cookies,
    session: compileSession(session, { compiler, secrets: names }),
    errors: compileErrors(document.errors ?? [], compiler),
    emptyIsUnset: document.empty_is_unset ?? false,
    methods: methodRules(methods),
    undeclared: document.undeclared ?? "allow",
  };
  const used = Object.fromEntries(Object.entries(secrets).filter(([name]) => compiler.usedSecrets.has(name)));
  return { protocol: { ...protocol, secrets: secretsFrom(used, place) }, problems: compiler.problems };
}
