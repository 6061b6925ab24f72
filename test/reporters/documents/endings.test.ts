import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RunFolder } from "../../../runner/runs/folder.ts";
import { openDocument } from "../../../runner/reporters/documents/model.ts";
import { verdictOf } from "../../../runner/reporters/documents/outcome.ts";
import { reportFormats } from "../../../runner/reporters/documents/report.ts";
import { everyEnd, tellRun, type HowTold, type ToldItem } from "../../support/told-run.ts";
import { documentOf, textOf } from "./told.ts";

const many = (count: number): readonly ToldItem[] =>
  Array.from({ length: count }, (_, place) => ({
    ...{ id: String(place), title: `PC-${place}`, ends: "rejected" as const },
    says: `no device ${place}`,
  }));

describe("a run for CI systems that show tests is an error as a whole", () => {
  const waiting: readonly ToldItem[] = [{ id: "1", ends: "not-started" }];
  const guards = [{ guard: "max", allowed: "0", found: 1, ok: false, message: "1 change, at most 0" }];
  it.each<readonly [string, readonly ToldItem[], HowTold, number]>([
    ["when its preview found a guard that does not hold", waiting, { until: "preview", guards }, 1],
    ["when it was stopped before its items, none of which failed", waiting, { exit: 130 }, 1],
    ["when something is pending", [{ id: "1", ends: "pending" }], { exit: 8 }, 1],
    ["but not when its preview is fine", waiting, { until: "preview" }, 0],
    ["and not when all is confirmed", [{ id: "1", ends: "confirmed" }], {}, 0],
  ])("%s", async (_, items, how, errors) => {
    const xml = await textOf(await documentOf(items, how), { format: "junit" });
    expect(xml).toContain(`errors="${errors}"`);
    expect(xml.match(/<error /g)?.length ?? 0).toBe(errors);
  });
});

function edit(path: string): void {
  const text = readFileSync(path, "utf8");
  // Behind the first line, where a file says what it is.
  const from = text.indexOf("\n") + 1;
  writeFileSync(
    path,
    `${text.slice(0, from)}${text.slice(from).replace(/\d/, (digit) => String((Number(digit) + 1) % 10))}`,
  );
}

describe("items that were not selected", () => {
  it("have their names, and the reason of a refused one is a cause", async () => {
    const document = await documentOf(everyEnd, { exit: 7 });
    const titles: string[] = [];
    for await (const { title } of document.items({ states: ["already", "refused"] })) titles.push(title);
    expect(titles).toEqual(["DESK-10", "DESK-11"]);
    expect(document.causes.find(({ state }) => state === "refused")).toMatchObject({
      ...{ message: "quota: it is unset", examples: ["DESK-11"] },
    });
  });

  it("have their ids where the run did not keep which field names them", async () => {
    const document = await documentOf(everyEnd, { exit: 7, isOld: true });
    const titles: string[] = [];
    for await (const { title } of document.items({ states: ["already", "refused"] })) titles.push(title);
    expect(titles).toEqual(["10", "11"]);
  });

  it("are missed, not hidden, where their list goes while it is told; totals stay those of what is told", async () => {
    const { folder } = await tellRun(everyEnd, { exit: 7 });
    const document = await openDocument(folder);
    rmSync(folder.inventory);
    expect(await textOf(document, { format: "md" })).toMatch(/8 of 9 items can be told\. .*`rollcall audit verify /);
    expect(await textOf(document, { format: "html" })).toContain("2 more items can not be told one by one");
    const xml = await textOf(document, { format: "junit" });
    expect(/tests="(\d+)"/.exec(xml)?.[1]).toBe(String(xml.match(/<testcase /g)?.length));
  });
});

describe("a run whose record names other files than lie beside it", () => {
  const edits: [string, keyof RunFolder, (path: string) => void, string][] = [
    ["its list is gone", "inventory", rmSync, "inventory.ndjson is gone"],
    ["its list was edited", "inventory", edit, "inventory.ndjson can not be used: it is not as it was written"],
    ["its changes are gone", "changeSet", rmSync, "changeset.ndjson is gone"],
    ["its changes were edited", "changeSet", edit, "changeset.ndjson can not be used: change 1 stands where"],
    ["its plan is gone", "plan", rmSync, "plan.yaml is gone"],
    [
      "its plan was edited",
      "plan",
      (path) => appendFileSync(path, "# later\n"),
      "plan.yaml is not the plan that this run was begun with",
    ],
    [
      "its ledger was emptied",
      "ledger",
      (path) => writeFileSync(path, ""),
      "its record is gone: ledger.ndjson is empty",
    ],
  ];
  it.each(edits)("is told as damaged, without items, in every format: %s", async (_, name, change, says) => {
    const { folder } = await tellRun(everyEnd, { exit: 0 });
    change(folder[name]);
    const document = await openDocument(folder, { stories: true });
    expect(document.summary).toMatchObject({ status: "damaged", damage: expect.stringContaining(says) });
    for await (const item of document.items()) throw new Error(`told ${item.id}`);
    for (const format of reportFormats.filter((one) => one !== "csv")) {
      const text = await textOf(document, { format });
      expect(text.toLowerCase(), format).toContain(says.toLowerCase());
      // It says the same wherever it is made.
      expect(text, format).not.toContain(folder.path);
      expect(text, format).not.toContain("✅");
    }
  });

  it("is named by its id where not even its first record can be read", async () => {
    const { folder } = await tellRun(everyEnd, { exit: 0 });
    writeFileSync(folder.ledger, `x${readFileSync(folder.ledger, "utf8").slice(1)}`);
    const document = await openDocument(folder);
    const page = await textOf(document, { format: "md" });
    expect(page).toMatch(new RegExp(`^### ❌ Run ${folder.run}: the record is damaged\n`));
    expect(page).not.toMatch(/ on [:`]|``|--anchor/);
    const html = await textOf(document, { format: "html" });
    expect(html).not.toMatch(/by {2}on|--anchor/);
  });

  it("claims nothing that nobody can know where its record is destroyed", async () => {
    for (const destroyed of ["", "x"]) {
      const { folder } = await tellRun(everyEnd, { exit: 0 });
      const record = readFileSync(folder.ledger, "utf8");
      writeFileSync(folder.ledger, destroyed === "" ? "" : `x${record.slice(1)}`);
      const document = await openDocument(folder);
      expect(verdictOf(document).detail).toMatch(/^[A-Z]/);
      const html = await textOf(document, { format: "html" });
      expect(html).not.toMatch(/No items|<dt>|not read whole|is not the one|ended<\/h2>|Plan and inputs/);
      const xml = await textOf(document, { format: "junit" });
      expect(xml).not.toMatch(/value=""|name=""/);
    }
  });

  it("says of its list that it is not known where the record is damaged before it", async () => {
    const { folder } = await tellRun(everyEnd, { exit: 0 });
    const [first = "", second = "", ...rest] = readFileSync(folder.ledger, "utf8").split("\n");
    writeFileSync(folder.ledger, [first, second.replace('"rows":12', '"rows":13'), ...rest].join("\n"));
    const html = await textOf(await openDocument(folder), { format: "html" });
    expect(html).toContain("not known: the record is damaged before it says");
    expect(html).not.toContain("No items");
  });
});

it("a run whose record has no end may still be going: nobody is told that it died", async () => {
  const items = [...everyEnd.slice(0, 3), { id: "99", ends: "not-started" as const }];
  const document = await documentOf(items, { until: "open" });
  expect(document.summary).toMatchObject({ status: "open", notStarted: {} });
  for (const format of ["md", "html", "junit"] as const) {
    const text = await textOf(document, { format });
    expect(text, format).not.toContain("died");
    expect(text, format).toContain(
      "The record has no end yet. If no process has the run in hand any more, it goes on with",
    );
    expect(text.includes("not come to yet"), format).toBe(format !== "junit");
  }
});

it("an item that is as it was says so, and one with another value what it holds", async () => {
  const why: (readonly unknown[])[] = [];
  for await (const { id, failure, found } of (await documentOf(everyEnd)).items({ states: ["diverged"] }))
    why.push([id, failure?.message, found]);
  expect(why).toEqual([
    ["5", undefined, { quota: 9 }],
    ["6", "as it was before", { quota: 1024 }],
  ]);
});

it("a removal has no fields, and a row of its own in every format", async () => {
  const document = await documentOf([{ id: "1", title: "DESK-1", ends: "confirmed", before: {}, after: {} }]);
  for (const format of reportFormats) {
    const text = await textOf(document, { format });
    expect(text.includes("DESK-1"), format).toBe(format !== "md");
  }
  expect((await textOf(document, { format: "csv" })).split("\r\n")[1]).toMatch(/,1,DESK-1,confirmed,,,,,$/);
});

it("a service that names the item in its errors has a cause an item, and reports stay readable", async () => {
  const document = await documentOf(many(300), { exit: 6 });
  expect(document.causes).toHaveLength(300);
  expect(await textOf(document, { format: "html" })).toContain("and 250 more causes");
  expect(await textOf(document, { format: "md" })).toContain("- 280 more causes");
});
