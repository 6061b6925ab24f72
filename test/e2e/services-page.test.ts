import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../support/cli.ts";
import { onFreePorts, removeFolder } from "../support/servers/daemon.ts";
import { programs } from "../support/servers.ts";

const docs = resolve(import.meta.dirname, "../../docs");
const page = readFileSync(join(docs, "services.md"), "utf8");

/** The sections that start a server, each with the folder of its example. */
const sections = page.split(/^## /m).flatMap((text) => {
  const [, folder] = /^cd docs\/(examples\/services\/\S+)$/m.exec(text) ?? [];
  return folder === undefined ? [] : [{ text, folder }];
});

/** The lines of a block of the section, without the one that goes to the folder of the example. */
function linesOf(text: string, block: string): readonly string[] {
  const content = text.split(`\`\`\`${block}\n`)[1]?.split("```")[0] ?? "";
  return content.split("\n").filter((line) => line !== "" && !line.startsWith("cd "));
}

describe("the page on services", () => {
  it("has three worked examples", () => {
    expect(sections).toHaveLength(3);
  });

  it("shows files as they are", () => {
    const shown = [...page.matchAll(/^<!-- (\S+) -->\n```\w+\n([^]*?)^```$/gm)];
    expect(shown).toHaveLength(6);
    for (const [, file = "", text] of shown) expect(text, file).toBe(readFileSync(join(docs, file), "utf8"));
  });

  it("links to files that are there", () => {
    const targets = [...page.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, target = ""]) => target);
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.filter((target) => !existsSync(join(docs, target)))).toEqual([]);
  });

  for (const { text, folder } of sections) {
    const program = programs.find(({ name }) => folder.endsWith(name));

    describe.runIf(program?.isAvailable)(folder, () => {
      let cwd: string;
      let server: ChildProcess;
      const [setting = "", ...commands] = linesOf(text, "sh");

      // In a copy of the example, at other ports than the usual ones: somebody may use the service for real.
      beforeAll(() =>
        onFreePorts(2, async ([port = 0, peerPort = 0], copy) => {
          cpSync(join(docs, folder), copy, { recursive: true });
          const config = join(copy, "rollcall.config.yaml");
          writeFileSync(config, readFileSync(config, "utf8").replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
          const [command = ""] = linesOf(text, "sh terminal");
          const env = { ...process.env, PORT: String(port), PEER_PORT: String(peerPort) };
          cwd = copy;
          server = spawn("sh", ["-c", command.replace("sh start.sh", "exec sh start.sh")], {
            cwd,
            env,
            stdio: ["ignore", "pipe", "inherit"],
          });
          await new Promise<void>((ready, fail) => {
            server.stdout?.on("data", (said: Buffer) => {
              if (said.toString().includes(" answers at ")) ready();
            });
            server.once("exit", () => fail(new Error(`${folder}/start.sh ended`)));
          });
        }),
      );
      afterAll(async () => {
        const ended = new Promise((resolve) => server.once("exit", resolve));
        server.kill("SIGTERM");
        await ended;
        removeFolder(cwd);
      });

      it("installs the packages that the tests are run with", () => {
        expect(linesOf(text, "sh install")).toEqual([`sudo apt-get install ${program?.packages.join(" ")}`]);
      });

      for (const [place, command] of commands.entries())
        it(`${place + 1}: ${command}`, () => {
          const script = `${setting}\n${command.replace(/^npx rollcall/, `node ${main}`)}`;
          const { status, stderr } = spawnSync("sh", ["-c", script], { cwd, encoding: "utf8" });
          expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
        });
    });
  }
});
