import fc from "fast-check";
import { expect, it } from "vitest";
import { cleanMessage } from "../../runner/rpc/message.ts";

const clean = (text: string, secrets: string[] = [], length = 100): string => cleanMessage(text, { length, secrets });

it.each([
  ["Account &#39;a&apos; doesn&apos;t exist", "Account 'a' doesn't exist"],
  ["&lt;b&gt; &amp; &#x41;&#66;", "<b> & AB"],
  ["&amp;lt; stays decoded once", "&lt; stays decoded once"],
  ["&unknown; &#99999999; &#x110000;", "&unknown; &#99999999; &#x110000;"],
  ["red \u001b[31malert\u0007\r\nnew line\u202e", "red [31malert new line"],
])("shows %j as %j", (text, shown) => {
  expect(clean(text)).toBe(shown);
});

it("hides secrets wherever they stand, the longer one first, also when they come as entities", () => {
  expect(clean("user bob: password p&amp;ss and p&amp;ssword", ["p&ss", "p&ssword", ""])).toBe(
    "user bob: password [redacted] and [redacted]",
  );
});

it("leaves a message readable when a name is as short as a syllable", () => {
  expect(clean("Unknown partner/username or bad password", ["u", "pw"])).toBe(
    "Unknown partner/username or bad password",
  );
});

it.each([
  ["JSON", (text: string) => JSON.stringify(text).slice(1, -1)],
  ["a URL", encodeURIComponent],
  ["a form", (text: string) => encodeURIComponent(text).replaceAll("%20", "+")],
  ["Base64", (text: string) => Buffer.from(text).toString("base64")],
  ["Base64 without its end", (text: string) => Buffer.from(text).toString("base64").replace(/=+$/, "")],
  ["Base64 for URLs", (text: string) => Buffer.from(text).toString("base64url")],
  ["hex", (text: string) => Buffer.from(text).toString("hex")],
])("hides a secret as %s writes it", (_, encoded) => {
  const secret = 'p"ä s&s/w?rd\\';
  expect(clean(`no: <${encoded(secret)}>`, [secret])).toBe("no: <[redacted]>");
});

it("hides a secret that is no proper text", () => {
  expect(clean("no: \ud800abc", ["\ud800abc"])).toBe("no: [redacted]");
});

it("never shows a secret and never exceeds the length", () => {
  const secret = fc
    .string({ minLength: 4, maxLength: 20 })
    .filter((text) => /^[!-~]+$/.test(text) && !"[redacted]…".includes(text));
  fc.assert(
    fc.property(fc.array(fc.string()), secret, fc.integer({ min: 10, max: 300 }), (texts, hidden, length) => {
      const shown = clean(texts.join(hidden), [hidden], length);
      expect(shown.length).toBeLessThanOrEqual(length);
      expect(shown.replaceAll("[redacted]", "")).not.toContain(hidden);
    }),
  );
});
