import { expect, it } from "vitest";
import { pageText } from "../../runner/rpc/page-text.ts";

const page = (text: string, status = 503, type = "text/html; charset=utf-8") => ({ status, type, text });

it.each([
  [page("<html><style>b { }</style><h1>Maintenance</h1>"), " (text/html: Maintenance)"],
  [page("<title>Log&nbsp;in</title>", 200), " (HTTP 200, text/html: Log in)"],
  [page("", 503), ""],
  [page("", 200), " (HTTP 200, an empty body)"],
  [page("a ".repeat(100), 500, "text/plain"), ` (text/plain: ${"a ".repeat(29)}a…)`],
])("%j is told as %j", (given, told) => {
  expect(pageText(given, [])).toBe(told);
});

it("never shows a secret, not even one that looks like a tag", () => {
  const secrets = ["sesame-open", "ab<c>de"];
  const told = pageText(page("<p>sesame-open and ab<c>de</p>"), secrets);
  expect(told).toBe(" (text/html: [redacted] and [redacted])");
});
