import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunDocument } from "../../runner/reporters/documents/model.ts";
import { hasBrowser, inBrowser } from "../support/browser.ts";
import { pageFileOf, shownPage } from "../support/page-file.ts";
import { fullSize, printedAs } from "../support/pdf.ts";
import { toldRun, type ToldItem } from "../support/told-run.ts";

const size = 300;
const endless = "W".repeat(400);
const sentence = "The quota of this device is held by its contract, which nobody but its reseller may change. ".repeat(
  12,
);

/** Many of one name, one without, a few whose texts would fill a page each, and changes of several fields. */
const items = Array.from({ length: size }, (_, place): ToldItem => {
  const id = `d${place}`;
  const before = { quota: 1024, note: "as sold" };
  const after = { quota: 2048, note: place === 7 ? `${endless} ${endless}` : "as agreed" };
  if (place === 3) return { id, title: "", ends: "confirmed", before, after };
  if (place % 60 === 5) return { id, title: endless, ends: "diverged", before, after };
  if (place % 60 === 7) return { id, title: "name 7", ends: "rejected", before, after, says: `${endless} ${sentence}` };
  if (place === 9) return { id, ends: "rejected", before, after, says: sentence };
  return { id, title: "name", ends: "confirmed", before, after };
});

/** A4 without 10 mm at each side, in CSS pixels. */
const paper = Math.floor((190 / 25.4) * 96);
const margin = { top: "10mm", right: "10mm", bottom: "10mm", left: "10mm" };

describe.runIf(hasBrowser)(`the page of a run on paper, on a phone and without scripts, ${inBrowser}`, () => {
  let browser: Browser;
  let document: RunDocument;
  let file: string;
  beforeAll(async () => {
    ({ browser, document, file } = await shownPage(items));
  });
  afterAll(() => browser.close());

  async function open(width: number, options: Parameters<Browser["newPage"]>[0] = {}, path = file) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, ...options });
    await page.goto(pathToFileURL(path).href);
    return { page, [Symbol.asyncDispose]: () => page.close() };
  }
  /** As it is laid out on paper, to be measured. */
  async function onPaper(options: Parameters<Browser["newPage"]>[0] = {}) {
    const opened = await open(paper, options);
    await opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    await opened.page.emulateMedia({ media: "print" });
    return opened;
  }
  const scriptless = { javaScriptEnabled: false };

  it.each([
    ["with scripts", {}, 20],
    ["without scripts", scriptless, 10],
  ])("is printed in its own size, on no more pages than its items need: %s", async (_, options, most) => {
    await using opened = await open(1200, options);
    const { pages, scale } = printedAs(await opened.page.pdf({ format: "A4", margin }));
    expect(scale).toBeCloseTo(fullSize, 2);
    expect(pages).toBeLessThanOrEqual(most);
  });

  it.each([
    ["with scripts", {}],
    ["without scripts", scriptless],
  ])("has nothing outside the paper, and the whole of the command that proves it: %s", async (_, options) => {
    await using opened = await onPaper(options);
    const { page } = opened;
    expect(await textsBeyond(page, paper)).toEqual([]);
    const command = page.locator("[aria-labelledby=proof] pre");
    expect(await command.innerText()).toBe(`rollcall audit verify ${toldRun} --anchor ${document.summary.anchor}`);
    expect(await command.evaluate((pre) => pre.scrollWidth - pre.clientWidth)).toBe(0);
    expect(await sizesBelow(page, 12)).toEqual([]);
  });

  it("wraps names of a plan, a service and an input that are longer than the page", async () => {
    const { summary, start } = document;
    const named = { ...summary, plan: endless, service: endless };
    const inputs = { [endless]: endless };
    const path = await pageFileOf({ ...document, summary: named, start: { ...start!, inputs } });
    await using opened = await open(360, {}, path);
    expect(await textsBeyond(opened.page, 360)).toEqual([]);
    expect(printedAs(await opened.page.pdf({ format: "A4", margin })).scale).toBeCloseTo(fullSize, 2);
  });

  it("tells printed items of one name apart by their ids, shows those without a name, and each field that changes", async () => {
    await using opened = await onPaper();
    const cells = opened.page.locator("#print tbody tr td:first-child");
    const said = (await cells.allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
    expect(said).toHaveLength(size);
    expect(said).toContain("name d15");
    expect(said).toContain("name d16");
    expect(said).toContain("d3");
    expect(said).toContain("d9");
    expect(new Set(said).size).toBe(size);
    const change = opened.page
      .locator("#print tbody tr", { hasText: /^name\s*d15/ })
      .locator("td")
      .nth(2);
    expect(await change.locator("div").allInnerTexts()).toEqual([
      "quota: 1 KiB -> 2 KiB",
      "note: as sold -> as agreed",
    ]);
  });

  it("shows the ids where no script may run, and no search that nothing answers", async () => {
    await using opened = await open(1200, scriptless);
    const { page } = opened;
    const said = (await page.locator("#static tbody tr td:first-child").allInnerTexts()).map((text) =>
      text.replace(/\s+/g, " ").trim(),
    );
    expect(new Set(said).size).toBe(100);
    expect(said).toContain("name d15");
    expect(said).toContain("d3");
    expect(await page.locator("#search").isVisible()).toBe(false);
  });

  it.each([
    ["on paper", paper, "#print", {}],
    ["on paper without scripts", paper, "#static", scriptless],
    ["without scripts", 1200, "#static", scriptless],
    ["without scripts, on a small screen", 800, "#static", scriptless],
  ])(
    "gives each column its room and no row more than its lines, however long a name is: %s",
    async (_, width, table, options) => {
      await using opened = width === paper ? await onPaper(options) : await open(width, options);
      const rows = await rowsOf(opened.page, `${table} tbody tr`);
      const plain = rows.find(({ id }) => id === "d15");
      expect(plain?.height).toBeLessThan(80);
      for (const { widths, heights, state } of rows) {
        expect(Math.min(...widths.slice(2))).toBeGreaterThan(140);
        expect(widths[1]).toBeGreaterThan(100);
        expect(state).toBeLessThan(widths[1]!);
        expect(Math.max(...heights)).toBeLessThan(200);
      }
    },
  );

  it.each([
    ["with scripts", {}],
    ["without scripts", scriptless],
  ])("is read on a phone without moving its tables sideways: %s", async (_, options) => {
    await using opened = await open(360, options);
    const { page } = opened;
    expect(await textsBeyond(page, 360)).toEqual([]);
    for (const table of ["[aria-labelledby=why]", ...(options === scriptless ? ["#static"] : [])]) {
      expect(await page.locator(`${table} .wide`).evaluate((wide) => wide.scrollWidth - wide.clientWidth)).toBe(0);
      const rows = await rowsOf(page, `${table} tbody tr`);
      expect(rows.length).toBeGreaterThan(2);
      expect(Math.max(...rows.map(({ height }) => height))).toBeLessThan(320);
    }
    await expect(page.locator("[aria-labelledby=why] tbody tr").first().innerText()).resolves.toContain("diverged");
  });
});

interface Row {
  readonly id: string;
  readonly height: number;
  /** Of its cells. */
  readonly widths: readonly number[];
  readonly heights: readonly number[];
  /** How wide the state is. */
  readonly state: number;
}

/** Rows as they are laid out, in CSS pixels. */
async function rowsOf(page: Page, selector: string): Promise<readonly Row[]> {
  return await page.locator(selector).evaluateAll((rows) =>
    rows.map((row) => {
      const cells = [...row.children].map((cell) => cell.getBoundingClientRect());
      return {
        id: row.querySelector("small")?.textContent ?? "",
        height: row.getBoundingClientRect().height,
        widths: cells.map(({ width }) => width),
        heights: cells.map(({ height }) => height),
        state: row.querySelector(".state")?.getBoundingClientRect().width ?? 0,
      };
    }),
  );
}

/** Texts in sight of which a part lies right of a place. */
async function textsBeyond(page: Page, right: number): Promise<readonly string[]> {
  return await page.evaluate<readonly string[]>(`(() => {
    const beyond = [], range = document.createRange();
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()); ) {
      // The table for screens is moved by itself, and cuts what is too long.
      if (text.parentElement.closest("#grid") || text.textContent.trim() === "") continue;
      range.selectNodeContents(text);
      if ([...range.getClientRects()].some((rect) => rect.right > ${right} + 1)) beyond.push(text.textContent);
    }
    return beyond;
  })()`);
}

/** Texts in sight that are smaller than so many CSS pixels; what stands in a drawing is a label of it. */
async function sizesBelow(page: Page, least: number): Promise<readonly string[]> {
  return await page.evaluate<readonly string[]>(`[...document.querySelectorAll("main *")]
    .filter((one) => one.checkVisibility() && !one.closest("svg") && one.textContent !== "")
    .filter((one) => parseFloat(getComputedStyle(one).fontSize) < ${least})
    .map((one) => one.textContent)`);
}
