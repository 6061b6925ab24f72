import type { Change } from "../core/model/change.ts";
import type { SentCall } from "../core/model/explained.ts";
import { requestOf } from "../engine/carry-out.ts";
import type { FileChangeSet } from "../runs/change-set.ts";
import { replayRun } from "../runs/ended.ts";
import type { Recalled } from "./recall.ts";

/** A call as the record has it. */
interface Noted {
  readonly at: number;
  readonly attempt: number;
  /** seq of the first of its intents, which gave the request its id. */
  readonly intent: number;
  /** Items that it was about, in its order. */
  readonly indexes: readonly number[];
}

/** Every call that a run sent for one of its changes, in order, each with what it said, made again of the frozen changes. */
export async function callsAbout(
  recalled: Recalled,
  changes: FileChangeSet,
  index: number,
): Promise<readonly SentCall[]> {
  const { plan, frozen, folder } = recalled;
  const calls: SentCall[] = [];
  for (const { at, attempt, intent, indexes } of await notedFor(recalled, index)) {
    const [first, ...others] = (await changes.at(indexes)).map((change) => ({ change, intent }));
    if (first === undefined) continue;
    const request = requestOf({ members: [first, ...others] }, { plan, frozen });
    calls.push({ id: `${folder.run}-${intent}-${attempt}`, at, attempt, items: indexes.length, request });
  }
  return calls;
}

/** One `sent` record a call. Intents that are open stay in memory. */
async function notedFor({ folder }: Recalled, index: number): Promise<readonly Noted[]> {
  const open = new Map<number, Pick<Change, "index"> & { readonly attempt: number }>();
  const noted: Noted[] = [];
  await replayRun(folder, (found) => {
    switch (found.type) {
      case "intent":
        open.set(found.seq, found);
        break;
      case "outcome":
      case "hold":
        open.delete(found.intent);
        break;
      case "withdrawn":
        for (const intent of found.intents) open.delete(intent);
        break;
      case "sent": {
        const [intent = 0] = found.intents;
        const members = found.intents.flatMap((one) => open.get(one) ?? []);
        const own = members.find((one) => one.index === index);
        if (own === undefined) break;
        noted.push({ at: found.t, attempt: own.attempt, intent, indexes: members.map((one) => one.index) });
        break;
      }
      default:
        break;
    }
  });
  return noted;
}
