import type { Repeat } from "../core/model/change.ts";
import { GuardError, RunnerError } from "../core/model/errors.ts";
import type { FactOf, RunEvent } from "../core/model/events.ts";
import type { ItemId } from "../core/model/item.ts";
import { itemStates, takenUpAgain, type ItemState } from "../core/model/outcome.ts";
import { undoneBy } from "../core/settle/undo.ts";
import { RunState } from "../core/tally/fold.ts";
import type { Choice } from "../engine/job.ts";
import { openChangeSet, type FileChangeSet } from "../runs/change-set.ts";
import { replayRun } from "../runs/ended.ts";
import { findRun, type RunFolder } from "../runs/folder.ts";
import type { RerunOptions } from "./options.ts";
import { refuseUnapproved } from "./approvals.ts";
import { serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { broughtAlong } from "./brought-along.ts";
import { lineTo } from "./line.ts";
import { beginRun } from "./new-run.ts";
import { takenBackIfStopped } from "./on-stop.ts";
import { readFrozenPlan } from "./plan.ts";
import { refuseRehearsal } from "./refuse-rehearsal.ts";
import { sameSecrets } from "./secrets.ts";

/** States of which no earlier request can have acted, or act yet. To any other a change that may not be repeated is not sent again. */
const surelyNotDone: ReadonlySet<ItemState> = new Set<ItemState>(["rejected", "not-started", "drifted"]);

/**
 * A new run, linked to an earlier one, over the items that ended there in certain states: the list is read anew, and the
 * plan decides on them as it would today. Nothing is read before every request of the earlier run has run out of time.
 * @throws {GuardError} `stale` when that run is not over, or none of its items is in these states.
 */
export async function* rerun(inside: Inside, wanted: string, options: RerunOptions): AsyncGenerator<RunEvent, void> {
  const folder = await findRun(inside.root, wanted);
  const { state, last } = await foldOf(folder);
  const start = started(folder, state);
  const loaded = await readFrozenPlan(inside, options.inputs ?? {}, { folder, start });
  sameSecrets(start.secrets, loaded.secretValues, inside.env);
  await using changes = await openChangeSet(folder.changeSet, state.selected?.changeSet);
  const { only } = options;
  if (only.length === 0)
    throw new RunnerError("usage", "A rerun needs to know how the items ended that it is to take up.");
  const chosen = new Chosen(changes, state, only);
  refuse(chosen, { folder, start, only });
  const service = serviceNamed(inside.services, loaded.plan.service, loaded.plan.file);
  refuseUnapproved(inside, loaded.plan);
  const line = await lineTo(inside, service, { loaded, options });
  const { timeoutMs, lateMs, listLagMs } = start.facts;
  const atMostMs = timeoutMs + lateMs + listLagMs;
  const undoes = undoneBy(start.from);
  const events = beginRun(inside, {
    verb: "rerun",
    ...{ loaded, service, line, options },
    from: { kind: "rerun", run: folder.run, only, ...(undoes && { undoes }) },
    only: chosen,
    lookup: await broughtAlong(folder, loaded.plan, state),
    // What was clearly refused, or never sent, can be read at once.
    ...(chosen.doubtful().length > 0 && {
      notBefore: {
        at: last + atMostMs,
        atMostMs,
        items: chosen.size,
        why: "of the earlier run that may still take effect",
      },
    }),
  });
  yield* takenBackIfStopped(inside, events, { loaded, options });
}

async function foldOf(folder: RunFolder): Promise<{ readonly state: RunState; readonly last: number }> {
  const state = new RunState();
  let last = 0;
  await replayRun(folder, (found) => {
    state.fold(found, found);
    last = found.t;
  });
  return { state, last };
}

function started({ run }: RunFolder, { start, selected, end, generation }: RunState): FactOf<"start"> {
  if (start === undefined || selected === undefined || generation === 0) {
    throw new GuardError("stale", `Run ${run} was never begun: nothing of it can be run again.`, {
      hint: "Apply the plan.",
    });
  }
  refuseRehearsal(start, "nothing is taken up again");
  if (end?.sealed === true) return start;
  throw new GuardError("stale", `Run ${run} is not over: some of its answers are open.`, {
    hint: `First: rollcall resume ${run}`,
  });
}

function refuse(
  chosen: Chosen,
  { folder: { run }, start, only }: { folder: RunFolder; start: FactOf<"start">; only: readonly ItemState[] },
): void {
  if (chosen.size === 0) {
    throw new GuardError("stale", `No item of run ${run} is ${only.join(" or ")}.`, {
      hint: chosen.otherwise(run, start.change.repeat),
    });
  }
  if (start.change.repeat === "set") return;
  const doubtful = chosen.doubtful();
  if (doubtful.length === 0) return;
  const { method } = start.change;
  throw new GuardError(
    "stale",
    `${method} may not be sent twice, and to items that are ${doubtful.join(" or ")} it may have been.`,
    {
      hint: `Look at them in the service. To leave them out: --only ${only.filter((state) => surelyNotDone.has(state)).join(",") || "rejected,not-started"}`,
    },
  );
}

/** The items of a run that ended in certain states, found by their place in its change set. */
class Chosen implements Choice {
  readonly #changes: FileChangeSet;
  readonly #state: RunState;
  readonly #only: ReadonlySet<string>;
  readonly #counts = new Map<ItemState, number>();
  /** All of its items, chosen or not. */
  readonly #ended = new Map<ItemState, number>();
  readonly size: number;

  constructor(changes: FileChangeSet, state: RunState, only: readonly ItemState[]) {
    this.#changes = changes;
    this.#state = state;
    this.#only = new Set(only);
    let size = 0;
    for (let index = 0; index < changes.size; index++) {
      const ended = state.items.stateOf(index);
      if (ended === "open") continue;
      this.#ended.set(ended, (this.#ended.get(ended) ?? 0) + 1);
      if (!this.#only.has(ended)) continue;
      size += 1;
      this.#counts.set(ended, this.count(ended) + 1);
    }
    this.size = size;
  }

  /** Chosen states of which a request may have acted, or act yet. */
  doubtful(): readonly ItemState[] {
    return [...this.#counts.keys()].filter((state) => !surelyNotDone.has(state));
  }

  count(state: ItemState): number {
    return this.#counts.get(state) ?? 0;
  }

  /** How the items did end, and how to choose those that can be taken up again. */
  otherwise(run: string, repeat: Repeat): string {
    const ended = itemStates.filter((state) => this.#ended.has(state));
    const told = ended.map((state) => `${state} ${this.#ended.get(state)}`).join(", ");
    const rest = takenUpAgain.filter(
      (state) => this.#ended.has(state) && (repeat === "set" || surelyNotDone.has(state)),
    );
    const next = rest.length === 0 ? `rollcall show ${run}` : `rollcall rerun ${run} --only ${rest.join(",")}`;
    return told === "" ? `It had nothing to change: ${next}` : `Its items ended ${told}: ${next}`;
  }

  has(id: ItemId): boolean {
    const index = this.#changes.indexOf(id);
    return index !== undefined && this.#only.has(this.#state.items.stateOf(index));
  }
}
