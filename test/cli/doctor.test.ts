import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer } from "node:https";
import { createServer as createPlain, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runId } from "../../runner/core/model/item.ts";
import { takeLock } from "../../runner/runs/lock.ts";
import { currentOwner } from "../../runner/runs/owner.ts";
import { startSimulator, type SimulatorOptions } from "../../runner/simulator/server.ts";
import { rollcall as run } from "../support/cli.ts";
import { rollcall } from "./stand-in.ts";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "rollcall-doctor-"));
const secret = "correct-horse-battery";
const env = { COVE_PARTNER: "Wrong Ltd", COVE_USERNAME: "someone@example.com", COVE_PASSWORD: secret };
const login = { partner: "Test Ltd (test@example.com)", username: "tester", password: secret };
const right = { COVE_PARTNER: login.partner, COVE_USERNAME: login.username, COVE_PASSWORD: login.password };

interface Looked {
  readonly exit: number;
  readonly out: string;
  readonly cwd: string;
  /** `login` -> its status, what was found and what to do. */
  readonly checks: Readonly<Record<string, { status: string; found: string; advice?: string; service?: string }>>;
}

/** The doctor's findings in a folder with this config, as JSON. */
async function look(
  config: string | undefined,
  { words = [], env = {}, cwd = newFolder() }: { words?: string[]; env?: Record<string, string>; cwd?: string } = {},
): Promise<Looked> {
  if (config !== undefined) writeFileSync(join(cwd, "rollcall.config.yaml"), config);
  const { exit, out, err } = await rollcall(["doctor", "--json", ...words], { cwd, env });
  expect(err).toBe("");
  const told = JSON.parse(out) as { exit: number; checks: { check: string; status: string; found: string }[] };
  expect(told.exit).toBe(exit);
  return { exit, out, cwd, checks: Object.fromEntries(told.checks.map((check) => [check.check, check])) };
}

/** The same of the cove service, played by a simulator. */
async function lookAt(options: SimulatorOptions, env: Record<string, string> = right, words: string[] = []) {
  await using simulator = await startSimulator({ devices: 20, login, ...options });
  const looked = await look(coveAt(simulator.url), { env, words });
  return { ...looked, logins: simulator.witness.requests("Login") };
}

const coveAt = (url: string, more = ""): string => `services:\n  cove:\n    url: ${url}\n${more}`;

describe("where all is well", () => {
  it("every check is ok, once logged in, and exit is 0", async () => {
    const { exit, checks, logins, cwd } = await lookAt({});
    expect(exit).toBe(0);
    expect(Object.entries(checks).map(([check, { status }]) => [check, status])).toEqual(
      ["node", "config", "disk", "locks", "service", "credentials", "connection", "login", "clock", "access"].map(
        (check) => [check, "ok"],
      ),
    );
    expect(logins).toBe(1);
    expect(checks.login?.found).toBe("accepted as tester (user 301, customer 4001)");
    expect(checks.access?.found).toBe("EnumerateAccountStatistics shows 20 items");
    expect(checks.credentials?.found).toBe(
      "partner from environment variable COVE_PARTNER, username from environment variable COVE_USERNAME, " +
        "password from environment variable COVE_PASSWORD",
    );
    // Nothing is left behind.
    expect(readdirSync(cwd)).toEqual(["rollcall.config.yaml"]);
  });

  it("people get one line a check, the same when piped at any width, and a verdict", async () => {
    await using simulator = await startSimulator({ devices: 3, login });
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), coveAt(simulator.url));
    const { exit, out } = await rollcall(["doctor"], { cwd, env: right });
    expect(exit).toBe(0);
    expect(out.trimEnd().split("\n")).toHaveLength(11);
    expect(out).toMatch(/^ok {7}login {8}accepted as tester/m);
    expect(out).toMatch(/\nAll is well\.\n$/);
  });

  it("a list of one item is said to have one item", async () => {
    const { checks } = await lookAt({ devices: 1 });
    expect(checks.access?.found).toBe("EnumerateAccountStatistics shows 1 item");
  });

  it("a list of several pages is not read to its end", async () => {
    const { checks } = await lookAt({ devices: 1800 });
    expect(checks.access).toMatchObject({ status: "ok", found: "EnumerateAccountStatistics shows 500 items or more" });
  });
});

describe("a login that is refused", () => {
  it("is exit 4, tried once, and says what to check without showing a secret", async () => {
    const { exit, checks, logins, out } = await lookAt({}, env);
    expect({ exit, logins }).toEqual({ exit: 4, logins: 1 });
    expect(checks.login?.status).toBe("failed");
    expect(checks.login?.advice).toContain("exact name (capitals, and the e-mail in parentheses)");
    expect(checks.login?.advice).toContain("an API user's token");
    expect(checks.login?.advice).toContain("Not tried again");
    expect(out).not.toContain(secret);
    expect(checks).not.toHaveProperty("access");
  });

  it("by trouble on the way is exit 4, and tried once as well", async () => {
    const { exit, checks, logins } = await lookAt({ faults: [{ method: "Login", fault: "reset-after" }] });
    expect({ exit, logins, status: checks.login?.status }).toEqual({ exit: 4, logins: 1, status: "failed" });
  });

  it.each([
    [302, "", "check the url of the service"],
    [200, "<html>hello</html>", "check the url of the service"],
    [404, "", "check the url of the service"],
    [500, "", "try again later"],
    [503, "", "try again later"],
  ])("by HTTP %s %j is not taken for a host that can not be reached", async (status, body, advice) => {
    const server = createHttp((_, answer) => answer.writeHead(status, { location: "https://example.com/" }).end(body));
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const { exit, checks } = await look(coveAt(url), { env: right });
    server.close();
    expect({ exit, connection: checks.connection?.status }).toMatchObject({ exit: 4 });
    expect(checks.login?.advice).toContain(advice);
    expect(checks.login?.advice).not.toContain("can be reached");
  });

  it("to the list, though not to the service, is exit 4", async () => {
    const faults = [{ method: "EnumerateAccountStatistics", fault: "error", data: 13501, message: "no" } as const];
    const { exit, checks } = await lookAt({ faults });
    expect(exit).toBe(4);
    expect(checks).toMatchObject({ login: { status: "ok" }, access: { status: "failed" } });
    expect(checks.access?.advice).toContain("role of this user");
  });
});

describe("the clock", () => {
  it.each([
    [50_000, "warning", 0],
    [300_000, "failed", 5],
    [-300_000, "failed", 5],
  ])("%s ms off the service's is a %s, exit %s", async (clockOffsetMs, status, exit) => {
    const looked = await lookAt({ clockOffsetMs });
    expect({ exit: looked.exit, status: looked.checks.clock?.status }).toEqual({ exit, status });
    expect(looked.checks.clock?.found).toContain(clockOffsetMs > 0 ? "behind" : "ahead of");
  });
});

describe("credentials", () => {
  it("that are missing are exit 3, all named at once, with a way to try without", async () => {
    const { exit, checks } = await look(undefined, { words: ["--offline"] });
    expect(exit).toBe(3);
    expect(checks.credentials?.found).toBe(
      "not set: environment variable COVE_USERNAME, environment variable COVE_PASSWORD",
    );
    expect(checks.credentials?.advice).toContain("rollcall simulate --port 8765");
    expect(checks.connection).toMatchObject({ status: "skipped", found: "not contacted (--offline)" });
  });

  it("in a file that others can read are exit 3, by the file's name only", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "password"), secret, { mode: 0o644 });
    const config = coveAt("https://127.0.0.1:9", "    credentials: { password: { file: password } }\n");
    const { exit, checks, out } = await look(config, { cwd, env, words: ["--offline"] });
    expect(exit).toBe(3);
    expect(checks.credentials?.found).toContain("others can read");
    expect(out).not.toContain(secret);
  });

  it("with a blank at an end, and a login without a customer, are warned of", async () => {
    const around = { words: ["--offline"], env: { COVE_USERNAME: "someone", COVE_PASSWORD: `${secret}\n` } };
    const { exit, checks, out } = await look(undefined, around);
    expect({ exit, status: checks.credentials?.status }).toEqual({ exit: 0, status: "warning" });
    expect(checks.credentials?.advice).toContain("The password begins or ends with a blank");
    expect(checks.credentials?.advice).toContain("without a customer name");
    expect(out).not.toContain(secret);
  });

  it("by a command are fetched once", async () => {
    await using simulator = await startSimulator({ devices: 3, login });
    const cwd = newFolder();
    const store = join(cwd, "store");
    writeFileSync(store, `#!/bin/sh\necho asked >> ${cwd}/asked\necho ${secret}\n`);
    chmodSync(store, 0o755);
    const config = coveAt(simulator.url, `    credentials: { password: { command: [${store}] } }\n`);
    const { exit, checks } = await look(config, { cwd, env: right });
    expect({ exit, found: checks.credentials?.found }).toMatchObject({
      exit: 0,
      found: expect.stringContaining(store),
    });
    expect(readFileSync(join(cwd, "asked"), "utf8")).toBe("asked\n");
  });
});

describe("the config", () => {
  it("that is wrong is exit 3 with its places, and the rest is looked at as far as it goes", async () => {
    const { exit, checks } = await look("services:\n  cove: { urll: x }\n  other: {}\n");
    expect(exit).toBe(3);
    expect(checks.config?.found).toMatch(/rollcall\.config\.yaml:2:\d+ services\.cove has no key urll; .*:3:\d+ /);
    expect(checks).toMatchObject({ disk: { status: "ok" }, service: { status: "skipped" } });
  });

  it("that is named and not there, or has no such service, is exit 3", async () => {
    expect((await look(undefined, { words: ["--config", "no.yaml"] })).exit).toBe(3);
    expect((await look(undefined, { env: { ROLLCALL_CONFIG: "no.yaml" } })).exit).toBe(3);
    const nowhere = await look(undefined, { words: ["--config", "no/such/folder.yaml"] });
    expect({ exit: nowhere.exit, disk: nowhere.checks.disk?.status }).toEqual({ exit: 3, disk: "skipped" });
    const { exit, checks } = await look(undefined, { words: ["--service", "tenant"] });
    expect(exit).toBe(3);
    expect(checks.config?.advice).toMatch(/^Known are: cove, simulator\. No config file was found: /);
  });

  it("that others can write is a warning", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), "services: {}\n");
    chmodSync(join(cwd, "rollcall.config.yaml"), 0o666);
    const { checks } = await look(undefined, { cwd, env, words: ["--offline"] });
    expect(checks.config).toMatchObject({ status: "warning", advice: expect.stringContaining("chmod go-w") });
  });

  it("says which services are looked at: its own, simulators only where there is nothing else", async () => {
    const config = "services: { a: { kind: cove }, b: { kind: cove }, simulator: {} }\n";
    const offline = { env, words: ["--offline"] };
    const { out } = await look(config, offline);
    expect([...out.matchAll(/"check":"service","service":"(\w+)"/g)].map(([, name]) => name)).toEqual(["a", "b"]);
    expect((await look("services: { simulator: {} }\n", offline)).checks.service?.service).toBe("simulator");
  });
});

describe("the way to the service", () => {
  it("is exit 4 where nothing listens; the simulator's says how to start it", async () => {
    const { exit, checks } = await look("services: { simulator: { url: 'http://127.0.0.1:9/jsonapi' } }\n");
    expect(exit).toBe(4);
    expect(checks.connection).toMatchObject({ status: "failed", found: "nothing listens at 127.0.0.1:9" });
    expect(checks.connection?.advice).toBe("Start it: rollcall simulate --port 9");
    expect(checks.login).toMatchObject({ status: "skipped", found: "not tried, because there is no connection" });
  });

  it("is exit 4 where the host does not speak TLS, or has no name that resolves", async () => {
    await using simulator = await startSimulator({ devices: 1 });
    const plain = await look(coveAt(simulator.url.replace("http:", "https:")), { env });
    expect(plain.exit).toBe(4);
    expect(plain.checks.connection?.found).toContain("does not speak TLS");
    const nameless = await look(coveAt("https://nowhere.invalid/jsonapi"), { env });
    expect(nameless.checks.connection?.found).toMatch(
      /^the name nowhere\.invalid can not be resolved|can not be reached/,
    );
    expect(simulator.witness.requests("Login")).toBe(0);
  });

  it("that does not answer is given up in time, and a proxy that is not used is named", async () => {
    const silent = createPlain(() => undefined);
    const port = await listening(silent);
    const config = coveAt(`https://127.0.0.1:${port}`, "    limits: { timeout: 300ms }\n");
    const { exit, checks } = await look(config, { env: { ...env, HTTPS_PROXY: "http://proxy:3128" } });
    silent.close();
    expect(exit).toBe(4);
    expect(checks.connection?.found).toContain("no answer within 300 ms");
    expect(checks.connection?.advice).toContain("HTTPS_PROXY is set, but Rollcall connects directly");
  });

  it("is judged by its certificate: one that is not trusted is exit 4, a trusted one is told with its end", async () => {
    const cwd = newFolder();
    const [key, cert] = [join(cwd, "key.pem"), join(cwd, "cert.pem")];
    const made = spawnSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "40", "-subj", "/O=Test/CN=localhost"].concat([
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        key,
        "-out",
        cert,
      ]),
      { encoding: "utf8" },
    );
    expect(made.status, made.stderr).toBe(0);
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) => answer.end("no"));
    const port = await listening(server);
    writeFileSync(join(cwd, "rollcall.config.yaml"), coveAt(`https://localhost:${port}/jsonapi`));
    const untrusted = await run(["doctor"], { cwd, env });
    expect(untrusted.exit).toBe(4);
    expect(untrusted.stdout).toMatch(/^failed {3}connection {3}the certificate of localhost:\d+ does not hold/m);
    expect(untrusted.stdout).toContain("NODE_EXTRA_CA_CERTS");
    const trusted = await run(["doctor"], { cwd, env: { ...env, NODE_EXTRA_CA_CERTS: cert } });
    writeFileSync(
      join(cwd, "rollcall.config.yaml"),
      coveAt(`https://localhost:${port}/jsonapi`, "    tls: { ca: cert.pem }\n"),
    );
    const configured = await run(["doctor"], { cwd, env });
    server.close();
    for (const { stdout } of [trusted, configured])
      expect(stdout).toMatch(
        /^ok {7}connection {3}localhost:\d+ answers in .*TLSv1\.3, certificate by Test good for (39|40) days/m,
      );
    expect(trusted.stdout).toMatch(/^failed {3}login/m);
  });
});

describe("a service that the config describes", () => {
  const config = (secrets: string): string => `services:
  x:
    kind: jsonrpc
    url: http://127.0.0.1:9/
    secrets: ${secrets}
    credentials: [{ in: header, name: X-A, value: "\${{ secrets.token }}" }]
`;
  const offline = { words: ["--offline"] };

  it("has secrets, which are told by where they come from", async () => {
    const secrets = "{ token: { env: X_TOKEN }, unused: { env: X_UNUSED } }";
    const { exit, checks, out } = await look(config(secrets), { ...offline, env: { X_TOKEN: secret } });
    expect(exit).toBe(0);
    expect(checks.service).toMatchObject({ service: "x", found: "x at http://127.0.0.1:9/" });
    expect(checks.credentials).toMatchObject({ status: "ok", found: "token from environment variable X_TOKEN" });
    expect(out).not.toContain(secret);
    expect(out).not.toMatch(/partner|customer|COVE/);
  });

  it("and nobody logs in to: it says that nothing was tried, and how to try", async () => {
    const server = createHttp((_, answer) => answer.writeHead(401).end());
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const basic = config("{ token: { env: X_TOKEN } }").replace("http://127.0.0.1:9/", url);
    const methods = "    methods: { lamps.set: { kind: change, repeat: set }, lamps.list: { kind: enumerate } }\n";
    const env = { X_TOKEN: secret };
    const { checks } = await look(`${basic}${methods}`, { env });
    expect(checks.login).toEqual({
      ...{ check: "login", service: "x", status: "skipped", advice: "To try: rollcall probe x lamps.list" },
      found:
        "there is none: requests carry the credentials, and no call was made, so whether they are accepted is not known",
    });
    const bare = await look(`services: { x: { kind: jsonrpc, url: "${url}" } }`);
    server.close();
    expect(bare.checks.login).toMatchObject({
      found: "there is none, and requests carry no credentials: no call was made",
      advice: "To try: rollcall probe x METHOD, with a method that only reads",
    });
  });

  it("whose login is answered with HTTP 404 is not about the password", async () => {
    const server = createHttp((_, answer) => answer.writeHead(404).end());
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const { exit, checks } = await look(
      `services: { x: { kind: jsonrpc, url: "${url}", session: { login: [{ call: login }] } } }`,
    );
    server.close();
    expect(exit).toBe(4);
    expect(checks.login?.advice).toContain("check the url of the service");
    expect(checks.login?.advice).not.toContain("lock the user out");
  });

  it("may need none", async () => {
    const { checks } = await look("services: { x: { kind: jsonrpc, url: http://127.0.0.1:9/ } }\n", offline);
    expect(checks.credentials).toMatchObject({ status: "ok", found: "none are used" });
  });

  it("whose secret is not set is exit 3 and names the variable, and nobody tries to log in", async () => {
    const { exit, checks } = await look(config("{ token: { env: X_TOKEN } }"));
    expect(exit).toBe(3);
    expect(checks.credentials).toMatchObject({
      status: "failed",
      found: "services.x.secrets.token: environment variable X_TOKEN is not set",
      advice: "Set X_TOKEN, or name another source in the config.",
    });
    expect(checks.login).toMatchObject({ status: "skipped", found: expect.stringContaining("not tried") as string });
  });

  it("whose secret others can read, or that ends in a line break, says so without it", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "token"), secret, { mode: 0o644 });
    const open = await look(config("{ token: { file: token } }"), { ...offline, cwd });
    expect(open.exit).toBe(3);
    expect(open.checks.credentials?.found).toContain("others can read");
    expect(open.checks.credentials?.advice).toContain("chmod 600");
    const broken = await look(config("{ token: { env: X_TOKEN } }"), { ...offline, env: { X_TOKEN: `${secret}\n` } });
    expect(broken.checks.credentials).toMatchObject({
      status: "warning",
      advice: "The token begins or ends with a blank or a line break: look at environment variable X_TOKEN.",
    });
    expect(open.out + broken.out).not.toContain(secret);
  });
});

describe("the folder of the runs", () => {
  it("that can not be written is exit 10, whatever else is wrong", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, ".rollcall"), "a file");
    const { exit, checks } = await look(undefined, { cwd, words: ["--offline"] });
    expect(exit).toBe(10);
    expect(checks.disk).toMatchObject({ status: "failed", advice: expect.stringContaining("move it away") });
    const { out } = await rollcall(["doctor", "--offline"], { cwd });
    expect(out).toMatch(/^failed {3}disk {9}Could not .*\w\. Something on that path/m);
  });

  it("that others can read is a warning", async () => {
    const cwd = newFolder();
    mkdirSync(join(cwd, ".rollcall"));
    chmodSync(join(cwd, ".rollcall"), 0o755);
    const { checks } = await look(undefined, { cwd, env, words: ["--offline"] });
    expect(checks.disk).toMatchObject({ status: "warning", advice: expect.stringContaining("chmod -R go-rwx") });
    expect(readdirSync(join(cwd, ".rollcall"))).toEqual([]);
  });

  it("tells who holds a lock: a living run, a dead one to resume, or a file that does not say", async () => {
    const cwd = newFolder();
    const run = runId("20261123T204700Z-k3m7q");
    const request = { root: cwd, scope: "cove", run, now: Date.UTC(2026, 10, 23) };
    const offline = { cwd, env, words: ["--offline"] };
    const alive = await takeLock({ ...request, owner: currentOwner() });
    expect((await look(undefined, offline)).checks.locks).toMatchObject({
      status: "ok",
      found: expect.stringContaining(run),
    });
    const zoned = await rollcall(["doctor", "--offline", "--zone", "Asia/Kolkata"], { cwd, env });
    expect(zoned.out).toContain("since 2026-11-23T05:30:00+05:30");
    await alive.release();
    expect((await look(undefined, offline)).checks.locks).toMatchObject({ status: "ok", found: "no run is writing" });
    await takeLock({ ...request, owner: { ...currentOwner(), boot: "an earlier boot" } });
    const dead = (await look(undefined, offline)).checks.locks;
    expect(dead?.found).toContain("held by a process that is gone");
    expect(dead?.advice).toContain(`rollcall resume ${run}`);
    const [scope = ""] = readdirSync(join(cwd, ".rollcall/locks"));
    rmSync(join(cwd, ".rollcall/locks", scope, "2"));
    writeFileSync(join(cwd, ".rollcall/locks", scope, "2"), "?");
    expect((await look(undefined, offline)).checks.locks?.found).toContain("does not say who holds it");
  });
});

describe("on a narrow terminal", () => {
  it("lines are broken behind the names of the checks", async () => {
    const { out } = await rollcall(["doctor", "--offline"], { cwd: newFolder(), terminal: 60 });
    const long = out.split("\n").filter((line) => line.length > 60 && !/^ {22}\S+$/.test(line));
    expect(long.filter((line) => !line.includes("/rollcall-doctor-"))).toEqual([]);
    expect(out).toMatch(/^failed {3}credentials {2}not set: environment variable\n {22}COVE_USERNAME/m);
  });
});

function listening(server: Server): Promise<number> {
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done((server.address() as AddressInfo).port)));
}
