import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// What a mutant is tried against: the tests of rules and of stores, without those that start processes.
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/unit/**/*.test.ts", "test/contract/**/*.test.ts"],
    exclude: [
      "test/unit/cli/**",
      "test/unit/no-cause.test.ts",
      "test/contract/*processes.test.ts",
      "test/contract/flat-*.test.ts",
    ],
    testTimeout: 120_000,
  },
});
