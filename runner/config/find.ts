import { dirname, resolve } from "node:path";

export interface ConfigOptions {
  /** As given to --config. */
  readonly path?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface ConfigPlace {
  /** Absolute. */
  readonly file: string;
  /** Where `.rollcall` lies: beside the config, else the current folder. */
  readonly folder: string;
  /** Who named it. `nobody`: it need not exist. */
  readonly namedBy: "--config" | "ROLLCALL_CONFIG" | "nobody";
}

/** Its name where nobody says another. */
const configName = "rollcall.config.yaml";

/**
 * Which config counts: --config, else ROLLCALL_CONFIG, else `./rollcall.config.yaml`. Never beside the plan and never above
 * the current folder: whoever sends a plan could put one there.
 */
export function findConfig({ path, env, cwd }: ConfigOptions): ConfigPlace {
  const fromEnv = env.ROLLCALL_CONFIG === "" ? undefined : env.ROLLCALL_CONFIG;
  const file = resolve(cwd, path ?? fromEnv ?? configName);
  const namedBy = path !== undefined ? "--config" : fromEnv !== undefined ? "ROLLCALL_CONFIG" : "nobody";
  return { file, folder: dirname(file), namedBy };
}
