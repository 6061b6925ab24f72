import { readFile } from "node:fs/promises";
import { findConfig, type ConfigOptions } from "../config/find.ts";
import type { RunId } from "../core/model/item.ts";
import { listRuns } from "../runs/folder.ts";

// Names of what there is, found without opening it.

/** Ids of the runs kept beside the config, the newest first. @throws {RecordError} when the folder can not be read. */
export async function runIds(options: ConfigOptions): Promise<readonly RunId[]> {
  return (await listRuns(findConfig(options).folder)).map(({ run }) => run).reverse();
}

/** Services of the config and the built-in ones. @throws {PlanError} when the config is wrong. */
export async function serviceNames(options: ConfigOptions): Promise<readonly string[]> {
  const { loadConfig } = await import("../config/load.ts");
  return [...(await loadConfig(options)).services.keys()];
}

/** Methods that the catalogue of a service has, in its order. @throws {PlanError} when the config is wrong. */
export async function methodNames(service: string, options: ConfigOptions): Promise<readonly string[]> {
  const { loadConfig } = await import("../config/load.ts");
  const { catalogueOf } = await import("./connect.ts");
  const found = (await loadConfig(options)).services.get(service);
  return found === undefined ? [] : (await catalogueOf(found, new Map())).methodNames;
}

/**
 * Inputs that a plan takes by --set: of a file, or of the gallery. What is no plan has none.
 * @throws {PlanError | Error} when it can not be read.
 */
export async function inputNames(
  plan: { readonly file: string } | { readonly gallery: string },
): Promise<readonly string[]> {
  if ("gallery" in plan) {
    const { readGallery } = await import("./gallery.ts");
    const chosen = (await readGallery()).find(({ name }) => name === plan.gallery);
    return (chosen?.inputs ?? []).filter(({ isSecret }) => !isSecret).map(({ name }) => name);
  }
  const { readSource } = await import("../language/source.ts");
  const { value } = readSource(await readFile(plan.file, "utf8"), plan.file);
  const { inputs } = (value ?? {}) as { readonly inputs?: Readonly<Record<string, { readonly type?: string }>> };
  return Object.entries(inputs ?? {}).flatMap(([name, input]) => (input.type === "secret" ? [] : [name]));
}
