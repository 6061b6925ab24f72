import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Notice } from "../../../runner/core/model/notice.ts";
import { Secret } from "../../../runner/core/model/secret.ts";
import { bodyOf, letterOf } from "../../../runner/workspace/notify/message.ts";

const notice: Notice = { event: "stop", text: "a <!channel> & b", at: "2026-11-27T04:00:00.000Z", run: "r" };
const message = { id: "1-2", notice };
const target = { url: new Secret("https://x.example/"), host: "x.example", signingSecret: undefined, headers: [] };
const sending = { format: "json", timeoutMs: 1, timestamp: 1_795_000_000 } as const;

describe("the body", () => {
  it("as json is the notice with its version and id", () => {
    expect(JSON.parse(bodyOf(message, "json"))).toEqual({ v: 1, id: "1-2", ...notice });
  });

  it("as slack is its text alone, in which nobody is called", () => {
    expect(JSON.parse(bodyOf(message, "slack"))).toEqual({ text: "a &lt;!channel&gt; &amp; b" });
  });

  it("as slack holds any text so that taking the markup back gives it again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const { text: sent } = JSON.parse(bodyOf({ id: "", notice: { ...notice, text } }, "slack")) as { text: string };
        expect(sent).not.toMatch(/[<>]/);
        expect(sent.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")).toBe(text);
      }),
    );
  });
});

describe("the request", () => {
  it("is signed over the time and the very bytes of the body", () => {
    const { headers, body } = letterOf(message, { ...target, signingSecret: new Secret("s".repeat(32)) }, sending);
    const expected = createHmac("sha256", "s".repeat(32)).update(`1795000000.${body}`).digest("hex");
    expect(headers).toMatchObject({
      "X-Rollcall-Signature": `sha256=${expected}`,
      ...{ "X-Rollcall-Timestamp": "1795000000", "X-Rollcall-Id": "1-2", "X-Rollcall-Event": "stop" },
    });
  });

  it("without a secret has no signature; the config's headers are there", () => {
    const { headers } = letterOf(message, { ...target, headers: [["X-Team", new Secret("ops")]] }, sending);
    expect(headers).not.toHaveProperty("X-Rollcall-Signature");
    expect(headers).toMatchObject({ "X-Team": "ops", "Content-Type": "application/json" });
  });
});
