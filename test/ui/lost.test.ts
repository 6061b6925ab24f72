import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RunFolder } from "../../runner/runs/folder.ts";
import { everyEnd, tellRun } from "../support/told-run.ts";
import { served, Visitor } from "./visitor.ts";

const ruined: readonly (readonly [string, (folder: RunFolder) => void])[] = [
  ["is emptied", ({ ledger }) => truncateSync(ledger)],
  ["is removed", ({ ledger }) => rmSync(ledger)],
  ["is overwritten with garbage", ({ ledger }) => writeFileSync(ledger, Buffer.alloc(500, 0xff))],
  ["is overwritten with more garbage", ({ ledger }) => writeFileSync(ledger, Buffer.alloc(50_000, 7))],
  [
    "is removed with all but the plan",
    (folder) => [folder.ledger, folder.inventory, folder.changeSet].forEach((path) => rmSync(path)),
  ],
  ["is moved away with its folder", ({ path }) => renameSync(path, `${path}.away`)],
];

describe("a page of a run that is not over, while its ledger", () => {
  it.each(ruined)("%s, says that the record is gone, and not that nothing was sent", async (_, ruin) => {
    const { root, folder } = await tellRun(everyEnd, { until: "open" });
    await using ui = await served(root);
    const visitor = await Visitor.of(ui);
    const page = visitor.events(`/runs/${folder.run}/events`);
    const before = await page.until(({ event }) => event === "glance");
    expect(before.data).toMatchObject({ standing: "left", isSettled: false });
    ruin(folder);
    await page.ended;
    const last = page.of("glance").at(-1)?.data;
    expect(last).toMatchObject({ standing: "damaged", tone: "bad", headline: "The record is damaged", offers: [] });
    expect(last?.heading).toBe(`Run ${folder.run}: the record is damaged`);
    expect(last?.detail).toMatch(/^its record is gone: .*\. What came after can not be told\.$/i);
    expect(page.all.at(-1)).toMatchObject({ event: "over", data: { live: "Not live" } });
    expect(JSON.stringify(page.all)).not.toMatch(/nothing was sent/i);
  });
});

it("a page of a run whose ledger is changed near its end, says that the record is damaged, as the page made anew does", async () => {
  const { root, folder } = await tellRun(everyEnd);
  await using ui = await served(root);
  const visitor = await Visitor.of(ui);
  const page = visitor.events(`/runs/${folder.run}/events`);
  expect((await page.until(({ event }) => event === "glance")).data).toMatchObject({ standing: "over" });
  const bytes = readFileSync(folder.ledger);
  const place = bytes.length - 200;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(folder.ledger, bytes);
  await page.ended;
  const last = page.of("glance").at(-1)?.data;
  expect(last).toMatchObject({ standing: "damaged", headline: "The record is damaged" });
  expect(page.all.at(-1)).toMatchObject({ event: "over", data: { live: "Not live" } });
  const { text } = await visitor.get(`/runs/${folder.run}`);
  expect(text).toContain(String(last?.detail).slice(0, 60));
  expect(text).toContain('data-live="no"');
});

describe("a run whose ledger", () => {
  it.each(ruined.slice(0, 4))("%s, is listed and shown as one with a damaged record", async (_, ruin) => {
    const { root, folder } = await tellRun(everyEnd);
    ruin(folder);
    await using ui = await served(root);
    const visitor = await Visitor.of(ui);
    const list = await visitor.get("/");
    expect(list.text).toContain(`href="/runs/${folder.run}"`);
    expect(list.text).toContain("record damaged");
    const { status, text } = await visitor.get(`/runs/${folder.run}`);
    expect(status).toBe(200);
    expect(text).toContain("Its record is gone");
    expect(text.replaceAll(/<script>.*?<\/script>/gs, "")).not.toMatch(/nothing was sent/i);
  });

  it("is put back, is shown as before", async () => {
    const { root, folder } = await tellRun(everyEnd);
    await using ui = await served(root);
    const visitor = await Visitor.of(ui);
    renameSync(folder.ledger, `${folder.ledger}.away`);
    expect((await visitor.get("/")).text).toContain("record damaged");
    renameSync(`${folder.ledger}.away`, folder.ledger);
    expect((await visitor.get("/")).text).toContain(">ended<");
  });
});

it("a run that is just beginning is no run with a lost record, and is listed once it has its first one", async () => {
  const { root, folder } = await tellRun(everyEnd);
  const whole = readFileSync(folder.ledger);
  const first = whole.subarray(0, whole.indexOf(10) + 1);
  for (const path of [folder.ledger, folder.inventory, folder.changeSet]) rmSync(path);
  writeFileSync(folder.ledger, first.subarray(0, 20));
  await using ui = await served(root);
  const visitor = await Visitor.of(ui);
  expect((await visitor.get("/")).text).not.toContain(folder.run);
  const page = await visitor.get(`/runs/${folder.run}`);
  expect(page.text).toContain("or it is just beginning");
  appendFileSync(folder.ledger, first.subarray(20));
  expect((await visitor.get("/")).text).toContain(folder.run);
});
