import { dirname } from "node:path";
import { expect, test } from "vitest";
import type { JsonlRuns } from "../../src/storage/jsonl/executions.ts";
import { logPath, writeForeignText } from "../support/foreign-writer.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { temporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER } from "../support/runs.ts";

/** What a power cut may take with it: whatever was not flushed, and not by the time that counts. */

const rewrites: readonly [name: string, rewrite: (runs: JsonlRuns) => Promise<unknown>][] = [
  ["pruned", (runs) => runs.prune(REVIEWER)],
  ["repaired", (runs) => runs.repair(REVIEWER)],
  ["put in the order of time", (runs) => runs.sortByTime(REVIEWER)],
];

// There a folder cannot be flushed, and need not be.
test.skipIf(process.platform === "win32").each(rewrites)(
  "a log that is %s is on disk before it takes the old one's place, and its name right after",
  async (_, rewrite) => {
    const root = temporaryFolder();
    const log = logPath(root, REVIEWER);
    const lines = ["2020-01-01T00:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T09:00:00Z"].map(
      (timestamp) => `{"success": true, "timestamp": "${timestamp}"}\n`,
    );
    writeForeignText(root, REVIEWER, `torn\n${lines.join("")}`);
    const opened = new Map<unknown, unknown>();
    const steps: string[] = [];
    const fileSystem = interceptedFileSystem((call) => {
      const answer = call.proceed();
      const { args, name } = call;
      if (name === "openSync") opened.set(answer, args[0]);
      const path = String(opened.get(args[0]));
      if (name === "writeSync" && path.includes(".rewrite-")) steps.push("written");
      if (name === "fsyncSync" && path.includes(".rewrite-")) steps.push("flushed");
      if (name === "renameSync" && args[1] === log) steps.push("replaced");
      if (name === "fsyncSync" && path === dirname(log)) steps.push("folder flushed");
      return answer;
    });
    await rewrite(openJsonl(root, { now: clockAt().now, fileSystem }).runs);
    // The folder may be flushed for a quarantine before.
    const isOfLog = (step: string, place: number) => step !== "folder flushed" || place > steps.indexOf("replaced");
    expect(steps.filter(isOfLog)).toEqual(["written", "flushed", "replaced", "folder flushed"]);
  },
);
