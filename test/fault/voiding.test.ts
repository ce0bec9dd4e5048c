import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { logPath } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import {
  canFail,
  codeOfFault,
  type Fault,
  type FileSystemCall,
  failingFileSystem,
  interceptedFileSystem,
} from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, verifyRun } from "../support/single-calls.ts";
import { preparedFolders, stateOf } from "./prepared-folders.ts";
import { scenarioClock } from "./scenarios.ts";
import { metrics, open } from "./side-scenario.ts";
import { prepareRuns, prepareVoided, textsIn, voidingOf, voidingOperations, voidOf } from "./voiding-scenarios.ts";

const faults: Fault[] = ["EIO", "ENOSPC", "full", "short"];

describe.each(Object.entries(voidingOperations))("when a file system call of %s fails", (_, operation) => {
  test.each(faults)("with %s, the run counts once or is voided, as the answer says", async (fault) => {
    const names: FileSystemCall["name"][] = [];
    const counting = interceptedFileSystem((call) => {
      names.push(call.name);
      return call.proceed();
    });
    const prepared = preparedFolders(operation.prepare);
    await operation.perform(openJsonl(await prepared(), { now: scenarioClock.now, fileSystem: counting }));
    expect(names.length).toBeGreaterThan(20);
    const problems: string[] = [];
    const examined = new Set<string>();
    for (const [index, name] of names.entries()) {
      if (!canFail(name, fault)) continue;
      const root = await prepared();
      const failing = failingFileSystem(index + 1, fault);
      const options = { now: scenarioClock.now, fileSystem: failing.fileSystem, lockTimeoutMs: 50 };
      const store = openJsonl(root, options);
      const error = await operation.perform(store).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const struck = failing.struck();
      failing.heal();
      await store.runs.close();
      try {
        expect(struck).toBeDefined();
        if (error !== undefined && struck !== undefined)
          expect(error).toMatchObject({ name: "KaizenError", code: codeOfFault(fault, struck) });
        // Most calls that fail leave the same as the one before.
        const left = `${error === undefined} ${stateOf(root)}`;
        if (!examined.has(left)) await operation.examine(root, error === undefined);
        examined.add(left);
      } catch (failure) {
        problems.push(`call ${index + 1}, ${name}: ${String(error)}, and then: ${String(failure)}`);
      }
    }
    expect(problems).toEqual([]);
  });
});

test("voided and put back, every byte of log and verifications is as it was", async () => {
  const root = fastTemporaryFolder();
  await prepareRuns(root);
  const line = `{"timestamp":"2026-11-22T10:00:00Z",  "cost": 1.10, "success":1, "notes": "\u2028", "id": "${idOf(9)}"}\r`;
  appendFileSync(logPath(root, REVIEWER), `${line}\n{"success": true, "timestamp": "2026-11-22T10:00:00Z"}\n`);
  const log = () => readFileSync(logPath(root, REVIEWER), "utf8");
  const before = log();
  const voiding = voidingOf(open(root));
  for (const ordinal of [9, 1, 2]) await voiding.voidRun(REVIEWER, voidOf(ordinal));
  expect(log()).not.toContain(line);
  const voided = readFileSync(join(metrics(root), REVIEWER, "voided.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  expect(JSON.parse(voided[0] ?? "")).toMatchObject({ id: idOf(9), line, reason: "a typo", voided_by: "human" });
  for (const ordinal of [2, 1, 9]) await voiding.undo(REVIEWER, idOf(ordinal));
  expect(log()).toBe(before);
  expect(textsIn(root).at(-1)).toBe("");
});

test("a run that repeats it does not count in its place, and one that shares its line keeps it", async () => {
  const root = fastTemporaryFolder();
  await prepareRuns(root);
  const log = logPath(root, REVIEWER);
  const lines = readFileSync(log, "utf8").split("\n");
  appendFileSync(log, `${lines[1]}\n`);
  const store = open(root);
  const voiding = voidingOf(store);
  await voiding.voidRun(REVIEWER, voidOf(2));
  expect((await store.runs.overview(REVIEWER)).view.tally.runs).toBe(2);
  await voiding.undo(REVIEWER, idOf(2));
  expect((await store.runs.overview(REVIEWER)).view.tally.runs).toBe(3);
  appendFileSync(log, `${lines[0]?.replace(idOf(1), idOf(8))}${lines[0]?.replace(idOf(1), idOf(9))}\n`);
  expect(await codeOf(voiding.voidRun(REVIEWER, voidOf(8)))).toBe("INVALID_ARGUMENT");
  expect((await store.runs.overview(REVIEWER)).view.tally.runs).toBe(5);
});

test("what two clones merge back into the log counts, and is voided again", async () => {
  const root = fastTemporaryFolder();
  await prepareRuns(root);
  const line = readFileSync(logPath(root, REVIEWER), "utf8").split("\n")[1];
  const store = open(root);
  await voidingOf(store).voidRun(REVIEWER, voidOf(2));
  appendFileSync(logPath(root, REVIEWER), `${line}\n`);
  expect((await store.runs.overview(REVIEWER)).view.tally.runs).toBe(3);
  expect(await voidingOf(store).voidedRuns(REVIEWER)).toEqual([]);
  expect((await store.files?.examine(() => {}))?.findings.filter(({ kind }) => kind === "damage")).not.toContainEqual(
    expect.objectContaining({ file: expect.stringContaining("voided") }),
  );
  await voidingOf(store).voidRun(REVIEWER, { ...voidOf(2), reason: "again" });
  expect(await voidingOf(store).voidedRuns(REVIEWER)).toMatchObject([{ reason: "again" }]);
  await voidingOf(store).undo(REVIEWER, idOf(2));
  expect((await store.runs.overview(REVIEWER)).verified.verified.runs).toBe(2);
});

test("expired ones leave with a prune, and all is sound before and after", async () => {
  const root = fastTemporaryFolder();
  await prepareVoided(root);
  const findings = async () => (await open(root).files?.examine(() => {}))?.findings;
  expect(await findings()).toEqual([]);
  const later = openJsonl(root, { now: () => scenarioClock.now() + 40 * 86_400_000 });
  await later.retention.prune(REVIEWER);
  expect(textsIn(root).at(-1)).toBe("");
  appendFileSync(join(metrics(root), REVIEWER, "voided.jsonl"), '{"id": "torn\n');
  expect(await findings()).toMatchObject([{ kind: "damage", reason: "it is not a voided run" }]);
});

test("a store in which nothing was voided is not asked for it when runs are recorded, checked and read", async () => {
  const root = fastTemporaryFolder();
  const asked: string[] = [];
  const fileSystem = interceptedFileSystem((call) => {
    if (call.args.some((arg) => typeof arg === "string" && arg.includes("voided"))) asked.push(call.name);
    return call.proceed();
  });
  const { runs } = openJsonl(root, { now: scenarioClock.now, fileSystem });
  await appendRun(runs, REVIEWER, runMaker(scenarioClock)());
  const timestamp = "2026-11-22T10:00:00Z";
  await verifyRun(runs, REVIEWER, { execution_id: idOf(1), success: true, verified_by: "ci", timestamp });
  await runs.overview(REVIEWER);
  await runs.changeToken();
  expect(asked).toEqual([]);
  expect(existsSync(join(metrics(root), REVIEWER, "voided.jsonl"))).toBe(false);
});
