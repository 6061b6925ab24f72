import { stat } from "node:fs/promises";
import { findConfig, type ConfigOptions } from "../../config/find.ts";
import { loadConfig, type Config } from "../../config/load.ts";
import { exitCodes, PlanError } from "../../core/model/errors.ts";
import { okUnless, type Check } from "./check.ts";

/** Which config counts and whether it is right. `config` is missing when it is not. */
export async function configCheck(
  options: ConfigOptions,
): Promise<{ readonly check: Check; readonly config?: Config }> {
  const { file, namedBy } = findConfig(options);
  const by = namedBy === "nobody" ? "" : ` (${namedBy})`;
  try {
    const config = await loadConfig(options);
    return { config, check: await foundCheck(config, { file, by }) };
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const problems = error.problems.map(({ line, column, code, message }) =>
      code === "unreadable" ? message : `${file}:${line}:${column} ${message}`,
    );
    const advice = error.problems.find(({ hint }) => hint !== undefined)?.hint ?? "Correct it.";
    return {
      check: {
        check: "config",
        status: "failed",
        found: `${problems.join("; ")}${by}`,
        advice,
        exit: exitCodes.config,
      },
    };
  }
}

async function foundCheck(
  config: Config,
  { file, by }: { readonly file: string; readonly by: string },
): Promise<Check> {
  if (config.file === undefined) {
    const found = `no ${file}: the built-in services are used, credentials come from the environment`;
    return { check: "config", status: "ok", found };
  }
  const written =
    config.written.size === 0 ? "no services of its own" : `services: ${[...config.written.keys()].join(", ")}`;
  const { mode } = await stat(file);
  const isOpen = process.platform !== "win32" && (mode & 0o022) !== 0;
  return okUnless(
    { check: "config", found: `${file}${by} is valid, ${written}` },
    isOpen ? [`Others can write it, and could send your password elsewhere: chmod go-w ${file}`] : [],
  );
}
