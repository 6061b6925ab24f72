import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunnerError } from "../../runner/core/model/errors.ts";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { checkText } from "../../runner/reporters/explained/check.ts";
import { paintFor } from "../../runner/reporters/paint.ts";
import { changesReceived, ended, estate, yes, type Estate } from "../support/workspace.ts";

const products = join(import.meta.dirname, "../support/plans/products.yaml");
const minute = { timeout: 30_000 };
const around = {
  ...{ zone: "UTC", width: 200, tableWidth: 200, paint: paintFor(false) },
  command: (...words: readonly string[]): string => words.join(" "),
};

/** The plan of the estate with guards of its own. */
async function guarded(here: Estate, ids: readonly number[], guards: string) {
  const file = join(here.cwd, "guarded.yaml");
  writeFileSync(file, `${readFileSync(products, "utf8")}guards: ${guards}\n`);
  return here.plan(ids, { file });
}

describe("whether a list is as its plan wants it", () => {
  it("is 2 where something would change, 0 where nothing would, and nothing is ever sent", minute, async () => {
    await using here = await estate({ devices: 120 });
    const ids = here.movable(4);
    const told: RunEvent["type"][] = [];
    const tell = ({ type }: RunEvent): unknown => told.push(type);
    const first = await here.workspace.check(await here.plan(ids), { tell });
    expect(first).toMatchObject({ exit: 2, counts: { selected: 4, already: 0 } });
    expect(first).not.toHaveProperty("since");
    expect(told).toContain("preview");
    expect(changesReceived(here.simulator)).toEqual([]);
    for (const id of ids) here.simulator.edit(id, { productId: 4 });
    const second = await here.workspace.check(await here.plan(ids));
    expect(second).toMatchObject({ exit: 0, counts: { selected: 0, already: 4 } });
    expect(second.since).toMatchObject({ then: { run: first.of.run }, selectedThen: { count: 4 }, both: 0 });
    expect(changesReceived(here.simulator)).toEqual([]);
    expect((await here.workspace.runs()).map(({ status }) => status)).toEqual(["previewed", "previewed"]);
  });

  it.each<[string, string, number, number]>([
    ["too many would change", "{ max: 1 }", 3, 2],
    ["nothing would, and too few match", "{ min: 5 }", 4, 5],
    ["nothing would, and enough match", "{ min: 3 }", 4, 0],
  ])("where %s (%s) it is told, and counts only where it would be green", minute, async (_, guards, product, exit) => {
    await using here = await estate({ devices: 120 });
    const ids = here.movable(3);
    for (const id of ids) here.simulator.edit(id, { productId: product });
    const report = await here.workspace.check(await guarded(here, ids, guards));
    expect(report.exit).toBe(exit);
    expect(report.guards.every(({ ok }) => ok)).toBe(exit === 0);
  });
});

function mostFrequent(numbers: readonly number[]): number {
  const times = (wanted: number): number => numbers.filter((one) => one === wanted).length;
  return numbers.reduce((best, one) => (times(one) > times(best) ? one : best), numbers[0] ?? 0);
}

describe("a plan whose effect no read shows", () => {
  it("can not be judged: neither green nor drift, with a baseline too", minute, async () => {
    await using here = await estate({ devices: 120 });
    const { simulator, workspace } = here;
    const ids = simulator.ids().slice(0, 3);
    const file = join(import.meta.dirname, "../support/plans/gui-password.yaml");
    const load = (of: readonly number[], from = file) =>
      workspace.loadPlan(from, {
        set: [`partner=${simulator.rootPartner}`, `ids=${of.join(",")}`],
        inputs: { password: "long enough to be one" },
      });
    const { run, ...one } = await ended(here, workspace.apply(await load(ids), { consent: yes }), {
      ...{ method: "SendAccountCommand", repeat: "once" },
    });
    const sent = one.in("unverifiable").length;
    expect(sent).toBeGreaterThan(0);
    const report = await workspace.check(await load(ids), { baseline: run });
    expect(report).toMatchObject({
      ...{ exit: 7, unjudgeable: true, counts: { selected: sent } },
      baseline: { confirmed: 0, unverifiable: sent, strayed: { count: 0 } },
    });
    expect(checkText(report, around).split("\n")[0]).toMatch(
      /^Can not be judged: \d+ items? of 120 match(es)?, and no read shows whether gui-password was applied to .* \(expect: accepted\)/,
    );
    expect(checkText(report, around)).toMatch(/accepted by the service, and no read shows what became of/);
    // Where nothing matches, there is nothing to judge.
    const none = await workspace.check(await load([1]));
    expect(none).not.toHaveProperty("unjudgeable");
    expect(none.counts.selected).toBe(0);
    // A plan that says itself what needs no change can be judged by that.
    const text = readFileSync(file, "utf8").replace(
      "  expect: accepted",
      "  expect: accepted\n  unless: item.device_id < 0",
    );
    writeFileSync(join(here.cwd, "unless.yaml"), text);
    const judged = await workspace.check(await load(ids, join(here.cwd, "unless.yaml")));
    expect(judged).not.toHaveProperty("unjudgeable");
    expect(judged).toMatchObject({ exit: 2, counts: { selected: sent } });
  });
});

describe("a baseline", () => {
  it("tells what strayed, what is gone, and what is new and matches", minute, async () => {
    await using here = await estate({ devices: 400 });
    const { simulator, workspace } = here;
    const partnerOf = (id: number): number => simulator.device(id)?.partnerId ?? 0;
    const movable = here.movable(400);
    const customer = mostFrequent(movable.map(partnerOf));
    const ids = movable.filter((id) => partnerOf(id) === customer);
    const [late = 0, done = 0] = movable.filter((id) => partnerOf(id) !== customer);
    const [strayed = 0, gone = 0] = ids;
    const load = () =>
      workspace.loadPlan(products, {
        set: [`partner=${customer}`, "from=3", "to=4", `ids=${[...ids, late, done].join(",")}`],
      });
    const { run } = await ended(here, workspace.apply(await load(), { consent: yes }));
    simulator.edit(strayed, { productId: 7 });
    simulator.remove(gone);
    simulator.edit(late, { partnerId: customer });
    simulator.edit(done, { partnerId: customer, productId: 4 });
    const { exit, counts, baseline } = await workspace.check(await load(), { baseline: run });
    expect([exit, counts.selected]).toEqual([2, 1]);
    expect(baseline).toMatchObject({
      ...{ of: { run }, confirmed: ids.length, holding: ids.length - 2, unjudged: 0 },
      strayed: { count: 1, examples: [{ id: String(strayed), left: { product_id: 4 }, found: { product_id: 7 } }] },
      gone: { count: 1, examples: [{ id: String(gone) }] },
      added: { already: 1, selected: 1 },
    });
    expect(baseline?.added.examples.map(({ id }) => id).sort()).toEqual([late, done].map(String).sort());

    simulator.edit(late, { productId: 4 });
    // Nothing would change: what strayed is not matched by the filter any more, and only the baseline shows it.
    const strays = await workspace.check(await load(), { baseline: run });
    expect([strays.exit, strays.counts.selected, strays.baseline?.strayed.count]).toEqual([2, 0, 1]);
    expect(await workspace.check(await load())).toMatchObject({ exit: 0 });
  });

  it("of a removal is held by what is not there any more", minute, async () => {
    await using here = await estate({ devices: 120 });
    const ids = here.movable(3);
    const file = join(here.cwd, "remove.yaml");
    const text = readFileSync(products, "utf8").replace(
      /change:[\s\S]*?(?=pace:)/,
      "change:\n  call: RemoveAccount\n  params: { accountId: '${{ item.device_id }}' }\n  expect: absent\n  destructive: true\nguards: { max: 10, min: 0 }\n",
    );
    writeFileSync(file, text);
    const removal = ended(here, here.workspace.apply(await here.plan(ids, { file }), { consent: yes }), {
      ...{ method: "RemoveAccount", expectAbsent: true },
    });
    const { run } = await removal;
    const report = await here.workspace.check(await here.plan(ids, { file }), { baseline: run });
    expect(report).toMatchObject({
      exit: 0,
      baseline: { confirmed: 3, holding: 3, gone: { count: 0 }, strayed: { count: 0 } },
    });
  });

  it(
    "called latest is the last run that changed something, whatever checks and other runs came after it",
    minute,
    async () => {
      await using here = await estate({ devices: 120 });
      const { workspace } = here;
      const loaded = await here.plan(here.movable(2));
      const none: unknown = await workspace.check(loaded, { baseline: "latest" }).catch((one: unknown) => one);
      expect(none).toMatchObject({
        ...{
          code: "usage",
          message: expect.stringMatching(/^No run of the plan products on .* has changed/) as string,
        },
      });
      const { run } = await ended(here, workspace.apply(loaded, { consent: yes }));
      await ended(here, workspace.apply(loaded, { consent: yes }));
      for (let time = 0; time < 2; time++)
        expect((await workspace.check(loaded, { baseline: "latest" })).baseline).toMatchObject({
          of: { run },
          holding: 2,
        });
    },
  );

  it("that is under way is refused, and of one that died it is told", minute, async () => {
    await using here = await estate({ devices: 120 });
    const { workspace } = here;
    const loaded = await here.plan(here.movable(12));
    let refused: unknown;
    for await (const event of workspace.apply(loaded, { consent: yes })) {
      if (event.type !== "outcome") continue;
      refused = await workspace.check(loaded, { baseline: "latest" }).catch((one: unknown) => one);
      break;
    }
    expect(refused).toMatchObject({
      ...{ code: "usage", message: expect.stringMatching(/^Run \S+ is under way \(pid \d+\)/) as string },
    });
    const report = await workspace.check(loaded, { baseline: "latest" });
    expect(report.baseline?.of.status).toBe("open");
    expect(checkText(report, around)).toContain("  That run is not over (died, resume it): what it has not");
  });

  it(
    "is not held against a list that was read before its changes were known, nor is the last run",
    minute,
    async () => {
      await using here = await estate({ devices: 120 });
      const { workspace } = here;
      const loaded = await here.plan(here.movable(3));
      const before = await workspace.check(loaded);
      const { run, folder } = await ended(here, workspace.apply(loaded, { consent: yes }));
      const listOf = (of: string): string => join(of, "inventory.ndjson");
      for (const from of [listOf(folder), listOf(before.folder)]) {
        const error: unknown = await workspace.check(loaded, { baseline: run, from }).catch((one: unknown) => one);
        expect(error).toMatchObject({
          code: "usage",
          message: expect.stringMatching(
            `^The list in .* was read .*Z, before it was known what run ${run} had changed`,
          ) as string,
        });
      }
      await new Promise((pass) => setTimeout(pass, 1100));
      const after = await workspace.check(loaded);
      const later = await workspace.check(loaded, { baseline: run, from: listOf(after.folder) });
      expect(later).toMatchObject({ exit: 0, baseline: { holding: 3, strayed: { count: 0 } }, since: { both: 0 } });
      const older = await workspace.check(loaded, { from: listOf(before.folder) });
      expect(older).toMatchObject({ exit: 2, later: { now: after.of.now } });
      expect(older).not.toHaveProperty("since");
      expect(checkText(older, around)).toMatch(/^Not compared with run \S+: its list was read \S+, after this one\.$/m);
    },
  );

  it("is refused where it can not be one, before anything is read", minute, async () => {
    await using here = await estate({ devices: 120 });
    const ids = here.movable(2);
    const preview = await here.workspace.check(await here.plan(ids));
    const requests = here.simulator.witness.requests();
    const trouble = async (baseline: string): Promise<unknown> => {
      const error: unknown = await here.workspace
        .check(await here.plan(ids), { baseline })
        .catch((one: unknown) => one);
      return error instanceof RunnerError ? [error.code, error.message] : error;
    };
    expect(await trouble(preview.of.run)).toEqual([
      "usage",
      `Run ${preview.of.run} sent nothing: it left nothing to compare with.`,
    ]);
    expect(await trouble("20200101")).toEqual(["usage", "There is no run 20200101."]);
    expect(here.simulator.witness.requests()).toBe(requests);
  });
});
