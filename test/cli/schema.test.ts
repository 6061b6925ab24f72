import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { rollcall } from "./stand-in.ts";

it.each(["plan", "config", "test"])("prints the schema of the %s as the package has it", async (name) => {
  const { exit, out, err } = await rollcall(["schema", name]);
  expect({ exit, err }).toEqual({ exit: 0, err: "" });
  expect(out).toBe(readFileSync(resolve(import.meta.dirname, `../../schemas/${name}.schema.json`), "utf8"));
  expect(JSON.parse(out)).toHaveProperty("$schema");
});

it("of anything else is exit 3, and says which there are", async () => {
  const { exit, out, err } = await rollcall(["schema", "plans"]);
  expect({ exit, out }).toEqual({ exit: 3, out: "" });
  expect(err).toContain('expected plan, config, test or policy, found "plans"');
});
