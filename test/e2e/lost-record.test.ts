import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RunFolder } from "../../runner/runs/folder.ts";
import { rollcall } from "../support/cli.ts";
import { everyEnd, tellRun } from "../support/told-run.ts";

describe("a run whose ledger", () => {
  it.each<[string, (folder: RunFolder) => void]>([
    ["is empty", ({ ledger }) => truncateSync(ledger)],
    ["is gone", ({ ledger }) => rmSync(ledger)],
    ["is garbage", ({ ledger }) => writeFileSync(ledger, Buffer.alloc(5000, 0xff))],
  ])("%s, is listed, shown and reported as damaged, and nobody says that it sent nothing", async (_, ruin) => {
    const { root: cwd, folder } = await tellRun(everyEnd);
    ruin(folder);
    const [runs, show, report] = await Promise.all([
      rollcall(["runs"], { cwd }),
      rollcall(["show", folder.run], { cwd }),
      rollcall(["report", folder.run, "--format", "md"], { cwd }),
    ]);
    expect(runs).toMatchObject({ exit: 0, stdout: expect.stringMatching(`${folder.run} .*damaged`) as string });
    expect(show).toMatchObject({ exit: 9, stdout: expect.stringContaining("its record is gone") as string });
    expect(report).toMatchObject({ exit: 9, stdout: expect.stringContaining("Its record is gone") as string });
    for (const { stdout, stderr } of [runs, show, report]) expect(stdout + stderr).not.toMatch(/nothing was sent/i);
  });
});
