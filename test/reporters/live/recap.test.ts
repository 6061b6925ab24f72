import { describe, expect, it } from "vitest";
import { recapText } from "../../../runner/reporters/live/recap.ts";
import { paintFor } from "../../../runner/reporters/paint.ts";
import { ended, run, runNote } from "../events.ts";

const base = {
  run: runNote,
  causes: [],
  types: {},
  zone: "UTC",
  repeat: "set" as const,
  anchor: `${run}:512:abcdef`,
  elapsedMs: 14_320,
  command: (...words: readonly string[]) => ["rollcall", ...words].join(" "),
  width: 80,
  paint: paintFor(false),
};
const recap = (...parts: Parameters<typeof ended>): string => recapText({ ...base, end: ended(...parts) });

describe("the recap", () => {
  it("of a good run is short and ends with the anchor", () => {
    expect(recap({ confirmed: 312, already: 12, "filtered-out": 880 })).toBe(
      [
        "assign-product on simulator: 312 of 312 changes confirmed, in 14 s",
        "  confirmed       312  read again, and as asked for",
        "  already          12  as desired before we came",
        "  filtered-out    880",
        "  enumerated    1,204",
        "",
        `Anchor ${run}:512:abcdef`,
      ].join("\n"),
    );
  });

  it("groups failures by cause, says why items were not started, and what to do next", () => {
    const end = ended({ confirmed: 300, rejected: 5, "not-started": 7 }, { exit: 6, notStarted: { limit: 7 } });
    const causes = [
      { state: "rejected", code: "13501", message: "Access denied\u001b[2J", count: 5, examples: ["DESK-1", "DESK-2"] },
    ];
    expect(recapText({ ...base, end, causes })).toBe(
      [
        "assign-product on simulator: 300 of 312 changes confirmed, in 14 s",
        "  rejected        5  the service said no, or it could not be sent",
        "  confirmed     300  read again, and as asked for",
        "  not-started     7  7 because a stop limit was reached",
        "  enumerated    312",
        "",
        "Why",
        "  5 rejected: 13501: Access denied",
        "    DESK-1, DESK-2 and 3 more",
        "",
        "Next",
        `  rollcall show ${run}   # every item that is not confirmed`,
        `  rollcall rerun ${run}  # when the cause is gone: what was rejected, unknown or not started`,
        "",
        "Exit 6: rejected, refused or not started items, or a gate that failed",
        `Anchor ${run}:512:abcdef`,
      ].join("\n"),
    );
  });

  it.each([
    ["pending items", { pending: 3 }, { exit: 8 }, ["verify", "show"]],
    ["unknown items", { unknown: 1 }, { exit: 7 }, ["verify", "show", "rerun"]],
    ["an interrupted run", { "not-started": 9 }, { exit: 130, notStarted: { interrupted: 9 } }, ["resume", "show"]],
    ["a limit, verified again", { "not-started": 9 }, { exit: 6, notStarted: { limit: 9 } }, ["show", "rerun"]],
    ["an expired change set", { "not-started": 9 }, { exit: 6, notStarted: { expired: 9 } }, ["show", "rerun"]],
    ["diverged items", { diverged: 2 }, { exit: 7 }, ["show", "rerun"]],
    ["vanished items", { vanished: 2 }, { exit: 7 }, ["verify", "show"]],
    ["open answers", { confirmed: 1 }, { exit: 7, sealed: false }, ["resume"]],
    ["counts that do not add up", { confirmed: 1 }, { exit: 1, conserved: false }, ["audit verify"]],
    ["all confirmed", { confirmed: 3 }, {}, []],
    ["nothing to do", { already: 3 }, {}, []],
  ] as const)("after %s names the next commands", (_, counts, more, verbs) => {
    const found = [...recap(counts, more).matchAll(/^ {2}rollcall (.*) \d{8}T/gm)].map(([, verb]) => verb);
    expect(found).toEqual(verbs);
  });

  it("names the items that diverged for a rerun, where they may be sent again", () => {
    const end = ended({ diverged: 2 }, { exit: 7 });
    expect(recapText({ ...base, end })).toContain(`rollcall rerun ${run} --only diverged  # `);
    expect(recapText({ ...base, end, repeat: "once" })).not.toContain("rerun");
  });

  it("says what diverged items hold, and what reads say of a lost answer", () => {
    const causes = [
      { state: "diverged", code: "", message: "", found: { quota: 2 ** 30, alias: null }, count: 2, examples: [] },
      {
        state: "unknown",
        code: "http-503",
        message: "answered with HTTP 503",
        undone: true as const,
        count: 1,
        examples: [],
      },
    ];
    const end = ended({ diverged: 2, unknown: 1 }, { exit: 7 });
    const text = recapText({ ...base, width: 200, types: { quota: { type: "bytes" } }, end, causes });
    expect(text).toContain("  2 diverged: found quota 1 GiB, alias unset\n");
    expect(text).toContain(
      "  1 unknown: http-503: answered with HTTP 503; not done as far as reads show; it may be sent again: rerun\n",
    );
    expect(text).toContain("no clear answer, and no read shows the change");
  });

  it("says loudly when the counts do not add up", () => {
    expect(recap({ confirmed: 1 }, { exit: 1, conserved: false })).toContain("THE COUNTS DO NOT ADD UP");
  });
});
