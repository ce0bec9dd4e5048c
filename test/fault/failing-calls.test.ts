import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  canFail,
  codeOfFault,
  type Fault,
  type FileSystemCall,
  failingFileSystem,
  fileSystemError,
  interceptedFileSystem,
} from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { REVIEWER } from "../support/runs.ts";
import { expectNothingLost } from "./aftermath.ts";
import { preparedFolders } from "./prepared-folders.ts";
import { type OperationName, operations, prepare, scenarioClock, sweptOperations } from "./scenarios.ts";

const faults: Fault[] = ["EIO", "ENOSPC", "EACCES", "full", "short"];

describe.each(sweptOperations)("when a file system call of %s fails", (operation) => {
  test.each(faults)("with %s, the error says so, nothing is lost, and the next call works", async (fault) => {
    const prepared = preparedFolders((root) => prepare(root, operation));
    const calls = await callsOf(operation, await prepared());
    expect(calls.length).toBeGreaterThan(20);
    const problems: string[] = [];
    // How the lock is taken is the same in all of them, and swept once.
    const first =
      operation === sweptOperations[0] ? 0 : calls.findIndex((name) => /link/.test(name) && !/read/.test(name));
    for (const [index, name] of calls.entries()) {
      if (index < first || !canFail(name, fault)) continue;
      const problem = await strike(operation, await prepared(), index + 1, fault);
      if (problem !== undefined) problems.push(problem);
    }
    expect(problems).toEqual([]);
  });
});

test("what may not be read is said to be that, and nothing of writing", async () => {
  const root = fastTemporaryFolder();
  await prepare(root, "append");
  const names = ["openSync", "lstatSync", "fstatSync"] as const;
  for (const name of names) {
    const fileSystem = interceptedFileSystem((call) => {
      if (call.name === name) throw fileSystemError("EACCES", call.name);
      return call.proceed();
    });
    const { runs: executions, advice: optimizer } = openJsonl(root, { now: scenarioClock.now, fileSystem });
    const calls = [executions.overview(REVIEWER), executions.existingKeys(REVIEWER, ["x"]), optimizer.readAnalysis()];
    for (const call of name === "lstatSync" ? calls : calls.slice(0, 2)) {
      const error = await call.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "IO_ERROR", message: expect.stringContaining("may not be read (EACCES)") });
      expect(error).toMatchObject({ message: expect.not.stringMatching(/writ|recorded/) });
    }
  }
});

test("a fault of ours is not laid at the door of the file system", async () => {
  const root = fastTemporaryFolder();
  await prepare(root, "append");
  await openJsonl(root, { now: scenarioClock.now }).advice.writeAnalysis({});
  const ofNode = Object.assign(new TypeError("undefined is no buffer"), { code: "ERR_INVALID_ARG_TYPE" });
  for (const fault of [new TypeError("undefined is not a log"), ofNode]) {
    const fileSystem = interceptedFileSystem((call) => {
      if (call.name === "readSync") throw fault;
      return call.proceed();
    });
    const {
      runs: executions,
      advice: optimizer,
      files: health,
    } = openJsonl(root, { now: scenarioClock.now, fileSystem });
    for (const call of [executions.overview(REVIEWER), optimizer.readAnalysis()]) {
      expect(await call.catch((thrown: unknown) => thrown)).toBe(fault);
    }
    const finding = { kind: "damage", agent: REVIEWER, file: "", reason: "", lost: true, repair: "" } as const;
    expect(await health.repair([finding], () => {}).catch((thrown: unknown) => thrown)).toBe(fault);
  }
});

/** The calls that an operation makes, in their order, which is the same each time. */
async function callsOf(operation: OperationName, root: string): Promise<FileSystemCall["name"][]> {
  const calls: FileSystemCall["name"][] = [];
  const fileSystem = interceptedFileSystem((call) => {
    calls.push(call.name);
    return call.proceed();
  });
  await operations[operation].perform(openJsonl(root, { now: scenarioClock.now, fileSystem }).runs);
  return calls;
}

/** Performs an operation whose n-th call fails, and looks at what is left. Says what is wrong, if anything is. */
async function strike(operation: OperationName, root: string, at: number, fault: Fault): Promise<string | undefined> {
  const descriptors = openDescriptors();
  const failing = failingFileSystem(at, fault);
  const options = { now: scenarioClock.now, fileSystem: failing.fileSystem, lockTimeoutMs: 200 };
  const { runs: executions } = openJsonl(root, options);
  const error = await operations[operation].perform(executions).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const struck = failing.struck();
  failing.heal();
  try {
    expect(struck).toBeDefined();
    if (error !== undefined && struck !== undefined)
      expect(error).toMatchObject({ name: "KaizenError", code: codeOfFault(fault, struck) });
    const recorded = operations[operation].records && error === undefined;
    await expectNothingLost(root, operation, recorded ? "present" : "absent", executions);
    expect(openDescriptors()).toBe(descriptors);
    return undefined;
  } catch (failure) {
    const outcome = error === undefined ? "the call succeeded" : `the call said ${String(error)}`;
    const paths = struck?.args
      .filter((arg) => typeof arg === "string")
      .join(" ")
      .replaceAll(root, "");
    return `call ${at}, ${struck?.name} ${paths}: ${outcome}, and then: ${String(failure)}`;
  }
}

/** Descriptors that this process has open; nothing to compare where the system does not tell. */
function openDescriptors(): number {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}
