import type { Finding, Path } from "../../language/source.ts";
import { parseDuration } from "../../language/units.ts";
import { usualHold } from "../resolve-gate.ts";
import type { Rule } from "./rule.ts";

const leastMs = 1000;

/** What is looked at again and again leaves the service time between, and gives up after at least one more look. */
export const waits: Rule = function* ({ document, isFaulty }) {
  const { pace = {}, hold, gate } = document;
  yield* counted([
    [["pace", "pause"], pace.pause],
    [["hold", "every"], hold?.every],
    [["hold", "give_up"], hold?.give_up],
    [["gate", "wait"], gate?.wait],
    [["gate", "every"], gate?.every],
  ]);
  yield* tooOften(["hold", "every"], hold?.every, "every look is a call for each busy item");
  yield* tooOften(["gate", "every"], gate?.every, "every measurement is a call");
  if (hold === undefined || isFaulty(["hold", "every"]) || isFaulty(["hold", "give_up"])) return;
  const { every, give_up: giveUp } = { ...usualHold, ...hold };
  if (msOf(giveUp) >= msOf(every)) return;
  yield {
    path: ["hold", hold.give_up === undefined ? "every" : "give_up"],
    code: "bad-bounds",
    message: `hold.give_up ${giveUp} is less than hold.every ${every}: no busy item would be looked at again`,
    hint: hold.give_up === undefined ? "Write give_up as well; it is 6h where it is not written." : undefined,
  };
};

/** A duration of thousands of years is no number of milliseconds any more. */
function* counted(durations: readonly (readonly [Path, string | undefined])[]): Generator<Finding> {
  for (const [path, text] of durations) {
    if (text === undefined || parseDuration(text) !== undefined) continue;
    const message = `${path.join(".")} ${text} is longer than can be counted`;
    yield { path, code: "bad-value", message, hint: "Write a shorter one." };
  }
}

function* tooOften(path: Path, every: string | undefined, why: string): Generator<Finding> {
  if (every === undefined || msOf(every) >= leastMs) return;
  const message = `${path.join(".")} ${every} must be at least 1s: ${why}`;
  yield { path, code: "bad-value", message };
}

/** What can not be counted was told. */
function msOf(text: string): number {
  return parseDuration(text) ?? Infinity;
}
