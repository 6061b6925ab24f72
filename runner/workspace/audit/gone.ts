import { stat } from "node:fs/promises";
import type { RunFolder } from "../../runs/folder.ts";

export { goneText } from "../../runs/beside.ts";

/** Of a run without a ledger: whether it had one. One that ended before its first record left nothing but its plan. */
export async function isGone({ ledger, inventory, changeSet, summary }: RunFolder): Promise<boolean> {
  if (await isThere(ledger)) return false;
  const left = await Promise.all([inventory, changeSet, summary].map(isThere));
  return left.includes(true);
}

export async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
