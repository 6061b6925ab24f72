import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { loadConfig, type Config } from "../../runner/config/load.ts";
import { PlanError } from "../../runner/core/model/errors.ts";
import type { Problem } from "../../runner/core/model/problem.ts";
import type { Protocol } from "../../runner/core/model/protocol.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A config in a folder of its own, beside other files by name. */
export async function configOf(
  text: string,
  env: Env = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Config> {
  const cwd = mkdtempSync(join(tmpdir(), "rollcall-config-"));
  writeFileSync(join(cwd, "rollcall.config.yaml"), text, { mode: 0o600 });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content, { mode: 0o600 });
  return loadConfig({ cwd, env });
}

/** How the service `x` of a config is spoken to. */
export async function protocolOf(text: string, env: Env = {}): Promise<Protocol> {
  const { services } = await configOf(text, env);
  const protocol = services.get("x")?.protocol;
  if (protocol === undefined) throw new Error("the config has no JSON-RPC service x");
  return protocol;
}

/** Every problem of a config that has some. */
export async function configProblems(
  text: string,
  files: Readonly<Record<string, string>> = {},
): Promise<readonly Problem[]> {
  const error: unknown = await configOf(text, {}, files).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PlanError);
  const { code, problems } = error as PlanError;
  expect(code).toBe("config");
  return problems;
}
