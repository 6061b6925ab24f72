import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import { rollcall } from "../support/cli.ts";

/** A folder with a config that names both services; nothing listens behind `lamps` unless a port is given. */
function folder(simulator: string, lamps = "http://127.0.0.1:9/rpc"): string {
  const cwd = mkdtempSync(join(tmpdir(), "rollcall-probe-"));
  writeFileSync(
    join(cwd, "rollcall.config.yaml"),
    `services:
  simulator: { kind: simulator, url: "${simulator}" }
  lamps:
    kind: jsonrpc
    url: ${lamps}
    secrets: { token: { env: LAMPS_TOKEN }, password: { env: LAMPS_PASSWORD } }
    credentials: [{ in: header, name: authorization, value: "Bearer \${{ session.token }}" }]
    session:
      login: [{ call: login, params: ["\${{ secrets.password }}"], save: { token: . } }]
      logout: { call: logout }
    methods: { lamps.list: { kind: enumerate } }
`,
  );
  return cwd;
}

/** A folder with a config that says this of the service `lamps`. */
function folderWith(url: string, said: string): string {
  const cwd = mkdtempSync(join(tmpdir(), "rollcall-probe-"));
  writeFileSync(
    join(cwd, "rollcall.config.yaml"),
    `services:\n  lamps:\n    kind: jsonrpc\n    url: ${url}\n${said.replaceAll(/^/gm, "    ")}\n`,
  );
  return cwd;
}

/** Answers every call in the same way. */
async function answering(
  status: number,
  headers: Record<string, string>,
  body: (id: string) => string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => response.writeHead(status, headers).end(body((JSON.parse(text) as { id: string }).id)));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rpc`;
  return { url, [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())) };
}

/** Answers every call with what it was asked, its headers, and the token of the login. */
async function echoing(): Promise<AsyncDisposable & { readonly url: string; readonly methods: string[] }> {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const { id, method } = JSON.parse(text) as { id: string; method: string };
      methods.push(method);
      const echo = { asked: text, headers: request.headers, rows: Array.from({ length: 100 }, (_, place) => place) };
      const result = method === "login" ? "tok-0123456789" : echo;
      const error = method === "lamps.broken" ? { code: 7, message: "tok-0123456789 is not enough" } : undefined;
      response.end(JSON.stringify({ jsonrpc: "2.0", id, ...(error ? { error } : { result }) }));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rpc`;
  return { url, methods, [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())) };
}

const env = { LAMPS_PASSWORD: "open-sesame", LAMPS_TOKEN: "unused" };

describe("probe", () => {
  it("shows a read of the built-in service, its login too, and no secret", async () => {
    await using simulator = await startSimulator({ devices: 5 });
    const { exit, stdout } = await rollcall(["probe", "simulator", "EnumerateProducts", '{"partnerId": 4001}'], {
      cwd: folder(simulator.url),
    });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^Login, \d+ ms\n/);
    expect(stdout).toMatch(/\nEnumerateProducts, \d+ ms\n[^]*"partnerId": 4001[^]*< HTTP 200\n[^]*"Name": "All-In"/);
    expect(stdout).toContain('"visa": "[redacted]"');
    expect(stdout).not.toMatch(/"visa": "(?!\[redacted\])/);
    expect(stdout).not.toContain("Rollcall Demo");
  });

  it("sends what may change something only when somebody agrees, once, and says how an error is taken", async () => {
    await using simulator = await startSimulator({ devices: 5 });
    const words = ["probe", "simulator", "RemoveAccount", '{"accountId": 1}'];
    const cwd = folder(simulator.url);
    const refused = await rollcall(words, { cwd });
    expect(refused.exit).toBe(5);
    expect(refused.stderr).toContain("Nothing says that RemoveAccount only reads");
    expect(simulator.witness.requests()).toBe(0);
    const sent = await rollcall([...words, "--yes"], { cwd });
    expect(sent.exit).toBe(6);
    expect(sent.stdout).toContain("Taken as: rejected, class reject, 20404: Account '1' doesn't exist");
    expect(simulator.witness.requests("RemoveAccount")).toBe(1);
  });

  it("hides what lets us in wherever a service echoes it, logs out, and cuts a long answer", async () => {
    await using lamps = await echoing();
    const cwd = folder("http://127.0.0.1:9/", lamps.url);
    const { exit, stdout } = await rollcall(["probe", "lamps", "lamps.list", "[1]"], { cwd, env });
    expect(exit).toBe(0);
    expect(lamps.methods).toEqual(["login", "lamps.list", "logout"]);
    expect(stdout).toContain("> authorization: [redacted]");
    expect(stdout).toMatch(/… \d+ more lines: --full shows them/);
    for (const secret of ["tok-0123456789", "open-sesame", Buffer.from("open-sesame").toString("base64")])
      expect(stdout).not.toContain(secret);
    const full = await rollcall(["probe", "lamps", "lamps.list", "[1]", "--full"], { cwd, env });
    expect(full.stdout).toMatch(/<\s+99\n/);
    const json = await rollcall(["probe", "lamps", "lamps.broken", "--json", "--yes"], { cwd, env });
    expect(json.exit).toBe(6);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ v: 1, type: "probe", service: "lamps" },
      answer: { kind: "rejected", failure: { code: "7", message: "[redacted] is not enough" } },
      exchanges: [{ method: "login" }, { method: "lamps.broken", status: 200 }, { method: "logout" }],
    });
  });

  it("hides short secrets and session values in what is sent, by their place", async () => {
    await using server = await answering(200, { "set-cookie": "s=c1" }, (id) =>
      JSON.stringify({ jsonrpc: "2.0", id, result: { key: 71, realm: "lab" } }),
    );
    const said = `secrets: { password: { env: LAMPS_PASSWORD } }
cookies: true
credentials:
  - { in: header, name: X-Key, value: "k\${{ session.key }}" }
  - { in: body, name: auth, value: "\${{ secrets.password }}" }
  - { in: param, index: 0, value: "\${{ session.key }}" }
session:
  login:
    - call: login
      anonymous: true
      params: { user: me, password: "\${{ secrets.password }}", more: ["\${{ secrets.password }}", 1] }
      save: { key: key }
    - { call: enter, params: ["\${{ session.key }}", "open"] }
methods: { lamps.list: { kind: enumerate } }`;
    const { exit, stdout } = await rollcall(["probe", "lamps", "lamps.list", "[1]", "--json"], {
      cwd: folderWith(server.url, said),
      env: { LAMPS_PASSWORD: "pw" },
    });
    expect(exit).toBe(0);
    const { exchanges } = JSON.parse(stdout) as { exchanges: { request: string; headers: string[] }[] };
    const [login, enter, list] = exchanges.map(({ request }) => JSON.parse(request) as Record<string, unknown>);
    const hidden = "[redacted]";
    expect(login?.params).toEqual({ user: "me", password: hidden, more: [hidden, 1] });
    expect(enter).toMatchObject({ params: [hidden, hidden, "open"], auth: hidden });
    expect(list).toMatchObject({ params: [hidden, 1], auth: hidden });
    expect(exchanges[2]?.headers).toEqual(["X-Key", hidden, "cookie", `s=${hidden}`]);
  });

  it("says how a success is taken, what a refusal wants, and which rule could not be evaluated", async () => {
    const said = `secrets: { token: { env: LAMPS_TOKEN } }
credentials: [{ in: header, name: X-Key, value: "\${{ secrets.token }}" }]
errors: [{ when: error.code == 7, class: throttle }]
methods: { lamps.list: { kind: enumerate } }`;
    await using lamps = await echoing();
    const taken = await rollcall(["probe", "lamps", "lamps.list"], { cwd: folderWith(lamps.url, said), env });
    expect(taken.stdout).toMatch(/\nTaken as: result\n\n$/);
    await using server = await answering(401, { "www-authenticate": 'Basic realm="lamps"' }, () => "<h1>No</h1>");
    const { exit, stdout } = await rollcall(["probe", "lamps", "lamps.list"], {
      cwd: folderWith(server.url, said),
      env,
    });
    expect(exit).toBe(4);
    expect(stdout).toContain('< HTTP 401\n< www-authenticate: Basic realm="lamps"\n');
    expect(stdout).toContain("\nerrors[0].when could not be evaluated: ");
    expect(stdout).toContain(
      "the service refused the credentials that every request carries: check them in the config",
    );
  });

  it("says that there is no config, and where it was looked for", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "rollcall-probe-"));
    const { exit, stderr } = await rollcall(["probe", "lamps", "lamps.list"], { cwd });
    expect(exit).toBe(3);
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(
      `Known are: cove, simulator. No config file was found: there is no ${join(cwd, "rollcall.config.yaml")}.`,
    );
  });

  it("says which credential does not fit into the params, and nothing is sent", async () => {
    await using lamps = await echoing();
    const said = `secrets: { token: { env: LAMPS_TOKEN } }
credentials: [{ in: param, index: 0, value: "\${{ secrets.token }}" }]
methods: { lamps.list: { kind: enumerate } }`;
    const fault = "can not be sent: its params are named, and services.lamps.credentials[0] stands at place 0";
    const call = ["probe", "lamps", "lamps.list", '{"a": 1}'];
    const sent = await rollcall(call, { cwd: folderWith(lamps.url, said), env });
    expect(sent.exit).toBe(4);
    expect(sent.stdout).toContain(`lamps.list ${fault}`);
    const login = `\nsession: { login: [{ call: login, params: { a: 1 } }] }`;
    const refused = await rollcall(call, { cwd: folderWith(lamps.url, `${said}${login}`), env });
    expect(refused.exit).toBe(3);
    expect(refused.stderr).toContain(`lamps: login ${fault}`);
    expect(lamps.methods).toEqual([]);
  });

  it("shows what a refused login was answered with: exit 4, and one try", async () => {
    await using simulator = await startSimulator({ devices: 5, login: { partner: "p", username: "u", password: "x" } });
    const { exit, stdout, stderr } = await rollcall(["probe", "simulator", "EnumerateProducts"], {
      cwd: folder(simulator.url),
    });
    expect(exit).toBe(4);
    expect(stdout).toMatch(/^Login, \d+ ms\n[^]*"error"/);
    expect(stderr).toContain("refused the login");
    expect(simulator.witness.requests("Login")).toBe(1);
  });

  it("tells what is wrong with its words, and a service that is not there: exit 3 and 4", async () => {
    const cwd = folder("http://127.0.0.1:9/");
    for (const [words, message] of [
      [["lair", "x"], "lair: there is no such service."],
      [["lamps", "x", "[1"], "PARAMS is not JSON"],
      [["lamps", "x", "7"], "PARAMS is neither a list nor a map."],
      [["lamps", "x", "@nowhere.json"], "@nowhere.json can not be read"],
    ] as const) {
      const { exit, stderr } = await rollcall(["probe", ...words, "--yes"], { cwd, env });
      expect(exit).toBe(3);
      expect(stderr).toContain(message);
    }
    const { exit, stdout, stderr } = await rollcall(["probe", "lamps", "lamps.list"], { cwd, env });
    expect(exit, stderr).toBe(4);
    expect(stdout).toContain("< no answer: could not connect");
  });
});
