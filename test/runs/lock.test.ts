import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GuardError } from "../../runner/core/model/errors.ts";
import type { Owner } from "../../runner/core/model/events.ts";
import { runId } from "../../runner/core/model/item.ts";
import { takeLock, unlock, type LockRequest } from "../../runner/runs/lock.ts";
import { currentOwner } from "../../runner/runs/owner.ts";
import { Racers, type Racer } from "./racers.ts";
import { folder } from "../ledger/sample.ts";

const run = runId("20261123T204700Z-k3m7q");
const self = currentOwner();
const now = Date.UTC(2026, 10, 23);
const isLinux = process.platform === "linux";

const request = (root: string, more: Partial<LockRequest> = {}): LockRequest => ({
  root,
  scope: "cove https://api.example.test user 5",
  run,
  owner: self,
  now,
  ...more,
});

/** Owners that are proved dead on this machine: it was started anew since. */
const beforeReboot: Owner = { ...self, boot: "an earlier boot" };

function filesOf(root: string): string[] {
  const locks = join(root, ".rollcall/locks");
  return readdirSync(locks)
    .flatMap((scope) => readdirSync(join(locks, scope)).map((name) => `${scope}/${name}`))
    .sort();
}

describe("the lock of a service", () => {
  it("is held by one run at a time, and given back", async () => {
    const root = folder();
    const first = await takeLock(request(root));
    expect(first).toMatchObject({ generation: 1, scope: request(root).scope });
    expect(first.check()).toBe(true);
    await expect(takeLock(request(root))).rejects.toThrow(GuardError);
    await first.release();
    await first.release();
    const second = await takeLock(request(root));
    expect(second.generation).toBe(2);
    expect(second.check()).toBe(true);
  });

  it("tells who holds it, since when, and what to do", async () => {
    const root = folder();
    await takeLock(request(root, { owner: { ...self, host: "elsewhere", pid: 4711 } }));
    const refused = takeLock(request(root, { run: runId("20261124T000000Z-aaaaa") }));
    await expect(refused).rejects.toMatchObject({ code: "lock", exitCode: 5 });
    await expect(refused).rejects.toThrow(`held by run ${run}, process 4711 on elsewhere, since 2026-11-23T00:00:00Z`);
    await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining(`rollcall unlock ${run}`) as string });
  });

  it("is separate for every scope, however its text looks", async () => {
    const root = folder();
    const scopes = ["a b", "a-b", "A-B", "../../a", "ä", "ö", "", "x".repeat(300), `${"x".repeat(300)}y`];
    for (const scope of scopes) expect((await takeLock(request(root, { scope }))).generation).toBe(1);
    expect(filesOf(root)).toHaveLength(scopes.length);
  });

  it.skipIf(!isLinux)("goes to the next when its owner is provably dead, who notices if it was not", async () => {
    const root = folder();
    const former = await takeLock(request(root, { owner: beforeReboot }));
    const next = await takeLock(request(root));
    expect(next.generation).toBe(2);
    expect([former.check(), next.check()]).toEqual([false, true]);
    await former.release();
    expect(next.check()).toBe(true);
    await expect(takeLock(request(root))).rejects.toThrow(GuardError);
  });

  it("stays with an owner that can not be proved dead", async () => {
    for (const owner of [
      { ...self, host: "elsewhere" },
      { ...self, boot: "" },
      { ...self, namespace: "pid:[1]" },
    ]) {
      const root = folder();
      await takeLock(request(root, { owner }));
      await expect(takeLock(request(root))).rejects.toThrow(GuardError);
    }
  });

  it("is taken away by unlock, from one that runs too, and is free then", async () => {
    const root = folder();
    expect(await unlock(request(root))).toBeUndefined();
    const former = await takeLock(request(root));
    const other = runId("20261124T000000Z-aaaaa");
    expect(await unlock(request(root, { run: other }))).toMatchObject({ run, generation: 1, since: now, owner: self });
    expect(former.check()).toBe(false);
    expect(await unlock(request(root))).toBeUndefined();
    expect((await takeLock(request(root))).generation).toBe(3);
  });

  it.each(["", "{", "null", "{}", '{"owner":{},"run":"r"}', '{"owner":null}'])(
    "stays held when its file holds %j, until it is unlocked",
    async (content) => {
      const root = folder();
      await takeLock(request(root, { owner: beforeReboot }));
      const [file] = filesOf(root);
      writeFileSync(join(root, ".rollcall/locks", file!), content);
      await expect(takeLock(request(root))).rejects.toMatchObject({ code: "lock" });
      await expect(takeLock(request(root))).rejects.toThrow(/does not say by whom/);
      expect(await unlock(request(root))).toBe("unreadable");
      expect((await takeLock(request(root))).generation).toBe(3);
    },
  );

  it("counts as lost when its own file has gone", async () => {
    const root = folder();
    const held = await takeLock(request(root));
    rmSync(join(root, ".rollcall/locks"), { recursive: true });
    expect(held.check()).toBe(false);
  });

  it.skipIf(!isLinux)("goes to exactly one of many who ask at once", async () => {
    const root = folder();
    await takeLock(request(root, { owner: beforeReboot }));
    const asked = await Promise.allSettled(Array.from({ length: 40 }, () => takeLock(request(root))));
    const taken = asked.filter((one) => one.status === "fulfilled");
    expect(taken.map(({ value }) => [value.generation, value.check()])).toEqual([[2, true]]);
  });

  it("is taken as often as it is given back, in order, when many want it", async () => {
    const root = folder();
    const generations: number[] = [];
    let holders = 0;
    const insist = async (): Promise<void> => {
      for (;;) {
        const held = await takeLock(request(root)).catch((error: unknown) => {
          if (!(error instanceof GuardError)) throw error;
        });
        if (held === undefined) continue;
        holders += 1;
        expect(holders).toBe(1);
        generations.push(held.generation);
        await new Promise((resolve) => setImmediate(resolve));
        expect(held.check()).toBe(true);
        holders -= 1;
        await held.release();
        return;
      }
    };
    await Promise.all(Array.from({ length: 12 }, insist));
    expect(generations).toEqual(Array.from({ length: 12 }, (_, place) => place + 1));
  });
});

describe.skipIf(!isLinux)("T17: processes that want one lock", () => {
  const racers = new Racers();
  beforeAll(() => racers.build());
  afterAll(() => racers[Symbol.dispose]());
  const start = (root: string): Racer => racers.start(root);

  it("have exactly one winner each time the owner was killed, and no stale one", async () => {
    const root = folder();
    let left = Array.from({ length: 20 }, () => start(root));
    for (const { hear } of left) expect(await hear()).toBe("ready");
    for (let round = 1; round <= 8; round++) {
      for (const { say } of left) say("go");
      const said = await Promise.all(left.map(({ hear }) => hear()));
      const winners = left.filter((_, place) => said[place] !== "refused");
      expect(said.filter((text) => text !== "refused")).toEqual([`took ${round}`]);
      const [winner] = winners;
      winner!.say("check");
      expect(await winner!.hear()).toBe("true");
      winner!.child.kill("SIGKILL");
      await once(winner!.child, "exit");
      left = left.filter((one) => one !== winner);
    }
    expect(filesOf(root).map((name) => name.split("/")[1])).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  });

  it("leave it to an owner that was only stopped, until it is unlocked; then it notices and stops", async () => {
    const root = folder();
    const owner = start(root);
    expect(await owner.hear()).toBe("ready");
    owner.say("go");
    expect(await owner.hear()).toBe("took 1");
    owner.child.kill("SIGSTOP");
    await expect(takeLock(request(root, { scope: "s" }))).rejects.toThrow(`process ${owner.child.pid} on ${self.host}`);
    expect(await unlock(request(root, { scope: "s" }))).toMatchObject({ generation: 1 });
    const held = await takeLock(request(root, { scope: "s" }));
    owner.child.kill("SIGCONT");
    owner.say("check");
    expect(await owner.hear()).toBe("false");
    owner.say("release");
    expect(await owner.hear()).toBe("released");
    expect(held.check()).toBe(true);
    const written = JSON.parse(readFileSync(join(root, ".rollcall/locks", filesOf(root)[0]!), "utf8")) as {
      owner: Owner;
    };
    expect(written.owner.pid).toBe(owner.child.pid);
  });
});
