import { expect, it } from "vitest";
import { CookieJar } from "../../../runner/providers/jsonrpc/cookies.ts";

function jarAt(url = "https://shop.example/api/rpc"): {
  readonly jar: CookieJar;
  readonly later: (ms: number) => void;
} {
  let now = Date.parse("2026-11-23T12:00:00Z");
  return { jar: new CookieJar(url, () => now), later: (ms) => (now += ms) };
}

const lines: readonly [string, string | undefined][] = [
  ["sid=abc; Path=/; HttpOnly; SameSite=Lax", "sid=abc"],
  ["sid=a=b==", "sid=a=b=="],
  ['sid="quoted"', 'sid="quoted"'],
  ["sid=abc; Path=/api", "sid=abc"],
  ["sid=abc; Path=/ap", undefined],
  ["sid=abc; Path=/other", undefined],
  ["sid=abc; Secure", "sid=abc"],
  ["sid=abc; Max-Age=0", undefined],
  ["sid=abc; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "sid=abc"],
  ["sid=abc; Expires=Thu, 01 Jan 1970 00:00:00 GMT", undefined],
  ["sid=abc; Expires=Wed, 23 Nov 2050 12:00:00 GMT", "sid=abc"],
  ["no pair", undefined],
  ["=abc", undefined],
  ["sid=a\u00ffb", undefined],
  [`sid=${"x".repeat(5000)}`, undefined],
];
it.each(lines)("%j sends back %j", (line, expected) => {
  const { jar } = jarAt();
  jar.take([line], 1);
  expect(jar.header()).toBe(expected);
});

it("keeps a secure cookie from a line without TLS", () => {
  const { jar } = jarAt("http://127.0.0.1/rpc");
  jar.take(["sid=abc; Secure", "open=1"], 1);
  expect(jar.header()).toBe("open=1");
});
it("forgets a cookie when its time is over", () => {
  const { jar, later } = jarAt();
  jar.take(["sid=abc; Max-Age=60", "other=1"], 1);
  later(61_000);
  expect(jar.header()).toBe("other=1");
});
it("keeps the newest by the order of sending, and nothing of before it was cleared", () => {
  const { jar } = jarAt();
  jar.take(["sid=late"], 5);
  jar.take(["sid=early"], 3);
  expect(jar.header()).toBe("sid=late");
  jar.clear(8);
  jar.take(["sid=old"], 7);
  expect(jar.header()).toBeUndefined();
  jar.take(["sid=new"], 9);
  expect(jar.header()).toBe("sid=new");
});
it("forgets a cookie when the service sends one of the same name that has expired", () => {
  const { jar } = jarAt();
  jar.take(["sid=abc"], 1);
  jar.take(["sid=; Max-Age=0"], 2);
  expect(jar.header()).toBeUndefined();
});
it("keeps no more than 50", () => {
  const { jar } = jarAt();
  jar.take(
    Array.from({ length: 80 }, (_, place) => `c${place}=1`),
    1,
  );
  expect(jar.values()).toHaveLength(50);
});
