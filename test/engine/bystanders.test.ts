import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import { drive, expectSound, removalOf } from "../support/drive.ts";

const verify = { withinMs: 900, everyMs: 150, horizonMs: 60_000 };

/** Devices that the plan leaves alone. */
const untouched = (simulator: Simulator): readonly number[] =>
  simulator.ids().filter((id) => simulator.device(id)?.productId !== 3);

// That it is not confirmed by a list that was cut: test/e2e/lists.test.ts, with a list that comes in one answer.
describe("a removal, verified by a list that is not as it was", () => {
  it("is confirmed although somebody else has removed others meanwhile", async () => {
    const run = await drive({
      plan: removalOf({ count: 4, verify }),
      on: (event, simulator) => {
        if (isChanged(event)) for (const id of untouched(simulator).slice(0, 20)) simulator.remove(id);
      },
    });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 0, counts: { confirmed: 4 } });
  });
});

function isChanged(event: RunEvent): boolean {
  return event.type === "wave" && event.phase === "end";
}
