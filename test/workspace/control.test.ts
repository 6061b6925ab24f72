import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { collect } from "../support/runs.ts";
import { estate, runsIn, yes } from "../support/workspace.ts";

it.each([{ perMinute: 1e-300 }, { perMinute: -1 }, { perMinute: NaN }, { concurrency: 0 }, { concurrency: 1.5 }])(
  "a pace that is none is refused to whoever uses the library, and leaves nothing behind: %j",
  async (pace) => {
    await using it = await estate();
    await collect(it.workspace.apply(await it.plan(it.movable(3)), { consent: yes }));
    await expect(it.workspace.control("latest", { op: "set", why: "", ...pace })).rejects.toMatchObject({
      code: "usage",
      message: "A run can not be made that slow.",
    });
    const folder = join(it.cwd, ".rollcall", "runs", runsIn(it.cwd)[0] ?? "");
    expect(readdirSync(folder)).not.toContain("control");
    await expect(it.workspace.control("latest", { op: "set", why: "", perMinute: 1 / 60 })).rejects.toMatchObject({
      code: "stale",
    });
  },
);
