import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../runner/core/model/events.ts";
import { happening } from "../../../runner/reporters/live/happenings.ts";
import { JsonLinesReporter } from "../../../runner/reporters/live/jsonl.ts";
import { LineReporter } from "../../../runner/reporters/live/lines.ts";
import { Pace } from "../../../runner/reporters/live/pace.ts";
import { progressParts } from "../../../runner/reporters/live/progress.ts";
import { Tally } from "../../../runner/reporters/live/tally.ts";
import { TerminalReporter } from "../../../runner/reporters/live/terminal.ts";
import { widthOf } from "../../../runner/reporters/width.ts";
import { ended, intent, outcome, papers, previewNote, run, runNote, started } from "../events.ts";

const items = 100;
const whereabouts = { command: (...words: readonly string[]) => `npx rc ${words.join(" ")}`, zone: "Europe/Berlin" };

/** A run of 100 changes, one answer each 50 ms, the tenth rejected; `tell` hears each event at its time. */
function play(tell: (event: RunEvent, at: number) => void): void {
  let at = 0;
  tell(runNote, at);
  tell({ type: "enumerating", rows: 500, purpose: "select" }, (at += 200));
  tell(previewNote({ rows: 500, selected: items }), (at += 200));
  for (let index = 0; index < items; index++) {
    tell(intent(index), at);
    tell(outcome(index, index === 9 ? "rejected" : "accepted"), (at += 50));
  }
  tell(ended({ confirmed: items }), at);
}

/** What is on the screen after what was written, as the lines a terminal leaves and those it drew on the way. */
function drawn(text: string): readonly string[] {
  return text.split("\r\u001b[2K").filter((line) => line !== "");
}

describe("on a terminal", () => {
  it("says what a run waits for, and not what it did before; it goes on only when nothing holds it any more", () => {
    const tally = new Tally();
    const told = (event: RunEvent): string | undefined => {
      tally.take(event);
      return happening(event, tally, whereabouts);
    };
    for (const event of [intent(0), { type: "waiting", why: "to be judged by the gate", items: 1, ms: 1 } as const])
      tally.take(event);
    const outside = told({ type: "paused", for: "window", detail: "", until: 1_000 });
    expect(outside).toContain("nothing is sent until 1970-01-01T01:00:01+01:00");
    expect(told({ type: "paused", for: "operator", detail: "a look" })).toBe(
      `Paused. To go on: npx rc continue latest · ${outside ?? ""}`,
    );
    expect(progressParts(tally, new Pace(), 0)).toEqual(
      expect.arrayContaining(["waiting for the change window", "paused"]) as string[],
    );
    expect(told({ type: "continued", after: "operator" })).toContain("Still waiting: Outside the change window");
    expect(progressParts(tally, new Pace(), 0)).toContain("waiting for the change window");
    expect(told({ type: "continued", after: "window" })).toBe("Going on.");
    told({ type: "paused", for: "person", detail: "" });
    expect(progressParts(tally, new Pace(), 0)).toContain("waiting for you: promote or abort");
  });

  it.each([
    [{}, "slowed down by the service (busy)"],
    [{ unreached: true as const }, "the service is not reached (busy)"],
  ])("says who slows it down: %j", (more, words) => {
    const tally = new Tally();
    for (const event of [intent(0), { type: "slowed", why: "busy", ms: 1, ...more } as const]) tally.take(event);
    expect(progressParts(tally, new Pace(), 0)).toContain(words);
  });

  it.each([30, 60, 80, 120, 200])("one line is redrawn, never wider than %s columns", (columns) => {
    const { screen, stderr } = papers({ isTTY: true, columns });
    const tally = new Tally();
    let now = 0;
    const reporter = new TerminalReporter(screen, tally, whereabouts, () => now);
    play((event, at) => {
      now = at;
      tally.take(event);
      reporter.take(event);
    });
    reporter.close();
    const lines = drawn(stderr.text).filter((line) => !line.startsWith("Run "));
    for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
    expect(lines.some((line) => line.includes("1 rejected"))).toBe(columns > 30 || lines.length > 0);
    expect(stderr.text.endsWith("\r\u001b[2K")).toBe(true);
  });

  it("shows what is done, what went wrong, the rate and the rest, at most ten times a second", () => {
    const { screen, stderr } = papers({ isTTY: true, columns: 120 });
    const tally = new Tally();
    let now = 0;
    const reporter = new TerminalReporter(screen, tally, whereabouts, () => now);
    play((event, at) => {
      now = at;
      tally.take(event);
      reporter.take(event);
    });
    reporter.close();
    const lines = drawn(stderr.text);
    expect(lines).toContain("reading the list: 500 rows");
    expect(lines).toContain("[##########----------]  50/100 50%  1 rejected  20/s  3 s left");
    expect(lines.length).toBeLessThan(5400 / 100 + 5);
  });

  it("shows how much of the rate is used, where one is set", () => {
    const tally = new Tally();
    const pace = new Pace();
    tally.take({ ...started, facts: { ...started.facts, perMinute: 300 } });
    tally.take(previewNote({ rows: 500, selected: items }));
    for (let index = 0; index < 10; index++) {
      tally.take(intent(index));
      tally.take({ ...outcome(index, "accepted"), ms: index } as RunEvent);
      pace.mark(index * 500, tally.done, tally.calls);
    }
    // Nine more calls in 4.5 s: two a second of five.
    expect(progressParts(tally, pace, 4500)).toContain("40% of 300/min");
    tally.take({ type: "throttle", what: "rate", from: 300, to: 37.5, cause: "429" });
    expect(progressParts(tally, pace, 4500)).toContain("100% of 37.5/min");
  });

  it("takes the line away before anything else is printed, and puts it back", () => {
    const { screen, stderr, stdout } = papers({ isTTY: true });
    screen.status("50/100");
    screen.note("Limit reached.");
    screen.result("a result");
    expect(stderr.text).toBe(
      "\r\u001b[2K50/100\r\u001b[2KLimit reached.\n\r\u001b[2K50/100\r\u001b[2K\r\u001b[2K50/100",
    );
    expect(stdout.text).toBe("a result\n");
  });
});

describe("in a pipe", () => {
  it("prints plain lines now and then, without colour or redrawing", () => {
    const { screen, stderr } = papers();
    const tally = new Tally();
    let now = 0;
    const reporter = new LineReporter(screen, tally, whereabouts, () => now);
    play((event, at) => {
      now = at;
      tally.take(event);
      reporter.take(event);
    });
    reporter.close();
    expect(stderr.text).toBe(
      [
        `Run ${run}: apply assign-product on simulator (http://127.0.0.1:4711/jsonapi)`,
        "12/100 12%, 1 rejected, 20/s, 4 s left",
        "32/100 32%, 1 rejected, 20/s, 3 s left",
        "52/100 52%, 1 rejected, 20/s, 2 s left",
        "72/100 72%, 1 rejected, 20/s, 1 s left",
        "92/100 92%, 1 rejected, 20/s, 400 ms left",
        "",
      ].join("\n"),
    );
  });

  it("says once that it waits, and why", () => {
    const { screen, stderr } = papers();
    const tally = new Tally();
    const reporter = new LineReporter(screen, tally, whereabouts, () => 0);
    const waiting: RunEvent = { type: "waiting", why: "not settled by the list yet", items: 3, ms: 10_000 };
    for (const event of [waiting, waiting]) {
      tally.take(event);
      reporter.take(event);
    }
    expect(stderr.text).toBe("3 items not settled by the list yet, looking again in 10 s\n");
  });
});

describe("as JSON", () => {
  it("writes every event on a line of its own, with the version, and nothing on stderr", () => {
    const { screen, stdout, stderr } = papers();
    const reporter = new JsonLinesReporter(screen);
    const events: RunEvent[] = [];
    play((event) => {
      events.push(event);
      reporter.take(event);
    });
    reporter.close();
    const lines = stdout.text.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events.map((event) => ({ v: 1, ...event })));
    expect(stderr.text).toBe("");
  });

  it("tells nothing of the salt, which is for the record alone", () => {
    const { screen, stdout } = papers();
    const salt = "ab".repeat(32);
    new JsonLinesReporter(screen).take({ ...started, salt });
    expect(stdout.text).toContain('"type":"start"');
    expect(stdout.text).not.toContain(salt);
  });
});
