import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { readLogStrictly } from "../support/foreign-writer.ts";
import { temporaryFolder } from "../support/places.ts";
import { mountSmallDisk } from "../support/small-disk.ts";

const probe = mountSmallDisk(64);
probe?.remove();

test.skipIf(probe === undefined)(
  "an import that the disk has no room for says how many runs it has added",
  async () => {
    const disk = mountSmallDisk(300);
    if (disk === undefined) throw new Error("a disk could be mounted a moment ago");
    onTestFinished(() => disk.remove());
    const timestamp = new Date(Date.now() - 60_000).toISOString();
    const notes = "n".repeat(100);
    const runs = Array.from({ length: 3_000 }, (_, n) => JSON.stringify({ success: true, timestamp, notes, n }));
    const file = join(temporaryFolder(), "runs.jsonl");
    writeFileSync(file, `${runs.join("\n")}\n`);
    const ran = await runCommand(["import", file, "--agent", "reviewer"], { root: disk.path });
    const added = readLogStrictly(disk.path, "reviewer").length;
    expect(added).toBeGreaterThan(0);
    expect(ran).toMatchObject({
      status: 1,
      stdout: "",
      stderr:
        `kaizen-metrics: The disk is full (ENOSPC) while recording a run. ${added} runs had been added. ` +
        "Free some space and try again. Import again once the cause is gone: what is here is not added again.\n",
    });
  },
);
