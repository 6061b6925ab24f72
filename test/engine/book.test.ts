import { describe, expect, it } from "vitest";
import { RecordError } from "../../runner/core/model/errors.ts";
import type { Fact } from "../../runner/core/model/events.ts";
import { RunState } from "../../runner/core/tally/fold.ts";
import { Book } from "../../runner/engine/book.ts";

const sent = (intent: number): Fact => ({ type: "sent", intents: [intent] });
const stopped: Fact = { type: "stopped", reason: "limit", detail: "" };

/** A book over a list, and a wall clock that can be set. */
function open(fail: () => boolean = () => false) {
  const written: Fact[][] = [];
  const wall = { ms: 1_000_000 };
  let seq = 0;
  const journal = {
    note: (facts: readonly Fact[]) => {
      if (fail()) throw new RecordError("the disk is full");
      written.push([...facts]);
      seq += facts.length;
      return seq - facts.length + 1;
    },
    sync: () => Promise.resolve(),
  };
  const clock = { now: () => wall.ms, up: () => 500, sleep: () => Promise.resolve() };
  return { book: new Book(journal, new RunState(), clock), written, wall };
}

describe("the book", () => {
  it("writes what one turn of the event loop brings in one go", async () => {
    const { book, written } = open();
    await Promise.all([sent(1), sent(2), sent(3)].map((fact) => book.noteThisTurn(fact)));
    expect(written).toEqual([[sent(1), sent(2), sent(3)]]);
  });

  it("keeps the order in which it was asked: no sent mark comes behind the stop that overtook it", async () => {
    const { book, written } = open();
    const mark = book.noteThisTurn(sent(1));
    expect(book.note([stopped])).toBe(2);
    await mark;
    expect(written.flat()).toEqual([sent(1), stopped]);
  });

  it("tells everyone who waits that it could not be written", async () => {
    const { book } = open(() => true);
    const marks = [book.noteThisTurn(sent(1)), book.noteThisTurn(sent(2))];
    expect(() => book.note([stopped])).toThrow(RecordError);
    for (const mark of marks) await expect(mark).rejects.toThrow("the disk is full");
    expect(book.state.stopped).toBeUndefined();
  });

  it("writes a jump of the wall clock in front of what it notes next, once", () => {
    const { book, written, wall } = open();
    wall.ms += 4000;
    book.note([sent(1)]);
    wall.ms -= 60_000;
    expect(book.note([sent(2)])).toBe(3);
    book.note([sent(3)]);
    expect(written.flat()).toEqual([sent(1), { type: "clock", kind: "wall", jumpMs: -56_000 }, sent(2), sent(3)]);
  });
});
