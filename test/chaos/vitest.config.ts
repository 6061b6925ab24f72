import { defineConfig } from "vitest/config";

/** The long trials: `npm run chaos`. One file after the other, because each of them wants the machine for itself. */
export default defineConfig({
  test: {
    include: ["test/chaos/**/*.chaos.ts"],
    globalSetup: "test/support/temporary.ts",
    fileParallelism: false,
    testTimeout: 600_000,
    disableConsoleIntercept: true,
  },
});
