import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { ended, estate, textOf, yes, type Estate } from "../support/workspace.ts";

// What nobody can read, or what is not there, is told beside all that is.

const folderOf = ({ cwd }: Estate, run: string): string => join(cwd, ".rollcall", "runs", run);
const ledgerOf = (here: Estate, run: string): string => join(folderOf(here, run), "ledger.ndjson");

/** Three runs that change a device each, the oldest first. */
async function threeRuns(here: Estate): Promise<readonly [string, string, string]> {
  const one = async (): Promise<string> => {
    const plan = await here.plan(here.movable(1));
    return (await ended(here, here.workspace.apply(plan, { consent: yes }))).run;
  };
  return [await one(), await one(), await one()];
}

/** What the log tells: the runs of its rows, and what could not be told of which. */
async function logged({ workspace }: Estate) {
  const { entries, damaged, notes = [] } = await workspace.auditLog({});
  const told = new Map(damaged.map(({ run, message }) => [run as string, message]));
  expect(told.size).toBe(damaged.length);
  return { rows: entries.map(({ run }) => run as string).toReversed(), told, notes };
}

const statuses = async ({ workspace }: Estate): Promise<Map<string, string>> =>
  new Map((await workspace.runs()).map(({ run, status }) => [run as string, status]));

it("tells a run that is missing between others, in the log and in the list", async () => {
  await using here = await estate({ devices: 60 });
  const [first, middle, last] = await threeRuns(here);
  expect(await logged(here)).toEqual({ rows: [first, middle, last], told: new Map(), notes: [] });
  renameSync(folderOf(here, middle), join(here.cwd, "aside"));
  const { rows, told } = await logged(here);
  expect(rows).toEqual([first, last]);
  expect([...told.keys()]).toEqual([middle]);
  expect(told.get(middle)).toMatch(`it is not here any more; run ${last}, which was begun after it, found`);
  const listed = (await here.workspace.runs()).find(({ run }) => run === middle);
  expect(listed).toMatchObject({ status: "missing", damage: `run ${last}, which was begun after it, names it` });
  expect(await statuses(here)).toEqual(new Map([[first, "sealed"], [middle, "missing"], [last, "sealed"]])); // prettier-ignore
  // That the oldest were cleared away is noted, and is no fault.
  renameSync(folderOf(here, first), join(here.cwd, "aside too"));
  const cleared = await logged(here);
  expect([cleared.rows, cleared.told]).toEqual([[last], new Map()]);
  expect(cleared.notes.join()).toContain(
    `of run ${last}: run ${middle}, which it was begun after, is not here any more`,
  );
  expect(await statuses(here)).toEqual(new Map([[last, "sealed"]]));
});

it("tells in the log a run that was emptied, cut back, or whose record was removed, by what later runs had found", async () => {
  await using here = await estate({ devices: 60 });
  const [first, middle, last] = await threeRuns(here);
  const whole = textOf(ledgerOf(here, middle));
  truncateSync(ledgerOf(here, middle), 0);
  expect([...(await logged(here)).told.keys()]).toEqual([middle]);
  const half = whole.lastIndexOf("\n", whole.indexOf('"type":"outcome"')) + 1;
  writeFileSync(ledgerOf(here, middle), whole.slice(0, half));
  expect((await logged(here)).told.get(middle)).toContain("summary.json names record");
  rmSync(join(dirname(ledgerOf(here, middle)), "summary.json"));
  const cut = await logged(here);
  expect(cut.rows).toEqual([first, middle, last]);
  expect(cut.told.get(middle)).toMatch(
    new RegExp(`^run ${last}, which was begun after it, names a record \\d+ that is not here: it was cut off`),
  );
  renameSync(ledgerOf(here, middle), join(here.cwd, "ledger"));
  expect((await logged(here)).told.get(middle)).toContain("its record is gone");
});

it("tells what can be read, though one run can not be", async () => {
  await using here = await estate({ devices: 60 });
  const runs = await threeRuns(here);
  const unreadable = "20200101T000000Z-aaaaa";
  mkdirSync(ledgerOf(here, unreadable), { recursive: true });
  const { rows, told } = await logged(here);
  expect(rows).toEqual(runs);
  expect([...told]).toEqual([[unreadable, expect.stringMatching(/^Could not read .*ledger\.ndjson: EISDIR/)]]);
  expect(await statuses(here)).toEqual(
    new Map([[unreadable, "unreadable"], ...runs.map((run) => [run, "sealed"] as const)]),
  );
});
