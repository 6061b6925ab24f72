import { describe, expect, it } from "vitest";
import { Redactor } from "../../runner/cli/redact.ts";

describe("what the environment holds", () => {
  it.each([
    ["the value of a secret input", "ROLLCALL_SECRET_PIN", "se/cret-9", true],
    ["a credential", "COVE_PASSWORD", "pw-Qx7Z", true],
    ["a path to a credential", "TOKEN_FILE", "/run/token", false],
    ["the value of an input that is not secret", "ROLLCALL_INPUT_PARTNER", "4001", false],
  ])("is redacted where it is %s: %s", (_, name, value, isHidden) => {
    const told = new Redactor({ [name]: value }).redact(`it is ${value} now`);
    expect(told).toBe(isHidden ? "it is [redacted] now" : `it is ${value} now`);
  });
});
