import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../runner/core/model/digest.ts";
import type { Value } from "../../runner/core/model/item.ts";
import { defaultLogin, startSimulator } from "../../runner/simulator/server.ts";
import { aliasPlan } from "../support/alias-plan.ts";
import { configFor, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

const planted = { password: "pw-Qx7Z", pin: "7391", word: "kQ9z" } as const;
const env = {
  CHAOS_PASSWORD: planted.password,
  ROLLCALL_INPUT_PIN: planted.pin,
  ROLLCALL_INPUT_WORD: planted.word,
};

const plan = (partner: number): string =>
  aliasPlan(partner, { secrets: ["pin", "word"], alias: "pin ${{ inputs.pin }} and ${{ inputs.word }}" });

interface Left {
  /** Text of every file below \`.rollcall\`, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** What the program said, its log at level debug included. */
  readonly said: string;
}

/** A run with secrets in its credentials and its inputs, whose service repeats them in its errors; and its resume. */
async function runWithSecrets(): Promise<Left> {
  const { password, pin, word } = planted;
  const message = `password ${password} or alias 'pin ${pin} and ${word}' refused`;
  await using simulator = await startSimulator({
    devices: 60,
    login: { ...defaultLogin, password },
    faults: [
      { method: "ModifyAccount", nth: [2, 5], fault: "error", data: 13501, message },
      { method: "ModifyAccount", nth: 7, fault: "reset-after" },
    ],
  });
  const cwd = newFolder();
  const credentials = "    credentials: { password: { env: CHAOS_PASSWORD } }\n    limits: { timeout: 500ms }\n";
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, credentials));
  writeFileSync(join(cwd, "plan.yaml"), plan(simulator.rootPartner));
  const secretly = { cwd, env: { ...env, XDG_CONFIG_HOME: newFolder() } };
  const applied = await rollcall(["apply", "plan.yaml", "--yes", "--json", "--log-level", "debug"], secretly);
  expect({ exit: applied.exit, stderr: applied.exit === 6 ? "" : applied.stderr }).toEqual({ exit: 6, stderr: "" });
  const sent = simulator.witness.entries.filter(({ method }) => method === "ModifyAccount");
  expect(simulator.device(Number(sent[0]?.item))?.nameAlias).toBe(`pin ${pin} and ${word}`);
  const verified = await rollcall(["verify", "latest", "--json", "--log-level", "debug"], secretly);
  const shown = await rollcall(["show", "latest"], secretly);
  const told = [];
  for (const format of ["html", "md", "junit", "csv", "json"])
    told.push(await rollcall(["report", "latest", "--format", format], secretly));
  for (const format of ["csv", "ndjson", "ocsf"])
    told.push(await rollcall(["audit", "export", "latest", "--format", format], secretly));
  told.push(await rollcall(["audit", "log"], secretly), await rollcall(["explain", "latest"], secretly));
  expect(told.map(({ exit }) => exit)).toEqual(told.map(() => 0));
  const root = join(cwd, ".rollcall");
  const names = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const files = names.map((one): [string, string] => {
    const path = join(one.parentPath, one.name);
    return [path, readFileSync(path, "utf8")];
  });
  const said = [applied, verified, shown, ...told].map(({ stdout, stderr }) => stdout + stderr).join("\n");
  return { files: new Map(files), said };
}

const records = ({ files }: Left): string[] =>
  [...files].filter(([name]) => name.endsWith(".ndjson")).map(([, text]) => text);

/** Every JSON value that is written anywhere in a text of JSON lines, from the whole line down to its scalars. */
function* documents(text: string): Generator<Value> {
  for (const line of text.split("\n")) {
    if (line !== "") yield* parts(JSON.parse(line) as Value);
  }
}

function* parts(value: Value): Generator<Value> {
  yield value;
  if (typeof value === "object" && value !== null) for (const part of Object.values(value)) yield* parts(part);
}

/** The same value with its references put back, as somebody who guesses the secrets would. */
function guessed(value: Value, secrets: Readonly<Record<string, string>>): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => guessed(one as Value, secrets));
  if ("$secret" in value) {
    const written = value.$secret as readonly (string | { readonly input: string })[];
    return written.map((part) => (typeof part === "string" ? part : (secrets[part.input] ?? ""))).join("");
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, guessed(one, secrets)]));
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Hashes of a value that somebody with the files could compute. */
const hashesOf = (value: Value): string[] => [
  digestOf(value),
  sha256(JSON.stringify(value)),
  ...(typeof value === "string" ? [sha256(value)] : []),
];

describe("T23: secrets of four to eight characters", () => {
  let left: Left;
  let hexes: ReadonlySet<string>;
  beforeAll(async () => {
    left = await runWithSecrets();
    hexes = new Set([...left.files.values()].flatMap((text) => text.match(/\b[0-9a-f]{16,64}\b/g) ?? []));
  });

  it("are in no file and in nothing that was said: as they are, in base64, in hex, as a hash", () => {
    const { files, said } = left;
    const everything = [...files, ["what was said", said] as const];
    expect(files.size).toBeGreaterThan(5);
    expect(said).toContain("[redacted]");
    for (const secret of [planted.password, planted.word]) {
      const bytes = Buffer.from(secret);
      const forms = [secret, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex"), sha256(secret)];
      for (const [name, text] of everything)
        for (const form of forms) expect(text.includes(form), `${form} in ${name}`).toBe(false);
    }
    // Four digits are in many numbers: here only as a word of their own.
    const word = new RegExp(`(?<![0-9a-zA-Z.-])${planted.pin}(?![0-9a-zA-Z.-])`);
    for (const [name, text] of everything)
      expect(word.exec(text.replaceAll(/"(seq|ms|up|t)":[\d.]+/g, "")), name).toBe(null);
  });

  it("are in no digest: that of no part of what is written is one of a value with a secret in it", () => {
    let references = 0;
    for (const text of records(left)) {
      for (const value of documents(text)) {
        if (!JSON.stringify(value).includes("$secret")) continue;
        references += 1;
        for (const hash of hashesOf(guessed(value, planted))) expect(hexes).not.toContain(hash);
      }
    }
    expect(references).toBeGreaterThan(20);
  });

  it("can not be found by trying: no PIN of four digits fits anything in the folder of the run", () => {
    const templates = new Map<string, Value>();
    for (const text of records(left))
      for (const value of documents(text)) {
        const shape = JSON.stringify(value);
        // One of each shape is enough: they differ by the item only.
        if (shape.includes("$secret")) templates.set(shape.replaceAll(/\d+/g, "0"), value);
      }
    expect(templates.size).toBeGreaterThan(3);
    const fits: string[] = [];
    for (let number = 0; number < 10_000; number++) {
      const pin = String(number).padStart(4, "0");
      const hashes = [
        ...hashesOf(pin),
        ...[...templates.values()].flatMap((one) => hashesOf(guessed(one, { ...planted, pin }))),
      ];
      // A fingerprint is 64 bits of a hash.
      if (hashes.some((hash) => hexes.has(hash) || hexes.has(hash.slice(0, 16)))) fits.push(pin);
    }
    expect(fits).toEqual([]);
  });
});
