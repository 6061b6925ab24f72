import { appendFileSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FactOf, LedgerRecord } from "../../runner/core/model/events.ts";
import { currentPerson } from "../../runner/runs/person.ts";
import { collect, evidenceOf } from "../support/runs.ts";
import { estate, runsIn, yes, type Estate } from "../support/workspace.ts";
import { served, Visitor, type Heard } from "./visitor.ts";

/** A run that takes some seconds, with its pages. */
async function begun(at: Estate, count = 60) {
  const events = collect(
    at.workspace.apply(await at.plan(at.movable(count)), { consent: yes, waits: { personMs: 60_000, windowMs: 0 } }),
  );
  const ui = await served(at.cwd, (run, asking) => at.workspace.control(run, asking));
  const visitor = await Visitor.of(ui);
  const list = visitor.events("/events");
  const { data } = await list.until(({ event }) => event === "run");
  list.leave();
  const run = /id="run-([^"]+)"/.exec(String(data.row))?.[1] ?? "";
  return { events, visitor, run, [Symbol.asyncDispose]: () => ui.close() };
}

const glanceWith =
  (is: (glance: Record<string, unknown>) => boolean) =>
  ({ event, data }: Heard) =>
    event === "glance" && is(data);
const isOver = glanceWith(({ standing }) => standing === "over");
const controlsIn = (at: Estate, run: string): FactOf<"control">[] =>
  evidenceOf(join(at.cwd, ".rollcall/runs", run)).records.filter(
    (one): one is LedgerRecord & FactOf<"control"> => one.type === "control",
  );

describe("a run that is under way", () => {
  it("is told as it goes, at most twice a second, and how it ended, also to who comes afterwards", async () => {
    await using at = await estate({ latencyMs: 160 });
    await using its = await begun(at);
    const { events, visitor, run } = its;
    const page = visitor.events(`/runs/${run}/events`);
    const first = await page.until(({ event }) => event === "glance");
    expect(first.data.isSettled).toBe(false);
    await events;
    await page.until(isOver);
    const glances = page.of("glance");
    const last = glances.at(-1)?.data;
    expect(last).toMatchObject({
      standing: "over",
      headline: "Ended, exit 0",
      done: 60,
      total: 60,
      tone: "good",
      offers: [],
    });
    expect(last?.shares).toEqual([{ state: "confirmed", count: 60 }]);
    expect(page.all.at(-1)?.event).toBe("glance");
    const done = glances.map(({ data }) => Number(data.done));
    expect(done).toEqual([...done].sort((left, right) => left - right));
    expect(new Set(done).size).toBeGreaterThan(3);
    const pauses = glances.slice(1).map(({ at: time }, place) => time - (glances[place]?.at ?? 0));
    expect(Math.min(...pauses.slice(1))).toBeGreaterThan(300);
    expect(glances.some(({ data }) => (data.parts as string[]).some((part) => part.endsWith(" left")))).toBe(true);
    const later = visitor.events(`/runs/${run}/events`);
    expect((await later.until(({ event }) => event === "glance")).data).toEqual(last);
    for (const one of [page, later]) one.leave();
  });

  it("is paused, continued and aborted from its page, and the record says who and why", async () => {
    await using at = await estate({ latencyMs: 160 });
    await using its = await begun(at, 100);
    const { events, visitor, run } = its;
    const page = visitor.events(`/runs/${run}/events`);
    await page.until(glanceWith(({ done, offers }) => Number(done) > 0 && (offers as string[]).includes("pause")));
    const key = await visitor.keyOf(run);
    const ask = (op: string, why: string) => visitor.post(`/runs/${run}/control`, { op, why }, { key });
    const paused = await ask("pause", "lunch <b>");
    expect(paused.status).toBe(200);
    expect(JSON.parse(paused.text)).toMatchObject({
      recorded: true,
      message: `Run ${run} has heard it: nothing new is sent until somebody says continue.`,
    });
    const halted = await page.until(glanceWith(({ headline }) => headline === "Paused"));
    expect(halted.data).toMatchObject({
      tone: "doubt",
      detail: `Paused. To go on: rollcall continue ${run}`,
      offers: ["continue", "abort"],
    });
    expect((await ask("continue", "")).status).toBe(200);
    await page.until(
      glanceWith(({ headline, done }) => headline === "Making changes" && Number(done) > Number(halted.data.done)),
    );
    expect((await ask("abort", "wrong customer")).status).toBe(200);
    await events;
    expect((await page.until(isOver)).data).toMatchObject({
      tone: "bad",
      headline: "Ended, exit 6",
      offers: [],
    });
    const by = currentPerson({ CI: "" });
    const last = String(page.of("glance").at(-1)?.data.detail);
    expect(last).toContain(`Aborted by ${by.name} on ${by.host}: wrong customer. `);
    expect(controlsIn(at, run).map(({ op, why, by: who }) => ({ op, why, who }))).toEqual([
      { op: "pause", why: "lunch <b>", who: by },
      { op: "continue", why: "no reason given", who: by },
      { op: "abort", why: "wrong customer", who: by },
    ]);
    const lines = page.of("said").map(({ data }) => data.text);
    expect(lines).toContain(`${by.name} on ${by.host} says pause: lunch <b>`);
    // What is over can not be asked for anything, and says so.
    const late = await ask("pause", "x");
    expect(late.status).toBe(409);
    expect((JSON.parse(late.text) as { message: string }).message).toContain("aborted by");
  });

  it("is taken up where a page had left it, and told from the beginning to one that had heard of another record", async () => {
    await using at = await estate({ latencyMs: 160 });
    await using its = await begun(at);
    const { events, visitor, run } = its;
    const key = await visitor.keyOf(run);
    const path = `/runs/${run}/events`;
    const page = visitor.events(path);
    await page.until(glanceWith(({ done }) => Number(done) > 0));
    await visitor.post(`/runs/${run}/control`, { op: "pause", why: "first" }, { key });
    const first = await page.until(
      ({ event, data }) => event === "said" && String(data.text).endsWith("says pause: first"),
    );
    await page.until(glanceWith(({ headline }) => headline === "Paused"));
    page.leave();
    await page.ended;
    const again = visitor.events(path, { "last-event-id": String(first.id) });
    const asked = visitor.events(`${path}?heard=${first.id}`);
    const strange = visitor.events(path, { "last-event-id": "999999" });
    for (const one of [again, asked, strange]) await one.until(({ event }) => event === "glance");
    const texts = (one: typeof again) => one.of("said").map(({ data }) => String(data.text));
    expect(texts(again).some((text) => text.endsWith("says pause: first"))).toBe(false);
    expect(texts(asked)).toEqual(texts(again));
    expect(texts(strange).some((text) => text.endsWith("says pause: first"))).toBe(true);
    await visitor.post(`/runs/${run}/control`, { op: "abort", why: "enough" }, { key });
    await events;
    for (const one of [again, asked, strange]) {
      await one.until(isOver);
      expect(texts(one).some((text) => text.endsWith("says abort: enough"))).toBe(true);
    }
  });

  it("waits for a person to judge its first wave, who promotes it from the page", async () => {
    await using at = await estate({ faults: [{ fault: "no-effect", method: "ModifyAccount", nth: 1 }] });
    await using its = await begun(at);
    const { events, visitor, run } = its;
    const page = visitor.events(`/runs/${run}/events`);
    const waiting = await page.until(glanceWith(({ offers }) => (offers as string[]).includes("promote")));
    expect(waiting.data).toMatchObject({ headline: "Paused", tone: "doubt", offers: ["pause", "promote", "abort"] });
    expect(waiting.data.detail).toContain("nothing of the first wave is confirmed");
    const list = await visitor.get("/");
    expect(list.text).toContain("waits for you");
    // Somebody pauses it as well: each of the two has to go before it goes on.
    const key = await visitor.keyOf(run);
    const ask = async (op: string, why: string): Promise<void> => {
      expect((await visitor.post(`/runs/${run}/control`, { op, why }, { key })).status).toBe(200);
    };
    await ask("pause", "lunch");
    const both = await page.until(glanceWith(({ offers }) => (offers as string[]).includes("continue")));
    expect(both.data.headline).toBe("Paused");
    expect(both.data.detail).toContain(`Paused. To go on: rollcall continue ${run}`);
    expect(both.data.detail).toContain("nothing of the first wave is confirmed");
    await ask("continue", "back");
    await ask("promote", "known to be slow");
    await events;
    expect((await page.until(isOver)).data).toMatchObject({ done: 60 });
    expect(controlsIn(at, run)).toMatchObject([
      { op: "pause" },
      { op: "continue" },
      { op: "promote", why: "known to be slow", wave: 0 },
    ]);
  });
});

describe("the list", () => {
  it("puts a new run on top, and follows its changes and its end", async () => {
    await using at = await estate({ latencyMs: 100 });
    await collect(at.workspace.apply(await at.plan(at.movable(2)), { consent: yes }));
    await using ui = await served(at.cwd);
    const visitor = await Visitor.of(ui);
    const list = visitor.events("/events");
    await list.until(({ event }) => event === "run");
    const events = collect(at.workspace.apply(await at.plan(at.movable(40), { to: 5 }), { consent: yes }));
    const rows = () => list.all.map(({ data }) => String(data.row));
    await list.until(({ data }) => String(data.row).includes("under way"));
    await events;
    const run = runsIn(at.cwd).at(-1) ?? "";
    await list.until(({ data }) => String(data.row).includes(`run-${run}`) && String(data.row).includes(">ended<"));
    list.leave();
    const ofRun = rows().filter((row) => row.includes(`run-${run}`));
    expect(new Set(ofRun).size).toBe(ofRun.length);
    expect(ofRun.at(-1)).toContain("40 of 40");
    const page = (await visitor.get("/")).text;
    expect(page.indexOf(`run-${run}`)).toBeLessThan(page.indexOf(`run-${runsIn(at.cwd)[0]}`));
  });
});

it("lists a run that can not be read, and one that is missing between others, beside the others as they are", async () => {
  await using at = await estate();
  for (let count = 0; count < 3; count++) await collect(at.workspace.preview(await at.plan(at.movable(3))));
  const runs = runsIn(at.cwd);
  const folder = (run = ""): string => join(at.cwd, ".rollcall/runs", run);
  await using ui = await served(at.cwd);
  const visitor = await Visitor.of(ui);
  const rowsIn = (text: string): string[] => [...text.matchAll(/<tr id="run-([^"]+)"/g)].map(([, run = ""]) => run);
  renameSync(folder(runs[1]), join(at.cwd, "aside"));
  const unreadable = "20200101T000000Z-aaaaa";
  mkdirSync(join(folder(unreadable), "ledger.ndjson"), { recursive: true });
  const { status, text } = await visitor.get("/");
  expect([status, rowsIn(text)]).toEqual([200, [...runs.toReversed(), unreadable]]);
  expect(text.match(/>(not begun yet|missing|can not be read)</g)).toEqual([
    ">not begun yet<",
    ">missing<",
    ">not begun yet<",
    ">can not be read<",
  ]);
  expect((await visitor.get(`/runs/${runs[2]}`)).status).toBe(200);
  // It comes back as it was.
  renameSync(join(at.cwd, "aside"), folder(runs[1]));
  expect((await visitor.get("/")).text).not.toContain(">missing<");
});

it("tells of a record that was damaged while it was looked at, and offers nothing", async () => {
  await using at = await estate();
  await collect(at.workspace.apply(await at.plan(at.movable(3)), { consent: yes }));
  const [run = ""] = runsIn(at.cwd);
  await using ui = await served(at.cwd, (id, asking) => at.workspace.control(id, asking));
  const visitor = await Visitor.of(ui);
  expect((await visitor.get("/")).text).toContain(">ended<");
  const forged = {
    seq: 99,
    t: 1,
    up: 1,
    type: "control",
    op: "pause",
    by: { name: "x", host: "y" },
    why: "",
    synced: 98,
    hash: "0".repeat(64),
  };
  appendFileSync(join(at.cwd, ".rollcall/runs", run, "ledger.ndjson"), `${JSON.stringify(forged)}\n`);
  expect((await visitor.get("/")).text).toContain("record damaged");
  const page = visitor.events(`/runs/${run}/events`);
  await page.ended;
  expect(page.of("glance").at(-1)?.data).toMatchObject({
    standing: "damaged",
    headline: "The record is damaged",
    offers: [],
  });
  expect((await visitor.get(`/runs/${run}`)).text).toContain("the record is damaged");
});
