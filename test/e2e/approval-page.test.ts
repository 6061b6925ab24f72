import { describe, expect, it } from "vitest";
import { walkThrough } from "../support/page.ts";

describe("the page on approvals", () => {
  const commands = walkThrough("docs/approval.md");

  it("walks from keys to an applied change set", () => {
    const verbs = commands.map(([verb]) => verb);
    expect(verbs).toEqual(["preview", "apply", "approve", "approvals", "approve", "approvals", "apply", "show"]);
  });
});
