import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Secret } from "../../runner/core/model/secret.ts";
import { fingerprints, sameSecrets } from "../../runner/workspace/secrets.ts";
import { newFolder } from "../support/runs.ts";

const secrets = (text: string) => ({ pin: new Secret(text) });

describe("T23: fingerprints of secret inputs", () => {
  it("tell the same secret from another, by a key that only its owner can read", () => {
    const env = { XDG_CONFIG_HOME: newFolder() };
    const kept = fingerprints(secrets("1234"), env);
    expect(kept.pin).toMatch(/^[0-9a-f]{16}$/);
    expect(() => sameSecrets(kept, secrets("1234"), env)).not.toThrow();
    expect(() => sameSecrets(kept, secrets("1235"), env)).toThrow(/pin/);
    expect(fingerprints(secrets("1234"), { XDG_CONFIG_HOME: newFolder() })).not.toEqual(kept);
    expect(statSync(join(env.XDG_CONFIG_HOME, "rollcall", "key")).mode & 0o777).toBe(0o600);
  });

  it.each(["", "relative"])("keep their key at home when XDG_CONFIG_HOME is %j", (XDG_CONFIG_HOME) => {
    const HOME = newFolder();
    fingerprints(secrets("1234"), { XDG_CONFIG_HOME, HOME });
    expect(existsSync(join(HOME, ".config", "rollcall", "key"))).toBe(true);
  });
});
