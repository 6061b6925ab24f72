import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Owner } from "../core/model/events.ts";
import { lazily } from "../core/model/lazily.ts";
import { errnoOf } from "../ledger/disk-error.ts";

/** This process, told so that another can prove later that it is dead. Empty texts where the system does not say. */
export const currentOwner = lazily((): Owner => ({
  host: hostname(),
  machine: textOf("/etc/machine-id") || textOf("/var/lib/dbus/machine-id"),
  boot: textOf("/proc/sys/kernel/random/boot_id"),
  pid: process.pid,
  started: statusOf("self")?.started ?? "",
  namespace: linkOf("/proc/self/ns/pid"),
}));

/**
 * Whether an owner can not be running any more. Only proof counts: the machine was started anew since, or its process
 * number is free or was given to a later process. Another host, a container beside ours, a system that does not say: false.
 */
export function isProvablyDead(owner: Owner, self: Owner): boolean {
  const isSameMachine = isSame(owner.machine, self.machine) && isSame(owner.host, self.host);
  if (!isSameMachine || owner.boot === "" || self.boot === "") return false;
  if (owner.boot !== self.boot) return true;
  return isSame(owner.namespace, self.namespace) && isGone(owner);
}

/**
 * What can be seen of an owner from here. `unseen`: another host, a container beside ours, a system that does not say.
 */
export function standingOf(owner: Owner, self: Owner): "running" | "gone" | "unseen" {
  if (isProvablyDead(owner, self)) return "gone";
  return isSame(owner.machine, self.machine) && owner.boot === self.boot ? "running" : "unseen";
}

/** State letter and start time, in ticks since boot, of a process as `/proc/<pid>/stat` has them. */
export function parseStatus(stat: string): { readonly state: string; readonly started: string } | undefined {
  // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
  const fields = stat
    .slice(stat.lastIndexOf(")") + 1)
    .trim()
    .split(" ");
  const [state] = fields;
  const started = fields[19];
  return stat.includes(")") && state !== undefined && started !== undefined ? { state, started } : undefined;
}

function isGone({ pid, started }: Owner): boolean {
  if (!exists(pid)) return true;
  const status = statusOf(String(pid));
  if (status === undefined || started === "") return false;
  // A zombie has ended; its parent has not asked for its exit code.
  return status.started !== started || status.state === "Z" || status.state === "X";
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return errnoOf(cause) !== "ESRCH";
  }
}

function statusOf(process: string): { readonly state: string; readonly started: string } | undefined {
  return parseStatus(textOf(`/proc/${process}/stat`));
}

function isSame(left: string, right: string): boolean {
  return left !== "" && left === right;
}

function textOf(path: string): string {
  return quietly(() => readFileSync(path, "utf8").trim());
}

function linkOf(path: string): string {
  return quietly(() => readlinkSync(path));
}

/** What the system does not tell proves nothing, so a failure to read it is an empty answer. */
function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
