import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compile } from "./compiled.ts";

/** A process that tries for a lock at each `go`, or `go ROOT`, says `took <n>` or `refused`, and answers `check` and `release`. */
export interface Racer {
  readonly child: ChildProcess;
  readonly say: (text: string) => void;
  readonly hear: () => Promise<string>;
}

/** Processes that want one lock. They run the program as it stands now, compiled into a folder of its own. */
export class Racers implements Disposable {
  readonly #program = mkdtempSync(join(tmpdir(), "rollcall-"));
  readonly #children: ChildProcess[] = [];

  build(): void {
    compile(["core/model", "core/tally", "ledger", "runs"], this.#program);
    writeFileSync(join(this.#program, "take.mjs"), takeProgram);
  }

  /** The first thing it says is `ready`. */
  start(root: string): Racer {
    const child = spawn(process.execPath, [join(this.#program, "take.mjs"), root], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const hear = async (): Promise<string> => {
      const next = await lines.next();
      return next.done === true ? "gone" : next.value;
    };
    return { child, say: (text) => void child.stdin.write(`${text}\n`), hear };
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.#program, { recursive: true, force: true });
  }
}

const takeProgram = `
import { createInterface } from "node:readline";
import { takeLock } from "./runs/lock.js";
import { currentOwner } from "./runs/owner.js";
const request = { scope: "s", run: "20261123T204700Z-k3m7q", owner: currentOwner(), now: Date.now() };
let held;
const acts = {
  go: async (root = process.argv[2]) => {
    try { held = await takeLock({ ...request, root }); return "took " + held.generation; }
    catch (error) { if (error.code !== "lock") throw error; return "refused"; }
  },
  check: async () => String(held.check()),
  release: async () => { await held.release(); return "released"; },
};
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [act, ...words] = line.split(" ");
  console.log(await acts[act](...words));
}
`;
