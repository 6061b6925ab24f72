import { expect, it } from "vitest";
import { expectNoHarm, killedAtMoments, scenarios } from "../support/moments.ts";

/** Of which `npm test` takes every third. */
it.each(Object.entries(scenarios))("T6: %s: SIGKILL at every moment", async (_, scenario) => {
  const crashes = await killedAtMoments(scenario, [0, 1]);
  expect(crashes.length).toBeGreaterThan(15);
  expectNoHarm(scenario, crashes);
});
