import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fingerprintOf } from "../../runner/ledger/key-fingerprint.ts";
import { configOf, configProblems } from "../support/config.ts";
import { newPair } from "../support/keys.ts";

const alice = newPair();
const bob = newPair();
const files = { "alice.pub": alice.publicPem, "bob.pub": bob.publicPem };

const indented = (pem: string, by: string): string => pem.trimEnd().replaceAll("\n", `\n${by}`);

async function places(text: string, more: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const problems = await configProblems(`rollcall: 1\n${text}`, { ...files, ...more });
  return problems.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
}

describe("approval in the config", () => {
  it("names keys by file or in the config itself, and rules", async () => {
    const { approval } = await configOf(
      `approval:
  keys:
    alice: { file: alice.pub }
    bob:
      pem: |
        ${indented(bob.publicPem, "        ")}
  require:
    - { destructive: true, by: [alice] }
    - { above: 100, count: 2 }
  not_author: true
`,
      {},
      files,
    );
    expect(approval).toEqual({
      keys: [
        { name: "alice", fingerprint: fingerprintOf(alice.publicKey), pem: alice.publicPem },
        { name: "bob", fingerprint: fingerprintOf(bob.publicKey), pem: bob.publicPem },
      ],
      require: [
        { destructive: true, by: ["alice"], count: 1 },
        { above: 100, count: 2 },
      ],
      notAuthor: true,
    });
  });

  it("may be left out, and then demands nothing", async () => {
    expect((await configOf("rollcall: 1\n")).approval).toBeUndefined();
    expect((await configOf("approval: {}\n")).approval).toEqual({ keys: [], require: [], notAuthor: false });
  });

  it("says what is wrong with a key, each at its place, and repeats nothing of it", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" });
    const found = await places(
      `approval:
  keys:
    gone: { file: gone.pub }
    folder: { file: . }
    text: { file: text.pub }
    rsa: { file: rsa.pub }
    private: { file: private.pem }
    broken: { pem: "-----BEGIN PUBLIC KEY-----\\nMCow\\n-----END PUBLIC KEY-----" }
    two: { file: two.pub }
`,
      {
        "two.pub": bob.publicPem + alice.publicPem,
        "text.pub": "hello",
        "rsa.pub": rsa.toString(),
        "private.pem": alice.privatePem,
      },
    );
    expect(found).toEqual([
      "4:19 bad-key approval.keys.gone.file can not be read (ENOENT)",
      "5:21 bad-key approval.keys.folder.file is not a file",
      "6:19 bad-key approval.keys.text.file holds no public key in PEM (-----BEGIN PUBLIC KEY-----)",
      "7:18 bad-key approval.keys.rsa.file holds a key of type rsa, not of Ed25519",
      "8:22 bad-key approval.keys.private.file holds a private key",
      "9:20 bad-key approval.keys.broken.pem holds no public key in PEM (-----BEGIN PUBLIC KEY-----)",
      "10:18 bad-key approval.keys.two.file holds 2 blocks of PEM: one key is one name",
    ]);
    expect(found.join()).not.toContain(alice.privatePem.split("\n")[1]);
  });

  it("refuses names that are no keys, and rules that nobody could fulfil", async () => {
    expect(
      await places(`approval:
  keys: { alice: { file: alice.pub }, bob: { file: bob.pub } }
  require:
    - { count: 1, by: [alice, bop] }
`),
    ).toEqual(["5:31 unknown-name there is no key bop in approval.keys"]);
    expect(
      await places(`approval:
  keys: { alice: { file: alice.pub }, laptop: { file: alice.pub } }
  require:
    - { count: 1 }
    - { count: 2 }
`),
    ).toEqual(["6:7 unfulfillable approval.require[1] needs 2, and there is one key that can approve"]);
    expect(await places("approval: { require: [{ destructive: true }] }\n")).toEqual([
      "2:23 unfulfillable approval.require[0] needs 1, and there are no keys that can approve",
    ]);
  });

  it("refuses slips of the shape, and looks at the rest all the same", async () => {
    const found = await places(`approval:
  keys:
    alice: { file: alice.pub, pem: x }
    bob: alice.pub
    gone: { file: gone.pub }
  require:
    - { destructive: false }
    - { above: -1 }
    - { count: 0 }
    - { when: destructive }
  not_autor: true
`);
    expect(found.map((one) => one.split(" ").slice(0, 2).join(" "))).toEqual([
      "4:12 bad-value",
      "5:10 bad-type",
      "6:19 bad-key",
      "8:22 bad-value",
      "9:16 bad-value",
      "10:16 bad-value",
      "11:9 unknown-key",
      "12:3 unknown-key",
    ]);
  });

  it("takes the public key as openssl writes it", async () => {
    const pem = execFileSync("openssl", ["pkey", "-pubout"], { input: alice.privatePem }).toString();
    const { approval } = await configOf("approval: { keys: { alice: { file: k.pub } } }\n", {}, { "k.pub": pem });
    expect(approval?.keys[0]?.fingerprint).toBe(fingerprintOf(alice.privateKey));
  });
});
