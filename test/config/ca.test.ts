import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { configOf, configProblems } from "../support/config.ts";

/** A certificate that signs itself, as PEM. */
function certificate(): string {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-ca-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const words = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-subj",
    "/CN=localhost",
    "-keyout",
    key,
    "-out",
    cert,
  ];
  const { status, stderr } = spawnSync("openssl", words, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return readFileSync(cert, "utf8");
}

const config = (name: string): string =>
  `services:\n  x:\n    kind: jsonrpc\n    url: https://rpc.example/\n    tls: { ca: ${name} }\n`;

it("certificates of one's own are read from beside the config, one or many", async () => {
  const pem = certificate();
  const one = await configOf(config("own.pem"), {}, { "own.pem": pem });
  expect(one.services.get("x")?.ca).toBe(pem);
  expect(one.services.get("cove")?.ca).toBeUndefined();
  const many = await configOf(config("own.pem"), {}, { "own.pem": `first\n${pem}\nsecond\n${pem}` });
  expect(many.services.get("x")?.ca).toContain("second");
});

it.each<[name: string, content: string, fault: string]>([
  ["nope.pem", "", "can not be read (ENOENT)"],
  [".", "", "is not a file"],
  ["own.pem", "", "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"],
  ["own.pem", "-----BEGIN PRIVATE KEY-----\nhunter22\n", "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"],
  [
    "own.pem",
    "-----BEGIN CERTIFICATE-----\nhunter22\n-----END CERTIFICATE-----\n",
    "holds a certificate that can not be read (number 1)",
  ],
  ["own.pem", "x".repeat(1024 * 1024 + 1), "has 1048577 bytes, at most 1048576 are read"],
])("%s with %.30j is refused where it is named", async (name, content, fault) => {
  const problems = await configProblems(config(name), { "own.pem": content });
  expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    `5:16 services.x.tls.ca ${fault}`,
  ]);
});
