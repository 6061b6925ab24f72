import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { main, rollcall, type Ended } from "./cli.ts";
import { liarLogin, startLiar, type Liar, type LiarStyle, type Received } from "./liar.ts";
import { cameOf, type Run } from "./liar/evidence.ts";
import type { Lie } from "./liar/lies.ts";
import { configOf, passwordVariable, planOf, type Papers } from "./liar/papers.ts";
import { newFolder } from "./runs.ts";
import { runsIn } from "./workspace.ts";

export interface Setting extends Partial<LiarStyle>, Papers {
  readonly items?: number;
  readonly lies?: readonly Lie[];
  /** `planOf` when left out. */
  readonly makePlan?: typeof planOf;
}

/** A folder with a config and a plan made for a liar, where the compiled program works. */
export interface LiedTo extends AsyncDisposable {
  readonly liar: Liar;
  /** Any command. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** `apply plan.yaml`, and what came of it. @param removals How many are agreed to, where the plan removes. */
  apply(removals?: number): Promise<Ended & Run>;
  /** The same, killed as soon as it is time to. */
  killed(isTime: () => boolean): Promise<Run>;
  /** What came of the newest run. */
  latest(): Run;
  /** How often a method was called. */
  calls(method: Received["method"]): number;
  /** Which of these texts are in a file of the folder, or in anything that was said. */
  leaks(secrets: readonly string[]): readonly string[];
}

export async function liedTo(setting: Setting = {}): Promise<LiedTo> {
  const { config, change, makePlan = planOf } = setting;
  const liar = await startLiar(setting);
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), configOf(liar.url, liar.style, config));
  writeFileSync(join(cwd, "plan.yaml"), makePlan(liar.style, setting));
  const env = { [passwordVariable]: liarLogin.password, XDG_CONFIG_HOME: newFolder() };
  const chunk = change?.chunk;
  const said: string[] = [];
  const run: LiedTo["run"] = async (args, more = {}) => {
    const ended = await rollcall(args, { cwd, env: { ...env, ...more } });
    said.push(ended.stdout, ended.stderr);
    return ended;
  };
  const latest = (): Run => {
    const folder = join(cwd, ".rollcall", "runs", runsIn(cwd).at(-1) ?? "");
    return cameOf(folder, liar, typeof chunk === "number" ? chunk : 1);
  };
  return {
    liar,
    run,
    latest,
    apply: async (removals) => {
      const consent = removals === undefined ? ["--yes"] : ["--confirm", String(removals)];
      const ended = await run(["apply", "plan.yaml", ...consent]);
      if (!existsSync(join(cwd, ".rollcall"))) throw new Error(`there was no run: ${ended.stderr}`);
      return { ...ended, ...latest() };
    },
    killed: async (isTime) => {
      const options = { cwd, env: { ...process.env, CI: "", ...env }, stdio: "ignore" } as const;
      const running = spawn(process.execPath, [main, "apply", "plan.yaml", "--yes"], options);
      const over = new Promise((resolve) => running.on("close", resolve));
      while (!isTime() && running.exitCode === null) await sleep(2);
      running.kill("SIGKILL");
      await over;
      return latest();
    },
    calls: (method) => liar.received.filter((one) => one.method === method).length,
    leaks: (secrets) => {
      const files = readdirSync(cwd, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
      const texts = files.map((one) => readFileSync(join(one.parentPath, one.name), "utf8"));
      return secrets.filter((secret) => [...texts, ...said].some((text) => text.includes(secret)));
    },
    [Symbol.asyncDispose]: () => liar[Symbol.asyncDispose](),
  };
}
