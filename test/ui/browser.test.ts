import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, inBrowser, openBrowser } from "../support/browser.ts";
import { collect, evidenceOf } from "../support/runs.ts";
import { estate, runsIn, yes } from "../support/workspace.ts";
import { served } from "./visitor.ts";

describe.runIf(hasBrowser)(inBrowser, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  /** A page that holds nothing of another, and what its console has complained about. */
  async function opened(url: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(url);
    return { page, complaints };
  }

  it("a run is followed, paused and aborted, by the keyboard alone, and its report is made anew", async () => {
    await using at = await estate({ latencyMs: 200 });
    const events = collect(at.workspace.apply(await at.plan(at.movable(100)), { consent: yes }));
    await using ui = await served(at.cwd, (run, asking) => at.workspace.control(run, asking));
    const { page, complaints } = await opened(ui.url);
    expect(page.url()).toBe(`http://127.0.0.1:${ui.port}/`);
    await page.getByText("under way").waitFor();
    await page.getByRole("link", { name: "products" }).click();

    const progress = page.getByRole("progressbar");
    const done = async (): Promise<number> => Number(await progress.getAttribute("aria-valuenow"));
    const moved = async (than: number): Promise<number> => {
      await expect.poll(done, { timeout: 20_000 }).toBeGreaterThan(than);
      return await done();
    };
    await moved(await moved(0));
    await page.getByLabel("Reason").fill("lunch");
    await page.getByLabel("Reason").press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("has heard it").waitFor();
    await page.locator("#ui-headline strong", { hasText: "Paused" }).waitFor();
    const halted = await done();
    await page.waitForTimeout(1000);
    expect(await done()).toBe(halted);

    await page.getByRole("button", { name: "Continue" }).press("Enter");
    await moved(halted);
    await page.getByRole("button", { name: "Abort…" }).press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Abort the run" }).press("Enter");
    expect(await dialog.isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await dialog.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Abort…" }).press("Enter");
    await dialog.getByLabel("Why").fill("wrong customer");
    await dialog.getByRole("button", { name: "Abort the run" }).press("Enter");
    await events;
    await page.getByRole("link", { name: "Show the finished report" }).click();
    await page.getByText("Exit 6").first().waitFor();
    expect(await page.getByRole("progressbar").count()).toBe(0);
    const [run = ""] = runsIn(at.cwd);
    const { records } = evidenceOf(join(at.cwd, ".rollcall/runs", run));
    expect(records.filter(({ type }) => type === "control")).toMatchObject([
      { op: "pause", why: "lunch" },
      { op: "continue" },
      { op: "abort", why: "wrong customer" },
    ]);
    expect(complaints).toEqual([]);
  });

  it("the list shows a run that begins while it is open", async () => {
    await using at = await estate();
    await using ui = await served(at.cwd);
    const { page, complaints } = await opened(ui.url);
    await page.getByText("No runs yet").waitFor();
    await collect(at.workspace.apply(await at.plan(at.movable(3)), { consent: yes }));
    await page.getByText("3 of 3").waitFor();
    expect(await page.getByText("No runs yet").isVisible()).toBe(false);
    await page.getByRole("link", { name: "products" }).click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await page.getByRole("button", { name: "Pause" }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
