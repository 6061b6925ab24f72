import { describe, expect, it } from "vitest";
import type { Seen } from "../../runner/core/model/outcome.ts";
import { Looks, type Look } from "../../runner/engine/looks.ts";

const nothing = (): undefined => undefined;
const told = (looks: Looks, size = 100, missed: (index: number) => Look | undefined = nothing) =>
  [...looks.alike(size, missed)].map(({ look, indexes }) => [look.seen, [...indexes]] as const);

function begun(size: number, isAwaited: (index: number) => boolean = () => true): Looks {
  const looks = new Looks(size);
  looks.begin(isAwaited);
  return looks;
}

describe("what a pass came across", () => {
  it("is told with every flag that it was noted with, items that look alike together", () => {
    const seen: readonly Seen[] = ["after", "before", "other", "absent"];
    const all = seen.flatMap((one) =>
      [false, true].flatMap((pastHorizon) => [false, true].map((onItsWay) => ({ seen: one, pastHorizon, onItsWay }))),
    );
    const looks = begun(all.length * 2);
    for (const [index, look] of [...all, ...all].entries()) looks.note(index, look);
    const groups = [...looks.alike(100, nothing)];
    expect(groups.map(({ look }) => look)).toEqual(all);
    expect(groups.map(({ indexes }) => [...indexes])).toEqual(all.map((_, index) => [index, index + all.length]));
  });

  it("is told in parts of a bounded size", () => {
    const looks = begun(7);
    for (let index = 0; index < 7; index++) looks.note(index, { seen: "after" });
    expect(told(looks, 3)).toEqual([
      ["after", [0, 1, 2]],
      ["after", [3, 4, 5]],
      ["after", [6]],
    ]);
  });

  it("leaves out what it was not waiting for and what could not be read, and asks about what is missing", () => {
    const looks = begun(4, (index) => index > 0);
    looks.skip(1);
    looks.note(2, { seen: "before" });
    expect(looks.awaited()).toEqual([3]);
    expect(told(looks)).toEqual([["before", [2]]]);
    expect(told(looks, 100, () => ({ seen: "absent" }))).toEqual([
      ["before", [2]],
      ["absent", [3]],
    ]);
  });

  it("stays final in later passes once the pass is complete, and not before", () => {
    const looks = begun(2);
    looks.note(0, { seen: "other", final: true });
    expect(looks.isFinal(0)).toBe(false);
    told(looks, 100, () => ({ seen: "absent", final: true }));
    expect([0, 1].map((index) => looks.isFinal(index))).toEqual([true, true]);
    looks.begin(() => true);
    expect(looks.isFinal(0)).toBe(true);
    expect(looks.awaited()).toEqual([0, 1]);
  });
});
