import { describe, expect, it } from "vitest";
import type { FailureClass } from "../../runner/core/model/outcome.ts";
import { classify, type Dialect } from "../../runner/rpc/classify.ts";
import { jsonRpc2 } from "../../runner/rpc/envelope.ts";
import type { Reply } from "../../runner/rpc/transport.ts";

const classes: Readonly<Record<string, FailureClass>> = { 7: "auth", 8: "uncertain" };
const codeOf = (value: unknown): string => String((value as { readonly data?: unknown }).data);
const dialect: Dialect = {
  envelope: jsonRpc2,
  errors: {
    codeOf,
    explain: (code) => (code === "7" ? "log in again" : undefined),
    isClear: (kind, status) => status === 200 || (kind === "error" && status >= 400 && status < 500),
    declared: ({ http, error }) => {
      if (http.status === 429) return { class: "throttle" };
      const code = error === null ? "" : codeOf(error);
      return Object.hasOwn(classes, code) && http.status < 500 ? { class: classes[code]! } : undefined;
    },
  },
};
const answered = (status: number, text: string, headers: Record<string, string> = {}): Reply => ({
  kind: "answered",
  status,
  text,
  headers,
});
const error = (data: number | string): string => JSON.stringify({ id: "a", error: { code: 1, data, message: "no" } });

const table: readonly [string, Reply, string, string?, string?][] = [
  ["a result", answered(200, '{"id":"a","result":null}'), "result"],
  ["a declared error", answered(200, error(7)), "error", "auth", "7"],
  ["an error nobody declared", answered(200, error(9)), "error", "reject", "9"],
  ["an error that may have acted", answered(200, error(8)), "error", "uncertain", "8"],
  [
    "an error code that is a member of every object",
    answered(200, error("constructor")),
    "error",
    "reject",
    "constructor",
  ],
  [
    "an answer that nests without end",
    answered(200, `{"id":${"[".repeat(9999)}${"]".repeat(9999)}}`),
    "lost",
    "uncertain",
    "bad-json",
  ],
  ["a web page", answered(200, "<html>"), "lost", "uncertain", "bad-json"],
  ["a result for somebody else", answered(200, '{"id":"b","result":1}'), "lost", "uncertain", "wrong-id"],
  ["a clear error on HTTP 400", answered(400, error(9)), "error", "reject", "9"],
  ["a refused session on HTTP 401", answered(401, error(7)), "error", "auth", "7"],
  [
    "an error for somebody else on HTTP 400",
    answered(400, error(9).replace('"a"', '"b"')),
    "lost",
    "fatal",
    "http-400",
  ],
  ["a success on HTTP 400", answered(400, '{"id":"a","result":null}'), "lost", "fatal", "http-400"],
  ["a clear error on HTTP 500", answered(500, error(9)), "lost", "uncertain", "http-500"],
  ["a success on HTTP 201", answered(201, '{"id":"a","result":null}'), "lost", "fatal", "http-201"],
  ["503", answered(503, ""), "lost", "uncertain", "http-503"],
  ["404", answered(404, ""), "lost", "fatal", "http-404"],
  ["a redirect", answered(302, ""), "lost", "fatal", "http-302"],
  ["429", answered(429, ""), "turned-away", "throttle", "http-429"],
  ["a reset", { kind: "lost", code: "reset", message: "" }, "lost", "uncertain", "reset"],
  ["no connection", { kind: "unsent", code: "connect", message: "" }, "unsent", "not_acted", "connect"],
];
it.each(table)("%s", (...[, reply, kind, failureClass, code]) => {
  const heard = classify(reply, "a", dialect);
  expect(heard.kind).toBe(kind);
  if (heard.kind !== "result") expect([heard.trouble.class, heard.trouble.code]).toEqual([failureClass, code]);
});

it("adds the remedy to a message, and says why a redirect is an error", () => {
  expect(classify(answered(200, error(7)), "a", dialect)).toMatchObject({ trouble: { message: "no (log in again)" } });
  expect(classify(answered(302, ""), "a", dialect)).toMatchObject({
    trouble: { message: "answered with HTTP 302: redirects are never followed; check the url" },
  });
});

describe("Retry-After", () => {
  const date = "Mon, 23 Nov 2026 20:00:00 GMT";
  it.each([
    ["3", undefined, 3000],
    [" 3 ", undefined, 3000],
    ["Mon, 23 Nov 2026 20:01:00 GMT", date, 60_000],
    ["Mon, 23 Nov 2026 19:00:00 GMT", date, 0],
    ["Mon, 23 Nov 2026 20:01:00 GMT", undefined, undefined],
    ["soon", date, undefined],
    ["-1", date, undefined],
    [undefined, date, undefined],
  ])("%j with Date %j is %j ms", (retryAfter, sent, ms) => {
    const heard = classify(
      answered(429, "", { ...(retryAfter && { "retry-after": retryAfter }), ...(sent && { date: sent }) }),
      "a",
      dialect,
    );
    expect(heard).toMatchObject({ kind: "turned-away", retryAfterMs: ms });
  });
});
