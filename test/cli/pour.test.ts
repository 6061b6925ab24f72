import { setImmediate as turn } from "node:timers/promises";
import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { pour } from "../../runner/cli/pour.ts";

const piece = "x".repeat(20_000);

/** So many pieces, and how many of them were asked for. */
function pieces(count: number) {
  const asked = { pieces: 0 };
  async function* each(): AsyncGenerator<string, void> {
    for (; asked.pieces < count; asked.pieces++) yield await Promise.resolve(piece);
  }
  return { asked, pieces: each() };
}

it("a reader that is slow is waited for, and gets every byte", async () => {
  const slow: (() => void)[] = [];
  let bytes = 0;
  const out = new Writable({
    highWaterMark: 1000,
    write: (chunk: Buffer, _, taken) => {
      bytes += chunk.length;
      slow.push(taken);
    },
  });
  const { asked, pieces: all } = pieces(100);
  const poured = { isDone: false };
  const end = pour(all, out).then(() => (poured.isDone = true));
  for (let tries = 0; tries < 20; tries++) await turn();
  expect(asked.pieces).toBeLessThan(10);
  while (!poured.isDone) {
    slow.shift()?.();
    await turn();
  }
  await end;
  expect([asked.pieces, bytes]).toEqual([100, 100 * piece.length]);
});

it("a reader that goes away ends it, and nothing more is made for it", async () => {
  const out = new Writable({ highWaterMark: 1000, write: (_, __, taken) => taken(new Error("EPIPE")) });
  out.on("error", () => undefined);
  const { asked, pieces: all } = pieces(1000);
  await pour(all, out);
  expect(asked.pieces).toBeLessThan(20);
});
