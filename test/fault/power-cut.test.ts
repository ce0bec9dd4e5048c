import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { FileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import type { JsonlStore } from "../../src/storage/jsonl/store.ts";
import { logPath } from "../support/foreign-writer.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { passWaits } from "../support/passed-waits.ts";
import { temporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER } from "../support/runs.ts";

/** What a power cut may take with it: whatever was not flushed, and not by the time that counts. */

interface Rewrite {
  readonly name: string;
  readonly lines: string;
  rewrite(store: JsonlStore): Promise<unknown>;
}

const runs = ["2020-01-01T00:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T09:00:00Z"].map(
  (timestamp) => `{"success": true, "timestamp": "${timestamp}"}\n`,
);
const ofRuns = { name: "executions.jsonl", lines: `torn\n${runs.join("")}` };

const notes = ["2020-01-01T00:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T09:00:00Z"].map(
  (at) => `{"agent": "reviewer", "first_seen": "${at}", "key": "${at}", "timestamp": "${at}", "v": 1}\n`,
);
const ofEvidence = { name: "evidence.jsonl", lines: `torn\n${notes.join("")}` };

const rewrites: readonly [what: string, rewrite: Rewrite][] = [
  ["a log that is pruned", { ...ofRuns, rewrite: ({ runs }) => runs.prune(REVIEWER) }],
  ["a log that is repaired", { ...ofRuns, rewrite: ({ runs }) => runs.repair(REVIEWER) }],
  ["a log that is put in the order of time", { ...ofRuns, rewrite: ({ runs }) => runs.sortByTime(REVIEWER) }],
  ["evidence that is pruned", { ...ofEvidence, rewrite: ({ evidence }) => evidence.note(REVIEWER, note) }],
  [
    "evidence that is repaired",
    {
      ...ofEvidence,
      async rewrite({ files }) {
        passWaits();
        await files.repair((await files.examine(() => {})).findings, () => {});
      },
    },
  ],
];

const note = { key: "new", timestamp: "2026-11-22T10:00:00Z", tools: 1 } as const;

// There a folder cannot be flushed, and need not be.
test.skipIf(process.platform === "win32").each(rewrites)(
  "%s is on disk before it takes the old one's place, and its name right after",
  async (_, { lines, name: file, rewrite }) => {
    const root = temporaryFolder();
    const log = join(dirname(logPath(root, REVIEWER)), file);
    mkdirSync(dirname(log), { recursive: true });
    writeFileSync(log, lines);
    const steps: string[] = [];
    const fileSystem = watchedFileSystem((name, path, target) => {
      if (name === "writeSync" && path.includes(".rewrite-")) steps.push("written");
      if (name === "fsyncSync" && path.includes(".rewrite-")) steps.push("flushed");
      if (name === "renameSync" && target === log) steps.push("replaced");
      if (name === "fsyncSync" && path === dirname(log)) steps.push("folder flushed");
    });
    await rewrite(openJsonl(root, { now: clockAt().now, fileSystem }));
    // The folder may be flushed for a quarantine before.
    const isOfLog = (step: string, place: number) => step !== "folder flushed" || place > steps.indexOf("replaced");
    expect(steps.filter(isOfLog)).toEqual(["written", "flushed", "replaced", "folder flushed"]);
  },
);

test("evidence is on disk before it is acknowledged", async () => {
  const root = temporaryFolder();
  const path = join(dirname(logPath(root, REVIEWER)), ofEvidence.name);
  const steps: string[] = [];
  const fileSystem = watchedFileSystem((name, opened) => {
    if (opened === path && /^(write|fdatasync)Sync$/.test(name)) steps.push(name);
  });
  const { evidence } = openJsonl(root, { now: clockAt().now, fileSystem });
  await evidence.note(REVIEWER, note);
  steps.push("acknowledged");
  expect(steps).toEqual(["writeSync", "fdatasyncSync", "acknowledged"]);
});

/** Tells of each call once it is done: its name, the file that it works on if it is an open one, and its second argument. */
function watchedFileSystem(see: (name: string, path: string, second: unknown) => void): FileSystem {
  const opened = new Map<unknown, unknown>();
  return interceptedFileSystem((call) => {
    const answer = call.proceed();
    const { args, name } = call;
    if (name === "openSync") opened.set(answer, args[0]);
    see(name, String(opened.get(args[0])), args[1]);
    return answer;
  });
}
