import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunnerError } from "../../runner/core/model/errors.ts";
import type { FactOf, RunEvent } from "../../runner/core/model/events.ts";
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
