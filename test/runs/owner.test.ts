import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Owner } from "../../runner/core/model/events.ts";
import { currentOwner, isProvablyDead, parseStatus } from "../../runner/runs/owner.ts";

const here: Owner = { host: "h", machine: "m", boot: "b", pid: 1, started: "7", namespace: "n" };
const isLinux = process.platform === "linux";

/** A number that no process has: that of a child which has ended and was waited for. */
const freePid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

describe("T17: whether the owner of a lock is dead", () => {
  it.skipIf(!isLinux)("is told of the process that runs this", () => {
    const self = currentOwner();
    expect(self).toMatchObject({ pid: process.pid, started: expect.stringMatching(/^\d+$/) as string });
    expect(self.boot).toBe(readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
    expect(self.namespace).toMatch(/^pid:\[\d+\]$/);
  });

  it("is proved by a restart of the same machine", () => {
    expect(isProvablyDead({ ...here, boot: "earlier" }, here)).toBe(true);
  });

  it.each([
    ["another machine", { machine: "other", boot: "earlier" }],
    ["another host with the same machine id, as copied containers have", { host: "other", boot: "earlier" }],
    ["a machine that has no id", { machine: "", boot: "earlier" }],
    ["a system that does not tell its boot", { boot: "" }],
    ["a container beside ours", { namespace: "other" }],
    ["a system that does not tell the container", { namespace: "" }],
  ])("is not proved for %s", (_name, difference) => {
    const owner = { ...here, ...difference, pid: freePid() };
    expect(
      isProvablyDead(owner, {
        ...here,
        ...("machine" in difference && difference.machine === "" ? { machine: "" } : {}),
      }),
    ).toBe(false);
    expect(isProvablyDead({ ...here, boot: "" }, { ...here, boot: "" })).toBe(false);
  });

  it("is not proved for one that runs, and is for one that has ended", () => {
    const self = { ...here, pid: process.pid, started: currentOwner().started };
    expect(isProvablyDead(self, here)).toBe(false);
    expect(isProvablyDead({ ...self, pid: freePid() }, here)).toBe(true);
  });

  it.skipIf(!isLinux)("is proved when its number was given to a later process", () => {
    const self = { ...here, pid: process.pid, started: currentOwner().started };
    expect(isProvablyDead({ ...self, started: "1" }, here)).toBe(true);
    expect(isProvablyDead({ ...self, started: "" }, here)).toBe(false);
  });

  it.skipIf(!isLinux)("is proved for one that has ended but that its parent has not asked about", async () => {
    // A shell that starts a child and becomes a program that never waits for it.
    const parent = spawn("sh", ["-c", "sleep 0.05 & echo $!; exec sleep 30"], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(line.toString());
      const stat = (): string => readFileSync(`/proc/${pid}/stat`, "utf8");
      const { started } = parseStatus(stat())!;
      while (parseStatus(stat())?.state !== "Z") await new Promise((resolve) => setTimeout(resolve, 10));
      expect(isProvablyDead({ ...here, pid, started }, here)).toBe(true);
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("reads a process's start time whatever its name is", () => {
    const fields = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 987654 20";
    for (const name of ["node", "a b", "evil) R 1 (", "(((", ")"]) {
      expect(parseStatus(`42 (${name}) ${fields}\n`)).toEqual({ state: "S", started: "987654" });
    }
    expect(parseStatus("")).toBeUndefined();
    expect(parseStatus("42 (node) S 1")).toBeUndefined();
  });
});
