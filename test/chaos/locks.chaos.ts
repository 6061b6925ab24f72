import { once } from "node:events";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Owner } from "../../runner/core/model/events.ts";
import { runId } from "../../runner/core/model/item.ts";
import { takeLock, unlock } from "../../runner/runs/lock.ts";
import { currentOwner } from "../../runner/runs/owner.ts";
import { Racers, type Racer } from "../runs/racers.ts";
import { dice, oneOf } from "../support/dice.ts";
import { say, setting } from "./settings.ts";

const seconds = setting("CHAOS_LOCK_SECONDS", 150);
const seed = setting("CHAOS_SEED", 1);
const run = runId("20261123T204700Z-k3m7q");
const self = currentOwner();

/** Owners that are dead for sure, each proved in another way. */
function deadOwners(): readonly Owner[] {
  const ended = spawnSync(process.execPath, ["-e", ""]).pid;
  return [
    { ...self, pid: ended },
    { ...self, boot: "an earlier boot" },
    // The number is in use again, by a process that was started later.
    { ...self, pid: process.pid, started: "1" },
  ];
}

describe("T17: twenty processes race for one dead lock", () => {
  it("one of them gets it each time, the others are refused, and a former owner notices", { timeout: 0 }, async () => {
    using racers = new Racers();
    racers.build();
    const roll = dice(seed);
    const base = mkdtempSync(join(tmpdir(), "rollcall-locks-"));
    const crowd: Racer[] = Array.from({ length: 20 }, () => racers.start(base));
    for (const { hear } of crowd) expect(await hear()).toBe("ready");
    const owners = deadOwners();
    const until = performance.now() + seconds * 1000;
    const told = { rounds: 0, killed: 0, stopped: 0 };
    while (performance.now() < until) {
      const root = join(base, String((told.rounds += 1)));
      mkdirSync(root);
      const request = { root, scope: "s", run, owner: self, now: Date.now() };
      const former = await takeLock({ ...request, owner: oneOf(roll, owners) });
      const winner = await race(crowd, root, 2);
      expect(former.check()).toBe(false);
      if (told.rounds % 25 === 0) {
        // The owner is killed: the others race once more, for the lock of a process that was alive a moment ago.
        winner.child.kill("SIGKILL");
        await once(winner.child, "exit");
        crowd.splice(crowd.indexOf(winner), 1);
        await race(crowd, root, 3);
        crowd.push(racers.start(base));
        expect(await crowd.at(-1)?.hear()).toBe("ready");
        told.killed += 1;
      } else if (told.rounds % 25 === 12) {
        // An owner that was only stopped keeps it; once it is unlocked and goes on, it finds that it has lost it.
        winner.child.kill("SIGSTOP");
        const others = crowd.filter((one) => one !== winner);
        for (const { say: tell } of others) tell(`go ${root}`);
        expect(new Set(await Promise.all(others.map(({ hear }) => hear())))).toEqual(new Set(["refused"]));
        expect(await unlock(request)).toMatchObject({ generation: 2 });
        await race(others, root, 4);
        winner.child.kill("SIGCONT");
        winner.say("check");
        expect(await winner.hear()).toBe("false");
        told.stopped += 1;
      }
      rmSync(root, { recursive: true });
    }
    rmSync(base, { recursive: true });
    say(
      `locks: ${told.rounds} rounds of 20 processes, ${told.killed} owners killed, ${told.stopped} stopped and continued`,
    );
  });
});

/** @returns The one that took it. */
async function race(crowd: readonly Racer[], root: string, generation: number): Promise<Racer> {
  for (const { say: tell } of crowd) tell(`go ${root}`);
  const said = await Promise.all(crowd.map(({ hear }) => hear()));
  const winners = crowd.filter((_, place) => said[place] !== "refused");
  expect(said.filter((text) => text !== "refused")).toEqual([`took ${generation}`]);
  const [winner] = winners;
  winner!.say("check");
  expect(await winner!.hear()).toBe("true");
  return winner!;
}
