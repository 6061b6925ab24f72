import { createHmac, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { SecretText } from "../core/model/change.ts";
import { PlanError, RunnerError } from "../core/model/errors.ts";
import type { Secret } from "../core/model/secret.ts";
import { secretWays } from "../plan/inputs.ts";
import { aboutFile } from "../core/model/problem.ts";

export type SecretValues = Readonly<Record<string, Secret>>;

/** Turns a reference into text, for the sender alone. */
export function revealer(values: SecretValues): (secret: SecretText) => string {
  return ({ $secret }) =>
    $secret.map((part) => (typeof part === "string" ? part : reveal(values, part.input))).join("");
}

/**
 * Fingerprints by which a later `resume` knows that it was given the same secrets: HMAC-SHA-256, 64 bits, under a key of the
 * user's own config that is never in the run folder. In CI there is no such key, so nothing is kept.
 */
export function fingerprints(
  values: SecretValues,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const names = Object.keys(values);
  if (names.length === 0) return {};
  const key = env.CI ? randomBytes(32) : userKey(env);
  const prefix = env.CI ? "ci:" : "";
  return Object.fromEntries(names.map((name) => [name, prefix + fingerprint(key, reveal(values, name))]));
}

/** @throws {PlanError} when a secret differs from the one the run was started with. */
export function sameSecrets(
  recorded: Readonly<Record<string, string>>,
  values: SecretValues,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const comparable = Object.entries(recorded).filter(([, kept]) => !kept.startsWith("ci:"));
  if (comparable.length === 0) return;
  const key = userKey(env);
  const other = comparable.filter(([name, kept]) => fingerprint(key, reveal(values, name)) !== kept);
  if (other.length === 0) return;
  throw new PlanError(
    other.map(([name]) =>
      aboutFile("inputs", {
        code: "other-secret",
        message: `The secret input ${name} is not the one that was given before.`,
        hint: "Give the same value again, as the user and on the machine that began it (another key can not tell), or start a new run.",
      }),
    ),
    "usage",
  );
}

function reveal(values: SecretValues, name: string): string {
  const secret = values[name];
  if (secret === undefined)
    throw new RunnerError("usage", `The secret input ${name} was not given.`, {
      hint: secretWays(name),
    });
  return secret.reveal();
}

function fingerprint(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex").slice(0, 16);
}

/** Made once, whole or not at all: two processes that start together end with one key. */
function userKey(env: Readonly<Record<string, string | undefined>>): Buffer {
  // Empty or relative means unset, says its specification: the key must never land in the current folder.
  const xdg = env.XDG_CONFIG_HOME ?? "";
  const folder = join(isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), ".config"), "rollcall");
  const path = join(folder, "key");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `key.${process.pid}`);
  writeFileSync(draft, randomBytes(32), { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(path);
}
