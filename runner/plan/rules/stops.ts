import type { Finding } from "../../language/source.ts";
import type { PlanDocument } from "../document.ts";
import type { Rule } from "./rule.ts";

/** What is counted over groups has groups, and what is taken back after a stop can be. */
export const stops: Rule = function* ({ document }) {
  const { stop = {}, pace = {} } = document;
  const { of = pace.per === undefined ? "run" : "group", groups, on_stop: onStop } = stop;
  if (of === "group" && pace.per === undefined) {
    yield {
      path: ["stop", "of"],
      code: "no-groups",
      message: "stop.of: group counts for each group, and nothing groups the items",
      hint: "Add pace: { per: … } with a field, such as per: partner_id.",
    };
  } else if (groups !== undefined && of !== "group") {
    yield {
      path: ["stop", "groups"],
      at: "key",
      code: "no-groups",
      message: `stop.groups is how many groups may be parked, and with of: ${of} none is`,
      hint: pace.per === undefined ? "Add pace: { per: … }, or leave groups out." : "Leave of out, or groups.",
    };
  }
  if (onStop === "undo") yield* undoFindings(document);
};

function* undoFindings({ change, undo = {} }: PlanDocument): Generator<Finding> {
  const why =
    undo.possible === false
      ? "undo.possible is false"
      : change.expect === "accepted"
        ? "with expect: accepted nothing shows what became of a change"
        : change.set === undefined && undo.call === undefined
          ? "a change without set has no old values to set again, and undo makes no call"
          : undefined;
  if (why === undefined) return;
  const path = ["stop", "on_stop"];
  const message = `on_stop: undo can not take anything back: ${why}`;
  yield { path, code: "no-undo", message, hint: "Write on_stop: verify, or drain." };
}
