import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { rollcall } from "../support/cli.ts";
import { programs } from "../support/servers.ts";

const examples = resolve(import.meta.dirname, "../../docs/examples/services");

/** Of each example: what its inputs are, how many of ten items it changes, and what else it may find. */
const jobs: Readonly<
  Record<string, { readonly inputs: readonly string[]; readonly confirmed: number; readonly already?: number }>
> = {
  // Every third item has a limit of 1 MiB/s already, so of ten four have.
  aria2: { inputs: ["limit=1 MiB"], confirmed: 6, already: 4 },
  deluge: { inputs: ["speed=100"], confirmed: 6, already: 4 },
  // Here every third item is what the plan is about.
  nzbget: { inputs: ["category=keep", "priority=50"], confirmed: 4 },
  snapserver: { inputs: ["volume=30"], confirmed: 6, already: 4 },
  transmission: { inputs: ["label=keep", "priority=-1"], confirmed: 4 },
  // Every third party speaks German, and is none of those without a language.
  tryton: { inputs: ["language=en"], confirmed: 6 },
};

for (const program of programs) {
  const { inputs, confirmed, already = 0 } = jobs[program.name] ?? { inputs: [], confirmed: 0 };

  describe.runIf(program.isAvailable)(`the example for ${program.name}`, () => {
    it("changes what it is about, proves it, and finds nothing to do the second time", async () => {
      await using server = await program.start(10);
      const cwd = mkdtempSync(join(tmpdir(), "rollcall-services-"));
      const config = readFileSync(join(examples, program.name, "rollcall.config.yaml"), "utf8");
      writeFileSync(join(cwd, "rollcall.config.yaml"), config.replace(/url: \S+/, `url: ${server.url}`));
      const plan = join(examples, program.name, "plan.yaml");
      const run = async (verb: string, ...more: readonly string[]): Promise<number | string> => {
        const given = inputs.flatMap((input) => ["--set", input]);
        const { exit, stderr } = await rollcall([verb, plan, ...given, ...more], { cwd, env: server.env });
        return exit === 0 || exit === 2 ? exit : stderr;
      };
      const counts = async (): Promise<unknown> => {
        const { stdout } = await rollcall(["show", "latest", "--json"], { cwd });
        return JSON.parse(stdout).summary.counts;
      };

      expect(await run("validate")).toBe(0);
      expect(await run("preview", "--detailed-exitcode")).toBe(2);
      expect(await run("apply", "--yes")).toBe(0);
      expect(await counts()).toMatchObject({ confirmed, already });
      expect(await run("apply", "--yes")).toBe(0);
      expect(await counts()).toMatchObject({ confirmed: 0, already: confirmed + already });
      expect(await rollcall(["audit", "verify", "latest"], { cwd })).toMatchObject({ exit: 0 });
    });
  });
}
