import type { ChangeSet } from "../core/model/run-ports.ts";
import { Cover } from "../core/schedule/cover.ts";
import type { Shape } from "../core/schedule/schedule.ts";
import type { RunState } from "../core/tally/fold.ts";
import type { Job } from "./job.ts";

const readAtOnce = 256;

/**
 * How the frozen changes are cut into waves and groups: what the ledger says of them, and the change set item by item. The same
 * for every process that goes on with the run.
 */
export async function shapeOf(changes: ChangeSet, { plan }: Job, { selected }: RunState): Promise<Shape> {
  const { waves = [], groups = [] } = selected ?? {};
  const { size } = changes;
  const { cover = [] } = plan.pace;
  const isCovered = cover.length > 0 && waves.length > 1;
  if (groups.length === 0 && !isCovered) return { size, waves };
  const groupOf = new Int32Array(groups.length > 0 ? size : 0);
  const placeOf = new Map(groups.map(({ name }, place) => [name, place]));
  const covered = new Cover(isCovered ? cover : []);
  for (let first = 0; first < size; first += readAtOnce) {
    const count = Math.min(readAtOnce, size - first);
    for (const { index, item, group } of await changes.at(Array.from({ length: count }, (_, place) => first + place))) {
      if (isCovered) covered.look(item);
      if (groups.length > 0) groupOf[index] = groupNumber(placeOf, group);
    }
  }
  return {
    ...{ size, waves },
    ...(isCovered && { order: covered.order(waves[0] ?? 0) }),
    ...(groups.length > 0 && { groupOf, groups: groups.length }),
  };
}

function groupNumber(placeOf: ReadonlyMap<string, number>, name: string | undefined): number {
  const place = name === undefined ? undefined : placeOf.get(name);
  if (place === undefined) throw new Error(`the change set has a group that the ledger does not: ${name ?? "none"}`);
  return place;
}
