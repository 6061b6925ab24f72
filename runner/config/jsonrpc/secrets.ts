import { resolve } from "node:path";
import { RunnerError } from "../../core/model/errors.ts";
import type { Secret } from "../../core/model/secret.ts";
import { fetchSecret, type SecretSource } from "../credentials.ts";

export interface SecretPlace {
  /** Of the service. */
  readonly name: string;
  /** That paths of files are relative to. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A way to the secrets of a service: fetched when first asked for, each once, one after another, as a command may ask its owner. */
export function secretsFrom(
  sources: Readonly<Record<string, SecretSource>>,
  place: SecretPlace,
): () => Promise<Readonly<Record<string, Secret>>> {
  let fetched: Promise<Readonly<Record<string, Secret>>> | undefined;
  return () => {
    fetched ??= fetchAll(sources, place).catch((error: unknown) => {
      // What is put right meanwhile is found the next time.
      fetched = undefined;
      throw error;
    });
    return fetched;
  };
}

/** @throws {RunnerError} `config`, with every variable that is not set. */
async function fetchAll(
  sources: Readonly<Record<string, SecretSource>>,
  { name: service, folder, env }: SecretPlace,
): Promise<Readonly<Record<string, Secret>>> {
  const found: [string, Secret][] = [];
  const unset: { readonly name: string; readonly variable: string }[] = [];
  for (const [name, source] of Object.entries(sources)) {
    const placed = "file" in source ? { file: resolve(folder, source.file) } : source;
    const secret = await fetchSecret(`services.${service}.secrets.${name}`, placed, env);
    if (secret !== undefined) found.push([name, secret]);
    else if ("env" in source) unset.push({ name, variable: source.env });
  }
  if (unset.length === 0) return Object.fromEntries(found);
  const missing = unset.map(
    ({ name, variable }) => `services.${service}.secrets.${name}: environment variable ${variable} is not set`,
  );
  const variables = unset.map(({ variable }) => variable).join(", ");
  throw new RunnerError("config", missing.join("; "), {
    hint: `Set ${variables}, or name another source in the config.`,
  });
}
