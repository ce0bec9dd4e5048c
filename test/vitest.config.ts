import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { HeaviestFiles } from "./support/heaviest-files.ts";
import { kinds } from "./support/kinds.ts";
import { LongestFirst } from "./support/longest-first.ts";

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
    // None extends this configuration: each that did would run the global setup once more.
    projects: kinds.map(({ name, files, without = [], longestMs, globalSetup = [] }) => ({
      test: {
        name,
        include: files,
        exclude: without,
        globalSetup,
        testTimeout: longestMs,
        hookTimeout: longestMs,
        expect: { poll: { timeout: longestMs / 2 } },
        // Files share their modules, which takes half the time: none of them keeps anything in one.
        isolate: false,
      },
    })),
    // What TypeScript became is kept from run to run, and made once for all kinds.
    experimental: { fsModuleCache: true },
    // A good part of the time is waiting, for processes and the disk: with no more workers than processors, these would idle.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    reporters: ["default", new HeaviestFiles()],
  },
});
