import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Fault, type FileSystemCall, failingFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { temporaryFolder } from "../support/places.ts";
import { expectNothingLost } from "./aftermath.ts";
import { type OperationName, operationNames, operations, prepare, scenarioClock } from "./scenarios.ts";

const codes: Record<Fault, string | undefined> = {
  ENOSPC: "DISK_FULL",
  full: "DISK_FULL",
  EIO: "IO_ERROR",
  EACCES: "READ_ONLY",
  EROFS: "READ_ONLY",
  short: undefined,
};
const faults: Fault[] = ["EIO", "ENOSPC", "EACCES", "full", "short"];

/** More calls than any operation makes: a sweep that goes on this long does not end. */
const MOST_CALLS = 1000;

describe.each(operationNames)("when a file system call of %s fails", (operation) => {
  test.each(faults)(
    "with %s, the error says so, nothing is lost, and the next call works",
    { timeout: 60_000 },
    async (fault) => {
      const problems: string[] = [];
      for (let at = 1; at <= MOST_CALLS; at += 1) {
        const { struck, problem } = await strike(operation, at, fault);
        if (struck === undefined) break;
        if (problem !== undefined) problems.push(problem);
      }
      expect(problems).toEqual([]);
    },
  );
});

/** Performs an operation whose n-th call fails, and looks at what is left. `struck` is the call, if it made so many. */
async function strike(
  operation: OperationName,
  at: number,
  fault: Fault,
): Promise<{ struck: FileSystemCall | undefined; problem?: string }> {
  const root = temporaryFolder();
  await prepare(root, operation);
  const descriptors = openDescriptors();
  const failing = failingFileSystem(at, fault);
  const options = { now: scenarioClock.now, fileSystem: failing.fileSystem, lockTimeoutMs: 200 };
  const { executions } = openJsonl(root, options);
  const error = await operations[operation].perform(executions).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const struck = failing.struck();
  if (struck?.failed === false) return { struck };
  failing.heal();
  try {
    if (error !== undefined) expect(error).toMatchObject({ name: "KaizenError", code: codes[fault] });
    const recorded = operations[operation].records && error === undefined;
    await expectNothingLost(root, operation, recorded ? "present" : "absent", executions);
    expect(openDescriptors()).toBe(descriptors);
    return { struck };
  } catch (failure) {
    const outcome = error === undefined ? "the call succeeded" : `the call said ${String(error)}`;
    const path = String(struck?.args.join(" ")).replaceAll(root, "");
    return { struck, problem: `call ${at}, ${struck?.name} ${path}: ${outcome}, and then: ${String(failure)}` };
  }
}

/** Descriptors that this process has open; nothing to compare where the system does not tell. */
function openDescriptors(): number {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}
