import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { FactOf, RunEvent } from "../../runner/core/model/events.ts";
import { RunnerError } from "../../runner/core/model/errors.ts";
import type { Webhook } from "../../runner/core/model/notice.ts";
import { Secret } from "../../runner/core/model/secret.ts";
import { realClock } from "../../runner/runs/clock.ts";
import type { ApplyOptions } from "../../runner/workspace/options.ts";
import { notifierOf } from "../../runner/workspace/notify.ts";
import { ended, intent, outcome, previewNote, run, runNote, started } from "../reporters/events.ts";
import { startReceiver, type Receiver } from "../support/receiver.ts";
import { rollcall, telling, workspace } from "./stand-in.ts";

const hook = ({ url }: Pick<Receiver, "url">, name = "notify[0]"): Webhook => ({
  ...{ name, events: ["start", "hold", "stop", "done"], format: "json", timeoutMs: 5000 },
  target: () => ({ url: new Secret(url), host: new URL(url).host, signingSecret: undefined, headers: [] }),
});
const notifier = (...webhooks: readonly Webhook[]) => Promise.resolve(notifierOf(webhooks, { clock: realClock() }));
const eventsOf = (receiver: Receiver) => receiver.told().map(({ event }) => event);

const consent: FactOf<"consent"> = { type: "consent", how: "yes", by: { name: "ada", host: "ws1" } };
const shown = previewNote({ rows: 1, selected: 1 });
const begun: readonly RunEvent[] = [runNote, shown, started, consent];
const stopped: RunEvent = { type: "stopped", reason: "interrupted", detail: "SIGTERM" };
const sealed: RunEvent = { type: "sealed", anchor: `${run}:9:abcdef12`, folder: ".rollcall/runs/x" };
const causes = () => Promise.resolve({ summary: {} as never, items: [], causes: [], types: {} });

const until = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

/** A run that is stopped while an answer is under way, by these signals; how long the command then took, in ms. */
async function interrupted(receiver: Receiver, signals: readonly (readonly [name: string, afterMs: number])[]) {
  const emitter = new EventEmitter();
  let stoppedAt = 0;
  const made = workspace({
    notifier: () => notifier(hook(receiver)),
    async *apply(_plan, { stop }: ApplyOptions) {
      yield* telling(...begun, intent(0));
      for (const [name, afterMs] of signals) setTimeout(() => emitter.emit(name, name), afterMs);
      await until(stop!);
      stoppedAt = performance.now();
      const pass: RunEvent = { type: "pass", pass: 1, phase: "begin", rows: 0, complete: false };
      yield* telling(stopped, outcome(0, "accepted"), pass, ended({ pending: 1 }, { exit: 130 }), sealed);
    },
    show: causes,
  });
  const session = await rollcall(["apply", "p", "--yes"], { workspace: made, signals: emitter });
  return { ...session, ms: performance.now() - stoppedAt };
}

describe("webhooks after a signal", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"])(
    "%s, where one hangs, are waited for a second, and no more",
    async (name) => {
      await using receiver = await startReceiver(() => undefined);
      const { exit, err, ms } = await interrupted(receiver, [[name, 0]]);
      expect(exit).toBe(130);
      expect(ms).toBeGreaterThan(900);
      // On a machine that is busy; it was more than five seconds once.
      expect(ms).toBeLessThan(4000);
      expect(err).toContain(
        `The webhook notify[0] (${receiver.host}) was not told of start, stop and done: no answer yet.`,
      );
    },
  );

  it.each(["SIGINT", "SIGTERM"])(
    "%s are told that the run stopped, though its proof is not waited for",
    async (name) => {
      const slow = (answer: ServerResponse) => void setTimeout(() => answer.writeHead(204).end(), 50);
      await using receiver = await startReceiver(slow);
      const { exit, err } = await interrupted(receiver, [[name, 0]]);
      expect({ exit, isQuiet: !err.includes("webhook") }).toEqual({ exit: 130, isQuiet: true });
      expect(eventsOf(receiver)).toEqual(["start", "stop", "done"]);
    },
  );

  it("are left at once when a second one comes", async () => {
    await using receiver = await startReceiver(() => undefined);
    const { exit, ms } = await interrupted(receiver, [
      ["SIGTERM", 0],
      ["SIGTERM", 200],
    ]);
    expect(exit).toBe(130);
    expect(ms).toBeLessThan(700);
  });

  it("are left at once when the first one comes after the run", async () => {
    await using receiver = await startReceiver(() => undefined);
    const signals = new EventEmitter();
    const made = workspace({
      notifier: () => notifier(hook(receiver)),
      apply: () => telling(...begun, intent(0), outcome(0, "accepted"), ended({ confirmed: 1 }), sealed),
    });
    setTimeout(() => signals.emit("SIGTERM", "SIGTERM"), 300);
    const began = performance.now();
    expect((await rollcall(["apply", "p", "--yes"], { workspace: made, signals })).exit).toBe(0);
    expect(performance.now() - began).toBeLessThan(900);
  });

  it("that came before anything was sent are waited for a second as well", async () => {
    await using receiver = await startReceiver(() => undefined);
    const signals = new EventEmitter();
    let stoppedAt = 0;
    const made = workspace({
      notifier: () => notifier(hook(receiver)),
      async *apply(_plan, { stop }: ApplyOptions) {
        yield* telling(...begun);
        setTimeout(() => signals.emit("SIGTERM", "SIGTERM"));
        await until(stop!);
        stoppedAt = performance.now();
        throw new RunnerError("interrupted", "interrupted before anything was sent");
      },
    });
    const { exit, err } = await rollcall(["apply", "p", "--yes"], { workspace: made, signals });
    expect(exit).toBe(130);
    expect(err).toContain("Stopping: nothing was sent.");
    expect(performance.now() - stoppedAt).toBeLessThan(4000);
  });
});

describe("a webhook that can not be told anything", () => {
  const short: Webhook = {
    ...hook({ url: "http://127.0.0.1:1/" }),
    target: () => {
      throw new RunnerError("config", "notify[0].secret_env: what HS holds is shorter than 16 characters", {
        hint: "Make one that nobody can guess: openssl rand -hex 32",
      });
    },
  };
  const warning =
    "The webhook notify[0] will not be told of this run: notify[0].secret_env: what HS holds is shorter than 16 characters. " +
    "Make one that nobody can guess: openssl rand -hex 32\n";

  it("is named once, before anything is sent, and the run goes on and ends as it would", async () => {
    const back: RunEvent = { ...runNote, verb: "undo" };
    const made = workspace({
      notifier: () => notifier(short),
      apply: () =>
        telling(...begun, intent(0), outcome(0, "accepted"), ended({ confirmed: 1 }), sealed, back, started, consent),
    });
    const { exit, err, out } = await rollcall(["apply", "p", "--yes"], { workspace: made });
    expect(exit).toBe(0);
    expect(err.split("\n").slice(0, 2)).toEqual([expect.stringMatching(/^Run /) as string, warning.trimEnd()]);
    expect(err.split(warning)).toHaveLength(2);
    expect(err).toContain(
      "The webhook notify[0] was not told of 2 starts and done: notify[0].secret_env: what HS holds",
    );
    expect(out).not.toContain("HS");
  });

  it.each(["preview", "undo"])("is no matter for a run of the verb %s, which is told of to nobody", async (verb) => {
    const made = workspace({
      notifier: () => notifier(short),
      preview: () => telling({ ...runNote, verb }, shown),
    });
    expect((await rollcall(["preview", "p"], { workspace: made })).err).not.toContain("webhook");
  });
});
