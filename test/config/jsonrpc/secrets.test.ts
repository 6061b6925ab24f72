import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configOf } from "../../support/config.ts";

const service = (secrets: string, used: string): string => `services:
  x:
    kind: jsonrpc
    url: https://rpc.example/
    secrets: ${secrets}
    credentials: [{ in: header, name: X-A, value: "${used}" }]
`;

async function secretsOf(text: string, env: Readonly<Record<string, string | undefined>> = {}) {
  const { services } = await configOf(text, { PATH: process.env.PATH, ...env }, { word: "from-file\n" });
  const secrets = await services.get("x")?.protocol?.secrets();
  return Object.fromEntries(Object.entries(secrets ?? {}).map(([name, secret]) => [name, secret.reveal()]));
}

describe("the secrets of a service", () => {
  it("come from the environment, a file beside the config or a command", async () => {
    const text = service(
      "{ a: { env: A }, b: { file: word }, c: { command: [printf, from-command] } }",
      "${{ secrets.a + secrets.b }}${{ secrets.c }}",
    );
    expect(await secretsOf(text, { A: "from-env" })).toEqual({ a: "from-env", b: "from-file", c: "from-command" });
  });

  it("are fetched when they are used, and not else", async () => {
    expect(await secretsOf(service("{ a: { env: A }, b: { file: nope } }", "${{ secrets.a }}"), { A: "1" })).toEqual({
      a: "1",
    });
  });

  it("are fetched once, however often they are asked for", async () => {
    const count = join(mkdtempSync(join(tmpdir(), "rollcall-count-")), "count");
    const text = service(`{ a: { command: [sh, -c, "echo x >> ${count}; wc -l < ${count}"] } }`, "${{ secrets.a }}");
    const { services } = await configOf(text, { PATH: process.env.PATH });
    const protocol = services.get("x")?.protocol;
    const [first, second] = await Promise.all([protocol?.secrets(), protocol?.secrets()]);
    const third = await protocol?.secrets();
    expect([first, second, third].map((secrets) => secrets?.a?.reveal().trim())).toEqual(["1", "1", "1"]);
  });

  it("that are not set are all named, each with its variable", async () => {
    const text = service("{ a: { env: A }, b: { env: B } }", "${{ secrets.a + secrets.b }}");
    await expect(secretsOf(text, { A: "" })).rejects.toMatchObject({
      code: "config",
      message:
        "services.x.secrets.a: environment variable A is not set; services.x.secrets.b: environment variable B is not set",
      hint: "Set A, B, or name another source in the config.",
    });
  });

  it("are looked for again once they are put right", async () => {
    const env: Record<string, string | undefined> = {};
    const { services } = await configOf(service("{ a: { env: A } }", "${{ secrets.a }}"), env);
    const protocol = services.get("x")?.protocol;
    await expect(protocol?.secrets()).rejects.toThrow("A is not set");
    env.A = "now";
    expect((await protocol?.secrets())?.a?.reveal()).toBe("now");
  });

  it("stand in no file that others can read", async () => {
    const { services, folder } = await configOf(
      service("{ a: { file: word } }", "${{ secrets.a }}"),
      {},
      { word: "x" },
    );
    chmodSync(join(folder, "word"), 0o640);
    await expect(services.get("x")?.protocol?.secrets()).rejects.toThrow(
      `services.x.secrets.a: others can read ${join(folder, "word")} (mode 0640)`,
    );
  });

  it("are no login of a vendor's service", async () => {
    const { services } = await configOf(service("{ a: { env: A } }", "${{ secrets.a }}"));
    const error: unknown = await services
      .get("x")
      ?.credentials()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toHaveProperty("code");
  });
});
