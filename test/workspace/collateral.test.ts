import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { ended, estate, yes, type Ended, type Estate } from "../support/workspace.ts";

const apply = { consent: yes };

/** A device that the plan leaves alone. */
const untouched = ({ simulator }: Estate): number =>
  simulator.ids().find((id) => simulator.device(id)?.productId === 2)!;

/** Run until an event, and leave the run there as a process that dies does. */
async function left(events: AsyncIterable<RunEvent>, isThen: (event: RunEvent) => boolean): Promise<string> {
  let run = "";
  for await (const event of events) {
    if (event.type === "run") run = event.run;
    if (isThen(event)) return run;
  }
  throw new Error("the run came to its end");
}

const last = (run: Ended) => run.records.findLast(({ type }) => type === "collateral");

describe("what else changed", () => {
  const moments: Readonly<Record<string, (event: RunEvent) => boolean>> = {
    "while it sends": (event) => event.type === "outcome",
    "while it reads the list again": (event) => event.type === "pass" && event.phase === "begin",
    "when all is confirmed, and nothing of it written down": (event) => event.type === "verdict",
    "in the middle of writing it down": (event) => event.type === "also",
    "right before its end": (event) => event.type === "collateral",
  };
  for (const [moment, isThen] of Object.entries(moments)) {
    it(`is found by a resume of a run that died ${moment}`, async () => {
      await using here = await estate({ latencyMs: 5 });
      let isEdited = false;
      const run = await left(here.workspace.apply(await here.plan(here.movable(12)), apply), (event) => {
        if (event.type === "wave" && !isEdited) {
          isEdited = true;
          here.simulator.edit(untouched(here), { productId: 5 });
        }
        return isThen(event);
      });
      const resumed = await ended(here, here.workspace.resume(run));
      expect(resumed.violations).toEqual([]);
      expect(resumed.end).toMatchObject({ exit: 0, counts: { confirmed: 12 } });
      expect(resumed.end.collateral).toMatchObject({ checked: true, found: 1, untouched: 1 });
      expect(last(resumed)).toMatchObject({ groups: [{ cause: "elsewhere", field: "product_id", count: 1 }] });
    });
  }

  it("is looked for anew by a later verify that reads the list; the newest counts, and the older stays on record", async () => {
    await using here = await estate();
    const ids = here.movable(4);
    const run = await ended(
      here,
      edited(here.workspace.apply(await here.plan(ids), apply), () => here.simulator.edit(ids[0]!, { productId: 3 })),
    );
    expect(run.end.counts).toMatchObject({ pending: 1 });
    expect(run.end.collateral).toMatchObject({ found: 0 });
    here.simulator.edit(untouched(here), { productId: 5 });
    const again = await ended(here, here.workspace.verify(run.run));
    expect(again.violations).toEqual([]);
    expect(again.end.collateral).toMatchObject({ found: 1, untouched: 1 });
    expect(again.records.filter(({ type }) => type === "collateral")).toHaveLength(2);
  });

  it("is in the summary for scripts and in what a run is shown with", async () => {
    await using here = await estate();
    const run = await ended(
      here,
      edited(here.workspace.apply(await here.plan(here.movable(4)), apply), () =>
        here.simulator.remove(untouched(here)),
      ),
    );
    expect(JSON.parse(readFileSync(join(run.folder, "summary.json"), "utf8"))).toMatchObject({
      collateral: { checked: true, rows: 399, found: 1, vanished: 1, untouched: 0, touched: 0, appeared: 0 },
    });
    const { collateral } = await here.workspace.show(run.run);
    expect(collateral).toMatchObject({ checked: true, groups: [{ what: "vanished", cause: "elsewhere", count: 1 }] });
    expect((await here.workspace.audit(run.run)).ok).toBe(true);
  });

  it("is not known where the first list can not be read back, and the changes are verified all the same", async () => {
    await using here = await estate();
    let inventory = "";
    const spoilt = async function* (): AsyncGenerator<RunEvent> {
      for await (const event of here.workspace.apply(await here.plan(here.movable(4)), apply)) {
        if (event.type === "run") inventory = join(event.folder, "inventory.ndjson");
        if (event.type === "wave" && event.phase === "end" && existsSync(inventory))
          writeFileSync(inventory, readFileSync(inventory, "utf8").replace('"product_id":2', '"product_id":1'));
        yield event;
      }
    };
    const run = await ended(here, spoilt());
    expect(run.end.counts.confirmed).toBe(4);
    expect(run.end.collateral).toMatchObject({ checked: false });
    expect(last(run)).toMatchObject({ why: expect.stringContaining("inventory") as string });
  });
});

/** Once all changes are sent. */
async function* edited(events: AsyncIterable<RunEvent>, act: () => void): AsyncGenerator<RunEvent> {
  for await (const event of events) {
    if (event.type === "wave" && event.phase === "end") act();
    yield event;
  }
}
