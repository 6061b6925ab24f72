import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ItemStory, RunDocument } from "../../runner/reporters/documents/model.ts";
import { hasBrowser, inBrowser } from "../support/browser.ts";
import { pageFileOf, shownPage } from "../support/page-file.ts";
import { everyEnd, hostile, type ToldItem } from "../support/told-run.ts";

const items: readonly ToldItem[] = [
  ...everyEnd,
  ...hostile.map((text, place) => ({ id: `h${place}`, title: text, ends: "rejected", says: text }) as const),
];
const told = items.length - 1;

/** The same run with so many items that nobody could write them all down here. */
function enlarged(document: RunDocument, size: number): RunDocument {
  const counts = { ...document.summary.counts!, confirmed: size - told + 1 };
  return {
    ...document,
    summary: { ...document.summary, counts },
    async *items(wanted) {
      const states = wanted?.states;
      yield* document.items(wanted);
      if (states !== undefined && !states.includes("confirmed")) return;
      const steps = [{ at: document.summary.started + 5, text: "Sent" }];
      for (let place = 0; place < size - told; place++) {
        const id = String(1_000_000 + place);
        const item: ItemStory = {
          ...{ index: place, id, title: `PC-${id}`, state: "confirmed", by: "ours", steps },
          ...{ before: { quota: place }, after: { quota: 2048 } },
        };
        yield item;
      }
    },
  };
}

describe.runIf(hasBrowser)(`the page of a run, ${inBrowser}`, () => {
  let browser: Browser;
  let document: RunDocument;
  let file: string;
  beforeAll(async () => {
    ({ browser, document, file } = await shownPage(items));
  });
  afterAll(() => browser.close());

  /** A page, and everything that went wrong in it or left it. */
  async function open(path: string, options: Parameters<Browser["newPage"]>[0] = {}) {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
    const wrong: string[] = [];
    page.on("console", (message) => wrong.push(message.text()));
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("dialog", (dialog) => {
      wrong.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => undefined);
    });
    page.on("request", (request) => {
      if (request.url() !== pathToFileURL(path).href) wrong.push(`a request: ${request.url()}`);
    });
    await page.goto(pathToFileURL(path).href);
    return { page, wrong, [Symbol.asyncDispose]: () => page.close() };
  }
  const found = (page: Page): Promise<string> => page.locator("#found").innerText();
  const titles = (page: Page): Promise<string[]> =>
    page.locator("#space [role=row] [role=gridcell]:first-child").allInnerTexts();

  it("takes nothing from anywhere, runs nothing that items say, and has an accessible table", async () => {
    await using opened = await open(file);
    const { page, wrong } = opened;
    expect(await found(page)).toBe(`${told} items`);
    expect(await page.getByRole("grid", { name: "Items" }).getAttribute("aria-rowcount")).toBe(String(told + 1));
    const head = page.getByRole("grid").getByRole("columnheader", { name: "state" });
    expect(await head.getAttribute("aria-sort")).toBe("ascending");
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toContain("changes confirmed");
    expect(await page.locator("img, iframe, object, link").count()).toBe(0);
    expect(wrong).toEqual([]);
  });

  it("is searched, sorted and filtered by state, and shows all again", async () => {
    await using opened = await open(file);
    const { page } = opened;
    await page.getByLabel("Search").fill("desk-1");
    expect(await titles(page)).toEqual(["DESK-11 11", "DESK-1 1", "DESK-10 10"]);
    expect(await found(page)).toBe(`3 of ${told} items`);
    await page.getByRole("columnheader", { name: "item" }).getByRole("button").click();
    expect(await titles(page)).toEqual(["DESK-1 1", "DESK-10 10", "DESK-11 11"]);
    await page.getByRole("columnheader", { name: "item" }).getByRole("button").click();
    expect(await titles(page)).toEqual(["DESK-11 11", "DESK-10 10", "DESK-1 1"]);
    await page.getByRole("button", { name: "Show all" }).click();
    const button = page.getByRole("button", { name: "diverged" });
    await button.click();
    expect(await button.getAttribute("aria-pressed")).toBe("true");
    expect(await found(page)).toBe(`2 of ${told} items`);
    await button.click();
    expect(await found(page)).toBe(`${told} items`);
  });

  it("is used with the keyboard alone: rows, the story of one, and back", async () => {
    await using opened = await open(file);
    const { page, wrong } = opened;
    await page.locator("#space [data-row='0']").focus();
    await page.keyboard.press("End");
    expect(await page.evaluate("document.activeElement.dataset.row")).toBe(String(told - 1));
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const story = page.getByRole("dialog");
    expect(await story.getByRole("heading", { level: 2 }).innerText()).toMatch(/^DESK-[56]$/);
    expect(await story.locator("li").allInnerTexts()).toEqual([
      expect.stringMatching(/UTC Attempt 1, in wave 1: to be sent as ModifyAccount$/),
      expect.stringMatching(/UTC Sent$/),
      expect.stringMatching(/UTC Accepted after 20 ms$/),
      expect.stringMatching(/UTC Verified, pass 1: /),
    ]);
    await page.keyboard.press("Escape");
    expect(await story.isVisible()).toBe(false);
    expect(await page.evaluate("document.activeElement.dataset.row")).toBe("1");
    expect(wrong).toEqual([]);
  });

  it("shows the worst items where no script may run, and its rows on paper", async () => {
    await using still = await open(file, { javaScriptEnabled: false });
    expect(await still.page.locator("#static tbody tr").count()).toBe(told);
    expect(await still.page.locator("#static tbody tr").first().innerText()).toContain("diverged");
    await using printed = await open(file);
    await printed.page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    await printed.page.emulateMedia({ media: "print" });
    expect(await printed.page.locator("#print tr").count()).toBe(told + 1);
    expect(await printed.page.locator("#grid").isVisible()).toBe(false);
  });

  it("stays fluid with 100 000 items: only the rows in sight are in the page, wherever it is", async () => {
    const size = 100_000;
    await using opened = await open(await pageFileOf(enlarged(document, size)));
    const { page, wrong } = opened;
    const rows = (): Promise<number> => page.locator("#space [role=row]").count();
    expect(await found(page)).toBe("100,000 items");
    for (const place of [0, 0.37, 0.92, 1]) {
      await page.evaluate(
        `(() => { const view = document.getElementById("view"); view.scrollTop = ${place} * view.scrollHeight; })()`,
      );
      await page.waitForTimeout(50);
      expect(await rows()).toBeGreaterThan(10);
      expect(await rows()).toBeLessThan(60);
    }
    await page.getByRole("columnheader", { name: "item" }).getByRole("button").click();
    await page.locator("#space [data-row='0']").focus();
    await page.keyboard.press("End");
    expect((await titles(page)).at(-1)).toMatch(/\S/);
    expect(await page.evaluate("document.activeElement.dataset.row")).toBe(String(size - 1));
    await page.getByLabel("Search").fill("pc-1099");
    expect(await found(page)).toMatch(/^\d+ of 100,000 items$/);
    await page.locator("#space [data-row='0']").click();
    expect(await page.getByRole("dialog").locator("li").allInnerTexts()).toEqual([expect.stringMatching(/Sent$/)]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Show all" }).click();
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator("#print tbody tr").count()).toBe(2000);
    expect(await page.locator("#print > p").textContent()).toBe("and 98,000 more");
    expect(wrong).toEqual([]);
  });
});
