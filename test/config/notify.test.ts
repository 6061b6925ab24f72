import { describe, expect, it } from "vitest";
import { RunnerError } from "../../runner/core/model/errors.ts";
import type { Webhook, WebhookTarget } from "../../runner/core/model/notice.ts";
import { configOf, configProblems } from "../support/config.ts";

const notify = (...lines: readonly string[]): string =>
  `rollcall: 1\nnotify:\n${lines.map((line) => `  - ${line}\n`).join("")}`;

async function hook(line: string, env: Readonly<Record<string, string>> = {}): Promise<Webhook> {
  const [webhook] = (await configOf(notify(line), env)).webhooks;
  if (webhook === undefined) throw new Error("the config has no webhook");
  return webhook;
}

async function refused(line: string, env: Readonly<Record<string, string>> = {}): Promise<RunnerError> {
  const webhook = await hook(line, env);
  try {
    webhook.target();
  } catch (error) {
    expect(error).toBeInstanceOf(RunnerError);
    return error as RunnerError;
  }
  throw new Error("it was taken");
}

const opened = ({ url, host, signingSecret, headers }: WebhookTarget) => ({
  url: url.reveal(),
  host,
  secret: signingSecret?.reveal(),
  headers: headers.map(([name, value]) => [name, value.reveal()]),
});

describe("notify", () => {
  it("left out tells nobody", async () => {
    expect((await configOf("rollcall: 1\n")).webhooks).toEqual([]);
  });

  it("takes an address, and says everything that is left out", async () => {
    const webhook = await hook("{ url: https://ops.example.com/a/b?c=d }");
    expect(webhook).toMatchObject({
      ...{ name: "notify[0]", events: ["start", "hold", "stop", "done"], format: "json", timeoutMs: 5000 },
    });
    expect(opened(webhook.target())).toEqual({
      ...{ url: "https://ops.example.com/a/b?c=d", host: "ops.example.com", secret: undefined, headers: [] },
    });
  });

  it("takes the address, the secret and headers from the environment, and prints none of them", async () => {
    const env = { HOOK: "https://hooks.example/T/B/xyz", KEY: "sixteen-letters!", TOKEN: "Bearer t0ken" };
    const line =
      "{ url_env: HOOK, secret_env: KEY, format: slack, events: [stop], timeout: 2s, headers: { X-Team: ops, Authorization: { env: TOKEN } } }";
    const webhook = await hook(line, env);
    const target = webhook.target();
    expect(webhook).toMatchObject({ events: ["stop"], format: "slack", timeoutMs: 2000 });
    expect(opened(target)).toEqual({
      ...{ url: env.HOOK, host: "hooks.example", secret: env.KEY },
      headers: [
        ["X-Team", "ops"],
        ["Authorization", env.TOKEN],
      ],
    });
    for (const secret of Object.values(env)) expect(JSON.stringify({ webhook, target })).not.toContain(secret);
  });

  it.each(["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:9/x"])("takes %s", async (url) => {
    expect(opened((await hook(`{ url: "${url}" }`)).target()).url).toBe(url);
  });

  it.each([
    ["{}", "notify[0] needs the key url, or url_env", "Write url: https://…"],
    ["{ url: https://a.example/x, url_env: HOOK }", "notify[0] has both url and url_env", "Take one"],
    ["{ url: http://ops.example.com/T0K3N }", "notify[0].url would be sent to without TLS", "Use https://"],
    ["{ url: https://T0K3N:x@ops.example.com/ }", "notify[0].url holds a login", "headers"],
    ["{ url: https://ops.example.com:99999/T0K3N }", "notify[0].url is not an address", "Write it whole"],
    ["{ url: ftp://T0K3N.example/ }", "notify[0].url must be an address that begins with https://", ""],
    ["{ url: https://a.example/, events: [begin] }", "notify[0].events[0] must be one of start, hold, stop, done", ""],
    ["{ url: https://a.example/, events: [] }", "notify[0].events must not be empty", ""],
    ["{ url: https://a.example/, events: [stop, stop] }", "notify[0].events must not have an entry twice", ""],
    ["{ url: https://a.example/, format: teams }", "notify[0].format must be one of json, slack", ""],
    ["{ url: https://a.example/, timeout: 31s }", "notify[0].timeout must be from 1ms to 30s", "answer at once"],
    ["{ url: https://a.example/, timeout: 5 }", "notify[0].timeout must be a text", "5s"],
    ["{ url: https://a.example/, secret: T0K3N }", "notify[0] has no key secret", "secret_env"],
    ["{ url: https://a.example/, secret_env: 'T0 K3N' }", "notify[0].secret_env must be the name of an env", ""],
    ["{ url: https://a.example/, headers: { Host: x } }", "notify[0].headers.Host is a header that Rollcall", "Take"],
    ["{ url: https://a.example/, headers: { X-Rollcall-Id: x } }", "notify[0].headers.X-Rollcall-Id is a", "Take"],
    [
      "{ url: https://a.example/, headers: { Authorization: T0K3N } }",
      "written in the file itself",
      "{ env: VARIABLE }",
    ],
    ["{ url: https://a.example/, headers: { X-Api-Key: T0K3N } }", "written in the file itself", "{ env: VARIABLE }"],
    ['{ url: https://a.example/, headers: { X: "a\\nb" } }', "notify[0].headers.X must be a text of ASCII", ""],
    ["{ url: https://a.example/, headers: { X: {} } }", "notify[0].headers.X needs the key env", ""],
    ['{ url: https://a.example/, headers: { "a b": c } }', '"a b" can not be a name', "no blanks"],
    ["https://ops.example.com/T0K3N", "notify[0] must be a map, found a text", ""],
  ])("refuses %s at its place, without repeating it", async (line, message, hint) => {
    const problems = await configProblems(notify(line));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ line: 3 });
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.hint ?? "").toContain(hint);
    expect(JSON.stringify(problems)).not.toContain("T0K3N");
  });

  it("tells every problem at once, with the number of its webhook", async () => {
    const problems = await configProblems(notify("{ url: http://a.example/ }", "{ url: https://a.example/ }", "{}"));
    expect(problems.map(({ line, message }) => `${line} ${message.split(" ")[0]}`)).toEqual([
      "3 notify[0].url",
      "5 notify[2]",
    ]);
  });

  it.each([
    ["{ url_env: HOOK }", {}, "notify[0].url_env: environment variable HOOK is not set"],
    ["{ url_env: HOOK }", { HOOK: "" }, "environment variable HOOK is not set"],
    ["{ url_env: HOOK }", { HOOK: "T0K3N" }, "what HOOK holds is not an address"],
    ["{ url_env: HOOK }", { HOOK: "http://a.example/T0K3N" }, "what HOOK holds would be sent to without TLS"],
    ["{ url_env: HOOK }", { HOOK: "https://T0K3N@a.example/" }, "what HOOK holds holds a login"],
    ["{ url: https://a.example/, secret_env: KEY }", {}, "notify[0].secret_env: environment variable KEY is not set"],
    ["{ url: https://a.example/, secret_env: KEY }", { KEY: "T0K3N" }, "what KEY holds is shorter than 16 characters"],
    ["{ url: https://a.example/, headers: { A: { env: B } } }", {}, "notify[0].headers.A: environment variable B"],
    ["{ url: https://a.example/, headers: { A: { env: B } } }", { B: "T0K3N\r\nX: y" }, "can not stand in a header"],
  ])("%s with %j is found when it is used, with what to do", async (line, env, message) => {
    const error = await refused(line, env);
    expect(error).toMatchObject({ code: "config", exitCode: 3 });
    expect(error.message).toContain(message);
    expect(error.hint).toBeDefined();
    expect(error.message + (error.hint ?? "")).not.toContain("T0K3N");
  });
});
