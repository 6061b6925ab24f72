import type { Plan } from "../core/model/plan.ts";
import type { LookedUp } from "../core/model/frozen.ts";
import type { RunState } from "../core/tally/fold.ts";
import type { RunFolder } from "../runs/folder.ts";
import { readLookups } from "../runs/lookups.ts";

/** Rows of files and of earlier runs say what was wanted, and stay so; what the service says is read anew. */
export async function broughtAlong({ lookups }: RunFolder, plan: Plan, { selection }: RunState): Promise<LookedUp> {
  if (selection?.lookups === undefined) return {};
  const found = await readLookups(lookups, selection.lookups.digest);
  const stays = plan.lookups.filter(({ source: { kind } }) => kind === "file" || kind === "run");
  return Object.fromEntries(stays.map(({ name }) => [name, found[name] ?? []]));
}
