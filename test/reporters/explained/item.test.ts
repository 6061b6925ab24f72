import { describe, expect, it } from "vitest";
import type { ItemExplanation, JudgedClause } from "../../../runner/core/model/explained.ts";
import { itemId } from "../../../runner/core/model/item.ts";
import { paintFor } from "../../../runner/reporters/paint.ts";
import { itemText } from "../../../runner/reporters/explained/item.ts";
import { explained } from "./run.ts";

const of = explained({ device_id: { type: "integer" }, used: { type: "bytes" }, seen: { type: "unix_time" } });

const around = {
  zone: "UTC",
  width: 100,
  paint: paintFor(false),
  command: (...words: readonly string[]) => ["rollcall", ...words].join(" "),
};

const clauses: readonly JudgedClause[] = [
  { place: 0, text: 'item.os_type == "workstation"', line: 17, names: ["os_type"], result: "true" },
  { place: 1, text: "item.used < 1024", line: 18, names: ["used"], result: "false", decided: true },
  {
    ...{ place: 2, text: "item.seen > ago('30d')", line: 19, names: ["seen"], result: "error" },
    ...{ why: "item.seen is null", hint: "Test it for null first." },
  },
  { place: 3, text: "item.secret_plan == null", line: 21, names: [], result: "unread" },
];

const told: ItemExplanation = {
  of,
  item: {
    ...{ id: itemId("1001"), title: "DESK-1" },
    fields: { device_id: 1001, os_type: "workstation", used: 1_610_612_736, seen: null },
  },
  as: "filtered-out",
  clauses,
  proposal: { as: "unknown" },
  sent: [],
};

/** What stands below the four lines of the head. */
const below = (explanation: ItemExplanation, width = 100): string =>
  itemText(explanation, [], { ...around, width })
    .split("\n\n")
    .slice(1)
    .join("\n\n");

describe("an item that the filter left out", () => {
  it("is shown as it was read, with every clause, its place, and the one that decided", () => {
    expect(itemText(told, [], around)).toBe(`DESK-1 (1001): left out by clause 2 of the filter
run   20261123T204700Z-k3m7q, previewed
plan  assign-product on simulator (http://127.0.0.1:4711/jsonapi), as it was: ${of.planFile}
list  EnumerateAccountStatistics, read 2026-11-18T11:06:40Z

As it was read
  device_id  1001
  os_type    workstation
  used       1.5 GiB
  seen       unset

Filter: 1 of 4 clauses hold
   1  true     plan.yaml:17  item.os_type == "workstation"
   2  false    plan.yaml:18  item.used < 1024
               used is 1.5 GiB
               this one decided: the first that says no
   3  error    plan.yaml:19  item.seen > ago('30d')
               can not be evaluated: item.seen is null
               Test it for null first.
               seen is unset
   4  unknown  plan.yaml:21  item.secret_plan == null
               it is about what is read of an item by itself, and this one was not read

If the filter let it pass
  what would come of it is not known: it was not read by itself`);
  });

  it("fits a terminal", () => {
    const text = below(told, 60);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(60);
  });

  it("is told so where it was not looked at, and where this program would decide otherwise", () => {
    const unchosen = { ...told, unchosen: true, clauses: clauses.slice(0, 1) } as const;
    expect(itemText(unchosen, [], around)).toMatch(/^DESK-1 \(1001\): not looked at, since this run was about/);
    const other = itemText({ ...told, otherwise: "it is selected" }, [], around);
    expect(other).toContain("otherwise than the record says, which stands: it is selected.");
  });
});

describe("what would be sent", () => {
  const end = { index: 0, id: "1001", title: "DESK-1", before: {}, after: {} };
  const request = {
    method: "ModifyAccount",
    params: { accountInfo: { Id: 1001, Password: { $secret: ["a", { input: "password" }] } } },
  };
  const proposal = { as: "selected", before: { used: 1024 }, after: { used: 2048 }, request } as const;
  const chosen: ItemExplanation = { ...told, as: "selected", clauses: [], proposal };

  it("is laid out as JSON, with secrets hidden", () => {
    expect(below({ ...chosen, ended: { ...end, state: "not-started" } })).toContain(`What the change sets
  used  1 KiB -> 2 KiB
  and would send
  ModifyAccount
    {
      "accountInfo": {
        "Id": 1001,
        "Password": "[secret]"
      }
    }`);
  });

  it("once it was sent, is shown as it was, with the id of each request, how it ended and the story", () => {
    const call = { id: "R-12-1", at: 1_795_000_000_123, attempt: 1, items: 1, request };
    const ended = {
      ...{ ...end, state: "rejected", failure: { code: "13501", message: "Access\u001b[2J denied" } },
    };
    const sent = [call, { ...call, id: "R-15-2", at: 1_795_000_001_000, attempt: 2, items: 3 }];
    const story = [
      { index: 0, at: 1_795_000_000_100, text: "Attempt 1, in wave 1: to be sent as ModifyAccount" },
      { index: 0, at: 1_795_000_000_123, text: "Sent" },
    ];
    const text = itemText({ ...chosen, of: { ...of, status: "sealed" }, sent, ended }, story, around);
    expect(text).toMatch(/^DESK-1 \(1001\): to change; it ended rejected\n/);
    expect(text).not.toContain("and would send");
    expect(text).toContain("What was sent: attempt 1, 2026-11-18T11:06:40.123Z, as JSON-RPC request R-12-1\n");
    expect(text).toContain(
      "And again: attempt 2, 2026-11-18T11:06:41.000Z, as JSON-RPC request R-15-2, one call about 3 items",
    );
    expect(text.match(/"Password"/g)).toHaveLength(1);
    expect(text).toContain("How it ended: rejected\n  the last that was said: 13501: Access denied");
    expect(text.split("\n").slice(-3)).toEqual([
      "What happened",
      "  2026-11-18T11:06:40.100Z  Attempt 1, in wave 1: to be sent as ModifyAccount",
      "  2026-11-18T11:06:40.123Z  Sent",
    ]);
  });

  it("is nothing for an item as desired, and says what is", () => {
    const already = { ...told, as: "already", proposal: { as: "already", desired: { used: 1_610_612_736 } } } as const;
    expect(below(already)).toContain("What the change sets\n  used is 1.5 GiB, and is to be 1.5 GiB");
    const unless = { ...already, proposal: { as: "already", desired: {} } } as const;
    expect(below(unless)).toContain("nothing: change.unless says that it is as wanted");
  });
});
