import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FieldFacts } from "../../runner/core/model/catalogue.ts";
import { digestOfText } from "../../runner/core/model/digest.ts";
import type { Fact, FactOf } from "../../runner/core/model/events.ts";
import { digest, itemId, runId, type Digest, type Fields } from "../../runner/core/model/item.ts";
import { itemStates, type Counts } from "../../runner/core/model/outcome.ts";
import { rehearsalOf } from "../../runner/core/model/rehearsed.ts";
import type { GuardResult } from "../../runner/core/model/preview.ts";
import { openJournal } from "../../runner/ledger/writer.ts";
import { createChangeSet } from "../../runner/runs/change-set.ts";
import { createRunFolder, type RunFolder } from "../../runner/runs/folder.ts";
import { createInventory } from "../../runner/runs/inventory.ts";
import { newFolder } from "./runs.ts";

/** How an item is to end. `held`: what it holds when it is `diverged`; left out: what it was. `says`: what the service says. */
export interface ToldItem {
  readonly id: string;
  readonly title?: string;
  readonly ends: (typeof itemStates)[number] | "open";
  readonly before?: Fields;
  readonly after?: Fields;
  readonly held?: Fields;
  readonly says?: string;
}

export interface ToldRun {
  readonly root: string;
  readonly folder: RunFolder;
}

export interface HowTold {
  /** `preview`: nothing is sent; `open`: it stops without an end. */
  readonly until?: "preview" | "open" | "end";
  readonly exit?: number;
  readonly plan?: string;
  readonly by?: string;
  readonly guards?: readonly GuardResult[];
  /** As recorded before the inventory said which field is the title. */
  readonly isOld?: boolean;
  readonly groups?: FactOf<"selected">["groups"];
  /** What was recorded right before the end, and what the end says besides. */
  readonly stopped?: readonly Fact[];
  readonly end?: Partial<FactOf<"end">>;
  /** What was recorded behind the end. */
  readonly later?: readonly Fact[];
  /** As `rehearse --keep` records it. */
  readonly isRehearsal?: boolean;
}

export const toldRun = runId("20270115T080000Z-k3m7q");
const began = Date.parse("2027-01-15T08:00:00Z");
const aDigest = digest("ab".repeat(32));
const planText = "rollcall: 1\nname: products # <b>&amp;</b>\n";
const field = (name: string, type: FieldFacts["type"]): FieldFacts => ({ name, type }) as FieldFacts;
const notSelected: ReadonlySet<string> = new Set(["already", "refused", "filtered-out"]);

/**
 * The folder of a run as the program writes it, by its own writers, but with times and answers that a test chooses: the same bytes
 * each time. Item by item: its intent, its answer, and what the one pass over the list saw.
 */
export async function tellRun(items: readonly ToldItem[], how: HowTold = {}): Promise<ToldRun> {
  const root = newFolder();
  mkdirSync(join(root, ".rollcall"), { recursive: true });
  const folder = await createRunFolder(root, toldRun, planText);
  const inventory = await writeInventory(folder, items, how);
  const selected = items.filter(({ ends }) => !notSelected.has(ends));
  const changeSet = await writeChanges(folder, selected);
  await writeLedger(folder, { items, selected, inventory, changeSet }, how);
  return { root, folder };
}

const countOf = (items: readonly ToldItem[], ends: string): number => items.filter((item) => item.ends === ends).length;

function selectionOf(items: readonly ToldItem[]) {
  const [filtered, already, refused] = ["filtered-out", "already", "refused"].map((state) => countOf(items, state));
  const counts = { "filtered-out": filtered ?? 0, already: already ?? 0, refused: refused ?? 0 };
  const selected = items.length - counts["filtered-out"] - counts.already - counts.refused;
  return { rows: items.length, ...counts, selected };
}

async function writeInventory(folder: RunFolder, items: readonly ToldItem[], { isOld }: HowTold): Promise<Digest> {
  const fields = [field("device_id", "integer"), field("device_name", "string"), field("quota", "bytes")];
  const login = { user_id: 1, partner_id: 1, name: "x" };
  const named = isOld === true ? {} : { title: "device_name" };
  const header = { now: began / 1000, login, call: "List", params: {}, key: "device_id", ...named, fields };
  const writer = await createInventory(folder.inventory, { ...header, endpoint: "http://127.0.0.1/jsonapi" });
  for (const { id, title = id, ends, before = {}, says } of items) {
    const as = notSelected.has(ends) ? (ends as "already" | "refused") : "selected";
    const why = as === "refused" ? { why: says ?? "its quota is unset" } : {};
    await writer.add({ id: itemId(id), fields: { device_id: id, device_name: title, ...before } }, { as, ...why });
  }
  return await writer.seal(selectionOf(items));
}

async function writeChanges(folder: RunFolder, selected: readonly ToldItem[]): Promise<Digest> {
  const header = { run: folder.run, plan: digestOfText(planText), endpoint: "http://127.0.0.1/jsonapi" };
  const writer = await createChangeSet(folder.changeSet, header);
  for (const [index, item] of selected.entries()) {
    const { before, after } = changeOf(item);
    const request = { method: "ModifyAccount", params: { Id: item.id } };
    await writer.add({
      index,
      id: itemId(item.id),
      title: item.title ?? item.id,
      item: before,
      before,
      after,
      request,
    });
  }
  return await writer.seal();
}

const changeOf = ({ before = { quota: 1024 }, after = { quota: 2048 } }: ToldItem) => ({ before, after });

interface Written {
  readonly items: readonly ToldItem[];
  readonly selected: readonly ToldItem[];
  readonly inventory: Digest;
  readonly changeSet: Digest;
}

async function writeLedger(folder: RunFolder, written: Written, how: HowTold): Promise<void> {
  let ms = 0;
  const clock = { now: () => began + (ms += 250), up: () => 1000 + ms };
  const journal = await openJournal({ path: folder.ledger, run: folder.run, clock });
  const { until = "end" } = how;
  journal.note([startOf(how)]);
  journal.note(listed(written, how));
  if (until !== "preview") {
    const by = { name: how.by ?? "ada", host: "desk" };
    journal.note([
      { type: "consent", how: "yes", by },
      { type: "lock", scope: "s", generation: 1 },
    ]);
    journal.note([{ type: "wave", wave: 0, phase: "begin", size: written.selected.length }]);
    for (const [index, item] of written.selected.entries()) {
      const open = journal.note(intentOf(index, item));
      if (item.ends !== "not-started")
        journal.note([{ type: "sent", intents: [open] }, ...answerOf(index, item, open)]);
      else journal.note([{ type: "withdrawn", intents: [open], reason: "the run stopped first" }]);
    }
    journal.note(passOf(written.selected));
    journal.note(how.stopped ?? []);
    if (until === "end") journal.note([...endOf(written, how), ...(how.later ?? [])]);
  } else if (how.exit !== undefined) journal.note(endOf(written, how));
  await journal.close();
}

function startOf({ plan = "products", by = "ada", isRehearsal = false }: HowTold): FactOf<"start"> {
  return {
    type: "start",
    format: 1,
    run: toldRun,
    estate: "e",
    tool: "rollcall 0.1.0",
    owner: { host: "desk", machine: "m", boot: "b", pid: 1, started: "1", namespace: "n" },
    by: { name: by, host: "desk" },
    service: isRehearsal
      ? { name: "simulator", kind: rehearsalOf("simulator"), endpoint: rehearsalOf("http://127.0.0.1/jsonapi") }
      : { name: "simulator", kind: "simulator", endpoint: "http://127.0.0.1/jsonapi" },
    login: { user_id: 1, partner_id: 2, name: "n" },
    plan: { name: plan, digest: digestOfText(planText) },
    change: { method: "ModifyAccount", repeat: "set", destructive: false, unverifiable: false },
    inputs: { to: 4 },
    secrets: { pin: "0123456789abcdef" },
    facts: { lateMs: 0, timeoutMs: 0, listLagMs: 0, byIdLagMs: 0, concurrency: 4, margin: 8 },
    now: began / 1000,
    skewMs: null,
    previous: null,
  };
}

function listed({ items, selected, inventory, changeSet }: Written, { guards = [], groups }: HowTold): readonly Fact[] {
  const counts = selectionOf(items);
  return [
    { type: "enumerated", inventory, pages: 1, began, ended: began + 100, ...counts },
    { type: "selected", changeSet, size: selected.length, waves: [selected.length], guards, ...(groups && { groups }) },
  ];
}

function intentOf(index: number, item: ToldItem): readonly Fact[] {
  const named = { index, id: itemId(item.id), title: item.title ?? item.id, attempt: 1, wave: 0 };
  return [{ type: "intent", ...named, method: "ModifyAccount", request: aDigest, ...changeOf(item) }];
}

function answerOf(index: number, { id, ends, says = "Access denied" }: ToldItem, intent: number): readonly Fact[] {
  const of = { type: "outcome", intent, index, id: itemId(id), attempt: 1, ms: 20 } as const;
  switch (ends) {
    case "open":
      return [];
    case "rejected":
      return [{ ...of, kind: "rejected", failure: { class: "reject", code: "13501", message: says } }];
    case "unknown":
      return [
        { ...of, kind: "lost", failure: { class: "uncertain", code: "timeout", message: says } },
        { type: "read", index, id: itemId(id), why: "settle", began, source: "list", seen: "unreadable", found: null },
      ];
    case "drifted":
      return [{ ...of, kind: "drifted", found: { quota: 9 }, why: "quota is another" }];
    default:
      return [{ ...of, kind: "accepted" }];
  }
}

const seenOf = { confirmed: "after", pending: "before", rejected: "before", vanished: "absent" } as const;

function passOf(selected: readonly ToldItem[]): readonly Fact[] {
  const verdicts = selected.flatMap((item, index): readonly Fact[] => {
    const of = { type: "verdict", pass: 1, indexes: [index] } as const;
    if (item.ends === "diverged")
      return [item.held ? { ...of, seen: "other", found: [item.held] } : { ...of, seen: "before", pastHorizon: true }];
    if (!Object.hasOwn(seenOf, item.ends)) return [];
    return [{ ...of, seen: seenOf[item.ends as keyof typeof seenOf] }];
  });
  const pass = { type: "pass", pass: 1, rows: selected.length, complete: true } as const;
  return [
    { ...pass, phase: "begin" },
    ...verdicts,
    { ...pass, phase: "end" },
    { type: "wave", wave: 0, phase: "end", size: selected.length },
  ];
}

function endOf({ items }: Written, { exit = 0, end = {} }: HowTold): readonly Fact[] {
  const counts = Object.fromEntries(itemStates.map((state) => [state, countOf(items, state)])) as unknown as Counts;
  const facts = { notStarted: {}, conserved: true, sealed: true, exit, exits: [exit], ...end };
  return [{ type: "end", counts, ...facts }];
}

/** One item of every state, and hostile names. */
export const everyEnd: readonly ToldItem[] = [
  { id: "1", title: "DESK-1", ends: "confirmed" },
  { id: "2", title: "DESK-2", ends: "pending" },
  { id: "3", title: "DESK-3", ends: "rejected" },
  { id: "4", title: "DESK-4", ends: "unknown", says: "no answer in 30 s" },
  { id: "5", title: "DESK-5", ends: "diverged", held: { quota: 9 } },
  { id: "6", title: "DESK-6", ends: "diverged" },
  { id: "7", title: "DESK-7", ends: "drifted" },
  { id: "8", title: "DESK-8", ends: "vanished" },
  { id: "9", title: "DESK-9", ends: "not-started" },
  { id: "10", title: "DESK-10", ends: "already" },
  { id: "11", title: "DESK-11", ends: "refused", says: "quota: it is unset" },
  { id: "12", title: "DESK-12", ends: "filtered-out" },
];

/** Names and messages that mean something to one format or another. */
export const hostile: readonly string[] = [
  "</script><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "]]>&amp;<!--",
  "a|b||c\\|d",
  "``` `tick` ````",
  "@someone @org/team #1 http://evil.example www.evil.example",
  "=1+1",
  "+cmd|' /C calc'!A0",
  "-2+3",
  "@SUM(A1)",
  "\t=2+2",
  "\uff1d1+1",
  'say "yes", or no',
  "line\r\n::error::two\u2028three",
  "\u0000\u0007\u001b[31mred\u001b[0m\u009b1m",
  "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd \u2066x\u2069",
  "half \ud83d and \ude00 half, whole \u{1f600}",
  "\ufffe\uffff\ufeff",
  "long ".repeat(2000),
];
