import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect, newFolder } from "../support/runs.ts";
import { changesReceived, estate, yes, type Estate } from "../support/workspace.ts";

const planFile = join(import.meta.dirname, "../support/plans/products-csv.yaml");
let here: Estate;
let ids: readonly number[];
/** The same plan, inputs and file in two places, as in two checkouts of one repository. */
const [reviewed, merged] = [newFolder(), newFolder()];
let changes: string;

const rows = (to: number): string => ["device_id,to", ...ids.map((id) => `${id},${to}`), ""].join("\n");
const loadIn = (folder: string, set: readonly string[] = ["partner=4001"]) =>
  here.workspace.loadPlan(join(folder, "plan.yaml"), { service: "simulator", set: [...set] });

beforeAll(async () => {
  here = await estate({ devices: 60 });
  ids = here.movable(3);
  for (const folder of [reviewed, merged]) {
    copyFileSync(planFile, join(folder, "plan.yaml"));
    writeFileSync(join(folder, "moves.csv"), rows(4));
  }
  changes = join(here.cwd, "changes.ndjson");
  await collect(here.workspace.preview(await loadIn(reviewed), { out: { file: changes } }));
});
afterAll(() => here[Symbol.asyncDispose]());

async function apply(set?: readonly string[]) {
  const madeOf = await loadIn(merged, set);
  return collect(here.workspace.apply(await here.workspace.loadChangeSet(changes), { consent: yes, madeOf }));
}

describe("a change set that has to be made of a plan", () => {
  it("is refused when the plan is another text, an input has another value, or a file has other rows", async () => {
    const stale = (why: string): object => ({
      code: "stale",
      message: `${changes} was not made of ${join(merged, "plan.yaml")} as it is now: ${why}.`,
    });
    await expect(apply(["partner=4002"])).rejects.toMatchObject(stale("its input partner has another value"));
    writeFileSync(join(merged, "moves.csv"), rows(5));
    await expect(apply()).rejects.toMatchObject(stale("the file of its lookup moves holds something else"));
    writeFileSync(join(merged, "moves.csv"), rows(4));
    writeFileSync(join(merged, "plan.yaml"), `${readFileSync(planFile, "utf8")}# Seen.\n`);
    await expect(apply()).rejects.toMatchObject(stale("its plan is another text"));
    copyFileSync(planFile, join(merged, "plan.yaml"));
    expect(changesReceived(here.simulator)).toEqual([]);
  });

  it("is applied when all of it is the same, wherever it lies", async () => {
    const events = await apply();
    const end = events.find(({ type }) => type === "end");
    expect(end).toMatchObject({ exit: 0, counts: { confirmed: ids.length } });
  });

  it("is refused when it takes a run back", async () => {
    await collect(here.workspace.undo("latest", { out: { file: join(here.cwd, "undo.ndjson") } }));
    changes = join(here.cwd, "undo.ndjson");
    await expect(apply()).rejects.toMatchObject({ code: "stale", hint: expect.stringContaining("Preview") as string });
  });
});
