import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { GuardResult } from "../../runner/core/model/preview.ts";
import type { Plan } from "../../runner/core/model/plan.ts";
import { startSimulator, type Simulator } from "../../runner/simulator/server.ts";
import { apply, preview } from "../../runner/workspace/begin.ts";
import { lastMatched } from "../../runner/workspace/last-run.ts";
import { collect, insideOf, newFolder, productPlan, serviceOf } from "../support/runs.ts";
import { yes } from "../support/workspace.ts";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ devices: 200 });
});
afterAll(() => simulator.close());

const movable = (count: number): number[] =>
  simulator
    .ids()
    .filter((id) => simulator.device(id)?.productId === 3)
    .slice(0, count);

/** Of `count` items; as many as in the last run, give or take 25%. */
function planOf(count: number, more: Partial<Plan> = {}): Plan {
  const guards = { require: [], min: 1, allowEmpty: false, allowRefused: 0, changeFromLast: 25 };
  return productPlan(simulator.rootPartner, { from: 3, to: 4, only: movable(count), guards, ...more });
}

const loaded = (plan: Plan) => ({ plan, notes: [], secretValues: {} });

/** Look at so many items, in this folder, and tell the guard. */
async function looked(root: string, plan: Plan): Promise<GuardResult | undefined> {
  const events = await collect(preview(insideOf(root, serviceOf(simulator)), loaded(plan), {}));
  return guardIn(events);
}

function guardIn(events: readonly RunEvent[]): GuardResult | undefined {
  const shown = events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview");
  return shown?.guards.find(({ guard }) => guard === "change_from_last");
}

const folderOf = (events: readonly RunEvent[]): string =>
  events.find((event): event is Extract<RunEvent, { type: "run" }> => event.type === "run")?.folder ?? "";

it("compares with the last run, and holds in the first", async () => {
  const root = newFolder();
  expect(await looked(root, planOf(8))).toMatchObject({ ok: true, found: "no earlier run to compare with" });
  expect(await looked(root, planOf(10))).toMatchObject({ ok: true, found: "10 after 8 (+25%)" });
  expect(await looked(root, planOf(10))).toMatchObject({ ok: true, found: "10 after 10" });
});

it("refuses to write when the number has changed too much, and sends nothing", async () => {
  const root = newFolder();
  await looked(root, planOf(8));
  const before = simulator.witness.entries.length;
  const run = collect(apply(insideOf(root, serviceOf(simulator)), loaded(planOf(11)), { consent: yes }));
  await expect(run).rejects.toThrow(
    /^guards\.change_from_last: 11 items match the filter and 8 did in run .* \(\+37\.5%\)/,
  );
  const sent = simulator.witness.entries.slice(before).filter(({ method }) => method === "ModifyAccount");
  expect(sent).toEqual([]);
});

it("does not get used to a change by being asked again", async () => {
  const root = newFolder();
  await looked(root, planOf(8));
  for (let times = 0; times < 3; times++)
    expect(await looked(root, planOf(20))).toMatchObject({ ok: false, found: "20 after 8 (+150%)" });
  expect(await looked(root, planOf(8))).toMatchObject({ ok: true });
});

it.each<[string, Partial<Plan>]>([
  ["another plan", { name: "other" }],
  ["other inputs", { inputs: { partner: 7 } }],
  ["another list", { enumerate: productPlan(1, { from: 3, to: 4 }).enumerate }],
])("compares with no run of %s", async (_, more) => {
  const root = newFolder();
  await looked(root, planOf(8));
  const { enumerate } = planOf(8);
  const narrowed = () => ({ query: { PartnerId: simulator.rootPartner } });
  const list = more.enumerate === undefined ? {} : { enumerate: { ...enumerate, narrowed } };
  expect(await looked(root, planOf(12, { ...more, ...list }))).toMatchObject({
    found: "no earlier run to compare with",
  });
});

it("compares with no run of another service", async () => {
  const root = newFolder();
  await looked(root, planOf(8));
  expect(await lastMatched(insideOf(root, serviceOf(simulator)), planOf(8), { url: simulator.url })).toMatchObject({
    matched: 8,
  });
  expect(
    await lastMatched(insideOf(root, serviceOf(simulator)), planOf(8), { url: "http://elsewhere/" }),
  ).toBeUndefined();
});

it("goes by the run before a damaged one", async () => {
  const root = newFolder();
  const inside = insideOf(root, serviceOf(simulator));
  const first = await collect(preview(inside, loaded(planOf(8)), {}));
  const second = await collect(preview(inside, loaded(planOf(9)), {}));
  expect(await lastMatched(inside, planOf(8), serviceOf(simulator))).toMatchObject({ matched: 9 });
  const ledger = join(folderOf(second), "ledger.ndjson");
  writeFileSync(ledger, readFileSync(ledger, "utf8").replace('"selected":9', '"selected":1'));
  expect(await lastMatched(inside, planOf(8), serviceOf(simulator))).toMatchObject({ matched: 8 });
  appendFileSync(join(folderOf(first), "ledger.ndjson"), '{"seq":');
  expect(await lastMatched(inside, planOf(8), serviceOf(simulator))).toMatchObject({ matched: 8 });
});

it("has nothing to compare with where its own list was taken from an earlier run", async () => {
  const root = newFolder();
  const inside = insideOf(root, serviceOf(simulator));
  const events = await collect(preview(inside, loaded(planOf(8)), {}));
  const from = join(folderOf(events), "inventory.ndjson");
  expect(guardIn(await collect(preview(inside, loaded(planOf(9)), { from })))).toMatchObject({
    found: "9 after 8 (+12.5%)",
  });
  expect(await lastMatched(inside, planOf(8), serviceOf(simulator))).toMatchObject({ matched: 8 });
});
