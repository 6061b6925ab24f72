import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { lookEvery } from "../../runner/runs/look-every.ts";

it("what is looked at again and again is never looked at twice at a time, and a look that fails is followed by others", async () => {
  let under = 0;
  let most = 0;
  let looks = 0;
  const failed: unknown[] = [];
  const look = async (): Promise<void> => {
    under += 1;
    most = Math.max(most, under);
    looks += 1;
    const mine = looks;
    await sleep(15);
    under -= 1;
    if (mine === 1) throw new Error("not this time");
  };
  const looking = lookEvery(1, look, (error) => failed.push(error));
  looking.now();
  while (looks < 4) await sleep(2);
  looking[Symbol.dispose]();
  await sleep(30);
  const seen = looks;
  await sleep(30);
  expect([most, looks, under]).toEqual([1, seen, 0]);
  expect(failed).toMatchObject([{ message: "not this time" }]);
});
