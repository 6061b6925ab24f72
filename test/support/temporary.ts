import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

/** All that tests leave behind lies in one folder, and goes with the run; after a failure it stays to be looked at. */
export default function setup({ vitest }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-tests-"));
  process.env.TMPDIR = folder;
  return () => {
    if (vitest.state.getCountOfFailedTests() > 0) console.log(`What the tests left is in ${folder}.`);
    else rmSync(folder, { recursive: true, force: true });
  };
}
