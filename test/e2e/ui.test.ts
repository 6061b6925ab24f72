import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main, rollcall } from "../support/cli.ts";
import { collect, newFolder } from "../support/runs.ts";
import { estate, runsIn, yes, type Estate } from "../support/workspace.ts";
import { send } from "../ui/visitor.ts";

let at: Estate;
beforeAll(async () => {
  at = await estate();
  await collect(at.workspace.apply(await at.plan(at.movable(3)), { consent: yes }));
});
afterAll(() => at[Symbol.asyncDispose]());

/** The command in a process of its own, once it has told its address. */
async function started(cwd: string, ...words: readonly string[]) {
  const running = spawn(process.execPath, [main, "ui", ...words], {
    cwd,
    env: { ...process.env, CI: "", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  running.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<number | string>((done) =>
    running.on("close", (code, signal) => done(signal ?? code ?? -1)),
  );
  const stdout = await new Promise<string>((told) =>
    running.stdout.once("data", (text: Buffer) => told(text.toString())),
  );
  const stop = (signal: NodeJS.Signals): Promise<number | string> => {
    running.kill(signal);
    return ended;
  };
  return { stdout, stderr: () => stderr, stop };
}

async function enter(url: string): Promise<{ readonly port: number; readonly cookie: string }> {
  const { port, pathname, search } = new URL(url);
  const { headers } = await send(Number(port), `${pathname}${search}`);
  return { port: Number(port), cookie: headers["set-cookie"]?.[0]?.split(";")[0] ?? "" };
}

describe("rollcall ui", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "prints one address, shows the runs, and ends with 0 at %s",
    async (signal) => {
      const ui = await started(at.cwd);
      expect(ui.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\n$/);
      const { port, cookie } = await enter(ui.stdout.trim());
      const [run = ""] = runsIn(at.cwd);
      const { text } = await send(port, "/", { headers: { cookie } });
      expect(text).toContain(`/runs/${run}`);
      const token = new URL(ui.stdout.trim()).searchParams.get("token") ?? "";
      expect(await ui.stop(signal)).toBe(0);
      expect(ui.stderr()).toContain("Ctrl-C ends it");
      expect(ui.stderr()).not.toContain(token);
    },
  );

  it("ends although pages still listen", async () => {
    const ui = await started(at.cwd, "--json", "--read-only");
    const told = JSON.parse(ui.stdout) as { v: number; type: string; url: string; port: number };
    expect(told).toMatchObject({ v: 1, type: "ui" });
    const { port, cookie } = await enter(told.url);
    const listening = send(port, "/events", { headers: { cookie } });
    await new Promise((next) => setTimeout(next, 300));
    expect(await ui.stop("SIGTERM")).toBe(0);
    expect((await listening).text).toContain("event: run");
  });

  it("says which port it can not have, and needs neither runs nor a config", async () => {
    const cwd = newFolder();
    const ui = await started(cwd);
    const { port, cookie } = await enter(ui.stdout.trim());
    expect((await send(port, "/", { headers: { cookie } })).text).toContain("No runs yet");
    const { exit, stderr } = await rollcall(["ui", "--port", String(port)], { cwd });
    expect({ exit, stderr }).toEqual({ exit: 3, stderr: expect.stringContaining(`on port ${port}`) as string });
    expect(await ui.stop("SIGINT")).toBe(0);
  });
});
