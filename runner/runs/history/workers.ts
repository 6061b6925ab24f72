import type { RunId } from "../../core/model/item.ts";
import type { Worker } from "../../core/model/told.ts";
import { takenLocks } from "../lock.ts";
import { currentOwner, standingOf } from "../owner.ts";

/** Processes that hold a lock, by their run. */
export type Workers = ReadonlyMap<RunId, Worker>;

export async function workersOn(root: string): Promise<Workers> {
  const self = currentOwner();
  const taken = (await takenLocks(root)).flatMap(({ holder }) => holder ?? []);
  return new Map(
    taken.map(({ run, owner, since }) => {
      const { pid, host } = owner;
      return [run, { is: standingOf(owner, self), pid, host, since }];
    }),
  );
}
