import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { collect } from "../support/runs.ts";
import { ended, estate, yes, type Estate } from "../support/workspace.ts";

const apply = { consent: yes };

const previewOf = (events: readonly RunEvent[]) =>
  events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview");

/** Undo a run and apply what that has saved. */
async function undone(here: Estate, run: string) {
  const events = await collect(here.workspace.undo(run));
  const file = join(here.cwd, `undo-${run}.ndjson`);
  const back = await ended(here, here.workspace.apply(await here.workspace.loadChangeSet(file), apply));
  return { events, file, back };
}

const productsOf = ({ simulator }: Estate, ids: readonly number[]) => ids.map((id) => simulator.device(id)?.productId);

describe("undo", () => {
  it("after a third-party edit on 3 of 100 restores 97 and lists 3 (T24)", async () => {
    await using here = await estate();
    const ids = here.movable(100);
    const first = await ended(here, here.workspace.apply(await here.plan(ids), apply));
    expect(first.in("confirmed")).toHaveLength(100);
    const edited = [ids[3]!, ids[50]!, ids[99]!];
    for (const id of edited) here.simulator.edit(id, { productId: 7 });
    const { events, file, back } = await undone(here, first.run);
    expect(existsSync(file)).toBe(true);
    const preview = previewOf(events);
    expect(preview).toMatchObject({ counts: { selected: 97, refused: 3, already: 0 }, undoes: first.run });
    expect(preview?.refusals.map(({ id, why }) => [id, why])).toEqual(
      edited.map((id) => [String(id), "changed since: product_id is 7 now"]),
    );
    expect(preview?.sample[0]).toMatchObject({ before: { product_id: 4 }, after: { product_id: 3 } });
    expect(back.in("confirmed")).toHaveLength(97);
    expect(back.end).toMatchObject({ exit: 6, counts: { confirmed: 97, refused: 3 }, sealed: true });
    expect(back.violations).toEqual([]);
    expect(productsOf(here, ids)).toEqual(ids.map((id) => (edited.includes(id) ? 7 : 3)));
    expect((await here.workspace.audit(back.run)).ok).toBe(true);
  }, 30_000);
});
