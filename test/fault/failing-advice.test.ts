import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  codeOfFault,
  type Fault,
  failingFileSystem,
  fileSystemError,
  interceptedFileSystem,
} from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { scenarioClock } from "./scenarios.ts";
import { sideOperations } from "./side-scenarios.ts";

const operation = sideOperations["a report with advice"];

function content(root: string): string {
  const folder = join(root, ".kaizen/metrics/optimizer");
  return readdirSync(folder)
    .sort()
    .map((name) => `${name}\n${readFileSync(join(folder, name), "utf8")}`)
    .join("\n");
}

async function prepared(): Promise<string> {
  const root = fastTemporaryFolder();
  await operation.prepare(root);
  return root;
}

test.each(["EIO", "ENOSPC", "EACCES", "full", "short"] satisfies Fault[])(
  "whichever call fails with %s, a report and its advice are both as before, or both there",
  async (fault) => {
    const whole = await prepared();
    const before = content(whole);
    await operation.perform(openJsonl(whole, { now: scenarioClock.now }));
    const after = content(whole);
    const problems: string[] = [];
    for (let at = 1; at < 300; at += 1) {
      const root = await prepared();
      const failing = failingFileSystem(at, fault);
      const options = { now: scenarioClock.now, fileSystem: failing.fileSystem, lockTimeoutMs: 200 };
      const error = await operation.perform(openJsonl(root, options)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const struck = failing.struck();
      if (struck === undefined) break;
      if (!struck.failed) continue;
      const found = content(root);
      const where = `call ${at}, ${struck.name} ${String(struck.args[0]).slice(root.length)}`;
      if (error === undefined && found !== after) problems.push(`${where}: acknowledged, and not there`);
      if (error !== undefined && Reflect.get(Object(error), "code") !== codeOfFault(fault, struck)) {
        problems.push(`${where}: ${error}`);
      }
      if (found !== before && found !== after) problems.push(`${where}: ${found}`);
    }
    expect(problems).toEqual([]);
  },
);

test("where somebody else has added to the advice meanwhile, neither theirs nor ours is cut", async () => {
  const root = await prepared();
  const path = join(root, ".kaizen/metrics/optimizer/recommendations.jsonl");
  const before = readFileSync(path, "utf8");
  const theirs = `${JSON.stringify({ agent: "a", metrics_count: 1, recommendations: [], timestamp: "2026-11-22T10:00:00Z" })}\n`;
  const fileSystem = interceptedFileSystem((call) => {
    if (call.name !== "renameSync" || !String(call.args[1]).endsWith("analysis.json")) return call.proceed();
    appendFileSync(path, theirs);
    throw fileSystemError("EIO", call.name);
  });
  const store = openJsonl(root, { now: scenarioClock.now, fileSystem });
  await expect(operation.perform(store)).rejects.toMatchObject({ code: "IO_ERROR" });
  const after = readFileSync(path, "utf8");
  expect(after.startsWith(before)).toBe(true);
  expect(after.slice(before.length).split("\n")).toHaveLength(3);
  expect(after.endsWith(theirs)).toBe(true);
});
