import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, inBrowser, openBrowser } from "../support/browser.ts";
import { collect, evidenceOf } from "../support/runs.ts";
import { everyEnd, tellRun } from "../support/told-run.ts";
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
    // Answers to what was sent before it was heard still come.
    let halted = -1;
    while (halted !== (await done())) {
      halted = await done();
      await page.waitForTimeout(1000);
    }
    expect(halted).toBeLessThan(100);
    // The button that was pressed is gone: the next one has the focus, and goes on at once.
    const focused = (): Promise<string> => page.evaluate("document.activeElement.dataset.op");
    await expect.poll(focused).toBe("continue");
    await page.keyboard.press("Enter");
    await moved(halted);
    await expect.poll(focused).toBe("pause");
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
    await page.locator("#ui-headline", { hasText: "Aborted by" }).waitFor();
    expect(await page.getByLabel("Reason").isVisible()).toBe(false);
    expect(await page.evaluate("document.activeElement.id")).toBe("ui-headline");
    // What the report says first is so now, though the rest of it is of before; made anew it says the same below the same bar.
    const bar = (): Promise<string | null> => page.locator("#ui-headline").textContent();
    const said = async () => ({
      bar: await bar(),
      title: await page.title(),
      h1: await page.locator("h1").textContent(),
      tone: await page.locator(".verdict").getAttribute("class"),
    });
    const before = await said();
    expect(before.h1).toMatch(/^products on simulator: \d+ of 100 changes confirmed$/);
    expect(before.title).toContain(`${before.h1}, run `);
    expect(before.bar).toContain(": wrong customer. Rejected,");
    expect(await page.locator(".verdict").textContent()).toContain("What stands below is as of ");
    await page.getByRole("link", { name: "Show the finished report" }).click();
    await page.getByText("Exit 6: ").first().waitFor();
    // Before it is followed its title is none of a moment.
    expect(await said()).toMatchObject({ bar: before.bar, h1: before.h1, tone: before.tone });
    await page.locator("#ui-live.on").waitFor();
    await expect.poll(said).toEqual(before);
    expect(await page.getByText("Show the finished report").isVisible()).toBe(false);
    const [run = ""] = runsIn(at.cwd);
    const { records } = evidenceOf(join(at.cwd, ".rollcall/runs", run));
    expect(records.filter(({ type }) => type === "control")).toMatchObject([
      { op: "pause", why: "lunch" },
      { op: "continue" },
      { op: "abort", why: "wrong customer" },
    ]);
    expect(complaints).toEqual([]);
  });

  it("a run that has ended is followed when it is resumed, also by a page that was loaded in between", async () => {
    await using at = await estate({ latencyMs: 150 });
    const stop = new AbortController();
    const options = { consent: yes, stop: stop.signal };
    const events = collect(at.workspace.apply(await at.plan(at.movable(60)), options));
    await using ui = await served(at.cwd, (run, asking) => at.workspace.control(run, asking));
    const { page, complaints } = await opened(ui.url);
    await page.getByText("under way").waitFor();
    await page.getByRole("link", { name: "products" }).click();
    await page.locator("#ui-headline", { hasText: "Making changes" }).waitFor();
    stop.abort();
    await events;
    const [run = ""] = runsIn(at.cwd);
    const next = `Next: rollcall resume ${run} (go on where it stopped)`;
    await page.locator("#ui-headline", { hasText: `Ended, exit 130Interrupted. ${next}` }).waitFor();
    expect(await page.locator("body").innerText()).not.toContain("Nothing more comes");
    const later = await opened(ui.url);
    await later.page.goto(page.url());
    await later.page.locator("#ui-live.on").waitFor();
    const pages = [page, later.page];
    for (const one of pages) expect(await one.getByRole("button", { name: "Pause" }).isVisible()).toBe(false);
    await later.page.locator("#ui-headline", { hasText: next }).waitFor();

    const resumed = collect(at.workspace.resume(run));
    for (const one of pages) await one.getByRole("button", { name: "Pause" }).waitFor();
    expect(await page.getByText("Show the finished report").isVisible()).toBe(false);
    await expect.poll(() => page.locator("h1").textContent()).toMatch(/ of 60 changes confirmed so far$/);
    await resumed;
    for (const one of pages) {
      await one.locator("#ui-headline", { hasText: "Ended, exit 0" }).waitFor();
      await one.getByText("Show the finished report").waitFor();
      await expect.poll(() => one.title()).toBe(`products on simulator: 60 of 60 changes confirmed, run ${run}`);
    }
    expect([...complaints, ...later.complaints]).toEqual([]);
  });

  it("a run that ended to wait for a person is told as such, and promoted once from its page", async () => {
    await using at = await estate({ faults: [{ fault: "no-effect", method: "ModifyAccount", nth: 1 }] });
    await collect(at.workspace.apply(await at.plan(at.movable(60)), { consent: yes }));
    const [run = ""] = runsIn(at.cwd);
    await using ui = await served(at.cwd, (id, asking) => at.workspace.control(id, asking));
    const { page, complaints } = await opened(ui.url);
    await page.getByRole("link", { name: "products" }).click();
    const headline = page.locator("#ui-headline");
    const list = await page.context().newPage();
    await list.goto(`http://127.0.0.1:${ui.port}/`);
    await list.getByText("waits for a person").waitFor();
    await headline.getByText(`Next: rollcall promote ${run} (say that the wave is good; then resume)`).waitFor();
    const promote = page.getByRole("button", { name: "Promote the wave" });
    await promote.click();
    await promote.waitFor({ state: "hidden" });
    await headline.getByText(`Next: rollcall resume ${run} (the wave was promoted)`).waitFor();
    await list.getByText("promoted, resume it").waitFor();
    expect(complaints).toEqual([]);
  });

  it("a page in the background has a title that is not of a moment", async () => {
    await using at = await estate({ latencyMs: 150 });
    const events = collect(at.workspace.apply(await at.plan(at.movable(30)), { consent: yes }));
    await using ui = await served(at.cwd);
    const { page } = await opened(ui.url);
    await page.getByText("under way").waitFor();
    await page.getByRole("link", { name: "products" }).click();
    await page.locator("#ui-live.on").waitFor();
    await expect.poll(() => page.title()).toMatch(/ of 30 changes confirmed so far, run /);
    const turn = (hidden: boolean): Promise<unknown> =>
      page.evaluate(`Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"))`);
    await turn(true);
    const [run = ""] = runsIn(at.cwd);
    expect(await page.title()).toBe(`Run ${run}`);
    await events;
    expect(await page.title()).toBe(`Run ${run}`);
    await turn(false);
    await expect.poll(() => page.title()).toBe(`products on simulator: 30 of 30 changes confirmed, run ${run}`);
  });

  it("a screen reader hears another reason for the same state at once", async () => {
    const { root, folder } = await tellRun(everyEnd, { until: "open" });
    await using ui = await served(root);
    const { page } = await opened(ui.url);
    const glance = { tone: "doubt", headline: "Paused", parts: ["1 of 9"], shares: [], offers: [], done: 1, total: 9 };
    const events = ["by ada", "by a gate"].map(
      (detail) => `event: glance\ndata: ${JSON.stringify({ ...glance, detail })}\n\n`,
    );
    await page.route("**/events*", (route) =>
      route.fulfill({ contentType: "text/event-stream", body: events.join("") }),
    );
    await page.goto(`http://127.0.0.1:${ui.port}/runs/${folder.run}`);
    await page.locator("#ui-headline", { hasText: "by a gate" }).waitFor();
    expect(await page.locator("#ui-spoken").textContent()).toBe("Paused. by a gate 1 of 9");
  });

  it("the list fits its page at every width, and no exit code is broken", async () => {
    const { root } = await tellRun(everyEnd, { exit: 130 });
    await using ui = await served(root);
    const { page } = await opened(ui.url);
    for (const width of [360, 701, 760, 800, 900, 936, 1000, 1001, 1100, 1300]) {
      await page.setViewportSize({ width, height: 700 });
      expect(await page.evaluate("document.documentElement.scrollWidth"), `at ${width}`).toBeLessThanOrEqual(width);
      const lines = `document.querySelector('[title="interrupted"]').getClientRects().length`;
      expect(await page.evaluate(lines), `at ${width}`).toBe(1);
    }
  });

  it("a run's page without scripts shows nothing that needs one, and says so; its times are as in the report", async () => {
    const { root, folder } = await tellRun(everyEnd, { until: "open" });
    await using ui = await served(root, () => Promise.resolve({ isRecorded: true, message: "" }));
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(ui.url);
    await page.goto(`http://127.0.0.1:${ui.port}/runs/${folder.run}`);
    await page.locator("noscript p").waitFor();
    for (const hidden of ["Pause", "Abort…", "Lines of this run", "Reason"])
      expect(await page.getByText(hidden, { exact: true }).isVisible(), hidden).toBe(false);
    expect(await page.locator("#ui-asof").textContent()).toMatch(/as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\./);
    const withScripts = await opened(ui.url);
    await withScripts.page.goto(`http://127.0.0.1:${ui.port}/runs/${folder.run}`);
    await withScripts.page.getByRole("button", { name: "Pause" }).waitFor();
    await withScripts.page.getByText("Lines of this run").waitFor();
    expect(await withScripts.page.locator("noscript p").count()).toBe(0);
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
