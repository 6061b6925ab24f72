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

  const slackTextOf = (text: string, more: Partial<Notice> = {}): string => {
    const body = bodyOf({ id: "", notice: { ...notice, text, ...more } }, "slack");
    return (JSON.parse(body) as { text: string }).text;
  };

  it.each([
    ["calls everybody in Slack", "x <!channel>", "x &lt;!channel&gt;"],
    ["calls somebody in Slack", "<@U024BE7LH>", "&lt;@\u200bU024BE7LH&gt;"],
    ["is a link in Slack", "<https://evil.example|the run>", "&lt;https://evil.example|the run&gt;"],
    ["was escaped before", "&lt;!here&gt;", "&amp;lt;!here&amp;gt;"],
    ["calls everybody in Mattermost", "x @all @channel,@here", "x @\u200ball @\u200bchannel,@\u200bhere"],
    ["calls everybody in Discord", "x@everyone @@here", "x@\u200beveryone @\u200b@\u200bhere"],
    ["is a link in Markdown", "[the run](https://evil.example)", "[the run]\u200b(https://evil.example)"],
    ["is a picture in Markdown", "![](https://evil.example/x.png)", "![]\u200b(https://evil.example/x.png)"],
  ])("as slack of what %s is words, and as json it stays as it is", (_, text, sent) => {
    expect(slackTextOf(text)).toBe(sent);
    expect((JSON.parse(bodyOf({ id: "", notice: { ...notice, text } }, "json")) as { text: string }).text).toBe(text);
  });

  it("as slack ends with the command as it can be copied", () => {
    const next = "rollcall show r --config '/etc/@all/[a](b).yaml'";
    expect(slackTextOf(`dora: @all. On ops-1: ${next}`, { next })).toBe(`dora: @\u200ball. On ops-1: ${next}`);
  });

  it("as slack holds any text so that taking the markup back gives it again, and nothing in it calls or links", () => {
    const mark = fc.constantFrom("@", "](", "<", ">", "&", "\u200b", "all");
    const anyText = fc.array(fc.oneof(mark, fc.string({ unit: "grapheme" }))).map((parts) => parts.join(""));
    fc.assert(
      fc.property(anyText, (text) => {
        const sent = slackTextOf(text);
        expect(sent).not.toMatch(/[<>]|@(?!\u200b)|\]\(/);
        const back = sent.replaceAll("@\u200b", "@").replaceAll("]\u200b(", "](");
        const read = back.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
        expect(read.replaceAll("\u200b", "")).toBe(text.replaceAll("\u200b", ""));
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
