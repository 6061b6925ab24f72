import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunnerError } from "../../runner/core/model/errors.ts";
import type { FactOf, RunEvent } from "../../runner/core/model/events.ts";
import { Storyteller } from "../../runner/reporters/story.ts";
import { garden, warm, type Garden } from "../support/garden.ts";
import { collect } from "../support/runs.ts";

const consent = () => ({ given: true, how: "library" }) as const;

const previewOf = (events: readonly RunEvent[]) =>
  events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview")!;

async function applied(here: Garden, plan: string, name?: string) {
  const events = await collect(here.workspace.apply(await here.plan(plan, name), { consent }));
  const { run } = events.find((event): event is Extract<RunEvent, { type: "run" }> => event.type === "run")!;
  const end = events.findLast((event): event is FactOf<"end"> => event.type === "end")!;
  return { run, end, events };
}

describe("an undo of a service that only configuration describes", () => {
  it("takes an id with a comma as it is, and other texts with commas for several ids", async () => {
    await using here = await garden(["a,b", "a", "b", "c"].map((id) => ({ id, temp: 1 })));
    const { run, end } = await applied(here, warm);
    expect(end.exit).toBe(0);
    const ids = async (only: readonly string[], nth: number) => {
      const file = join(here.cwd, `${nth}.ndjson`);
      const events = await collect(here.workspace.undo(run, { only, out: { file } }));
      return previewOf(events).sample.map(({ id }) => id);
    };
    expect(await ids(["a,b"], 1)).toEqual(["a,b"]);
    expect(await ids(["a,b", "c"], 2)).toEqual(["a,b", "c"]);
    expect(await ids(["a,c"], 3)).toEqual(["a", "c"]);
    const wrong = await ids(["x,y"], 4).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(RunnerError);
    expect((wrong as RunnerError).message).toBe(`Run ${run} was to change no item "x,y".`);
  });
});

const four = () => ["a", "b", "c", "d"].map((id) => ({ id, temp: 1, seen: 1_700_000_000 }));

const removal = `filter: item.id in ["a", "b"]
change: { call: beds.remove, params: { id: "\${{ item.id }}" }, expect: absent, destructive: true }
guards: { max: 3 }
verify: { within: 2s, every: 100ms }
stop: { unknown: 0 }`;

describe("a check", () => {
  it("of a removal is green once it is done, and not where nothing was read at all", async () => {
    await using here = await garden(four());
    const loaded = await here.plan(removal);
    expect(await here.workspace.check(loaded)).toMatchObject({ exit: 2, counts: { selected: 2 } });
    const { end } = await applied(here, removal);
    expect(end.exit).toBe(0);
    const done = await here.workspace.check(loaded);
    expect(done).toMatchObject({ exit: 0, counts: { rows: 2, selected: 0 } });
    expect(done.guards.filter(({ ok }) => !ok)).toEqual([]);
    here.beds.clear();
    const empty = await here.workspace.check(loaded).catch((error: unknown) => error);
    expect(empty instanceof RunnerError ? empty.exitCode : (empty as { exit: number }).exit).toBe(5);
  });

  it("against the latest run takes the last that is over, while another one is under way", async () => {
    await using here = await garden(four());
    const first = await applied(here, warm);
    for (const bed of here.beds.values()) bed.temp = 2;
    const second = here.workspace.apply(await here.plan(warm), { consent });
    for await (const event of second) {
      if (event.type !== "outcome") continue;
      const report = await here.workspace.check(await here.plan(warm), { baseline: "latest" });
      expect(report.baseline?.of.run).toBe(first.run);
      break;
    }
  });
});

describe("an item that a hold could not judge", () => {
  it("is told without a contradiction", async () => {
    await using here = await garden([{ id: "a", temp: 1, seen: 1_700_000_000 }]);
    let lists = 0;
    here.onRead = () => {
      if ((lists += 1) > 1) here.beds.get("a")!.seen = null;
    };
    const plan = `filter: item.seen != null
hold: { when: item.seen > ago("1h"), every: 1s, give_up: 4s }
change: { set: { temp: 25 }, call: beds.set, params: { id: "\${{ item.id }}", temp: "\${{ set.temp }}" } }
verify: { within: 2s, every: 100ms }`;
    const { run, end } = await applied(here, plan);
    expect(end.counts.drifted).toBe(1);
    const teller = new Storyteller({ types: {}, zone: "UTC" });
    const texts: string[] = [];
    for await (const record of here.workspace.records(run)) texts.push(...teller.tell(record).map(({ text }) => text));
    expect(texts[1]).toBe("Read right before it is sent: what is to change is as it was before");
    expect(texts[2]).toMatch(/^Not sent: /);
  });
});

describe("a preview", () => {
  it("says of how many items an undo could not put back what is unset now", async () => {
    await using here = await garden([
      { id: "a", name: null },
      { id: "b", name: "B" },
    ]);
    const plan = (more: string) => `filter: true
change:
  set: { name: "new" }
  call: beds.set
  params: { id: "\${{ item.id }}", name: "\${{ set.name + '' }}" }
${more}`;
    const warnings = async (more: string) =>
      previewOf(await collect(here.workspace.preview(await here.plan(plan(more))))).warnings ?? [];
    const told = await warnings("");
    expect(told).toMatchObject([{ items: 1 }]);
    expect(told[0]?.message).toContain("an undo could not put them back");
    expect(await warnings("undo: { possible: false, reason: never }")).toEqual([]);
  });
});
