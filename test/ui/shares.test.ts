import { expect, it } from "vitest";
import { sharesOf } from "../../runner/ui/shares.ts";
import { ended } from "../reporters/events.ts";

it("what changes came to is shown from the best to what is still to come, and nothing of items that were none", () => {
  const { counts } = ended({
    confirmed: 5,
    rejected: 1,
    pending: 2,
    "not-started": 3,
    already: 40,
    "filtered-out": 9,
    refused: 1,
  });
  expect(sharesOf(counts, { already: 4, open: 6 }).map(({ state, count }) => `${state} ${count}`)).toEqual([
    ...["confirmed 5", "already 4", "pending 2", "rejected 1", "open 6", "not-started 3"],
  ]);
  expect(sharesOf(ended({ already: 7 }).counts, { already: 0, open: 0 })).toEqual([]);
});
