import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { collect } from "../support/runs.ts";
import { ended, estate, yes } from "../support/workspace.ts";

const apply = { consent: yes };
const products = new URL("../support/plans/products.yaml", import.meta.url);

describe("the report of a run", () => {
  it("says what diverged items hold, and counts them by it", async () => {
    await using here = await estate();
    const ids = here.movable(4);
    here.simulator.setFaults([
      { method: "ModifyAccount", item: ids.slice(0, 2), fault: "editor", set: { productId: 9 }, when: "after" },
      { method: "ModifyAccount", item: ids[2] ?? 0, fault: "no-effect" },
    ]);
    const file = join(here.cwd, "short.yaml");
    const short = readFileSync(products, "utf8").replace("every: 150ms", "every: 150ms, horizon: 1s");
    writeFileSync(file, short);
    const run = await ended(here, here.workspace.apply(await here.plan(ids, { file }), apply));
    expect(run.end.counts).toMatchObject({ diverged: 3, confirmed: 1 });
    const { items, causes } = await here.workspace.show(run.run);
    expect(items.map(({ state, found }) => [state, found])).toEqual([
      ["diverged", { product_id: 9 }],
      ["diverged", { product_id: 9 }],
      ["diverged", { product_id: 3 }],
    ]);
    expect(causes).toMatchObject([
      { state: "diverged", found: { product_id: 9 }, count: 2 },
      { state: "diverged", message: "as it was before", count: 1 },
    ]);
  });

  it("has the items that could not be decided, and counts why", async () => {
    await using here = await estate();
    const ids = here.movable(3);
    const file = join(here.cwd, "odd.yaml");
    writeFileSync(
      file,
      readFileSync(products, "utf8").replace(
        "  - item.product_id in [inputs.from, inputs.to]",
        "  - item.product_id != null && 1 / (item.product_id - 3) > 0",
      ),
    );
    await collect(here.workspace.preview(await here.plan(ids, { file })));
    for (const states of [undefined, ["refused"]]) {
      const { items, causes } = await here.workspace.show("latest", { ...(states && { states }), limit: 2 });
      expect(items.map(({ id, state }) => [id, state])).toEqual(ids.slice(0, 2).map((id) => [String(id), "refused"]));
      expect(items[0]?.failure?.message).toMatch(/zero/);
      const names = ids.slice(0, 2).map((id) => here.simulator.device(id)?.name);
      expect(items.map(({ title }) => title)).toEqual(names);
      expect(causes).toMatchObject([{ state: "refused", count: 3, examples: names }]);
    }
    expect((await here.workspace.show("latest", { states: ["confirmed"] })).causes).toEqual([]);
  });

  it("keeps why items were not started when the run is verified, or resumed without sending anything", async () => {
    await using here = await estate();
    const ids = here.movable(30);
    here.simulator.setFaults([{ method: "ModifyAccount", fault: "error", data: 13501 }]);
    const file = join(here.cwd, "strict.yaml");
    writeFileSync(file, readFileSync(products, "utf8").replace(/^stop: .*$/m, "stop: { errors: 0 }"));
    const first = await ended(here, here.workspace.apply(await here.plan(ids, { file }), apply));
    expect(first.end.notStarted).toEqual({ limit: first.end.counts["not-started"] });
    for (const verb of ["verify", "resume"] as const) {
      const again = await ended(here, here.workspace[verb](first.run));
      expect([again.end.notStarted, again.end.exit]).toEqual([first.end.notStarted, 6]);
      expect(again.violations).toEqual([]);
      const { items } = await here.workspace.show(first.run, { states: ["not-started"], limit: 1 });
      expect(items[0]?.reason).toBe("limit");
    }
  });

  it("says of a lost answer that reads show nothing of it, and that it may be sent again", async () => {
    await using here = await estate();
    const ids = here.movable(2);
    here.simulator.setFaults([{ method: "ModifyAccount", item: ids[0] ?? 0, fault: "hang" }]);
    const run = await ended(here, here.workspace.apply(await here.plan(ids), apply));
    expect(run.end.counts.unknown).toBe(1);
    const { items, causes } = await here.workspace.show(run.run);
    expect(items).toMatchObject([{ state: "unknown", undone: true }]);
    expect(causes).toMatchObject([{ state: "unknown", undone: true, count: 1 }]);
  });
});
