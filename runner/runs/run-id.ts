import { runId, type RunId } from "../core/model/item.ts";

const base32 = "abcdefghijklmnopqrstuvwxyz234567";

/** `20261123T204700Z-k3m7q`. @param now Wall ms. @param random 0 <= x < 1. */
export function newRunId(now: number, random: () => number): RunId {
  const stamp = new Date(now).toISOString().replace(/\.\d+/, "").replace(/[-:]/g, "");
  const ending = Array.from({ length: 5 }, () => base32[Math.floor(random() * base32.length)]).join("");
  return runId(`${stamp}-${ending}`);
}

/** When a run began, by its id: wall ms, to the second. */
export function begunAt(run: RunId): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(run) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Whether a text has the shape of a run's id; nothing of that shape leads out of the folder of the runs. */
export function isRunId(text: string): text is RunId {
  return /^\d{8}T\d{6}Z-[a-z2-7]{5}$/.test(text);
}
