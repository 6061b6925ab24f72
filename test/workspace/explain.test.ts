import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunnerError } from "../../runner/core/model/errors.ts";
import type { LedgerRecord, RunEvent } from "../../runner/core/model/events.ts";
import { digestOf } from "../../runner/core/model/digest.ts";
import type { ItemExplanation } from "../../runner/core/model/explained.ts";
import { itemText } from "../../runner/reporters/explained/item.ts";
import { paintFor } from "../../runner/reporters/paint.ts";
import { Storyteller } from "../../runner/reporters/story.ts";
import { collect, labelled } from "../support/runs.ts";
import { ended, estate, runsIn, yes, type Estate } from "../support/workspace.ts";

const support = (name: string) => join(import.meta.dirname, "../support/plans", name);
const resultsOf = ({ clauses }: ItemExplanation) => clauses.map(({ result }) => result);

/** What went wrong, in words. */
const trouble = async (asked: Promise<unknown>): Promise<object> => {
  const error: unknown = await asked.catch((caught: unknown) => caught);
  if (!(error instanceof RunnerError)) throw new Error("it was to be refused");
  return { code: error.code, message: error.message, hint: error.hint };
};

/** The texts of one item's story, in order. */
async function storyOf({ workspace }: Estate, run: string, index: number | undefined): Promise<string[]> {
  const teller = new Storyteller({ types: {}, zone: "UTC" });
  const texts: string[] = [];
  for await (const record of workspace.records(run))
    texts.push(...teller.tell(record).flatMap((line) => (line.index === index ? [line.text] : [])));
  return texts;
}

async function previewed(here: Estate, ids: readonly number[]): Promise<string> {
  await collect(here.workspace.preview(await here.plan(ids)));
  return runsIn(here.cwd).at(-1)!;
}

describe("why an item is where it is", () => {
  it("is said of items that were left out, are as desired, and are to change, without a network", async () => {
    await using here = await estate({ devices: 120 });
    const { simulator, workspace } = here;
    const [chosen = 0, done = 0, other = 0] = here.movable(3);
    const elsewhere = here.movable(4)[3] ?? 0;
    simulator.edit(done, { productId: 4 });
    simulator.edit(other, { productId: 9 });
    const run = await previewed(here, [chosen, done, other]);
    const requests = simulator.witness.requests();

    const out = await workspace.explain(run, String(other));
    expect(out).toMatchObject({ as: "filtered-out", item: { fields: { product_id: 9 } }, sent: [] });
    expect(out.clauses.map(({ result, decided, line }) => [result, decided, line])).toEqual([
      ["true", undefined, 18],
      ["false", true, 19],
    ]);
    expect(readFileSync(out.of.planFile, "utf8").split("\n")[18]).toContain(out.clauses[1]?.text);
    expect(out.proposal).toMatchObject({ as: "selected", before: { product_id: 9 }, after: { product_id: 4 } });

    expect(resultsOf(await workspace.explain(run, String(elsewhere)))).toEqual(["false", "true"]);
    const already = await workspace.explain(run, String(done));
    expect(already).toMatchObject({ as: "already", proposal: { as: "already", desired: { product_id: 4 } } });

    const title = simulator.device(chosen)?.name ?? "";
    const change = await workspace.explain("latest", title);
    expect(change).toMatchObject({
      ...{ as: "selected", item: { id: String(chosen), title }, of: { status: "previewed" }, sent: [] },
      proposal: { request: { method: "ModifyAccount", params: { accountInfo: { Id: chosen, ProductId: 4 } } } },
    });
    expect(change).not.toHaveProperty("otherwise");
    expect(simulator.witness.requests()).toBe(requests);
  });

  it("is said of an item that could not be decided: which clause failed, and how", async () => {
    await using here = await estate({ devices: 60 });
    const [odd = 0] = here.movable(1);
    here.simulator.edit(odd, { productId: 9 });
    const file = join(here.cwd, "odd.yaml");
    const text = readFileSync(support("products.yaml"), "utf8");
    writeFileSync(
      file,
      text.replace(
        "  - item.product_id in",
        "  - item.product_id != null && 10 / (item.product_id - 9) != 0\n  - item.product_id in",
      ),
    );
    await collect(here.workspace.preview(await here.plan([odd], { file })));
    const told = await here.workspace.explain("latest", String(odd));
    expect(told).toMatchObject({ as: "refused", sent: [] });
    expect(told).not.toHaveProperty("proposal");
    expect(resultsOf(told)).toEqual(["true", "error", "false"]);
    const failed = told.clauses[1];
    expect(failed?.result === "error" && failed.why).toBe(told.why);
  });

  it("is refused for an item that is not there, with those that are named alike, and for a title that several have", async () => {
    await using here = await estate({ devices: 60 });
    const { simulator, workspace } = here;
    const [first = 0, second = 0] = here.movable(2);
    const run = await previewed(here, [first]);
    const slip = `${String(second).slice(0, -1)}x`;
    expect(await trouble(workspace.explain(run, slip))).toMatchObject({
      code: "usage",
      message: `The list of run ${run} has no item "${slip}".`,
      hint: expect.stringMatching(/^Did you mean .*\(\d+\)/) as string,
    });
    expect(await trouble(workspace.explain(run, "quite another thing"))).toMatchObject({
      hint: "Give an item's id, or its whole title.",
    });
    const file = join(here.cwd, "titled.yaml");
    writeFileSync(
      file,
      readFileSync(support("products.yaml"), "utf8").replace("title: device_name", "title: product_id"),
    );
    simulator.edit(first, { productId: 77 });
    simulator.edit(second, { productId: 77 });
    await collect(workspace.preview(await here.plan([first], { file })));
    const again = runsIn(here.cwd).find((one) => one !== run) ?? "";
    expect(await trouble(workspace.explain(again, "77"))).toMatchObject({
      message: `2 items of run ${again} have the title "77": ${first}, ${second}.`,
      hint: "Name the one that you mean by its id.",
    });
  });

  it("is refused where the run has no list, or its files are not as it left them", async () => {
    await using here = await estate({ devices: 60 });
    const { workspace, cwd } = here;
    const [id = 0] = here.movable(1);
    const run = await previewed(here, [id]);
    const folder = join(cwd, ".rollcall", "runs", run);
    const inventory = join(folder, "inventory.ndjson");
    const text = readFileSync(inventory, "utf8");
    writeFileSync(inventory, text.replace('"as":"selected"', '"as":"already" '));
    expect(await trouble(workspace.explain(run, String(id)))).toMatchObject({ code: "audit" });
    writeFileSync(inventory, text);
    expect(await workspace.explain(run, String(id))).toMatchObject({ as: "selected" });
    const plan = join(folder, "plan.yaml");
    writeFileSync(plan, `${readFileSync(plan, "utf8")}# edited\n`);
    expect(await trouble(workspace.explain(run, String(id)))).toMatchObject({ code: "audit" });
    rmSync(join(folder, "ledger.ndjson"));
    expect(await trouble(workspace.explain(run, String(id)))).toMatchObject({
      code: "audit",
      message: expect.stringContaining("its record is gone: there is no ledger.ndjson") as string,
    });
  });

  it(
    "tells a lost answer, the read that settled it, and each request that left, by its id",
    { timeout: 20_000 },
    async () => {
      await using here = await estate({
        faults: [
          { method: "ModifyAccount", nth: 2, fault: "reset-after" },
          { method: "ModifyAccount", nth: 4, fault: "reset-before" },
          { method: "ModifyAccount", nth: 6, fault: "error", data: 13501, message: "no" },
        ],
      });
      const run = await ended(here, here.workspace.apply(await here.plan(here.movable(8)), { consent: yes }));
      expect(run.violations).toEqual([]);
      const lost = run.records.filter(
        (one): one is Extract<LedgerRecord, { type: "outcome" }> => one.type === "outcome" && one.kind === "lost",
      );
      expect(lost).toHaveLength(2);
      for (const { id } of lost) {
        const told = await here.workspace.explain(run.run, id);
        expect(told.ended).toMatchObject({ state: "confirmed" });
        const received = here.simulator.witness.entries.filter(
          ({ method, item }) => method === "ModifyAccount" && String(item) === id,
        );
        expect(told.sent.map((one) => one.id)).toEqual(received.map(({ rpcId }) => String(rpcId)));
        const story = await storyOf(here, run.run, told.ended?.index);
        expect(story).toContain("Sent");
        expect(story.join("\n")).toMatch(/No clear answer: .*\nRead by itself, since its answer was lost: as /);
      }
      const [rejected = ""] = run.in("rejected");
      const told = await here.workspace.explain(run.run, rejected);
      expect(told.ended).toMatchObject({ state: "rejected", failure: { code: "13501" } });
      const { proposal, sent } = told;
      expect(proposal?.as === "selected" && digestOf(proposal.request)).toBe(digestOf(sent[0]?.request));
      const intent = run.records.find((one) => one.type === "intent" && one.id === rejected);
      expect(intent).toMatchObject({ request: digestOf(sent[0]?.request) });
    },
  );

  it("does not call that the last word which a later attempt has overtaken", { timeout: 20_000 }, async () => {
    await using here = await estate({ faults: [{ method: "ModifyAccount", nth: 1, fault: "http-503" }] });
    const run = await ended(here, here.workspace.apply(await here.plan(here.movable(2)), { consent: yes }));
    const refused = run.records.find((one) => one.type === "outcome" && "failure" in one);
    const id = refused?.type === "outcome" ? refused.id : "";
    expect(run.in("confirmed")).toContain(id);
    const told = await here.workspace.explain(run.run, id);
    expect(told.sent).toHaveLength(2);
    expect(told.ended).toMatchObject({ state: "confirmed" });
    expect(told.ended).not.toHaveProperty("failure");
    const story = await storyOf(here, run.run, told.ended?.index);
    expect(story.some((text) => text.includes("http-503"))).toBe(true);
  });

  it(
    "says of a run that is not over where an item stands so far, and how the run does",
    { timeout: 20_000 },
    async () => {
      await using here = await estate({ devices: 200 });
      const file = join(here.cwd, "slow.yaml");
      const text = readFileSync(support("products.yaml"), "utf8");
      writeFileSync(file, text.replace(/^pace:.*$/m, "pace: { concurrency: 1, waves: [2, 50%, 100%] }"));
      const ids = here.movable(20);
      const loaded = await here.plan(ids, { file });
      let run = "";
      let live: ItemExplanation | undefined;
      for await (const event of here.workspace.apply(loaded, { consent: yes })) {
        if (event.type === "run") ({ run } = event);
        if (event.type !== "outcome") continue;
        live = await here.workspace.explain(run, String(ids[19]));
        break;
      }
      expect(live).toMatchObject({ soFar: true, of: { status: "open", worker: { is: "running" } } });
      expect(live).not.toHaveProperty("of.ended");
      const died = await here.workspace.explain(run, String(ids[19]));
      expect(died).toMatchObject({ soFar: true, ended: { state: "not-started" }, of: { status: "open" } });
      expect(died.ended).not.toHaveProperty("reason");
      const around = {
        zone: "UTC",
        width: 200,
        paint: paintFor(false),
        command: (...words: string[]) => words.join(" "),
      };
      const told = itemText(died, [], around);
      expect(told).toContain(": to change; so far it is not-started, and the run is not over\n");
      expect(told).toContain(`\nrun   ${run}, died, resume it\n`);
      expect(told).toContain("\nHow it stands so far: not-started");
      expect(told).not.toContain("because of");
    },
  );

  it("tells an item that was busy, and was left alone in the end", { timeout: 20_000 }, async () => {
    await using here = await estate({ devices: 200 });
    const [busy = 0, ...others] = here.movable(4);
    const text = readFileSync(support("products.yaml"), "utf8");
    const file = join(here.cwd, "busy.yaml");
    writeFileSync(file, `${text}hold: { when: item.device_id == ${busy}, every: 1s, give_up: 1s }\n`);
    const loaded = await here.plan([busy, ...others], { file });
    const run = await ended(here, here.workspace.apply(loaded, { consent: yes }));
    expect(run.end.notStarted).toEqual({ held: 1 });
    const told = await here.workspace.explain(run.run, String(busy));
    expect(told).toMatchObject({ as: "selected", sent: [], ended: { state: "not-started", reason: "held" } });
    const story = await storyOf(here, run.run, told.ended?.index);
    expect(story.at(-1)).toBe("Busy for too long: left alone");
  });

  it("shows a call about several items as it was sent, with all of them", { timeout: 20_000 }, async () => {
    await using here = await estate({ devices: 120 });
    const loaded = await here.workspace.loadPlan(support("label-devices.yaml"), {
      set: [`partner=${here.simulator.rootPartner}`],
    });
    const run = await ended(here, here.workspace.apply(loaded, { consent: yes }), {
      ...{ method: "AddAccountLabel", chunk: 10, values: labelled },
    });
    const [id = ""] = run.in("confirmed");
    const { sent } = await here.workspace.explain(run.run, id);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.items).toBe(10);
    const { accountIdCollection: ids } = sent[0]?.request.params as { accountIdCollection: readonly number[] };
    const [received] = here.simulator.witness.entries.filter(({ rpcId }) => String(rpcId) === sent[0]?.id);
    expect((received?.item as readonly number[]).map(String).sort()).toEqual(ids.map(String).sort());
    expect(ids.map(String)).toContain(id);
  });

  it("of an undo says which run the item was changed by, and of no file", { timeout: 20_000 }, async () => {
    await using here = await estate({ devices: 120 });
    const ids = here.movable(3);
    const first = await ended(here, here.workspace.apply(await here.plan(ids), { consent: yes }));
    await collect(here.workspace.undo(first.run));
    const run = runsIn(here.cwd).find((one) => one !== first.run) ?? "";
    const told = await here.workspace.explain(run, String(ids[0]));
    expect(told).toMatchObject({ as: "selected", proposal: { before: { product_id: 4 }, after: { product_id: 3 } } });
    expect(told.clauses).toEqual([{ place: 0, text: `changed by run ${first.run}`, names: [], result: "true" }]);
    const others = here.simulator.ids().length - ids.length;
    expect(await here.workspace.nearMisses(run)).toMatchObject({
      ...{ filteredOut: others, unlooked: others, groups: [], chosenBy: { text: `changed by run ${first.run}` } },
    });
  });
});

describe("what nearly matched", () => {
  it("says of items that were not read by themselves that their clauses can not be judged", async () => {
    await using here = await estate({ devices: 100 });
    const loaded = await here.workspace.loadPlan(support("trial-to-production.yaml"), {
      set: [`partner=${here.simulator.rootPartner}`],
    });
    const events = await collect(here.workspace.preview(loaded));
    const counts = events.find(
      (event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview",
    )!.counts;
    const report = await here.workspace.nearMisses("latest", { examples: 2 });
    expect(report).toMatchObject({ rows: counts.rows, filteredOut: counts["filtered-out"] });
    const late = loaded.plan.filter.flatMap(({ late: isLate }, place) => (isLate ? [place] : []));
    for (const { clause, count, unread } of report.groups)
      expect(late.includes(clause.place) ? unread : count, clause.text).toBe(0);
    expect(report.groups.length).toBeGreaterThan(0);
    const unread = report.groups.find((group) => group.unread > 0);
    expect(unread).toBeDefined();
  });

  it("is counted by clause, with what would come of it", async () => {
    await using here = await estate({ devices: 120 });
    const [chosen = 0, other = 0] = here.movable(2);
    here.simulator.edit(other, { productId: 9 });
    await previewed(here, [chosen, other]);
    const { groups, filteredOut } = await here.workspace.nearMisses("latest");
    const [byId, byProduct] = [0, 1].map((place) => groups.find(({ clause }) => clause.place === place));
    expect(byProduct).toMatchObject({
      count: 1,
      would: { selected: 1 },
      examples: [{ id: String(other), fields: { product_id: 9 } }],
    });
    const alike = here.simulator
      .ids()
      .filter((id) => ![chosen, other].includes(id) && [3, 4].includes(here.simulator.device(id)?.productId ?? 0));
    expect(byId?.count).toBe(alike.length);
    expect(filteredOut).toBe(here.simulator.ids().length - 1);
  });
});

describe("how the selections of two runs differ", () => {
  it(
    "is told with what made the difference, both ways, and the last run of the plan is found",
    { timeout: 20_000 },
    async () => {
      await using here = await estate({ devices: 200 });
      const ids = here.movable(6);
      const [gone = 0, edited = 0, done = 0, late = 0] = ids;
      here.simulator.edit(late, { productId: 9 });
      const first = await previewed(here, ids);
      expect(await trouble(here.workspace.difference(first, "last"))).toMatchObject({ code: "usage" });
      here.simulator.remove(gone);
      here.simulator.edit(edited, { productId: 7 });
      here.simulator.edit(done, { productId: 4 });
      here.simulator.edit(late, { productId: 3 });
      await new Promise((pass) => setTimeout(pass, 1100));
      const second = await previewed(here, ids);
      const told = await here.workspace.difference(second, "last");
      expect(told).toMatchObject({ then: { run: first }, samePlan: true, sameInputs: true, both: 2 });
      const groups = (side: typeof told.selectedNow) =>
        side.groups.map(({ cause, fields, clause, examples }) => [
          cause,
          clause?.line,
          fields,
          examples.map(({ id }) => id),
        ]);
      expect(groups(told.selectedNow)).toEqual([["clause", 19, ["product_id"], [String(late)]]]);
      expect(groups(told.selectedThen).sort()).toEqual([
        ["clause", 19, ["product_id"], [String(edited)]],
        ["desired", undefined, ["product_id"], [String(done)]],
        ["vanished", undefined, [], [String(gone)]],
      ]);
      const back = await here.workspace.difference(first, second);
      expect([back.selectedNow.count, back.selectedThen.count]).toEqual([3, 1]);
    },
  );

  it("is refused for runs of other lists", async () => {
    await using here = await estate({ devices: 60 });
    const run = await previewed(here, here.movable(2));
    await collect(
      here.workspace.preview(
        await here.workspace.loadPlan(support("trial-to-production.yaml"), {
          set: [`partner=${here.simulator.rootPartner}`],
        }),
      ),
    );
    const other = runsIn(here.cwd).find((one) => one !== run) ?? "";
    expect(await trouble(here.workspace.difference(run, other))).toMatchObject({ code: "usage" });
  });
});
