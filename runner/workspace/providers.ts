import { builtInKinds, ownKinds } from "../config/services.ts";
import { RunnerError } from "../core/model/errors.ts";
import type { NamedProvider, Provider } from "../core/model/ports.ts";
import type { Service } from "../core/model/service.ts";

/** Providers that came with the program which opened the workspace, by kind. */
export type OwnProviders = ReadonlyMap<string, NamedProvider>;

/** @throws {RunnerError} `usage` for a kind that can not be written in a config, is taken, or is given twice. */
export function providersByKind(providers: readonly NamedProvider[]): OwnProviders {
  const byKind = new Map<string, NamedProvider>();
  for (const provider of providers) {
    const { kind } = provider;
    if (!/^[a-z][a-z0-9_-]{0,62}$/.test(kind))
      throw refused(kind, "can not be the name of a kind", "Use small letters, digits, - and _, a letter first.");
    if (ownKinds.includes(kind)) throw refused(kind, "is a kind of Rollcall's own", "Choose another name.");
    if (byKind.has(kind)) throw refused(kind, "was given by two providers", "Give one provider for each kind.");
    byKind.set(kind, provider);
  }
  return byKind;
}

/** Loaded when first needed: a preview of one vendor's service pays for no other. */
export async function providerOf({ name, kind }: Service, own: OwnProviders): Promise<Provider> {
  const provider = own.get(kind);
  if (provider !== undefined) return provider;
  if (kind === "jsonrpc") return (await import("../providers/jsonrpc/connect.ts")).jsonrpc;
  if (builtInKinds.includes(kind)) return (await import("../providers/cove/connect.ts")).cove;
  throw new RunnerError("config", `Service ${name} is of kind ${kind}, and no provider of that kind was given.`, {
    hint: "Give it to openWorkspace({ providers: [...] }).",
  });
}

function refused(kind: string, why: string, hint: string): RunnerError {
  return new RunnerError("usage", `providers: ${JSON.stringify(kind)} ${why}.`, { hint });
}
