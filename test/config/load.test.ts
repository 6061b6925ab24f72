import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../runner/config/load.ts";
import { PlanError, RunnerError } from "../../runner/core/model/errors.ts";
import type { Problem } from "../../runner/core/model/problem.ts";
import { paintFor } from "../../runner/reporters/paint.ts";
import { problemsText } from "../../runner/reporters/problems/text.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "rollcall-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(text: string, name = "rollcall.config.yaml", mode = 0o600): string {
  const file = join(cwd, name);
  writeFileSync(file, text, { mode });
  return file;
}

async function problemsOf(text: string): Promise<readonly Problem[]> {
  write(text);
  const error: unknown = await loadConfig({ cwd, env: {} }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PlanError);
  expect((error as PlanError).code).toBe("config");
  return (error as PlanError).problems;
}

async function failure(text: string, env: Readonly<Record<string, string>> = {}): Promise<RunnerError> {
  write(text);
  const { services } = await loadConfig({ cwd, env: { PATH: process.env.PATH, ...env } });
  const error: unknown = await services
    .get("cove")
    ?.credentials()
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RunnerError);
  return error as RunnerError;
}

describe("the config", () => {
  it("is not needed: cove and the simulator are built in", async () => {
    const config = await loadConfig({ cwd, env: { COVE_USERNAME: "u", COVE_PASSWORD: "p" } });
    expect(config.folder).toBe(cwd);
    expect(config.file).toBeUndefined();
    expect(config.services.get("cove")).toMatchObject({
      kind: "cove",
      url: "https://api.backup.management/jsonapi",
      lateMs: 60_000,
      lag: { listMs: 30_000, byIdMs: 5000 },
      limits: { concurrency: 8, timeoutMs: 30_000, body: 67_108_864, message: 500 },
    });
    const credentials = await config.services.get("cove")?.credentials();
    expect([credentials?.partner, credentials?.username.reveal(), credentials?.password.reveal()]).toEqual([
      undefined,
      "u",
      "p",
    ]);
    const simulator = await config.services.get("simulator")?.credentials();
    expect(simulator?.partner?.reveal()).toBe("Rollcall Demo (demo@example.com)");
  });

  it("is the named one, else the environment's, else the one in the current folder, and never one above", async () => {
    const here = write("rollcall: 1\n");
    const other = write("rollcall: 1\n", "other.yaml");
    const below = join(cwd, "below");
    mkdirSync(below);
    expect((await loadConfig({ cwd, env: {} })).file).toBe(here);
    expect((await loadConfig({ cwd, env: { ROLLCALL_CONFIG: other } })).file).toBe(other);
    expect((await loadConfig({ cwd, env: { ROLLCALL_CONFIG: "nope.yaml" }, path: "other.yaml" })).file).toBe(other);
    expect(await loadConfig({ cwd: below, env: {} })).toMatchObject({ folder: below });
    expect((await loadConfig({ cwd: below, env: { ROLLCALL_CONFIG: here } })).folder).toBe(cwd);
    await expect(loadConfig({ cwd, env: {}, path: "nope.yaml" })).rejects.toMatchObject({
      exitCode: 3,
      problems: [{ code: "unreadable" }],
    });
  });

  it("is merged over the built-in service of the same name", async () => {
    write(
      "rollcall: 1\nservices:\n  cove: { late: 90s, lag: { by_id: 1s }, limits: { rate: 300/m, body: 1 MiB } }\n  demo: { kind: simulator, url: http://127.0.0.1:9999/jsonapi, lag: 50ms }\n",
    );
    const { services } = await loadConfig({ cwd, env: {} });
    expect(services.get("cove")).toMatchObject({
      lateMs: 90_000,
      lag: { listMs: 30_000, byIdMs: 1000 },
      limits: { concurrency: 8, perMinute: 300, body: 1_048_576 },
    });
    expect(services.get("demo")).toMatchObject({
      name: "demo",
      kind: "simulator",
      lateMs: 200,
      lag: { listMs: 50, byIdMs: 50 },
    });
    expect([...services.keys()]).toEqual(["cove", "simulator", "demo"]);
  });

  it("says which hosts calls to single devices may go to", async () => {
    const { services } = await loadConfig({ cwd: mkdtempSync(join(cwd, "none-")), env: {} });
    expect(services.get("cove")!.domains).toEqual(["cloudbackup.management", "backup.management"]);
    expect(services.get("simulator")!.domains).toEqual(["127.0.0.1"]);
    write("rollcall: 1\nservices:\n  cove: { domains: [Nodes.Example.net, 127.0.0.1] }\n");
    const written = await loadConfig({ cwd, env: {} });
    expect(written.services.get("cove")!.domains).toEqual(["nodes.example.net", "127.0.0.1"]);
  });

  it.each([
    "[]",
    "nodes.example.net",
    "[management]",
    '["*.example.net"]',
    "[https://example.net]",
    "[-x.example.net]",
  ])("refuses domains that are not hosts: %s", async (domains) => {
    const problems = await problemsOf(`services:\n  cove: { domains: ${domains} }\n`);
    expect(problems).not.toEqual([]);
    expect(problems.every(({ line }) => line === 2)).toBe(true);
  });

  it("refuses what could give a password away, and what it does not know, all at once", async () => {
    const problems = await problemsOf(`rollcall: 1
services:
  cove:
    url: http://api.example.com/jsonapi
    credentials: { password: hunter22, username: { env: 1 } }
    timout: 5s
  other: { url: https://u:hunter22@example.com }
  rpc: { kind: jsonrpc, domains: [example.com] }
policy: {}
`);
    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
      "4:10 plain-http",
      "5:30 literal-secret",
      "5:57 bad-type",
      "6:5 unknown-key",
      "7:3 missing-key",
      "7:17 literal-secret",
      "8:3 missing-key",
      "8:25 unknown-key",
      "9:9 bad-type",
    ]);
    expect(JSON.stringify(problems)).not.toContain("hunter22");
  });

  it.each([
    "credentials: hunter22",
    "credentials: [hunter22]",
    'credentials: { password: { env: "hunter22!" } }',
    "credentials: { password: { text: hunter22 } }",
    "credentials: { password: { file: [hunter22] } }",
    "url: https://u:hunter22@:1:2/",
    "url: ftp://u:hunter22@example.com/",
    'pasword: "hunter22',
  ])("never repeats what stands where a credential does not belong: %s", async (line) => {
    const text = `services:\n  cove:\n    ${line}\n`;
    const problems = await problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    const shown = problemsText(problems, { sourceOf: () => text, width: 100, paint: paintFor(false) });
    expect(shown).not.toContain("hunter22");
    expect(JSON.stringify(problems)).not.toContain("hunter22");
  });

  it.each<[string, boolean]>([
    ["http://127.0.0.1:1/x", true],
    ["http://localhost./x", false],
    ["http://0/x", false],
    ["http://[::ffff:127.0.0.1]/x", false],
    ["http://127.9.9.9/x", true],
    ["http://localhost:80/x", true],
    ["http://[::1]:80/x", true],
    ["http://127.0.0.1.example.com/x", false],
    ["http://localhost.example.com/x", false],
    ["http://10.0.0.1/x", false],
    ["http://0x7f000001/x", true],
    ["https://10.0.0.1/x", true],
  ])("lets a password go to %s: %s", async (url, allowed) => {
    write(`rollcall: 1\nservices: { cove: { url: "${url}" } }\n`);
    const loaded = loadConfig({ cwd, env: {} });
    if (allowed) await expect(loaded).resolves.toBeDefined();
    else await expect(loaded).rejects.toMatchObject({ problems: [{ code: "plain-http" }] });
  });

  it("allows plain HTTP elsewhere only when it is said", async () => {
    write("rollcall: 1\nservices: { cove: { url: http://10.0.0.1/x, tls: { allow_plain_http: true } } }\n");
    expect((await loadConfig({ cwd, env: {} })).services.get("cove")?.url).toBe("http://10.0.0.1/x");
  });
});

describe("credentials", () => {
  const withPassword = (source: string): string =>
    `rollcall: 1\nservices:\n  cove:\n    credentials:\n      username: { env: WHO }\n      password: ${source}\n`;

  it("come from the environment, a file or a command, when they are needed", async () => {
    write("from-file\n", "secret");
    symlinkSync(join(cwd, "secret"), join(cwd, "link"));
    const read = async (source: string): Promise<string | undefined> => {
      write(withPassword(source));
      const { services } = await loadConfig({ cwd, env: { WHO: "me", PW: "from-env", PATH: process.env.PATH } });
      return (await services.get("cove")?.credentials())?.password.reveal();
    };
    expect(await read("{ env: PW }")).toBe("from-env");
    expect(await read("{ file: secret }")).toBe("from-file");
    expect(await read("{ file: link }")).toBe("from-file");
    expect(await read(`{ command: [printf, "a b\\n\\n"] }`)).toBe("a b\n");
    expect(await read(`{ command: [printf, "%s", "$(id); x"] }`)).toBe("$(id); x");
  });

  it("are refused from a file that others can read", async () => {
    write("hunter22", "secret", 0o644);
    const error = await failure(withPassword("{ file: secret }"), { WHO: "me" });
    expect(error.message).toMatch(/others can read .*secret \(mode 0644\)/);
    expect(error.hint).toMatch(/chmod 600/);
    expect(error.exitCode).toBe(3);
  });

  it.each<[string, RegExp]>([
    ["{ file: nope }", /can not be read \(ENOENT\)/],
    ["{ file: . }", /is not a file/],
    ["{ command: [nope-nope] }", /command nope-nope failed \(ENOENT\)/],
    [`{ command: [sh, -c, "echo hunter22; echo hunter22 >&2; exit 3"] }`, /command sh failed \(exit code 3\)/],
    [`{ command: ["true"] }`, /command true gave nothing/],
    [`{ command: [head, -c, "100000", /dev/zero] }`, /more than 65536 bytes/],
    ["{ env: UNSET }", /environment variable UNSET is not set/],
  ])("say what is wrong with %s and nothing of what it gave", async (source, message) => {
    const error = await failure(withPassword(source), { WHO: "me" });
    expect(error.message).toMatch(message);
    expect(`${error.message}${error.hint ?? ""}${String(error.cause)}`).not.toContain("hunter22");
  });

  it("that are missing name the variable to set", async () => {
    const error = await failure("rollcall: 1\n");
    expect(error.message).toBe("service cove has no username: environment variable COVE_USERNAME is not set");
    expect(error.hint).toMatch(/Set COVE_USERNAME/);
  });
});
