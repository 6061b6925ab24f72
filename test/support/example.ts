import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rollcall, type Ended } from "./cli.ts";
import type { RunningServer } from "./servers/program.ts";

const examples = resolve(import.meta.dirname, "../../docs/examples/services");

/** A copy of a service's example in a folder of its own, made for a server that runs. */
export interface Example {
  /** Any command, with the credentials of the server, or others. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** How many items of the latest run ended in each state. */
  counts(): Promise<Readonly<Record<string, number>>>;
}

/** @param edit What becomes of the plan. */
export function exampleFor(name: string, server: RunningServer, edit = (plan: string): string => plan): Example {
  const cwd = mkdtempSync(join(tmpdir(), "rollcall-services-"));
  const config = readFileSync(join(examples, name, "rollcall.config.yaml"), "utf8");
  writeFileSync(join(cwd, "rollcall.config.yaml"), config.replace(/url: \S+/, `url: ${server.url}`));
  writeFileSync(join(cwd, "plan.yaml"), edit(readFileSync(join(examples, name, "plan.yaml"), "utf8")));
  return {
    run: (args, env = {}) => rollcall(args, { cwd, env: { ...server.env, ...env } }),
    counts: async () => {
      const { stdout } = await rollcall(["show", "latest", "--json"], { cwd });
      return JSON.parse(stdout).summary.counts;
    },
  };
}
