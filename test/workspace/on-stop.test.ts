import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { LoadedPlan } from "../../runner/workspace.ts";
import { collect } from "../support/runs.ts";
import { changesReceived, estate, runsIn, yes, type Estate } from "../support/workspace.ts";

const minute = { timeout: 60_000 };

/** A plan that gives up at the first error, and wants everything back then. */
async function undoing(here: Estate, ids: readonly number[], more: Partial<LoadedPlan["plan"]> = {}) {
  const loaded = await here.workspace.loadPlan(planFile, {
    service: "simulator",
    set: ["partner=4001", "from=3", "to=4", `ids=${ids.join(",")}`],
  });
  const { plan } = loaded;
  const stop = { ...plan.stop, errors: 0, onStop: "undo" as const };
  return { ...loaded, plan: { ...plan, stop, pace: { concurrency: 1 }, ...more } };
}
const planFile = new URL("../support/plans/products.yaml", import.meta.url).pathname;

const typesOf = (events: readonly RunEvent[], ...wanted: RunEvent["type"][]) =>
  events.filter(({ type }) => wanted.includes(type));

describe("a run that is stopped, whose plan says on_stop: undo", () => {
  it("is taken back in a run of its own, under the consent that was given for it", minute, async () => {
    await using here = await estate();
    const ids = here.movable(10);
    here.simulator.setFaults([{ method: "ModifyAccount", item: ids[4]!, fault: "error", data: 13501 }]);
    let asked = 0;
    const consent = () => ((asked += 1), yes());
    const events = await collect(here.workspace.apply(await undoing(here, ids), { consent }));
    expect(asked).toBe(1);
    const [parent, back] = typesOf(events, "run");
    expect(back).toMatchObject({ verb: "undo" });
    const [first, second] = typesOf(events, "end");
    expect(first).toMatchObject({ exit: 6, counts: { confirmed: 4, rejected: 1, "not-started": 5 } });
    expect(second).toMatchObject({ exit: 0, counts: { confirmed: 4 }, sealed: true });
    expect(ids.map((id) => here.simulator.device(id)?.productId)).toEqual(ids.map(() => 3));
    const run = parent?.type === "run" ? parent.run : "";
    const starts = typesOf(events, "start");
    expect(starts[1]).toMatchObject({ from: { kind: "undo", run } });
    expect(typesOf(events, "consent").map((one) => "how" in one && one.how)).toEqual(["library", "on-stop"]);
    const folders = runsIn(here.cwd);
    expect(folders).toHaveLength(2);
    for (const folder of folders) expect((await here.workspace.audit(folder)).ok).toBe(true);
  });

  it("stays as it is when nothing was confirmed, and says so", minute, async () => {
    await using here = await estate();
    const ids = here.movable(4);
    here.simulator.setFaults([{ method: "ModifyAccount", item: ids[0]!, fault: "error", data: 13501 }]);
    const events = await collect(here.workspace.apply(await undoing(here, ids), { consent: yes }));
    expect(typesOf(events, "run")).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: "undoing", whyNot: expect.stringContaining("nothing") as string });
  });

  it("stays as it is when the plan can not be taken back, with the reason, and is no error", minute, async () => {
    await using here = await estate();
    const ids = here.movable(4);
    here.simulator.setFaults([{ method: "ModifyAccount", item: ids[2]!, fault: "error", data: 13501 }]);
    const undo = { possible: false, reason: "Mails are out." };
    const events = await collect(here.workspace.apply(await undoing(here, ids, { undo }), { consent: yes }));
    expect(events.at(-1)).toMatchObject({
      type: "undoing",
      whyNot: expect.stringContaining("Mails are out.") as string,
    });
    expect(changesReceived(here.simulator)).toHaveLength(3);
  });

  it("stays as it is when a person has stopped it, and when nothing went wrong", minute, async () => {
    await using here = await estate({ latencyMs: 10 });
    const ids = here.movable(8);
    const stop = new AbortController();
    const events: RunEvent[] = [];
    for await (const event of here.workspace.apply(await undoing(here, ids), { consent: yes, stop: stop.signal })) {
      events.push(event);
      if (event.type === "outcome") stop.abort();
    }
    expect(typesOf(events, "run", "undoing")).toHaveLength(1);
    const rest = await collect(here.workspace.apply(await undoing(here, ids), { consent: yes }));
    expect(typesOf(rest, "run", "undoing")).toHaveLength(1);
  });

  it("is taken back by a resume where that was cut short", minute, async () => {
    await using here = await estate({ latencyMs: 10 });
    const ids = here.movable(12);
    here.simulator.setFaults([{ method: "ModifyAccount", item: ids[8]!, fault: "error", data: 13501 }]);
    let runs = 0;
    for await (const event of here.workspace.apply(await undoing(here, ids), { consent: yes })) {
      if (event.type === "run") runs += 1;
      if (runs === 2 && event.type === "outcome") break;
    }
    await collect(here.workspace.resume("latest"));
    expect(ids.map((id) => here.simulator.device(id)?.productId)).toEqual(ids.map(() => 3));
  });
});
