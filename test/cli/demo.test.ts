import { expect, it } from "vitest";
import { rollcall } from "./stand-in.ts";

it("a demo where nothing can be written is exit 10, with what to do, and no error of ours", async () => {
  // Nobody can make a folder there, root neither.
  const { exit, err } = await rollcall(["demo"], { cwd: "/proc" });
  expect(exit).toBe(10);
  expect(err).toMatch(/^Could not make the folder \/proc\/rollcall-demo: /);
  expect(err).toContain("help: ");
});
