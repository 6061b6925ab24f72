import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunnerError } from "../../runner/core/model/errors.ts";
import { fingerprintOf } from "../../runner/ledger/key-fingerprint.ts";
import { readPublicKey, readSigningKey } from "../../runner/runs/signing-key.ts";
import { encryptedPem, newPair } from "../support/keys.ts";

const cwd = mkdtempSync(join(tmpdir(), "rollcall-keys-"));
const pair = newPair();

function file(name: string, text: string, mode = 0o600): string {
  const path = join(cwd, name);
  writeFileSync(path, text, { mode });
  return path;
}

function pipe(name: string): string {
  const path = join(cwd, name);
  execFileSync("mkfifo", [path]);
  return path;
}

const asked = (answer?: string) => () => Promise.resolve(answer);

async function refusal(path: string, answer?: string): Promise<RunnerError> {
  const error: unknown = await readSigningKey(path, asked(answer)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RunnerError);
  expect((error as RunnerError).exitCode).toBe(3);
  expect((error as RunnerError).hint).toBeDefined();
  return error as RunnerError;
}

describe("a private key to approve with", () => {
  it("is read as openssl makes it, and nobody is asked for a passphrase that it does not need", async () => {
    const path = join(cwd, "made.pem");
    execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", path]);
    chmodSync(path, 0o600);
    const unasked = () => Promise.reject(new Error("nobody is to be asked"));
    expect((await readSigningKey(path, unasked)).asymmetricKeyType).toBe("ed25519");
  });

  it("is opened by its passphrase, as openssl encrypts it too", async () => {
    const path = join(cwd, "locked.pem");
    const words = ["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:hunter22", "-out", path];
    execFileSync("openssl", words);
    chmodSync(path, 0o600);
    expect((await readSigningKey(path, asked("hunter22"))).type).toBe("private");
    const own = file("own.pem", encryptedPem(pair, "hunter22"));
    expect(fingerprintOf(await readSigningKey(own, asked("hunter22")))).toBe(fingerprintOf(pair.publicKey));
  });

  it("stays closed without the right one, which no message repeats", async () => {
    const path = file("closed.pem", encryptedPem(pair, "hunter22"));
    const wrong = await refusal(path, "hunter23");
    expect(wrong.message).toBe(`The passphrase does not open ${path}.`);
    expect(JSON.stringify([wrong.message, wrong.hint])).not.toContain("hunter");
    expect((await refusal(path)).message).toContain("is encrypted, and its passphrase was not given");
    expect((await refusal(path, "")).hint).toContain("--passphrase-env NAME");
  });

  it("is not used where others can read it", async () => {
    const path = file("open.pem", pair.privatePem);
    chmodSync(path, 0o640);
    const { message, hint } = await refusal(path);
    expect([message, hint]).toEqual([
      `Others can read ${path} (mode 0640), and could approve with it.`,
      expect.stringContaining(`chmod 600 ${path}`),
    ]);
  });

  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
  it.each([
    ["is not there", join(cwd, "nope.pem"), "can not be read: ENOENT"],
    ["is a folder", cwd, "is not a file"],
    ["is a pipe that nobody writes to", pipe("pipe.pem"), "is not a file"],
    ["is public", file("p.pub", pair.publicPem, 0o644), "holds a public key"],
    ["is no key", file("text.pem", "hello"), "holds no private key in PEM"],
    ["is broken", file("b.pem", pair.privatePem.replace(/MC4\w/, "MC4?")), "holds no private key that can be read"],
    ["is of RSA", file("rsa.pem", rsa.toString()), "holds a key of type rsa"],
    ["is of ssh", file("ssh.pem", "-----BEGIN OPENSSH PRIVATE KEY-----\n"), "in the format of OpenSSH"],
    ["is one of two", file("two.pem", pair.privatePem + newPair().privatePem), "holds 2 blocks of PEM"],
    ["lies with its public half", file("both.pem", pair.privatePem + pair.publicPem), "holds 2 blocks of PEM"],
    ["is too large", file("large.pem", "-----BEGIN PRIVATE KEY-----".padEnd(70_000)), "has 70000 bytes"],
  ])("is refused where it %s", async (_, path, expected) => {
    expect((await refusal(path)).message).toContain(expected);
  });
});

describe("a public key to check with", () => {
  it("is the only one in its file", async () => {
    const one = await readPublicKey(file("one.pub", `# of the auditor\n${pair.publicPem}`));
    expect(fingerprintOf(one)).toBe(fingerprintOf(pair.publicKey));
    const two = readPublicKey(file("two.pub", newPair().publicPem + pair.publicPem));
    await expect(two).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("holds 2 blocks of PEM"),
    });
  });
});
