import { setTimeout as sleep } from "node:timers/promises";
import { isPace } from "../core/model/asked-pace.ts";
import { GuardError, RunnerError } from "../core/model/errors.ts";
import type { ControlOp, FactOf } from "../core/model/events.ts";
import type { ControlRequest } from "../core/model/run-ports.ts";
import { RunState } from "../core/tally/fold.ts";
import { renewLedger } from "../ledger/repair.ts";
import { openJournal } from "../ledger/writer.ts";
import { readRun, replayRun } from "../runs/ended.ts";
import { findRun, type RunFolder } from "../runs/folder.ts";
import { takeLock, type HeldLock } from "../runs/lock.ts";
import { leaveRequest, Mailbox, longestWhy } from "../runs/mailbox.ts";
import { currentOwner } from "../runs/owner.ts";
import { currentPerson } from "../runs/person.ts";
import type { Asking } from "./options.ts";
import type { Answered } from "./reports.ts";
import type { Inside } from "./inside.ts";

/** A run that is busy with a disk or a long list answers within this; else it does so when it comes to it. */
const patienceMs = 10_000;
const lookEveryMs = 100;

/**
 * Ask something of a run: the process that has it in hand writes it down and does it; where there is none, it is written down
 * here, and holds as soon as somebody resumes the run.
 * @throws {GuardError} `stale`: there is nothing left of it that could be asked for.
 * @throws {RunnerError} `usage`: the pace is none, or the reason too long.
 */
export async function control(inside: Inside, wanted: string, asking: Asking): Promise<Answered> {
  if (!isPace(asking)) throw noPace();
  const folder = await findRun(inside.root, wanted);
  const { scope, state } = await standing(folder);
  refuse(folder, state, asking);
  if (asking.why.length > longestWhy) throw tooLong();
  const { op, why, concurrency, perMinute } = asking;
  const request = await leaveRequest(
    folder.control,
    {
      ...{ op, why, by: currentPerson(inside.env) },
      ...(concurrency !== undefined && { concurrency }),
      ...(perMinute !== undefined && { perMinute }),
      // A wave that begins before it is heard is another one, which nobody has looked at.
      ...(op === "promote" && state.wave !== undefined && { wave: state.wave.number }),
    },
    inside.clock.now(),
  );
  const mailbox = new Mailbox(folder.control, inside.log);
  for (const until = inside.clock.up() + patienceMs; inside.clock.up() < until;) {
    if (!(await mailbox.has(request.id)))
      return { isRecorded: true, message: `Run ${folder.run} has heard it: ${done[op]}.` };
    const lock = await freeLock(inside, folder, scope);
    if (lock !== undefined) return await recordHere(inside, { folder, lock, request, mailbox });
    await sleep(lookEveryMs);
  }
  const message = `Run ${folder.run} has not answered yet. The request stays where it is, and is heard when the run comes to it.`;
  return { isRecorded: false, message };
}

const done: Readonly<Record<ControlOp, string>> = {
  pause: "nothing new is sent until somebody says continue",
  continue: "it goes on",
  promote: "the wave counts as good",
  abort: "nothing new is sent, and what was sent is seen to",
  set: "the pace is set",
};

async function standing(folder: RunFolder): Promise<{ readonly scope: string; readonly state: RunState }> {
  const state = new RunState();
  let lock: FactOf<"lock"> | undefined;
  // Of a run that is under way the last line may be half written: what is whole is enough.
  for await (const found of readRun(folder)) {
    state.fold(found, found);
    if (found.type === "lock") lock = found;
  }
  if (lock !== undefined) return { scope: lock.scope, state };
  throw new GuardError(
    "stale",
    `Run ${folder.run} has not begun to change anything: it was a preview, or stopped before.`,
    {
      hint: "There is nothing to ask of it.",
    },
  );
}

/** Asking makes sense of a run that can still send something, or stop doing so. @throws {GuardError} `stale` */
function refuse({ run }: RunFolder, { end, start, asked }: RunState, { op, concurrency, perMinute }: Asking): void {
  const isAsked = op === "promote" && end?.gate !== undefined;
  if (end?.sealed === true && end.counts["not-started"] === 0 && !isAsked) {
    throw new GuardError("stale", `Run ${run} has ended, and everything of it was sent.`, {
      hint: `See what became of it: rollcall show ${run}`,
    });
  }
  if (asked.abort !== undefined && op !== "abort") {
    throw new GuardError("stale", `Run ${run} was aborted by ${asked.abort.by.name}: it sends nothing any more.`, {
      hint: `What it left can be taken up anew: rollcall rerun ${run} --only not-started`,
    });
  }
  const { concurrency: most = Infinity, perMinute: mostPerMinute = Infinity } = start?.facts ?? {};
  if ((concurrency ?? 0) > most) throw beyond(`concurrency=${concurrency}`, `${most} calls at a time`);
  if ((perMinute ?? 0) > mostPerMinute) throw beyond(`rate=${perMinute}/m`, `${mostPerMinute} calls a minute`);
}

function noPace(): RunnerError {
  return new RunnerError("usage", "A run can not be made that slow.", {
    hint: "At least one call at a time, and at least a call an hour: rate=1/h. Else pause it.",
  });
}

function tooLong(): RunnerError {
  return new RunnerError("usage", `The reason has more than ${longestWhy} characters.`, {
    hint: "Say it shortly; the rest belongs in your own notes.",
  });
}

function beyond(asked: string, begun: string): GuardError {
  return new GuardError("stale", `${asked} is more than what this run began with: ${begun}.`, {
    hint: "A run can be made slower, and as fast again as it was agreed to. For more, change the plan or the config.",
  });
}

/** Undefined: somebody has it, this run's own process in the first place. */
async function freeLock(inside: Inside, { run }: RunFolder, scope: string): Promise<HeldLock | undefined> {
  const { root, clock } = inside;
  try {
    return await takeLock({ root, scope, run, owner: currentOwner(), now: clock.now() });
  } catch (error) {
    if (error instanceof GuardError && error.code === "lock") return undefined;
    throw error;
  }
}

interface Here {
  readonly folder: RunFolder;
  readonly lock: HeldLock;
  readonly request: ControlRequest;
  readonly mailbox: Mailbox;
}

async function recordHere(inside: Inside, { folder, lock, request, mailbox }: Here): Promise<Answered> {
  await using held = lock;
  const { run, ledger } = folder;
  const state = new RunState();
  const end = await replayRun(folder, (found) => state.fold(found, found), { mayBeTorn: true });
  // Its own process may have written it down right before it ended.
  if (!state.asked.has(request.id)) {
    const repair = await renewLedger(ledger, end);
    await using journal = await openJournal({ path: ledger, run, clock: inside.clock, from: end.head });
    const fact: FactOf<"control"> = { type: "control", ...request };
    journal.note(repair === undefined ? [fact] : [repair, fact]);
    await journal.sync();
  }
  await mailbox.done(request.id);
  inside.log.info({ run, op: request.op, generation: held.generation }, "recorded");
  const message = `Recorded. No process has run ${run} in hand; it holds as soon as one does: rollcall resume ${run}`;
  return { isRecorded: true, message };
}
