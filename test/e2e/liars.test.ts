import { describe, expect, it } from "vitest";
import type { Deed, Lie } from "../support/liar/lies.ts";
import { liedTo } from "../support/lied-to.ts";

/** Answers from which nothing follows. Each may come after the change was made, or without it. */
const noAnswers: readonly ((applied: boolean) => Deed)[] = [
  (applied) => ({ does: "silence", applied }),
  (applied) => ({ does: "hang-up", applied }),
  (applied) => ({ does: "wrong-id", applied }),
  (applied) => ({ does: "earlier-id", applied }),
  (applied) => ({ does: "null-id", applied }),
  (applied) => ({ does: "no-id", applied }),
  (applied) => ({ does: "html", status: 500, applied }),
  (applied) => ({ does: "html", status: 502, applied }),
  (applied) => ({ does: "html", status: 503, applied }),
  // That nothing was done is not known of any status, unless the config says so.
  (applied) => ({ does: "html", status: 429, retryAfter: 1, applied }),
  (applied) => ({ does: "error", status: 503, applied }),
  (applied) => ({ does: "cut-off", applied }),
  (applied) => ({ does: "half-json", applied }),
  (applied) => ({ does: "huge", bytes: 100_000, applied }),
];

/** Odd items are changed, even ones are not the first time; two of them for each answer. */
const lost: readonly Lie[] = noAnswers.flatMap((deed, place) => [
  { on: "set" as const, item: 2 * place + 1, nth: 1, ...deed(true) },
  { on: "set" as const, item: 2 * place + 2, nth: 1, ...deed(false) },
]);
const lostItems = lost.map(({ item }) => String(item));
const ofLost = <T>(odd: T, even: T): Readonly<Record<string, T>> =>
  Object.fromEntries(lostItems.map((id) => [id, Number(id) % 2 === 1 ? odd : even]));
const wide = { plan: { pace: { concurrency: 8 } }, limits: { timeout: "300ms", concurrency: 8, body: "64 KiB" } };

describe("an answer that is none, to a change", () => {
  it("that may be repeated: what was made is confirmed by reading, what was not is sent again, and all is well", async () => {
    const { limits, plan } = wide;
    await using line = await liedTo({ items: lost.length, lies: lost, plan, config: { limits } });
    const run = await line.apply();
    expect(run.violations).toEqual([]);
    expect(run.states).toEqual(ofLost("confirmed unsure", "confirmed unsure"));
    expect(run.received).toEqual(ofLost(1, 2));
    expect(run.applied).toEqual(ofLost(1, 1));
    expect(run.exit).toBe(0);
    const again = await line.apply();
    expect({ exit: again.exit, received: again.received }).toEqual({ exit: 0, received: {} });
    expect(line.calls("set")).toBe(lost.length * 1.5);
    expect(await line.run(["audit", "verify", "latest"])).toMatchObject({ exit: 0 });
  });

  it("that must not be repeated: what was made is confirmed by reading, what was not stays unknown and is never sent again", async () => {
    const { limits, plan } = wide;
    // Nobody has said what `set` is.
    const methods = { list: { kind: "enumerate" } };
    await using line = await liedTo({ items: lost.length, lies: lost, plan, config: { limits, methods } });
    const run = await line.apply();
    expect(run.violations).toEqual([]);
    expect(run.states).toEqual(ofLost("confirmed unsure", "unknown"));
    expect(run.received).toEqual(ofLost(1, 1));
    expect(run.applied).toEqual(ofLost(1, 0));
    expect(run.exit).toBe(7);
    expect(run.stdout).toContain("no clear answer, and no read shows the change");
    for (const said of [
      "no answer within 300 ms",
      "answered with HTTP 502",
      "larger than 65536 bytes",
      "the answer has the id",
    ])
      expect(run.stdout).toContain(said);
    for (const verb of ["resume", "verify"]) expect(await line.run([verb, "latest"])).toMatchObject({ exit: 7 });
    expect(line.calls("set")).toBe(lost.length);
  });

  it("that acts only when nobody waits for it any more: seen by the read that comes after it, and not sent again", async () => {
    await using line = await liedTo({ items: 3, lies: [{ on: "set", item: 2, does: "wait", ms: 350 }] });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 0, violations: [], states: { 2: "confirmed unsure" }, received: { 2: 1 } });
  });

  it("of no item at all: the run stops after a few, and ends", async () => {
    const lies: readonly Lie[] = [{ on: "set", does: "silence", applied: false }];
    await using line = await liedTo({ items: 40, lies, plan: { stop: undefined } });
    const run = await line.apply();
    expect(run.violations).toEqual([]);
    expect(run.exit).toBe(7);
    const ended = Object.values(run.states);
    expect(ended.filter((state) => state === "unknown").length).toBeLessThanOrEqual(8);
    expect(ended.filter((state) => state === "not-started").length).toBeGreaterThanOrEqual(32);
    expect(Math.max(...Object.values(run.received))).toBe(1);
    expect(run.stdout).toMatch(/not-started +\d+ +\d+ because/);
  });
});

describe("success without effect", () => {
  it("of one item: that one has diverged", async () => {
    await using line = await liedTo({ items: 4, lies: [{ on: "set", item: 2, does: "nothing" }] });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 7, violations: [] });
    expect(run.states).toEqual({ 1: "confirmed ours", 2: "diverged", 3: "confirmed ours", 4: "confirmed ours" });
    expect(run.received).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
    expect(run.stdout).toMatch(/diverged +1 +not the value we asked for/);
  });

  it("of all items: none is confirmed, and none is sent again", async () => {
    await using line = await liedTo({ items: 12, lies: [{ on: "set", does: "nothing" }], plan: { stop: undefined } });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 7, violations: [] });
    expect(new Set(Object.values(run.states))).toEqual(new Set(["diverged"]));
    expect(new Set(Object.values(run.received))).toEqual(new Set([1]));
    expect(run.stdout).toContain("0 of 12 changes confirmed");
  });

  it("another value than the one that was asked for: diverged; the same in other letters: confirmed", async () => {
    const lies: readonly Lie[] = [
      { on: "set", item: 1, does: "store", value: 6 },
      { on: "set", item: 2, does: "store", value: "5" },
      { on: "set", item: 3, does: "store", value: null },
    ];
    await using line = await liedTo({ items: 3, lies });
    const run = await line.apply();
    expect(run.states).toEqual({ 1: "diverged", 2: "confirmed ours", 3: "diverged" });
    expect(run).toMatchObject({ exit: 7, received: { 1: 1, 2: 1, 3: 1 } });
  });
});

describe("an error", () => {
  const errors: readonly Lie[] = [
    { on: "set", item: 1, does: "error", applied: true },
    { on: "set", item: 2, does: "error", applied: false, message: "no such level" },
    { on: "set", item: 3, does: "error", applied: true, status: 500 },
    { on: "set", item: 4, does: "error", applied: false, status: 500, message: "no such level" },
  ];

  it("after the value was stored: confirmed all the same, and said so; one that is true stays an error", async () => {
    await using line = await liedTo({ items: 5, lies: errors });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 6, violations: [] });
    expect(run.states).toEqual({
      1: "confirmed despite",
      2: "rejected",
      3: "confirmed despite",
      4: "rejected",
      5: "confirmed ours",
    });
    expect(run.received).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 });
    expect(run.stdout).toContain("2 confirmed, though the service said: -32000: it did not work");
    const shown = await line.run(["show", "latest", "--states", "confirmed"]);
    expect(shown.stdout).toMatch(/thing-0001 +1 +confirmed \(after a no\).*it did not work/);
    expect(shown.stdout).toMatch(/thing-0005 +5 +confirmed +level/);
  });

  it("after the value was stored, of every item: all is as wanted, and the run says what it was told", async () => {
    await using line = await liedTo({ items: 3, lies: [{ on: "set", does: "error", applied: true }] });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 0, violations: [], received: { 1: 1, 2: 1, 3: 1 } });
    expect(run.stdout).toContain("3 confirmed, though the service said: -32000: it did not work");
  });

  it("that may have been stored, by `class: uncertain`: read at once, and sent again only where it was not", async () => {
    const config = { errors: [{ when: "error.code == -32000", class: "uncertain" }] };
    const lies = errors.map((lie) => ({ ...lie, nth: 1 }));
    await using line = await liedTo({ items: 4, lies, config });
    const run = await line.apply();
    expect(run).toMatchObject({ exit: 0, violations: [] });
    expect(run.received).toEqual({ 1: 1, 2: 2, 3: 1, 4: 2 });
    expect(new Set(Object.values(run.states))).toEqual(new Set(["confirmed unsure"]));
  });

  it("429 with Retry-After, by `class: throttle`: the same request after that time, also where it must not be repeated", async () => {
    const methods = { list: { kind: "enumerate" } };
    const config = { methods, errors: [{ when: "http.status == 429", class: "throttle" }] };
    const lies: readonly Lie[] = [
      { on: "set", item: 2, nth: 1, does: "html", status: 429, applied: false, retryAfter: 1 },
    ];
    await using line = await liedTo({ items: 3, lies, config });
    const run = await line.apply();
    expect(run).toMatchObject({
      exit: 0,
      violations: [],
      received: { 1: 1, 2: 2, 3: 1 },
      applied: { 1: 1, 2: 1, 3: 1 },
    });
    const [first = 0, second = 0] = line.liar.received.filter(({ items }) => items.includes(2)).map(({ at }) => at);
    expect(second - first).toBeGreaterThan(950);
  });
});
