import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { HeaviestFiles } from "./support/heaviest-files.ts";
import { LongestFirst } from "./support/longest-first.ts";

/** A time-out ends a test that hangs; no test measures the machine with it. So it is many times what is usual. */
const LONGEST_MS = 240_000;

/** They need a database server, which is started for them only. */
const onServer = ["test/contract/postgres*.test.ts", "test/postgres/**/*.test.ts", "test/soak/team/*.test.ts"];

/** What a project has of its own: of the rest, such as the global setup, each that extends another does its share again. */
const inEachProject = {
  testTimeout: LONGEST_MS,
  hookTimeout: LONGEST_MS,
  expect: { poll: { timeout: LONGEST_MS / 2 } },
  // Files share their modules, which takes half the time: none of them keeps anything in one.
  isolate: false,
};

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
    projects: [
      { test: { ...inEachProject, name: "all", include: ["test/**/*.test.ts"], exclude: onServer } },
      {
        test: {
          ...inEachProject,
          name: "team",
          include: onServer,
          globalSetup: ["test/support/postgres/global-setup.ts"],
        },
      },
    ],
    // A good part of the time is waiting, for processes and the disk: with no more workers than processors, these would idle.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    reporters: ["default", new HeaviestFiles()],
  },
});
