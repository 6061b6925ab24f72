import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { rollcall } from "./stand-in.ts";

// The scripts in the shells they are for. bash is needed; zsh and fish are tried where the machine has them.

const main = resolve(import.meta.dirname, "../../dist/cli/main.js");
const cwd = mkdtempSync(join(tmpdir(), "rollcall-completion-"));
const env = { ...process.env, PATH: `${join(cwd, "bin")}:${process.env.PATH}`, PS1: "$ ", HOME: cwd, TERM: "dumb" };
for (const folder of ["bin", "my plans", ".rollcall/runs/20261123T204700Z-k3m7q"])
  mkdirSync(join(cwd, folder), { recursive: true });
writeFileSync(join(cwd, "my plans/of may.yaml"), "");
writeFileSync(join(cwd, "bin/rollcall"), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
chmodSync(join(cwd, "bin/rollcall"), 0o755);

const has = (shell: string): boolean => spawnSync(shell, ["-c", "true"], { env }).status === 0;

function bash(script: string): string {
  const { stdout, stderr, status } = spawnSync("bash", ["--norc", "-c", script], { cwd, env, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

/** Call the completion as bash does, with the words it makes of a line whose end is the cursor. */
function replies(...words: readonly string[]): readonly string[] {
  const line = words.reduce((text, word) =>
    /[=:]$/.test(text) || /^[=:]/.test(word) ? text + word : `${text} ${word}`,
  );
  return bash(`
    source <(rollcall completion bash)
    COMP_WORDS=(${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")})
    COMP_CWORD=${words.length - 1} COMP_LINE='${line.replaceAll("'", "'\\''")}'; COMP_POINT=\${#COMP_LINE}
    _rollcall rollcall
    ((\${#COMPREPLY[@]} == 0)) || printf '%s|\\n' "\${COMPREPLY[@]}"
  `)
    .split("|\n")
    .slice(0, -1);
}

describe("completion in bash", () => {
  it.each([
    [["rollcall", "prev"], ["preview "]],
    [["rollcall", "audit", "e"], ["export "]],
    [
      ["rollcall", "audit", "v"],
      ["verify ", "verify-attestation ", "verify-pack "],
    ],
    [["rollcall", "apply", "--ser"], ["--service "]],
    [["rollcall", "show", "2026"], ["20261123T204700Z-k3m7q "]],
    [
      ["rollcall", "completion", ""],
      ["bash ", "zsh ", "fish "],
    ],
    // bash cuts words at = and replaces only what follows.
    [["rollcall", "apply", "--service", "=", "s"], ["simulator "]],
    [
      ["rollcall", "apply", "--service", "="],
      ["cove ", "simulator "],
    ],
    [["rollcall", "show", "--states", "=", "open,conf"], ["open,confirmed "]],
    // A folder goes on; a blank is quoted as the word is.
    [["rollcall", "apply", "my"], ["my\\ plans/"]],
    [["rollcall", "apply", "my\\ plans/"], ["my\\ plans/of\\ may.yaml "]],
    [["rollcall", "apply", '"my plans/'], ["my plans/of may.yaml"]],
  ])("%j may become %j", (words, expected) => {
    expect(replies(...words)).toEqual(expected);
  });

  it("never writes a file's name so that the shell would run it", () => {
    writeFileSync(join(cwd, "my plans/x$(id).yaml"), "");
    expect(replies("rollcall", "apply", "my\\ plans/x")).toEqual(["my\\ plans/x\\$\\(id\\).yaml "]);
    expect(replies("rollcall", "apply", '"my plans/x')).toEqual([]);
  });

  it("completes what a person types at a prompt, up to the cursor", async () => {
    const shell = spawn("script", ["-qec", "bash --norc -i", "/dev/null"], { cwd, env });
    let screen = "";
    shell.stdout.on("data", (data: Buffer) => (screen += data.toString()));
    const shown = async (text: string): Promise<void> => {
      await vi.waitFor(() => expect(screen).toContain(text), { timeout: 20_000, interval: 20 });
      screen = "";
    };
    try {
      shell.stdin.write("source <(rollcall completion bash); echo lo''aded\n");
      await shown("loaded");
      shell.stdin.write("rollcall aud\t");
      await shown("rollcall audit ");
      shell.stdin.write("ex\t");
      await shown("export ");
      shell.stdin.write("lat\t");
      await shown("latest ");
      shell.stdin.write("--log-level=d\t");
      await shown("--log-level=debug ");
    } finally {
      shell.kill();
    }
  });
});

describe.each(["zsh", "fish"].filter(has))("completion in %s", (shell) => {
  it("loads without a word", () => {
    const load = {
      zsh: "autoload -Uz compinit; compinit -u -D; source <(rollcall completion zsh); print $_comps[rollcall]",
      fish: 'rollcall completion fish | source; complete -C "rollcall audit "',
    }[shell];
    const { stdout, stderr } = spawnSync(shell, ["-c", load ?? ""], { cwd, env, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toContain({ zsh: "_rollcall", fish: "verify" }[shell]);
  });
});

describe("the script", () => {
  it.each(["bash", "zsh", "fish"])(
    "of %s asks the program as it was typed, so that it never goes out of date",
    async (shell) => {
      const { exit, out, err } = await rollcall(["completion", shell]);
      expect({ exit, err }).toEqual({ exit: 0, err: "" });
      expect(out).toContain("__complete");
      expect(out).not.toMatch(/preview|--json/);
      expect(out.split("\n")[shell === "zsh" ? 1 : 0]).toContain(`rollcall completion ${shell}`);
    },
  );

  it("of another shell is exit 3, and says which there are", async () => {
    const { exit, err } = await rollcall(["completion", "tcsh"]);
    expect(exit).toBe(3);
    expect(err).toContain('expected bash, zsh or fish, found "tcsh"');
  });
});
