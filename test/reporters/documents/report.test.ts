import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { annotationsOf } from "../../../runner/reporters/documents/github.ts";
import { openDocument } from "../../../runner/reporters/documents/model.ts";
import { formatOfName, reportFormats } from "../../../runner/reporters/documents/report.ts";
import { everyEnd, hostile, tellRun, toldRun, type ToldItem } from "../../support/told-run.ts";
import { documentOf, textOf } from "./told.ts";

const hostileItems = hostile.flatMap((text, place): readonly ToldItem[] => [
  { id: `h${place}`, title: text, ends: "rejected", says: text },
  { id: `x${place}`, title: `x${text}`, ends: "diverged", held: { quota: place } },
]);

/** RFC 4180: rows of cells. */
function cellsOf(csv: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
    if (end === "") break;
  }
  return rows.filter((cells) => cells.length > 1);
}

/** Elements of XML in order, and whether each that is opened is closed; anything that is no XML throws. */
function elementsOf(xml: string): readonly string[] {
  const open: string[] = [];
  const all: string[] = [];
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  const token = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  for (let match = token.exec(body); match !== null; match = token.exec(body)) {
    const [, closes, name = "", attributes = "", isEmpty, text] = match;
    if (/&(?!(amp|lt|gt|quot);)/.test(`${attributes}${text ?? ""}`)) throw new Error(`a bare & in ${match[0]}`);
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(match[0])) throw new Error("no character of XML");
    if (text === undefined && closes === "/") expect(open.pop()).toBe(name);
    else if (text === undefined) {
      all.push(name);
      if (isEmpty !== "/") open.push(name);
    }
    if (token.lastIndex === body.length) break;
  }
  expect([open, token.lastIndex]).toEqual([[], body.length]);
  return all;
}

describe("a report as a table", () => {
  it("has a row for each field of each item but those that the filter left out", async () => {
    const csv = await textOf(await documentOf(everyEnd), { format: "csv" });
    expect(cellsOf(csv).map((cells) => cells.slice(1))).toEqual([
      ["id", "title", "state", "why", "field", "before", "wanted", "found"],
      ["1", "DESK-1", "confirmed", "", "quota", "1 KiB", "2 KiB", ""],
      ["2", "DESK-2", "pending", "", "quota", "1 KiB", "2 KiB", ""],
      ["3", "DESK-3", "rejected", "13501: Access denied", "quota", "1 KiB", "2 KiB", ""],
      ["4", "DESK-4", "unknown", "timeout: no answer in 30 s", "quota", "1 KiB", "2 KiB", ""],
      ["5", "DESK-5", "diverged", "", "quota", "1 KiB", "2 KiB", "9 B"],
      ["6", "DESK-6", "diverged", expect.stringContaining("as it was before"), "quota", "1 KiB", "2 KiB", "1 KiB"],
      ["7", "DESK-7", "drifted", "quota is another", "quota", "1 KiB", "2 KiB", ""],
      ["8", "DESK-8", "vanished", "", "quota", "1 KiB", "2 KiB", ""],
      ["9", "DESK-9", "not-started", expect.any(String), "quota", "1 KiB", "2 KiB", ""],
      ["10", "DESK-10", "already", "", "", "", "", ""],
      ["11", "DESK-11", "refused", "quota: it is unset", "", "", "", ""],
    ]);
  });

  it("holds no formula, whatever items are called", async () => {
    const rows = cellsOf(await textOf(await documentOf(hostileItems), { format: "csv" }));
    expect(rows).toHaveLength(hostileItems.length + 1);
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([9]));
    expect(rows.flat().filter((cell) => /^\s*[=+@\uff1d-]/.test(cell) && !/^-?\d+$/.test(cell))).toEqual([]);
  });
});

describe("a report for CI systems that show tests", () => {
  it("is well-formed whatever items are called, and its totals are its cases", async () => {
    for (const items of [everyEnd, hostileItems]) {
      const xml = await textOf(await documentOf(items, { exit: 7 }), { format: "junit" });
      const elements = elementsOf(xml);
      const of = (name: string): number => elements.filter((one) => one === name).length;
      const [, tests, failures, errors, skipped] =
        /<testsuites name="rollcall" tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/.exec(xml) ?? [];
      expect([tests, failures, errors, skipped].map(Number)).toEqual(
        ["testcase", "failure", "error", "skipped"].map(of),
      );
      expect(of("testcase")).toBe(items.filter(({ ends }) => ends !== "filtered-out").length + 1);
    }
  });

  it("has an error for a run that is not over", async () => {
    const xml = await textOf(await documentOf([{ id: "1", ends: "open" }], { until: "open" }), { format: "junit" });
    expect(xml).toMatch(/errors="1"/);
    expect(xml).toContain("not finished");
  });
});

describe("a report as JSON", () => {
  it("is one object, and its items add up to its counts", async () => {
    const report = JSON.parse(await textOf(await documentOf([...everyEnd, ...hostileItems]), { format: "json" })) as {
      summary: { counts: Record<string, number>; folder?: string };
      items: readonly { state: string; steps?: readonly { text: string }[] }[];
    };
    const counted: Record<string, number> = {};
    for (const { state } of report.items) counted[state] = (counted[state] ?? 0) + 1;
    const { "filtered-out": left, ...counts } = report.summary.counts;
    expect(left).toBe(1);
    expect(counted).toEqual(Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)));
    expect(report.summary.folder).toBeUndefined();
    expect(report.items[0]?.steps?.map(({ text }) => text)).toEqual([
      "Attempt 1, in wave 1: to be sent as ModifyAccount",
      "Sent",
      "Accepted after 20 ms",
      "Verified, pass 1: as asked for",
    ]);
  });
});

describe("a report as Markdown", () => {
  it("has the verdict first, then the items that need a look, the worst first", async () => {
    const page = await textOf(await documentOf(everyEnd, { exit: 7 }), { format: "md" });
    expect(page).toMatch(/^### ❌ products on simulator: 1 of 9 changes confirmed\n/);
    const rows = [...page.matchAll(/^\| `DESK-(\d+)` `\d+` \| ([a-z-]+) /gm)].map(([, , state]) => state);
    expect(rows).toEqual([
      ...["diverged", "diverged", "vanished", "unknown", "rejected", "drifted", "refused", "not-started", "pending"],
    ]);
    expect(page).toContain(`rollcall audit verify ${toldRun} --anchor ${toldRun}:`);
  });

  it("shows of a preview what would change, and says that nothing was sent", async () => {
    const items = [{ id: "1", title: "DESK-1", ends: "not-started" } as const];
    const page = await textOf(await documentOf(items, { until: "preview" }), { format: "md" });
    expect(page).toContain("1 change would be made");
    expect(page).toContain("nothing was sent");
    expect(page).toContain("| `DESK-1` `1` | would change | `quota: 1 KiB -> 2 KiB` |");
  });

  it("shows of a preview why items were refused, and what its guards say, apart from one another", async () => {
    const items = [
      { id: "1", title: "DESK-1", ends: "not-started" },
      { id: "2", title: "DESK-2", ends: "refused", says: "quota: it is unset" },
    ] as const;
    const guards = [
      { guard: "max", allowed: "0", found: 1, ok: false, message: "1 change, at most 0" },
      { guard: "max_percent", allowed: "20%", found: "50%", ok: false, message: "50% of the list, allowed are 20%" },
    ];
    const document = await documentOf(items, { until: "preview", guards });
    const page = await textOf(document, { format: "md" });
    expect(page).toContain(
      "Its guards refuse it: 1 change, at most 0; 50% of the list, allowed are 20%. Nothing was sent.",
    );
    expect(page).toContain("| `DESK-2` `2` | refused |  | `quota: it is unset` |");
    expect(page).toContain("| `DESK-1` `1` | would change | `quota: 1 KiB -> 2 KiB` |  |");
  });

  it("mentions nobody, links nowhere and begins no markup, whatever items are called", async () => {
    const page = await textOf(await documentOf(hostileItems), { format: "md" });
    const outside = page.replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, "");
    expect(outside).not.toMatch(/<(?!br>)[a-z/!]|@someone|https?:\/\/evil/i);
    for (const line of page.split("\n").filter((one) => one.startsWith("| `")))
      expect(line.replaceAll("\\|", "").split("|")).toHaveLength(6);
  });

  it("never exceeds its budget, and says how many items it shows of how many", async () => {
    const items = fc.array(
      fc.record({ title: fc.string({ maxLength: 400, unit: "grapheme" }), says: fc.string({ maxLength: 3000 }) }),
      { minLength: 1, maxLength: 60 },
    );
    const budget = fc.integer({ min: 4000, max: 100_000 });
    await fc.assert(
      fc.asyncProperty(items, budget, async (all, maxBytes) => {
        const told = all.map((one, place) => ({ ...one, id: String(place), ends: "rejected" }) as const);
        const page = await textOf(await documentOf(told), { format: "md", maxBytes });
        expect(Buffer.byteLength(page)).toBeLessThanOrEqual(maxBytes);
        expect(page).toContain(`${toldRun}:`);
        const shown = page
          .split("\n")
          .filter((line) => /\| rejected \|/.test(line) && !/^\| rejected/.test(line)).length;
        if (shown < all.length) expect(page).toMatch(new RegExp(`\\b${shown} of ${all.length}\\b`));
      }),
      { numRuns: 40 },
    );
  });
});

describe("annotations for GitHub", () => {
  it("are the verdict and the causes, a line each, and no more of a kind than are shown", async () => {
    const many = Array.from({ length: 30 }, (_, place) => {
      return {
        id: String(place),
        ends: "rejected",
        says: `reason ${"abcdefghijklmnopqrstuvwxyzABCD"[place]}`,
      } as const;
    });
    const text = annotationsOf(await documentOf([...many, ...hostileItems], { exit: 6 }));
    const lines = text.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^::error title=products on simulator%3A 0 of \d+ changes confirmed::Exit 6/);
    expect(lines.filter((line) => line.startsWith("::error ")).length).toBeLessThanOrEqual(10);
    expect(lines.filter((line) => !/^::(error|warning|notice) title=[^,:]*::/.test(line))).toEqual([]);
  });

  it("are a notice for a run that ended well", async () => {
    const text = annotationsOf(await documentOf([{ id: "1", ends: "confirmed" }]));
    expect(text).toMatch(/^::notice title=products on simulator%3A 1 of 1 change confirmed::/);
  });
});

describe("a report as a page", () => {
  it("lets no text from outside be markup", async () => {
    const page = await textOf(await documentOf([...everyEnd, ...hostileItems]), { format: "html" });
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).not.toContain("<img");
    expect(page).not.toMatch(/ style="/);
    const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
    expect(data).not.toContain("<");
    expect((JSON.parse(data) as { items: unknown[] }).items).toHaveLength(everyEnd.length - 1 + hostileItems.length);
  });

  it("says of a preview what would change, and of nothing that it was not started", async () => {
    const items = [{ id: "1", title: "DESK-1", ends: "not-started" }] as const;
    const page = await textOf(await documentOf(items, { until: "preview" }), { format: "html" });
    expect(page).toContain("What every item would come to");
    expect(page).toContain('data-state="would change"');
    expect(page).toMatch(/"states":\[[^\]]*"would change"/);
    expect(page.replace(/<style>.*?<\/style>/s, "")).not.toMatch(/[>" ]not-started[<" ](?!x=)/);
  });

  it("may take nothing from anywhere, and run nothing but its own script", async () => {
    const page = await textOf(await documentOf(everyEnd), { format: "html" });
    expect(page).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/);
    expect(page).not.toMatch(/(src|href)=/);
  });
});

it("the format of a report is known by the ending of its file", () => {
  expect(["a.html", "b.MD", "c.xml", "d.csv", "e.json", "f.txt", "g"].map(formatOfName)).toEqual([
    ...["html", "md", "junit", "csv", "json"],
    undefined,
    undefined,
  ]);
});

it("a damaged record is told up to its damage, without items, in every format", async () => {
  const { folder } = await tellRun(everyEnd);
  const lines = readFileSync(folder.ledger, "utf8").split("\n");
  lines[9] = lines[9]!.replace("ModifyAccount", "ModifyBccount");
  // A later record says that all of it was on disk: no crash leaves that.
  lines[15] = lines[15]!.replace(',"hash"', ',"synced":14,"hash"');
  writeFileSync(folder.ledger, lines.join("\n"));
  const document = await openDocument(folder, { stories: true });
  expect(document.summary.status).toBe("damaged");
  for (const format of reportFormats) {
    const text = await textOf(document, { format });
    expect(text).not.toContain("DESK-");
    if (format !== "csv") expect(text).toMatch(/damaged/);
  }
});
