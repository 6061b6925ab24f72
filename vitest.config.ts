import { defineConfig } from "vitest/config";

/** `VITEST_JSON=FILE` also writes the counts to a file, for scripts that add runs up. */
const json = process.env.VITEST_JSON;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/temporary.ts",
    setupFiles: "test/support/properties.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // The modules of a worker are loaded once: no test replaces one, and to load them for each of 300 files takes four minutes.
    isolate: false,
    reporters: json === undefined ? ["default"] : ["default", ["json", { outputFile: json }]],
  },
});
