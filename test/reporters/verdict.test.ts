import { expect, it } from "vitest";
import { headlineText, toneOf } from "../../runner/reporters/verdict.ts";
import { ended } from "./events.ts";

it.each([
  [0, "good"],
  [6, "bad"],
  [7, "bad"],
  [8, "doubt"],
  [130, "bad"],
  [undefined, "bad"],
])("a run that ended with %j is shown as %s", (exit, tone) => {
  expect(toneOf(exit)).toBe(tone);
});

it("what was to change is told with what was confirmed, items without a state among them", () => {
  const { counts } = ended({ confirmed: 300, rejected: 12, already: 4, "filtered-out": 9, refused: 1 });
  const of = { plan: "p", service: "s", counts };
  expect(headlineText(of)).toBe("p on s: 300 of 312 changes confirmed");
  expect(headlineText({ ...of, open: 8 })).toBe("p on s: 300 of 320 changes confirmed");
  expect(headlineText({ ...of, counts: ended({ already: 4 }).counts })).toBe("p on s: nothing to change");
});
