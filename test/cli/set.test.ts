import { expect, it } from "vitest";
import { rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

it.each([
  [[], "Nothing was said that could be set."],
  [["speed=3"], '"speed=3" is nothing that can be set.'],
  [["rate=0/m"], '"rate=0/m" is nothing that can be set.'],
  [["rate=60"], '"rate=60" is nothing that can be set.'],
  [["concurrency=0"], 'concurrency: expected a whole number from 1, found "0".'],
  [["concurrency=2", "rate=1/s", "concurrency=3"], "One setting is given twice."],
])("%j is not understood: exit 3, and what can be written", async (words, why) => {
  const { exit, stderr } = await rollcall(["set", "latest", ...words], { cwd: newFolder() });
  expect(exit).toBe(3);
  expect(stderr).toContain(why);
  expect(stderr).toContain("Write concurrency=2 (calls at a time), rate=60/m (calls a minute), or both.");
});
