import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

/** The Debian package that it comes in. */
export const browserPackage = "chromium";

const usual = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const executable = [process.env["CHROMIUM"], ...usual].find((path) => path !== undefined && existsSync(path));

/** Whether a browser that pages can be tried in is installed; `CHROMIUM=FILE` names one that is in no usual place. */
export const hasBrowser = executable !== undefined;

/** What a test that needs one is called where there is none. */
export const inBrowser = hasBrowser
  ? "in a browser"
  : `in a browser (not tried: install ${browserPackage}, or set CHROMIUM)`;

/** A browser without a window. Close it. */
export async function openBrowser(): Promise<Browser> {
  if (executable === undefined) throw new Error(`There is no browser: install ${browserPackage}, or set CHROMIUM.`);
  // As root, which tests in a container are, it has no sandbox.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return await chromium.launch({ executablePath: executable, args: [...sandbox, "--disable-dev-shm-usage"] });
}
