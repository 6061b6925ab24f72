import { describe, expect, it } from "vitest";
import { itemId } from "../../../runner/core/model/item.ts";
import { previewText } from "../../../runner/reporters/live/preview.ts";
import { paintFor } from "../../../runner/reporters/paint.ts";
import { widthOf } from "../../../runner/reporters/width.ts";
import { previewNote } from "../events.ts";

const base = { more: "rollcall show r1", width: 80, tableWidth: 80, paint: paintFor(false), rows: 2, zone: "UTC" };
const row = (number: number, title = `DESK-${number}`) => ({
  id: itemId(String(1000 + number)),
  title,
  before: { product_id: 3, alias: null },
  after: { product_id: 4, alias: "4" },
});

describe("a preview", () => {
  it("shows counts, the first changes and how to see the rest", () => {
    const preview = previewNote(
      { rows: 1204, "filtered-out": 880, already: 12, selected: 312 },
      { sample: [row(1), row(2), row(3)] },
    );
    expect(previewText({ ...base, preview })).toBe(
      [
        "enumerated          1,204",
        "filtered out          880",
        "already as desired     12",
        "to change             312  by ModifyAccount",
        "",
        "item    id    field       before -> after",
        "DESK-1  1001  product_id  3 -> 4",
        '              alias       unset -> "4"',
        "DESK-2  1002  product_id  3 -> 4",
        '              alias       unset -> "4"',
        "… and 310 more (rollcall show r1)",
      ].join("\n"),
    );
  });

  it("says in which portions changes go out, and at which failure they stop", () => {
    const counts = { rows: 1204, "filtered-out": 880, already: 12, selected: 312 };
    const stopsAt = { of: "run", errors: 4, consecutive: 3, unknown: 1, drifted: 32 } as const;
    const text = previewText({ ...base, preview: previewNote(counts, { waves: [1, 31, 280], stopsAt }) });
    expect(text).toContain("in waves of         1, 31, 280\n");
    expect(text).toContain("stops at            the 4th error, 3 in a row, the 1st unknown, the 32nd drifted");
    const many = previewNote(counts, { waves: Array<number>(312).fill(1), groups: 12 });
    expect(previewText({ ...base, preview: many })).toContain("in waves of         1, 1, 1, 1, 1, … (312 waves)\n");
    const grouped = { of: "group", errors: 2, consecutive: 13, unknown: 1, groups: 4 } as const;
    const shown = previewText({ ...base, preview: previewNote(counts, { groups: 12, stopsAt: grouped }) });
    expect(shown).toContain("parks a group at    the 2nd error, 13 in a row, the 1st unknown\n");
    expect(shown).toContain("stops at            the 4th parked group");
  });

  it("says that the list was narrowed, and which rows of a lookup met no item", () => {
    const lookups = [
      { name: "moves", rows: 1500, unused: 12, keys: ["17", "pc-1 ", "18\u001b[31m"] },
      { name: "customers", rows: 9 },
      { name: "kept", rows: 2, unused: 0 },
    ];
    const text = previewText({
      ...base,
      width: 100,
      tableWidth: 100,
      preview: previewNote({ rows: 5, already: 5 }, { lookups, narrowed: true }),
    });
    expect(text).toContain("enumerated          5  of a narrowed list");
    expect(text.split("\n\n").slice(1)).toEqual([
      expect.stringMatching(/^12 of 1,500 rows of lookup moves met no item: 17, "pc-1 ", "18\\u001b.* and 9 more$/),
    ]);
    expect(text).not.toContain("\u001b");
  });

  it("says what the plan warns of, and of how many of the items that would change", () => {
    const warnings = [
      { message: "values of custom columns are lost \u001b[31m", items: 3 },
      { message: "has no profile", items: 1200 },
    ];
    const preview = previewNote({ rows: 2000, selected: 1200 }, { warnings });
    const text = previewText({ ...base, width: 40, tableWidth: 40, preview });
    expect(text.split("\n\n").slice(1)).toEqual([
      expect.stringMatching(
        /^Warnings\n {2}3 of 1,200 items: values of custom\n {4}columns are lost .*\n {2}1,200 of 1,200 items: has no profile$/,
      ),
    ]);
    expect(text).not.toContain("\u001b");
  });

  it("shows values as people read them, and as they are where two would look the same", () => {
    const types = {
      quota: { type: "bytes" },
      expires: { type: "unix_time" },
      silent: { type: "integer", unit: "seconds" },
      pin: { type: "secret" },
    } as const;
    const sample = [
      {
        ...row(1),
        before: { quota: 1_610_612_736, expires: null, silent: 3600, pin: "1", plain: 1_700_000_000 },
        after: { quota: 2 ** 40, expires: 1_782_900_000, silent: 93_784, pin: "2", plain: 0 },
      },
      { ...row(2), before: { quota: 2 ** 40, plain: 1 }, after: { quota: 2 ** 40 + 1, plain: 2 } },
    ];
    const preview = previewNote({ rows: 2, selected: 2 }, { sample, types });
    const text = previewText({ ...base, width: 120, tableWidth: 120, zone: "Europe/Berlin", preview });
    for (const change of [
      "1.5 GiB -> 1 TiB",
      "unset -> 2026-07-01T12:00:00+02:00",
      "1 h -> 1 d 2 h 3 min 4 s",
      "[secret] -> [secret]",
      "1700000000 -> 0",
      "1099511627776 -> 1099511627777",
    ])
      expect(text).toContain(change);
  });

  it("says when nothing would change", () => {
    const text = previewText({ ...base, preview: previewNote({ rows: 5, already: 5 }) });
    expect(text.split("\n").at(-1)).toBe("to change           0");
  });

  it("shows what could not be decided, and why", () => {
    const refusals = [
      { id: itemId("7"), title: "PC-7", why: "item.os_type is null", hint: "Test it against null first." },
    ];
    const text = previewText({ ...base, preview: previewNote({ rows: 3, refused: 3 }, { refusals }) });
    expect(text).toContain(
      [
        "3 items could not be decided, so nothing is assumed about them:",
        "  PC-7: item.os_type is null",
        "    Test it against null first.",
        "  … and 2 more",
      ].join("\n"),
    );
  });

  it("tells items that could not be decided for the same reason in one line, whole where no terminal is in the way", () => {
    const why = `no row of the lookup ${"of a long name ".repeat(10)}has this key`;
    const refusals = Array.from({ length: 30 }, (_, number) => ({
      id: itemId(`${number}`),
      title: `PC-${number}`,
      why,
    }));
    const preview = previewNote({ rows: 30, refused: 30 }, { refusals });
    const text = previewText({ ...base, tableWidth: Infinity, preview });
    expect(text.split("\n").filter((line) => line.includes("PC-"))).toEqual([`  PC-0 and 29 more: ${why}`]);
    expect(text).not.toContain("…");
  });

  it("wraps what it says on a narrow terminal, and cuts none of it", () => {
    const refusals = [3, 4].map((number) => ({
      ...{ id: itemId(`${number}`), title: "DESK" },
      why: `changed since: product_id is ${number} now, and alias is another`,
    }));
    const counts = { rows: 20, refused: 2, selected: 18 };
    const stopsAt = { of: "run", errors: 51, consecutive: 51, unknown: 51 } as const;
    const lookups = [{ name: "moves", rows: 20, unused: 1, keys: ["srv-000000"] }];
    const preview = previewNote(counts, { refusals, stopsAt, lookups, method: "UpdateAccountCustomColumnValues" });
    const text = previewText({ ...base, width: 40, tableWidth: 40, preview });
    expect(text).not.toContain("…");
    for (const line of text.split("\n")) expect(widthOf(line), line).toBeLessThanOrEqual(52);
    const flat = text.replaceAll(/\s+/g, " ");
    expect(flat).toContain("stops at the 51st error, 51 in a row, the 51st unknown");
    expect(flat).toContain("1 of 20 rows of lookup moves met no item:");
    // The id says which of those that have one title.
    expect(flat).toContain("DESK (3): changed since: product_id is 3 now, and alias is another");
    expect(flat).toContain("DESK (4): changed since: product_id is 4 now, and alias is another");
  });

  it("shows an id once where it is the title, values whole in a pipe, and a value beside a long id", () => {
    const long = "value ".repeat(40).trim();
    const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const sample = [{ id: itemId(id), title: "DESK-1", before: { alias: "a" }, after: { alias: long } }];
    const preview = previewNote({ rows: 1, selected: 1 }, { sample });
    expect(previewText({ ...base, tableWidth: Infinity, preview })).toContain(`DESK-1  ${id}  alias  a -> ${long}`);
    const narrow = previewText({ ...base, width: 60, tableWidth: 60, preview });
    expect(narrow).toContain(`DESK-1  ${id}\n`);
    expect(narrow).toMatch(/alias +a -> value value/);
    const same = previewNote({ rows: 1, selected: 1 }, { sample: [{ ...sample[0]!, title: id }] });
    const once = previewText({ ...base, width: 60, tableWidth: 60, preview: same });
    expect(once.split(id)).toHaveLength(2);
    expect(once).toMatch(/alias +a -> value value/);
  });

  it("shows every guard with both numbers, and a breach loudly", () => {
    const guards = [
      { guard: "min", allowed: "at least 1", found: 312, ok: true, message: "" },
      {
        guard: "max_percent",
        allowed: "at most 25%",
        found: "26%",
        ok: false,
        message: "26% of the list would change",
      },
    ];
    expect(previewText({ ...base, preview: previewNote({ rows: 1 }, { guards }) })).toContain(
      [
        "Guards",
        "  ok      min          found 312, allowed at least 1",
        "  BREACH  max_percent  found 26%, allowed at most 25%",
        "          26% of the list would change",
      ].join("\n"),
    );
  });

  it.each([60, 80, 120, 200])("fits a terminal of %s columns, wide names included", (width) => {
    const sample = [row(1, "日本語デスクトップ端末の長い名前のある会社の部屋の中"), row(2, "x".repeat(300))];
    const warnings = [{ message: "values in custom columns that the new customer does not have are lost", items: 2 }];
    const undo =
      "Values of custom columns that the move took do not come back by themselves; another plan writes them.";
    const more = { sample, warnings, undo };
    const text = previewText({
      ...base,
      width,
      tableWidth: width,
      preview: previewNote({ rows: 2, selected: 2 }, more),
    });
    expect(text.replace(/\s+/g, " ")).toContain(`Undo: ${undo}`);
    for (const line of text.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it.each([
    ["absent", "there -> removed"],
    ["accepted", "SendAccountCommand; its effect can not be read back"],
    ["expression", "SendAccountCommand"],
  ] as const)("says what is done where no field is set: %s", (expected, words) => {
    const sample = [{ id: itemId("9"), title: "9", before: {}, after: {} }];
    const more = { sample, expect: expected, method: "SendAccountCommand" };
    const text = previewText({
      ...base,
      width: 120,
      tableWidth: 120,
      preview: previewNote({ rows: 1, selected: 1 }, more),
    });
    expect(text.split("\n").some((line) => line.endsWith(words))).toBe(true);
  });
});
