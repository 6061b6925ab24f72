import type { RunEvent } from "../core/model/events.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { measure } from "./gate.ts";
import type { Job, Parts } from "./job.ts";
import type { Loop } from "./loop.ts";
import { verify } from "./verify.ts";

interface Around {
  readonly changes: ChangeSet;
  readonly job: Job;
  readonly parts: Parts;
}

type Events = AsyncGenerator<readonly RunEvent[]>;

/** Wave by wave: make the changes, see whether they are there, and judge what they did, before the next one begins. */
export async function* waves(loop: Loop, around: Around): Events {
  const { parts } = around;
  yield* loop.begin();
  for (let wave = loop.openWave(); wave !== undefined; wave = loop.openWave()) {
    yield* rest(loop, around);
    if (loop.hasStopped()) return;
    yield loop.note([{ type: "wave", phase: "begin", ...wave }]);
    yield* loop.turns();
    yield loop.checkLock();
    const { isLast } = loop;
    yield* look(loop, isLast, around);
    yield* judge(loop, { wave: wave.wave, isLast }, around);
    const cut: { readonly cut?: true } = loop.hasStopped() ? { cut: true } : {};
    yield loop.note([
      { type: "checkpoint", ...parts.book.state.counts() },
      { type: "wave", phase: "end", ...wave, ...cut },
    ]);
    await parts.book.sync();
  }
}

/** What the wave has done is looked at before the next one begins; of the last one only where a gate has to judge it. */
async function* look(loop: Loop, isLast: boolean, { changes, job, parts }: Around): Events {
  const { verify: how, gate } = job.plan;
  if (loop.hasStopped() || how.mode === "end" || (isLast && gate === undefined)) return;
  const { wave } = parts.book.state.parts;
  for await (const events of verify(changes, { job, parts, signals: loop.signals, wave })) {
    yield events;
    yield* loop.hearNow();
  }
  yield loop.checkLimits();
}

/** Whether the run may go on after this wave: a person's word stands before everything else. */
async function* judge(
  loop: Loop,
  { wave, isLast }: { readonly wave: number; readonly isLast: boolean },
  { changes, job, parts }: Around,
): Events {
  const { state } = parts.book;
  const isPromoted = (): boolean => state.asked.isPromoted(wave);
  if (loop.hasStopped() || isPromoted()) return;
  const { plan } = job;
  // Of later waves without a gate nobody asks, and of a million waves of one item counting each would never end.
  const isFirst = !isLast && plan.verify.mode !== "end" && wave === state.firstWave;
  if (!isFirst && plan.gate === undefined) return;
  const sent = state.sentIn(wave);
  const isShown = (index: number): boolean => ["confirmed", "unverifiable"].includes(state.items.stateOf(index));
  if (isFirst && sent.length > 0 && !sent.some(isShown)) {
    yield* askPerson(loop, { wave, detail: "nothing of the first wave is confirmed" }, { job, parts });
    if (loop.hasStopped() || isPromoted()) return;
  }
  if (plan.gate === undefined) return;
  const gate = yield* measure(plan.gate, { wave, sent }, { loop, changes, job, parts });
  if (gate === undefined || loop.hasStopped() || isPromoted() || gate.observed === true) return;
  if (gate.result === "fail") yield loop.stop("gate", gate.detail);
  if (gate.result === "inconclusive") yield* askPerson(loop, { wave, detail: gate.detail }, { job, parts });
}

/** Nothing is sent until somebody says that it is good, or that it is not; where nobody is waited for, the run ends here. */
async function* askPerson(
  loop: Loop,
  { wave, detail }: { readonly wave: number; readonly detail: string },
  { job, parts }: Pick<Around, "job" | "parts">,
): Events {
  const { clock, book } = parts;
  const { personMs = 0 } = job.waits ?? {};
  const isJudged = (): boolean => book.state.asked.isPromoted(wave);
  if (personMs > 0) {
    yield loop.note([{ type: "paused", for: "person", detail }]);
    await book.sync();
    yield* loop.hearUntil(clock.up() + personMs, isJudged);
  }
  if (loop.hasStopped()) return;
  yield isJudged() ? loop.note([{ type: "continued", after: "person" }]) : loop.stop("person", detail);
}

/** What is left of the pause that the plan wants after a wave, whichever process ended it. */
async function* rest(loop: Loop, { job, parts }: Around): Events {
  const { clock, book } = parts;
  const { pauseMs = 0 } = job.plan.pace;
  const { ended = -Infinity } = book.state.wave ?? {};
  // The clock on the wall may have been set back meanwhile.
  const leftMs = Math.min(pauseMs, Math.ceil(ended + pauseMs - clock.now()));
  if (leftMs <= 0) return;
  yield loop.note([{ type: "paused", for: "between-waves", detail: "", until: Math.ceil(clock.now() + leftMs) }]);
  yield* loop.hearUntil(clock.up() + leftMs, () => false);
  if (!loop.hasStopped()) yield loop.note([{ type: "continued", after: "between-waves" }]);
}
