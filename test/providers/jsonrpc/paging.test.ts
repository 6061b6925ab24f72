import { describe, expect, it } from "vitest";
import { ConnectError, IncompleteError } from "../../../runner/core/model/errors.ts";
import { itemId, type Value } from "../../../runner/core/model/item.ts";
import type { Paging } from "../../../runner/core/model/listing.ts";
import type { Connection } from "../../../runner/core/model/ports.ts";
import { listed, type Listed } from "../../../runner/providers/jsonrpc/paging.ts";
import { mostPages } from "../../../runner/rpc/offset-pages.ts";
import { idsOf, listOf, withLine, type Answers } from "../../support/protocol.ts";
import type { Asked } from "../../support/rpc-server.ts";

const rows = (from: number, to: number): { id: number }[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, place) => ({ id: from + place }));
const texts = (from: number, to: number): string[] => rows(from, to).map(({ id }) => String(id));
const failure = (line: Connection, paging: Paging): Promise<unknown> =>
  idsOf(line, listOf(paging)).catch((error: unknown) => error);

const none: Paging = { by: "none" };
const offset: Paging = { by: "offset", size: 5, start: 0 };
const number: Paging = { by: "number", size: 5, start: 1 };
const cursor: Paging = {
  by: "cursor",
  size: 5,
  next: (answer) => (answer as { readonly next?: string }).next ?? null,
};
const byCursor = listOf(cursor, {}, "rows");

describe("a list that comes in one answer", () => {
  it("is given out whole", async () => {
    await withLine(
      (_asked, { result }) => result(rows(0, 1200)),
      async ({ line, server }) => {
        expect(await idsOf(line, listOf(none))).toEqual(texts(0, 1200));
        expect(server.asked).toHaveLength(1);
      },
    );
  });
  it("with an item twice is not whole", async () => {
    await withLine(
      (_asked, { result }) => result([...rows(0, 3), { id: 1 }]),
      async ({ line }) => {
        expect(await failure(line, none)).toMatchObject({ message: expect.stringContaining("the item 1 came twice") });
      },
    );
  });
  it("and is refused says why, with the service's code", async () => {
    await withLine(
      (_asked, { error }) => error(5, "no such scope"),
      async ({ line }) => {
        const refused = await failure(line, none);
        expect(refused).toBeInstanceOf(IncompleteError);
        expect(refused).toMatchObject({
          message: "list could not be read: no such scope",
          hint: "Nothing was decided. The service's code is -32603, taken as reject.",
        });
      },
    );
  });
  it("and gets a page in its place says which, and what to do, for there is no code of the service", async () => {
    await withLine(
      (_asked, { raw }) => raw("<h1>Maintenance</h1>", 400, { "content-type": "text/html" }),
      async ({ line }) => {
        expect(await failure(line, none)).toMatchObject({
          message: "list could not be read: answered with HTTP 400 (text/html: Maintenance)",
          hint: "Nothing was decided. See what the service answers: rollcall probe SERVICE list.",
        });
      },
    );
  });
  it("and meets a connection that ends is a matter of the way there", async () => {
    await withLine(
      (_asked, { socket }) => socket.destroy(),
      async ({ line }) => {
        const refused = await failure(line, none);
        expect(refused).toBeInstanceOf(ConnectError);
        expect(refused).toMatchObject({ code: "connect", message: expect.stringContaining("list could not be asked") });
      },
    );
  });
  it("ends early, without an error, when the run is stopped", async () => {
    const stop = new AbortController();
    const answers: Answers = () => stop.abort();
    await withLine(answers, async ({ line }) => {
      expect(await idsOf(line, listOf(none), stop.signal)).toEqual([]);
    });
  });
});

describe("a list by offset", () => {
  const served =
    (all: { id: number }[]): Answers =>
    ({ params }, { result }) =>
      result(all.slice(Number(params.offset)).slice(0, Number(params.size)));
  it.each([0, 1, 4, 5, 6, 23])("of %i rows is read with pages that overlap, each row once", async (count) => {
    await withLine(served(rows(0, count)), async ({ line }) => {
      expect(await idsOf(line, listOf(offset))).toEqual(texts(0, count));
    });
  });
  it("that counts from 1 is asked for from there", async () => {
    const answers: Answers = ({ params }, answering) =>
      served(rows(0, 7))({ params: { ...params, offset: params.offset - 1 } } as Asked, answering);
    await withLine(answers, async ({ line, server }) => {
      expect(await idsOf(line, listOf({ ...offset, start: 1 }))).toEqual(texts(0, 7));
      expect(server.asked[0]!.params).toEqual({ size: 5, offset: 1 });
    });
  });
  it.each([3, 1])(
    "from a service that ignores the offset, with %i rows, is not whole, and says what to write",
    async (count) => {
      await withLine(
        (_asked, { result }) => result(rows(0, count)),
        async ({ line, server }) => {
          const ignored = await failure(line, offset);
          expect(ignored).toBeInstanceOf(IncompleteError);
          expect(ignored).toMatchObject({
            message: expect.stringContaining("the first page came again"),
            hint: expect.stringContaining("page: { by: none }"),
          });
          expect(server.asked.length).toBeLessThan(12);
        },
      );
    },
  );
  it("may be refused behind its end", async () => {
    const answers: Answers = (asked, answering) =>
      asked.params.offset >= 6 ? answering.error(3, "out of range") : served(rows(0, 6))(asked, answering);
    await withLine(answers, async ({ line }) => {
      expect(await idsOf(line, listOf(offset))).toEqual(texts(0, 6));
    });
  });
});

describe("a list by page number", () => {
  const served =
    (all: () => { id: number }[]): Answers =>
    ({ params }, { result }) =>
      result(all().slice((params.number - 1) * params.size, params.number * params.size));
  it.each([0, 1, 5, 12])("of %i rows is read twice, since pages do not overlap", async (count) => {
    await withLine(
      served(() => rows(0, count)),
      async ({ line, server }) => {
        expect(await idsOf(line, listOf(number))).toEqual(texts(0, count));
        const first = server.asked.filter(({ params }) => params.number === 1);
        expect(first).toHaveLength(2);
      },
    );
  });
  it("that loses a row in mid-read is read a third time, and what stayed comes once", async () => {
    let all = rows(0, 12);
    let calls = 0;
    const answers: Answers = (asked, answering) => {
      served(() => all)(asked, answering);
      if (++calls === 1) all = all.filter(({ id }) => id !== 1);
    };
    await withLine(answers, async ({ line }) => {
      const ids = await idsOf(line, listOf(number));
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(expect.arrayContaining(texts(2, 12)));
    });
  });
  it("that moves in every pass is not whole", async () => {
    let calls = 0;
    await withLine(
      ({ params }, { result }) => result(params.number > 2 ? [] : rows(calls++ * 10, calls * 10)),
      async ({ line }) => {
        expect(await failure(line, number)).toMatchObject({ message: expect.stringContaining("it moved in 3 passes") });
      },
    );
  });
  it("from a service that ignores the number is not whole, and says what to write", async () => {
    await withLine(
      (_asked, { result }) => result(rows(0, 5)),
      async ({ line }) => {
        expect(await failure(line, number)).toMatchObject({
          message: expect.stringContaining("the first page came again"),
          hint: expect.stringContaining("page: { by: none }"),
        });
      },
    );
  });
  it("from a service that gives its last page for ever is not whole", async () => {
    const answers: Answers = ({ params }, { result }) => result(params.number === 1 ? rows(0, 5) : rows(5, 8));
    await withLine(answers, async ({ line }) => {
      expect(await failure(line, number)).toMatchObject({
        message: expect.stringContaining("has 5, which was there before"),
      });
    });
  });
  it("goes on behind a short page, and may be refused behind one", async () => {
    const pages = [rows(0, 5), rows(5, 7), rows(7, 9)];
    const answers: Answers = ({ params }, { result, error }) =>
      params.number > pages.length ? error(1, "no such page") : result(pages[params.number - 1]);
    await withLine(answers, async ({ line }) => {
      expect(await idsOf(line, listOf(number))).toEqual(texts(0, 9));
    });
  });
  it("is not whole when a page is refused behind a full one", async () => {
    const answers: Answers = ({ params }, { result, error }) =>
      params.number === 2 ? error(1, "no rights") : result(rows(0, 5));
    await withLine(answers, async ({ line }) => {
      expect(await failure(line, number)).toMatchObject({ message: expect.stringContaining("no rights") });
    });
  });
});

describe("a list by cursor", () => {
  it.each([null, "", undefined])("ends where the next cursor is %j", async (end) => {
    const answers: Answers = ({ params }, { result }) =>
      params.cursor === null ? result({ rows: rows(0, 5), next: "b" }) : result({ rows: rows(5, 7), next: end });
    await withLine(answers, async ({ line, server }) => {
      expect(await idsOf(line, byCursor)).toEqual(texts(0, 7));
      expect(server.asked.map(({ params }) => params.cursor)).toEqual([null, "b"]);
    });
  });
  it("in which a cursor comes again is not whole", async () => {
    let calls = 0;
    const answers: Answers = (_asked, { result }) =>
      result({ rows: rows(calls, ++calls), next: calls % 2 ? "a" : "b" });
    await withLine(answers, async ({ line }) => {
      await expect(idsOf(line, byCursor)).rejects.toThrow('the cursor "a" came twice');
    });
  });
  it("in which an item comes again is not whole, however new the cursors are", async () => {
    let calls = 0;
    const answers: Answers = (_asked, { result }) => result({ rows: rows(0, 5), next: `c${++calls}` });
    await withLine(answers, async ({ line }) => {
      await expect(idsOf(line, byCursor)).rejects.toThrow("the item 0 came twice");
    });
  });
  it("of empty pages with ever new cursors ends", async () => {
    let calls = 0;
    const answers: Answers = (_asked, { result }) => result({ rows: [], next: `c${++calls}` });
    await withLine(answers, async ({ line, server }) => {
      await expect(idsOf(line, byCursor)).rejects.toThrow(IncompleteError);
      expect(server.asked.length).toBeLessThan(110);
    });
  });
});

describe("a single item", () => {
  it("is found in the list, or is absent, or could not be read", async () => {
    let isBroken = false;
    await withLine(
      (_asked, { result, error }) => (isBroken ? error(1, "down") : result(rows(0, 3))),
      async ({ line }) => {
        const read = (id: string) => line.read(listOf(none), itemId(id), "listed", new AbortController().signal);
        expect(await read("2")).toMatchObject({ kind: "found", fields: { id: 2 }, source: "list", lagMs: 200 });
        expect(await read("9")).toMatchObject({ kind: "absent" });
        isBroken = true;
        expect(await read("2")).toMatchObject({
          kind: "unreadable",
          failure: { message: expect.stringContaining("down") },
        });
      },
    );
  });
  it("shares a pass only with those who asked before it began, and each gets its own fields", async () => {
    const answers: Answers = (_asked, { result }) => void setTimeout(() => result(rows(0, 20)), 40);
    await withLine(answers, async ({ line, server }) => {
      const { signal } = new AbortController();
      const asked = performance.now();
      const read = (id: number) => line.read(listOf(none), itemId(String(id)), "listed", signal);
      const early = [1, 2, 3].map(read);
      await new Promise((resolve) => setTimeout(resolve, 15));
      const late = performance.now();
      const all = await Promise.all([...early, ...[4, 5].map(read)]);
      expect(all.map((one) => one.kind === "found" && one.fields.id)).toEqual([1, 2, 3, 4, 5]);
      expect(server.asked).toHaveLength(2);
      for (const { began } of all.slice(0, 3)) expect(began).toBeGreaterThanOrEqual(asked);
      for (const { began } of all.slice(3)) expect(began).toBeGreaterThanOrEqual(late);
    });
  });
});

describe("a service that always has another page", () => {
  const endless: readonly [string, Paging, (call: number) => Value][] = [
    ["by number", { by: "number", size: 1, start: 1 }, (call) => [{ id: call }]],
    ["by cursor", { ...cursor, size: 1 }, (call) => ({ rows: [{ id: call }], next: `c${call}` })],
  ];
  it.each(endless)("%s is given up", async (_style, paging, answer) => {
    let calls = 0;
    const client = { read: () => Promise.resolve({ kind: "result" as const, result: answer(++calls), began: 0 }) };
    const list = listOf(paging, {}, paging.by === "cursor" ? "rows" : ".") as Listed;
    const read = async (): Promise<void> => {
      for await (const page of listed(list, client, new AbortController().signal)) expect(page).toHaveLength(1);
    };
    await expect(read()).rejects.toThrow("The list has no end");
    expect(calls).toBeLessThan(mostPages + 5);
  });
});
