import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { liarLogin, startLiar, type Liar } from "./liar.ts";
import type { Deed } from "./liar/lies.ts";
import { post, type Posted } from "./servers/post.ts";

const ask = (liar: Liar, method: string, params: unknown, headers = {}): Promise<Posted> =>
  post(liar.url, { jsonrpc: "2.0", id: "1", method, params }, headers);

const resultOf = async (...call: Parameters<typeof ask>): Promise<ReturnType<typeof JSON.parse>> =>
  (await ask(...call)).json.result;

const idsOf = (rows: readonly { readonly id: unknown }[]): readonly unknown[] => rows.map(({ id }) => id);

describe("a liar that tells the truth", () => {
  it("pages by offset, by number, by cursor, or not at all", async () => {
    await using byOffset = await startLiar({ items: 5 });
    expect(idsOf(await resultOf(byOffset, "list", { offset: 2, size: 2 }))).toEqual([3, 4]);
    expect(await resultOf(byOffset, "list", { offset: 6, size: 2 })).toEqual([]);
    await using byNumber = await startLiar({ items: 5, paging: "number", params: "positional", ids: "text" });
    expect(idsOf(await resultOf(byNumber, "list", [3, 2]))).toEqual(["5"]);
    await using byCursor = await startLiar({ items: 5, paging: "cursor" });
    const first = await resultOf(byCursor, "list", { cursor: null, size: 3 });
    expect(idsOf(first.things)).toEqual([1, 2, 3]);
    const last = await resultOf(byCursor, "list", { cursor: first.next, size: 3 });
    expect({ ids: idsOf(last.things), next: last.next }).toEqual({ ids: [4, 5], next: null });
    await using whole = await startLiar({ items: 5, paging: "none" });
    expect(await resultOf(whole, "list", {})).toHaveLength(5);
  });

  it("gives rows as a map, or in the lists of their shelves", async () => {
    await using map = await startLiar({ items: 1, rows: "map" });
    const row = { name: "thing-0001", level: 0 };
    expect(await resultOf(map, "list", {})).toEqual({ things: { 1: { ...row, shelf: "shelf-1" } } });
    await using nested = await startLiar({ items: 3, rows: "nested" });
    expect(await resultOf(nested, "list", {})).toEqual({
      shelves: [
        {
          shelf: "shelf-1",
          things: [
            { id: 1, ...row },
            { id: 2, name: "thing-0002", level: 0 },
          ],
        },
        { shelf: "shelf-2", things: [{ id: 3, name: "thing-0003", level: 0 }] },
      ],
    });
  });

  it("changes one thing or several, and keeps what it received and what it did", async () => {
    await using liar = await startLiar({ items: 3 });
    expect(await resultOf(liar, "set", { id: 1, level: 5 })).toBe(true);
    expect(await resultOf(liar, "set_many", { ids: [2, 9], level: 6 })).toEqual({ done: [2], failed: [9] });
    expect(await ask(liar, "set", { id: 9, level: 5 })).toMatchObject({ json: { error: { code: 404 } } });
    expect(await resultOf(liar, "get", { id: 2 })).toMatchObject({ id: 2, level: 6 });
    expect(liar.applied).toMatchObject([
      { item: 1, level: 5, id: "1" },
      { item: 2, level: 6 },
    ]);
    expect(liar.received.map(({ method, items }) => ({ method, items }))).toEqual([
      { method: "set", items: [1] },
      { method: "set_many", items: [2, 9] },
      { method: "set", items: [9] },
      { method: "get", items: [2] },
    ]);
    const then = liar.applied[1]!.at;
    liar.edit(1, { level: 7 });
    liar.edit(2, undefined);
    expect([...liar.things.values()]).toMatchObject([{ level: 7 }, { id: 3 }]);
    expect(liar.applied).toHaveLength(2);
    expect(await resultOf(liar, "remove", { id: 3 })).toBe(true);
    expect(await resultOf(liar, "count", {})).toBe(1);
    expect([1, 2, 3].map((id) => liar.thingAt(id, then)?.level)).toEqual([5, 6, 0]);
    expect([1, 2, 3].map((id) => liar.thingAt(id, then + 60_000)?.level)).toEqual([7, undefined, undefined]);
    await using vague = await startLiar({ items: 1, missing: "row" });
    expect(await resultOf(vague, "get", { id: 9 })).toEqual({ id: 9, gone: true });
  });

  it("wants a token, or the header that it gave", async () => {
    await using byToken = await startLiar({ session: "token" });
    expect(await ask(byToken, "list", {})).toMatchObject({ status: 401, json: undefined });
    expect(await resultOf(byToken, "login", { ...liarLogin, password: "wrong" })).toBe(false);
    const { token } = await resultOf(byToken, "login", liarLogin);
    const headers = { authorization: `Bearer ${token}` };
    expect(await resultOf(byToken, "list", {}, headers)).toHaveLength(10);
    expect(await resultOf(byToken, "logout", {}, headers)).toBe(true);
    expect(await ask(byToken, "list", {}, headers)).toMatchObject({ status: 401 });
    expect(byToken.received.filter(({ isKnown }) => !isKnown)).toHaveLength(2);

    await using byHeader = await startLiar({ session: "header" });
    const refused = await ask(byHeader, "list", {});
    expect(refused.status).toBe(409);
    expect(await ask(byHeader, "list", {}, { "x-session": refused.headers["x-session"] })).toMatchObject({
      status: 200,
    });
  });
});

describe("a liar", () => {
  const right = { jsonrpc: "2.0", id: "1", result: true };
  const deeds: readonly { deed: Deed; isApplied: boolean; answer: object }[] = [
    { deed: { does: "nothing" }, isApplied: false, answer: { json: right } },
    {
      deed: { does: "error", applied: true, code: 7, message: "no" },
      isApplied: true,
      answer: { json: { id: "1", error: { code: 7, message: "no" } } },
    },
    { deed: { does: "error", applied: false }, isApplied: false, answer: { json: { error: { code: -32000 } } } },
    {
      deed: { does: "error", applied: false, status: 503 },
      isApplied: false,
      answer: { status: 503, json: { id: "1", error: { code: -32000 } } },
    },
    {
      deed: { does: "echo", applied: true },
      isApplied: true,
      answer: { json: { error: { message: expect.stringMatching(/"level":5.*"host":/) } } },
    },
    { deed: { does: "wrong-id" }, isApplied: true, answer: { json: { ...right, id: "1-other" } } },
    { deed: { does: "wrong-id", applied: false }, isApplied: false, answer: { json: { ...right, id: "1-other" } } },
    { deed: { does: "null-id" }, isApplied: true, answer: { json: { ...right, id: null } } },
    { deed: { does: "no-id" }, isApplied: true, answer: { text: `{"jsonrpc":"2.0","result":true}` } },
    { deed: { does: "half-json", applied: true }, isApplied: true, answer: { text: `{"jsonrpc":"2.0","id` } },
    {
      deed: { does: "huge", applied: true, bytes: 3 },
      isApplied: true,
      answer: { json: { ...right, more: "xxx" } },
    },
    {
      deed: { does: "html", status: 500, applied: true },
      isApplied: true,
      answer: { status: 500, text: "<html><h1>500</h1></html>" },
    },
    {
      deed: { does: "html", status: 429, applied: false, retryAfter: 3 },
      isApplied: false,
      answer: { status: 429, headers: { "retry-after": "3" } },
    },
  ];
  for (const { deed, isApplied, answer } of deeds)
    it(`answers with ${JSON.stringify(deed)} and ${isApplied ? "makes" : "does not make"} the change`, async () => {
      await using liar = await startLiar({ lies: [{ on: "set", ...deed }] });
      expect(await ask(liar, "set", { id: 1, level: 5 })).toMatchObject(answer);
      expect(liar.things.get(1)?.level).toBe(isApplied ? 5 : 0);
      expect(liar.received).toMatchObject([{ lie: deed.does }]);
    });

  it("does not answer, or hangs up, with the change made or not", async () => {
    for (const does of ["silence", "hang-up", "cut-off"] as const) {
      await using liar = await startLiar({ lies: [{ on: "set", does, applied: true }] });
      const answered = ask(liar, "set", { id: 1, level: 5 }).then(
        () => "an answer",
        () => "cut off",
      );
      const came = await Promise.race([answered, sleep(100, "nothing")]);
      expect(came).toBe(does === "silence" ? "nothing" : "cut off");
      expect(liar.things.get(1)?.level).toBe(5);
    }
  });

  it("answers with the id of the request before", async () => {
    await using liar = await startLiar({ lies: [{ on: "set", item: 2, does: "earlier-id" }] });
    await post(liar.url, { jsonrpc: "2.0", id: "earlier", method: "count" });
    expect(await ask(liar, "set", { id: 2, level: 5 })).toMatchObject({ json: { ...right, id: "earlier" } });
  });

  it("stores something else, and takes its time", async () => {
    await using liar = await startLiar({
      lies: [
        { on: "set", item: 1, does: "store", value: "5" },
        { on: "get", does: "wait", ms: 50 },
      ],
    });
    await ask(liar, "set", { id: 1, level: 5 });
    const began = performance.now();
    expect(await resultOf(liar, "get", { id: 1 })).toMatchObject({ level: "5" });
    expect(performance.now() - began).toBeGreaterThan(45);
  });

  it("lies about one thing of several, and about the requests that it was told to", async () => {
    await using liar = await startLiar({
      lies: [
        { on: "set_many", item: 2, does: "nothing" },
        { on: "set", nth: 2, does: "nothing" },
        { on: "get", from: 2, does: "error", applied: false },
      ],
    });
    expect(await resultOf(liar, "set_many", { ids: [1, 2, 3], level: 5 })).toEqual({ done: [1, 2, 3], failed: [] });
    expect([1, 2, 3].map((id) => liar.things.get(id)?.level)).toEqual([5, 0, 5]);
    for (const id of [4, 5, 6]) await ask(liar, "set", { id, level: 5 });
    expect([4, 5, 6].map((id) => liar.things.get(id)?.level)).toEqual([5, 0, 5]);
    const gets = [];
    for (const id of [1, 2, 3]) gets.push("result" in (await ask(liar, "get", { id })).json);
    expect(gets).toEqual([true, false, false]);
    liar.lies.stop();
    expect(await ask(liar, "get", { id: 1 })).toMatchObject({ json: { result: { id: 1 } } });
  });

  it("ends every session in the middle of things, and refuses a right password", async () => {
    await using liar = await startLiar({ session: "token", sessionError: 4711 });
    const { token } = await resultOf(liar, "login", liarLogin);
    const headers = { authorization: `Bearer ${token}` };
    liar.lies.tell({ on: "set", nth: 2, does: "end-sessions" }, { on: "login", does: "nothing" });
    expect(await resultOf(liar, "set", { id: 1, level: 5 }, headers)).toBe(true);
    expect(await ask(liar, "set", { id: 2, level: 5 }, headers)).toMatchObject({ json: { error: { code: 4711 } } });
    expect(liar.things.get(2)?.level).toBe(0);
    expect(await resultOf(liar, "login", liarLogin)).toBe(false);
  });

  const pages: readonly { deed: Deed; asked: object; ids: readonly unknown[] }[] = [
    { deed: { does: "first-page" }, asked: { offset: 4, size: 2 }, ids: [1, 2] },
    { deed: { does: "cap", size: 3 }, asked: { offset: 0, size: 5 }, ids: [1, 2, 3] },
    { deed: { does: "cut", size: 1 }, asked: { offset: 2, size: 2 }, ids: [3] },
    { deed: { does: "nothing-there" }, asked: { offset: 0, size: 2 }, ids: [] },
    { deed: { does: "hide", items: [2, 3] }, asked: { offset: 0, size: 3 }, ids: [1, 4, 5] },
    { deed: { does: "go-on" }, asked: { offset: 9, size: 3 }, ids: [10, 11, 12] },
    { deed: { does: "repeat-row" }, asked: { offset: 0, size: 2 }, ids: [1, 2, 2] },
    { deed: { does: "skip-row" }, asked: { offset: 0, size: 2 }, ids: [2, 3] },
    { deed: { does: "other-key-type" }, asked: { offset: 0, size: 2 }, ids: ["1", "2"] },
  ];
  for (const { deed, asked, ids } of pages)
    it(`gives a page with ${JSON.stringify(deed)}`, async () => {
      await using liar = await startLiar({ lies: [{ on: "list", ...deed }] });
      expect(idsOf(await resultOf(liar, "list", asked))).toEqual(ids);
    });

  it("leaves one of several out of its answer, and hides what it keeps back from nobody who asks the witness", async () => {
    await using liar = await startLiar({
      items: 3,
      lies: [
        { on: "set_many", item: 2, does: "leave-out", applied: true },
        { on: "copy", does: "hide", items: [3] },
      ],
    });
    expect(await resultOf(liar, "set_many", { ids: [1, 2, 9], level: 5 })).toEqual({ done: [1], failed: [9] });
    expect(liar.applied.map(({ item }) => item)).toEqual([1, 2]);
    liar.lies.tell({ on: "set_many", item: 3, does: "blame", applied: true });
    expect(await resultOf(liar, "set_many", { ids: [1, 3], level: 6 })).toEqual({ done: [1], failed: [3] });
    expect(liar.things.get(3)?.level).toBe(6);
    expect(idsOf(await resultOf(liar, "copy", { offset: 0, size: 9 }))).toEqual([1, 2]);
    expect(liar.received.at(-1)?.hidden).toEqual([3]);
  });

  it("gives pages of nothing without an end", async () => {
    await using empty = await startLiar({ items: 2, paging: "cursor", lies: [{ on: "list", does: "nothing-there" }] });
    const page = await resultOf(empty, "list", { cursor: "after-40", size: 5 });
    expect(page).toEqual({ things: [], next: "after-45" });
  });

  it("gives cursors that lead in a circle", async () => {
    await using liar = await startLiar({ items: 2, paging: "cursor", lies: [{ on: "list", does: "loop" }] });
    const { next } = await resultOf(liar, "list", { cursor: null, size: 5 });
    expect(idsOf((await resultOf(liar, "list", { cursor: next, size: 5 })).things)).toEqual([1, 2]);
  });
});
