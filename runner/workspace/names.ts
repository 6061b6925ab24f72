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
