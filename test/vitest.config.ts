import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The e2e tests start what a user starts: the bundle, built once from what is being tested.
    globalSetup: ["test/support/build-once.ts"],
    // Most of the time is waiting, for processes and the disk: without this one processor would stay idle.
    maxWorkers: "100%",
  },
});
