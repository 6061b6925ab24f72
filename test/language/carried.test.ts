import { expect, it } from "vitest";
import { carriedBy, carriedIn } from "../../runner/language/carried.ts";

it.each<[string, readonly string[]]>([
  ["now", ["now"]],
  ["now + days(3)", ["now"]],
  ['ago("30d")', ["now"]],
  ["item.seen", ["item.seen"]],
  ['now > item.seen ? item.a : "b"', ["item.a"]],
  ['item.a != null && now > 5 ? "x" : "y"', []],
  ["coalesce(item.a, now)", ["item.a", "now"]],
  ["item.list.filter(x, x > now)", ["item.list", "x"]],
  ["item.list.exists(x, x == now)", []],
  ['{"at": now}', ["now"]],
  ["lookup.rows[item.id].name", ["lookup.rows", "item.id"]],
])("%s is made of %j", (text, names) => {
  const carried = carriedIn(text);
  for (const name of names.filter((one) => one !== "x")) expect([...carried]).toContain(name);
  if (!names.includes("now")) expect([...carried]).not.toContain("now");
});

it("looks at every scalar of a template, and at nothing outside of its expressions", () => {
  expect([...carriedBy(["now", { at: "since ${{ now }}", by: 3 }])]).toEqual(["now"]);
  expect([...carriedBy("now")]).toEqual([]);
});
