import { describe, expect, it } from "vitest";
import type { FactOf, RunEvent } from "../../runner/core/model/events.ts";
import { digest, itemId, runId } from "../../runner/core/model/item.ts";
import { ended, intent, outcome, previewNote, run, runNote, started } from "../reporters/events.ts";
import { rollcall, telling, workspace } from "./stand-in.ts";

const back = runId("20261123T205000Z-back2");
const parent = runId("20261123T204500Z-first");
const note = { ...runNote, run: back, verb: "undo" };
const rows = [{ id: itemId("1000"), title: "DESK-0", before: { product_id: 4 }, after: { product_id: 3 } }];
const refusals = ["DESK-1", "DESK-2"].map((title, place) => ({
  ...{ id: itemId(`100${place + 1}`), title, why: "changed since: product_id is 7 now" },
}));
const shown = previewNote(
  { rows: 9, "filtered-out": 5, already: 1, selected: 1, refused: 2 },
  { sample: rows, refusals, undoes: parent, missing: 1, types: { product_id: { type: "integer" } } },
);
const saved: FactOf<"saved"> = {
  ...{ type: "saved", file: `undo-${parent}.ndjson`, expires: 1_795_000_000_000 },
  ...{ digest: digest("a".repeat(64)), changeSet: digest("b".repeat(64)) },
};
const undoing = (...events: readonly RunEvent[]) => workspace({ undo: () => telling(...events) });

describe("undo", () => {
  it("shows what goes back, what stays and why, and how the saved changes are applied", async () => {
    const { exit, out, err } = await rollcall(["undo", "latest"], { workspace: undoing(note, shown, saved) });
    expect(exit).toBe(0);
    expect(err).toContain(`Run ${back}: undo assign-product on simulator`);
    expect(out).toMatch(/^not changed by it +5$/m);
    expect(out).toMatch(/^as before already +1$/m);
    expect(out).toMatch(/^refused +2 {2}stay as they are$/m);
    expect(out).toMatch(/^gone from the list +1 {2}changed by the run$/m);
    expect(out).toMatch(/^to put back +1 {2}by ModifyAccount$/m);
    expect(out).toContain("DESK-0  1000  product_id  4 -> 3");
    expect(out).toContain("2 items can not be put back:\n  DESK-1 and 1 more: changed since: product_id is 7 now");
    expect(out).toContain(`Saved to undo-${parent}.ndjson, good until 2026-11-`);
    expect(out).toContain(`Apply exactly this: rollcall apply undo-${parent}.ndjson`);
  });

  it("fits a terminal, and prints only JSON where that is asked for", async () => {
    const events = [note, shown, saved];
    const { out } = await rollcall(["undo", "latest"], { workspace: undoing(...events), terminal: 60 });
    for (const line of out.split("\n").filter((one) => !/undo-|Digest/.test(one))) {
      expect(line.length, line).toBeLessThanOrEqual(60);
    }
    const json = await rollcall(["undo", "latest", "--json"], { workspace: undoing(...events) });
    expect(
      json.out
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as RunEvent).type),
    ).toEqual(["run", "preview", "saved"]);
  });

  it("says that nothing was saved where nothing goes back, and takes no inputs but secret ones", async () => {
    const nothing = previewNote({ rows: 3, already: 3 }, { undoes: parent });
    const { exit, out } = await rollcall(["undo", "latest"], { workspace: undoing(note, nothing) });
    expect([exit, out]).toEqual([0, expect.stringContaining("Nothing was saved: there is nothing to put back.")]);
    const other = await rollcall(["undo", "latest", "--set", "to=5"], { workspace: undoing(note, nothing) });
    expect(other.exit).toBe(3);
    expect(other.err).toContain("the inputs of an undo are those of the run");
  });

  it("is refused where the run changed something and nothing of it can go back, and says how much", async () => {
    const some = previewNote({ rows: 9, "filtered-out": 7, refused: 2 }, { refusals, undoes: parent, missing: 1 });
    const { exit, out } = await rollcall(["undo", "latest"], { workspace: undoing(note, some) });
    expect([exit, out.trimEnd().split("\n").at(-1)]).toEqual([5, "3 items can not be put back; nothing was saved."]);
    expect((await rollcall(["undo", "latest", "--json"], { workspace: undoing(note, some) })).exit).toBe(5);
    const gone = previewNote({ rows: 9, "filtered-out": 9 }, { undoes: parent, missing: 1 });
    const none = await rollcall(["undo", "latest"], { workspace: undoing(note, gone) });
    expect([none.exit, none.out]).toEqual([
      5,
      expect.stringContaining("1 item can not be put back; nothing was saved."),
    ]);
  });

  it("names what the run changed and is gone, by title and id", async () => {
    const gone = [
      { id: itemId("1007"), title: "DESK-7", why: "it is gone from the list" },
      { id: itemId("1008"), title: "1008", why: "it is gone from the list" },
    ];
    const some = previewNote({ rows: 1, selected: 1 }, { sample: rows, undoes: parent, missing: 3, gone });
    const { exit, out } = await rollcall(["undo", "latest"], { workspace: undoing(note, some, saved) });
    expect(exit).toBe(0);
    expect(out).toContain(
      [
        "3 items that the run changed are gone from the list, so they can not be put back:",
        "  DESK-7 (1007)",
        "  1008",
        "  … and 1 more; --json names up to 1 000",
      ].join("\n"),
    );
  });

  it("gives file, life and ids on as they were asked for", async () => {
    let asked: unknown;
    const watched = workspace({
      undo: (_, options) => {
        asked = options;
        return telling(note, shown, saved);
      },
    });
    const only = ["--only", "1000,1003", "--only", "a,b"];
    const words = ["undo", "latest", "--out", "b.ndjson", "--expires", "2h", ...only];
    const { out } = await rollcall(words, { workspace: watched });
    expect(asked).toMatchObject({ out: { file: "b.ndjson", lifeMs: 7_200_000 }, only: ["1000,1003", "a,b"] });
    expect(out).toContain("rollcall apply b.ndjson");
  });
});

const stopped = ended({ confirmed: 1, rejected: 1, "not-started": 2 }, { exit: 6, notStarted: { limit: 2 } });

describe("a run that a limit stops", () => {
  const events: readonly RunEvent[] = [runNote, started, intent(0), outcome(0, "accepted"), stopped];
  const applying = (...more: readonly RunEvent[]) => workspace({ apply: () => telling(...events, ...more) });

  it("ends with the way back among the next steps, unless the plan has none", async () => {
    const { out } = await rollcall(["apply", "p.yaml", "--yes"], { workspace: applying() });
    expect(out).toMatch(new RegExp(`rollcall undo ${run} +# to put back what was changed`));
    const removal = workspace({
      apply: () => telling(runNote, started, previewNote({ rows: 4, selected: 4 }, { expect: "absent" }), stopped),
    });
    expect((await rollcall(["apply", "p.yaml", "--yes"], { workspace: removal })).out).not.toContain("rollcall undo");
  });

  it("and is taken back, is told as two runs, and the exit code is that of the first", async () => {
    const second = [note, { ...started, run: back }, intent(0), outcome(0, "accepted"), ended({ confirmed: 1 })];
    const taking = applying({ type: "undoing", run }, ...second);
    const { exit, out, err } = await rollcall(["apply", "p.yaml", "--yes"], { workspace: taking });
    expect(exit).toBe(6);
    expect(err).toContain(`Taking back what run ${run} did, as its plan says.`);
    expect(out).toContain("1 of 4 changes confirmed");
    expect(out).toContain("1 of 1 change confirmed");
    expect(out.match(/changes? confirmed/g)).toHaveLength(2);
    expect(out).not.toContain("rollcall undo");
  });

  it("and is not taken back, says why, and how it can be", async () => {
    const telling = applying({ type: "undoing", run, whyNot: "no connection", hint: `later: rollcall undo ${run}` });
    const { exit, out, err } = await rollcall(["apply", "p.yaml", "--yes"], { workspace: telling });
    expect(exit).toBe(6);
    expect(err).toContain(`Run ${run} was not taken back: no connection (later: rollcall undo ${run})`);
    expect(out.match(/changes? confirmed/g)).toHaveLength(1);
  });
});
