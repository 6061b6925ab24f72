import { describe, expect, it } from "vitest";
import { annotationsOf } from "../../../runner/reporters/documents/github.ts";
import { reportFormats } from "../../../runner/reporters/documents/report.ts";
import { statusText } from "../../../runner/reporters/run-status.ts";
import type { ToldItem } from "../../support/told-run.ts";
import { documentOf, textOf } from "./told.ts";

const items: readonly ToldItem[] = [
  { id: "1", title: "DESK-1", ends: "confirmed" },
  { id: "2", title: "DESK-2", ends: "confirmed" },
];

describe("the record of a rehearsal", () => {
  it.each(reportFormats)("is told as one, and nothing in it as done: %s", async (format) => {
    const document = await documentOf(items, { isRehearsal: true });
    const text = await textOf(document, { format });
    expect(text).toMatch(/rehears/i);
    expect(text).not.toContain("✅");
    expect(text).not.toContain("2 of 2 changes confirmed");
    const real = await textOf(await documentOf(items), { format });
    expect(real).not.toMatch(/rehears/i);
  });

  it("says first that nothing was sent, and what would come of it", async () => {
    const page = await textOf(await documentOf(items, { isRehearsal: true }), { format: "md" });
    expect(page).toMatch(
      /^### 🔍 products on rehearsal of simulator: 2 of 2 changes would be confirmed\n\nOnly rehearsed: nothing was sent to the service\. Exit 0: /,
    );
    expect(page).toContain("| confirmed | 2 | in the rehearsal: read again, and as asked for |");
    const html = await textOf(await documentOf(items, { isRehearsal: true }), { format: "html" });
    expect(html).toContain("<title>products on rehearsal of simulator: 2 of 2 changes would be confirmed, run ");
    expect(html).toContain('class="verdict t-open"');
  });

  it("has no row of a table that could be taken for one of a run", async () => {
    const csv = await textOf(await documentOf(items, { isRehearsal: true }), { format: "csv" });
    const rows = csv.trimEnd().split("\r\n").slice(1);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toContain(",confirmed (rehearsal),");
  });

  it("names its cases for CI systems so, and what went wrong in it", async () => {
    const bad = [...items, { id: "3", title: "DESK-3", ends: "rejected" } as const];
    const document = await documentOf(bad, { isRehearsal: true, exit: 6 });
    const xml = await textOf(document, { format: "junit" });
    expect(xml.match(/classname="products \(rehearsal\)"/g)).toHaveLength(4);
    expect(xml).toContain('name="the rehearsal as a whole: nothing was sent to the service"');
    const lines = annotationsOf(document).trimEnd().split("\n");
    expect(lines[0]).toMatch(/^::error title=[^:]*2 of 3 changes would be confirmed::Only rehearsed: /);
    expect(lines[1]).toMatch(/^::error title=rollcall \S+%2C a rehearsal::1 rejected/);
  });

  it("is never said to go on with a command, and has a status of its own in lists", async () => {
    const items: readonly ToldItem[] = [{ id: "1", ends: "not-started" }];
    const document = await documentOf(items, { isRehearsal: true, until: "open" });
    for (const format of reportFormats) expect(await textOf(document, { format })).not.toContain("rollcall resume");
    expect(statusText(document.summary)).toBe("rehearsed in part");
    const { summary } = await documentOf(items, { isRehearsal: true });
    expect(statusText(summary)).toBe("rehearsed");
  });
});
