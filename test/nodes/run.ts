import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import { checkout } from "../../src/build/checkout.ts";
import { PinnedPackages } from "../support/pinned-packages.ts";

// `npm run nodes`: the tests of whole processes by each Node.js that the program is for. The tests start the program with
// the Node.js that they run on. `npm run nodes -- --node 22 test/e2e` takes one, and some of the tests.

/** The oldest that `engines` allows, and of each line the newest. */
const nodes = ["20.19.0", "20.20.2", "22.23.3", "24.21.0", "26.10.0"];

const resultSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** The tests that start whole processes. */
const folders = ["cli", "dashboard", "demo", "e2e", "package"].map((name) => `test/${name}/`);

const { positionals, values } = parseArgs({
  options: { node: { type: "string", multiple: true, default: nodes } },
  allowPositionals: true,
});
const tests = positionals.length === 0 ? folders : positionals;
const chosen = nodes.filter((version) => values.node.some((wanted) => `${version}.`.startsWith(`${wanted}.`)));
const rows: string[] = [];
let failures = chosen.length === 0 ? 1 : 0;
for (const version of chosen) {
  const { failed, passed, skipped, seconds } = runOn(version);
  failures += failed.length;
  rows.push(`| ${version} | ${passed} | ${failed.length} | ${skipped} | ${seconds} s |`);
  for (const name of failed) process.stdout.write(`Node.js ${version}: ${name}\n`);
}
process.stdout.write(
  `\n| Node.js | passed | failed | left out | took |\n| --- | ---: | ---: | ---: | ---: |\n${rows.join("\n")}\n`,
);
process.exitCode = failures === 0 ? 0 : 1;

function runOn(version: string): { failed: string[]; passed: number; skipped: number; seconds: number } {
  const pinned = new PinnedPackages(join("nodes", version), { node: version });
  process.stdout.write(`${pinned.install(pinned.node)}\n`);
  const place = mkdtempSync(join(tmpdir(), "kaizen-nodes-"));
  const outputFile = join(place, "result.json");
  const begun = performance.now();
  try {
    const { signal, status } = spawnSync(
      pinned.node,
      [
        join(checkout, "node_modules", "vitest", "vitest.mjs"),
        ...["run", "--root", ".", "--config", "test/vitest.config.ts"],
        ...["--reporter", "json", "--outputFile", outputFile, ...tests],
      ],
      // What looks for a program of this name finds the same one.
      {
        stdio: ["ignore", "ignore", "inherit"],
        cwd: checkout,
        env: { ...process.env, PATH: `${dirname(pinned.node)}${delimiter}${process.env.PATH}` },
      },
    );
    if (!existsSync(outputFile)) throw new Error(`the tests gave no result: vitest ended with ${signal ?? status}`);
    const result = resultSchema.parse(JSON.parse(readFileSync(outputFile, "utf8")));
    const failed = result.testResults.flatMap(({ assertionResults, message, name }) =>
      assertionResults.length === 0
        ? [`${name}: ${message}`]
        : assertionResults.flatMap(({ fullName, status }) => (status === "failed" ? fullName : [])),
    );
    const seconds = Math.round((performance.now() - begun) / 1_000);
    return { failed, passed: result.numPassedTests, skipped: result.numPendingTests, seconds };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
