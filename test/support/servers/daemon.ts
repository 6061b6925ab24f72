import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A process of its own that serves until it is stopped. */
export interface Daemon {
  /** Asks it to end, and makes it end where that does not help within three seconds. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Start a program and wait until it answers. @throws {Error} with the end of what it wrote: it ended, or never answered. */
export async function startDaemon(
  [command = "", ...args]: readonly string[],
  {
    folder,
    env = {},
    answers,
  }: {
    readonly folder: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly answers: () => Promise<boolean>;
  },
): Promise<Daemon> {
  const log = join(folder, `${command}.log`);
  const output = openSync(log, "a");
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, HOME: folder, ...env },
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  running.add(child);
  const ended = new Promise<"ended">((resolve) => {
    child.once("exit", () => resolve("ended"));
    child.once("error", () => resolve("ended"));
  }).finally(() => running.delete(child));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    if ((await Promise.race([ended, sleep(3000, "runs", { ref: false })])) === "ended") return;
    child.kill("SIGKILL");
    await ended;
  };
  // Long, for a machine that does much else; a short one would say nothing of the server.
  const deadline = performance.now() + 30_000;
  while (running.has(child) && performance.now() < deadline) {
    if (await answers().catch(() => false)) return { stop };
    await sleep(50);
  }
  await stop();
  throw new Error(`${command} does not answer:\n${readFileSync(log, "utf8").slice(-2000)}`);
}

/** Run a program to its end. @throws {Error} with what it wrote: it failed. */
export async function runOnce(
  [command = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let wrote = "";
  child.stdout.on("data", (text: Buffer) => (wrote += text.toString()));
  child.stderr.on("data", (text: Buffer) => (wrote += text.toString()));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}:\n${wrote.slice(-2000)}`);
}

/**
 * Ports that nobody listens on and a new folder. Somebody may take a port before the server does, so it is tried again
 * with others; a folder whose server did not start is removed.
 */
export async function onFreePorts<Started>(
  count: number,
  start: (ports: readonly number[], folder: string) => Promise<Started>,
  parent = tmpdir(),
): Promise<Started> {
  for (let tries = 3; ; tries -= 1) {
    const ports = await freePorts(count);
    const folder = mkdtempSync(join(parent, "rollcall-server-"));
    try {
      return await start(ports, folder);
    } catch (error) {
      removeFolder(folder);
      if (tries === 1) throw error;
    }
  }
}

/** A program that was killed may leave a file behind while its folder is removed. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

async function freePorts(count: number): Promise<readonly number[]> {
  const holders = await Promise.all(
    Array.from({ length: count }, async () => {
      const holder = createServer();
      await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
      return holder;
    }),
  );
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))));
  return ports;
}
