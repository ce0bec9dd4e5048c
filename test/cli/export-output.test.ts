import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { cleanEnvironment } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { writeForeignLines, writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";
import { mountSmallDisk } from "../support/small-disk.ts";

/** So many runs, the last of them a minute ago. */
function history(count: number): JsonObject[] {
  return Array.from({ length: count }, (_, index) => ({
    id: idOf(index + 1),
    success: true,
    timestamp: new Date(Date.now() - (count - index) * 60_000).toISOString(),
  }));
}

test("without a file of its own an export goes to stdout, also where that is called -", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "reviewer", history(1));
  const cwd = temporaryFolder();
  const [printed, dashed, spans] = await Promise.all([
    runCommandHere(["export"], { root, cwd }),
    runCommandHere(["export", "--output", "-"], { root, cwd }),
    // Without --output they would be sent.
    runCommandHere(["export", "--format", "otlp", "--output", "-"], { root, cwd }),
  ]);
  expect(dashed).toEqual(printed);
  expect(JSON.parse(spans.stdout)).toHaveProperty("resourceSpans");
  expect(readdirSync(cwd)).toEqual([]);
  const both = await runCommandHere(["export", "--output", "-", "--json"], { root, cwd });
  expect(both).toMatchObject({ status: 2, stdout: "" });
  const nowhere = await runCommandHere(["export", "--output", ""], { root, cwd });
  expect(nowhere).toMatchObject({ status: 2, stderr: expect.stringContaining("--output names no file") });
});

const probe = mountSmallDisk(64);
probe?.remove();

test.skipIf(probe === undefined)(
  "an export that fills the disk leaves the file as it was, and nothing beside it",
  async () => {
    const disk = mountSmallDisk(64);
    if (disk === undefined) throw new Error("a disk could be mounted a moment ago");
    onTestFinished(() => disk.remove());
    const root = temporaryFolder();
    writeForeignLines(root, "reviewer", history(2_000));
    const output = join(disk.path, "runs.jsonl");
    writeFileSync(output, "old");
    const failed = await runCommandHere(["export", "--output", output], { root });
    expect(failed).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/\(ENOSPC\)\. Free some space/),
    });
    expect([readdirSync(disk.path), readFileSync(output, "utf8")]).toEqual([["runs.jsonl"], "old"]);
  },
);

test.each(["SIGINT", "SIGTERM"] as const)(
  "an export that %s ends leaves the file as it was, and nothing beside it",
  async (signal) => {
    const root = temporaryFolder();
    const line = '{"success": true, "timestamp": "2026-11-22T10:00:00Z"}\n';
    // Far more than can be written before we look.
    writeForeignText(root, "reviewer", Buffer.alloc(line.length * 1_000_000, line));
    const folder = temporaryFolder();
    const output = join(folder, "runs.jsonl");
    writeFileSync(output, "old");
    const watcher = watch(folder);
    const begun = once(watcher, "change");
    const child = spawn(process.execPath, [bundle, "export", "--output", output, "--root", root], {
      env: cleanEnvironment(),
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = once(child, "exit");
    await begun;
    watcher.close();
    expect(readdirSync(folder)).toContainEqual(expect.stringMatching(/^runs\.jsonl\.part-/));
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect([readdirSync(folder), readFileSync(output, "utf8")]).toEqual([["runs.jsonl"], "old"]);
  },
);

test("a link is followed, and one that leads nowhere is refused, as it is", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "reviewer", history(1));
  const folder = temporaryFolder();
  const [link, broken, target] = ["link", "broken", "target"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  symlinkSync(target, link);
  symlinkSync(join(folder, "gone"), broken);
  writeFileSync(target, "old");
  expect(await runCommandHere(["export", "--output", link], { root })).toMatchObject({ status: 0 });
  expect(readlinkSync(link)).toBe(target);
  expect(readFileSync(target, "utf8")).toContain(idOf(1));
  const refused = await runCommandHere(["export", "--output", broken], { root });
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("is a symbolic link that leads nowhere"),
  });
  expect(readdirSync(folder).sort()).toEqual(["broken", "link", "target"]);
});

test("a file that is replaced keeps who may read it", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "reviewer", history(1));
  const output = join(temporaryFolder(), "runs.csv");
  writeFileSync(output, "old", { mode: 0o600 });
  expect(await runCommandHere(["export", "--format", "csv", "--output", output], { root })).toMatchObject({
    status: 0,
  });
  expect(readFileSync(output, "utf8")).toContain(idOf(1));
  expect(statSync(output).mode & 0o777).toBe(0o600);
});
