import { defineConfig } from "vitest/config";

const SECOND_MS = 1_000;

/**
 * One kind of test, with the longest that one of them may take on a machine that is busy with other work. The files of
 * one kind share their modules where `isolate` is false, which takes half the time: none of them keeps anything in one.
 */
function project(name: string, include: readonly string[], longestMs: number, isolate = true, more: object = {}) {
  const expect = { poll: { timeout: longestMs / 2 } };
  return {
    test: { name, include: [...include], testTimeout: longestMs, hookTimeout: longestMs, expect, isolate, ...more },
  };
}

/** They need a server: it is started for them only. */
const onServer = ["test/contract/postgres*.test.ts", "test/postgres/**/*.test.ts"];

/** The files of some folders of `test`. */
const inFolders = (...folders: string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

// A time-out ends a test that hangs; no test measures the machine with it. So each is many times what is usual.
export default defineConfig({
  test: {
    // The tests of whole processes start what a user starts: the bundle, built once from what is being tested.
    globalSetup: ["test/support/build-once.ts"],
    // `npm run coverage`: what the tests that start no process reach of the rules, the use cases and the stores.
    coverage: {
      provider: "v8",
      include: ["src/{adr004,domain,kaizen,messages,storage,trust}/**/*.ts"],
      reporter: ["text-summary"],
    },
    // Most of the time is waiting, for processes and the disk: without this one processor would stay idle.
    maxWorkers: "100%",
    projects: [
      project("unit", ["test/*.test.ts", ...inFolders("unit")], 120 * SECOND_MS, false),
      project("contract", inFolders("contract", "evidence", "fault"), 240 * SECOND_MS, false, {
        exclude: onServer,
      }),
      project("team", onServer, 240 * SECOND_MS, false, { globalSetup: ["test/support/postgres/global-setup.ts"] }),
      project("mcp", inFolders("mcp"), 120 * SECOND_MS, false),
      project("e2e", inFolders("cli", "dashboard", "demo", "e2e", "package", "readme"), 240 * SECOND_MS, false),
      project("page", inFolders("page"), 240 * SECOND_MS, false),
      project("soak", inFolders("soak"), 600 * SECOND_MS, false),
    ],
  },
});
