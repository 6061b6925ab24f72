import { mkdirSync } from "node:fs";
import { expect, it } from "vitest";
import type { Fact } from "../../runner/core/model/events.ts";
import { openJournal } from "../../runner/ledger/writer.ts";
import { realClock } from "../../runner/runs/clock.ts";
import { runFolder } from "../../runner/runs/folder.ts";
import { newRunId } from "../../runner/runs/run-id.ts";
import { currentOwner } from "../../runner/runs/owner.ts";
import { newFolder } from "../support/runs.ts";
import { served, Visitor } from "./visitor.ts";

const nasty = `</script></title><img src=x onerror=alert(1)>"'\`\u202e\u001b[31m<!--`;
/** Text that steers: its direction, or a terminal. */
const steers = (text: string): boolean => text.includes("\u202e") || text.includes("\u001b");

it("shows whatever a record says as text, in pages and in what they hear", async () => {
  const root = newFolder();
  const run = newRunId(Date.now(), () => 0.5);
  const folder = runFolder(root, run);
  mkdirSync(folder.path, { recursive: true });
  const journal = await openJournal({ path: folder.ledger, run, clock: realClock() });
  // It stands as a run of another machine whose lock was given, so that it is open.
  const by = { name: nasty, host: nasty };
  const start = {
    ...{ type: "start", format: 1, run, estate: "", tool: "rollcall/0.1.0", by },
    login: { user_id: 1, partner_id: null, name: nasty },
    owner: { ...currentOwner(), host: nasty, boot: "other" },
    service: { name: nasty, kind: "x", endpoint: nasty },
    plan: { name: nasty, digest: "0".repeat(64) },
    change: { method: nasty, repeat: "set", destructive: false, unverifiable: false },
    ...{ inputs: { a: nasty }, secrets: {}, now: 1, skewMs: null, previous: null },
    facts: { lateMs: 1, timeoutMs: 1, listLagMs: 1, byIdLagMs: 1, concurrency: 1, margin: 1 },
  } as unknown as Fact;
  const control: Fact = { type: "control", op: "pause", by, why: nasty, id: "1" };
  journal.note([
    start,
    { type: "lock", scope: nasty, generation: 1 },
    { type: "paused", for: "person", detail: nasty },
    control,
  ]);
  await journal.close();

  await using ui = await served(root, () => Promise.resolve({ isRecorded: true, message: "" }));
  const visitor = await Visitor.of(ui);
  for (const path of ["/", `/runs/${run}`]) {
    const { status, text } = await visitor.get(path);
    expect(status).toBe(200);
    expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;");
    expect(text).not.toContain("<img");
    expect(steers(text)).toBe(false);
  }
  const list = visitor.events("/events");
  const row = await list.until(({ event }) => event === "run");
  expect(String(row.data.row)).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(String(row.data.row)).not.toContain("<img");
  expect(steers(String(row.data.row))).toBe(false);
  list.leave();
  const page = visitor.events(`/runs/${run}/events`);
  const said = await page.until(({ event, data }) => event === "said" && String(data.text).includes("says pause"));
  expect(steers(String(said.data.text))).toBe(false);
  page.leave();
});
