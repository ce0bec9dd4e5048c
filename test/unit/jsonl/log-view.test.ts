import { closeSync, mkdirSync, openSync } from "node:fs";
import { expect, it } from "vitest";
import { agentNameSchema } from "../../../src/domain/run/agent-name.ts";
import { DAY_MS, formatInstant } from "../../../src/domain/run/time.ts";
import { Layout } from "../../../src/storage/jsonl/files/layout.ts";
import { LogView } from "../../../src/storage/jsonl/run-view/log-view.ts";
import { logPath, writeForeignLines } from "../../support/foreign-writer.ts";
import { idOf } from "../../support/histories.ts";
import { fileSystemError, interceptedFileSystem } from "../../support/intercepted-file-system.ts";
import { fastTemporaryFolder } from "../../support/places.ts";

const agent = agentNameSchema.parse("reviewer");
const NOON = Date.UTC(2026, 10, 22, 12);

it("a checkpoint that is saved drops nothing of what the view knows", async () => {
  const root = fastTemporaryFolder();
  const runs = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => {
      const at = NOON - DAY_MS / 2 + ((from + n) * DAY_MS) / 10_000;
      return { success: true, id: idOf(from + n), timestamp: formatInstant(at) };
    });
  writeForeignLines(root, agent, runs(0, 5000));
  let bytesRead = 0;
  const fileSystem = interceptedFileSystem((call) => {
    const answer = call.proceed();
    if (call.name === "readSync") bytesRead += Number(answer);
    return answer;
  });
  const files = new Layout(fileSystem, root).agent(agent);
  mkdirSync(files.index);
  const view = new LogView({ fileSystem, files, retentionDays: 30, onNotice: () => {} });
  const fd = openSync(logPath(root, agent), "r");
  // Through the middle of the day on which all of them ended.
  const cutoff = NOON - DAY_MS / 4;
  await view.catchUp(fd);
  expect((await view.live(fd, cutoff)).tally.runs).toBe(2500);
  const before = bytesRead;
  view.saveSnapshot(fd);
  expect((await view.live(fd, cutoff)).tally.runs).toBe(2500);
  expect(view.rebuilds).toBe(1);
  expect(bytesRead - before).toBeLessThan(20_000);
  closeSync(fd);
});

it("a rebuild that fails half way leaves nothing to go on from", async () => {
  const root = fastTemporaryFolder();
  const runs = Array.from({ length: 5000 }, (_, n) => ({
    success: true,
    timestamp: formatInstant(NOON + n),
    notes: "n".repeat(60),
  }));
  writeForeignLines(root, agent, runs);
  let reads = 0;
  const fileSystem = interceptedFileSystem((call) => {
    if (call.name !== "readSync" || Number(call.args[3]) < 10_000) return call.proceed();
    reads += 1;
    if (reads === 2) throw fileSystemError("EIO", call.name);
    return call.proceed();
  });
  const files = new Layout(fileSystem, root).agent(agent);
  const view = new LogView({ fileSystem, files, retentionDays: 30, onNotice: () => {} });
  const fd = openSync(logPath(root, agent), "r");
  const cutoff = NOON - DAY_MS;
  await expect(view.rebuild(fd)).rejects.toThrow("EIO");
  await view.catchUp(fd);
  expect((await view.live(fd, cutoff)).tally.runs).toBe(5000);
  closeSync(fd);
});
