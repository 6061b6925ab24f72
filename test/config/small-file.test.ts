import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { smallFileText } from "../../runner/config/small-file.ts";
import { newFolder } from "../support/runs.ts";

it("a pipe that nobody writes to is no file, and is not waited for", async () => {
  const pipe = join(newFolder(), "key.pem");
  execFileSync("mkfifo", [pipe]);
  expect(await smallFileText(pipe, 100)).toEqual({ fault: "is not a file" });
});
