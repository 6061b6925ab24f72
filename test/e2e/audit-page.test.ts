import { describe, expect, it } from "vitest";
import { walkThrough } from "../support/page.ts";

describe("the page on the record", () => {
  const commands = walkThrough("docs/audit.md", 200);

  it("walks from a run to evidence of it", () => {
    const actions = commands.slice(1).map((words) => words.slice(0, 2).join(" "));
    expect(new Set(actions)).toEqual(
      new Set([
        ...["audit verify", "audit log", "audit export", "audit attest", "audit verify-attestation"],
        ...["audit pack", "audit verify-pack"],
      ]),
    );
  });
});
