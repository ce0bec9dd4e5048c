import { execFile } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleProgram } from "../support/bundle.ts";
import { expectNothingLost } from "./aftermath.ts";
import type { Death } from "./kill-program.ts";
import { preparedFolders, stateOf } from "./prepared-folders.ts";
import { type OperationName, operations, prepare, sweptOperations } from "./scenarios.ts";
import { sideOperations } from "./side-scenarios.ts";
import { changesOf } from "./swept-operations.ts";

let program: ReturnType<typeof bundleProgram>;
beforeAll(() => {
  program = bundleProgram(new URL("./kill-program.ts", import.meta.url));
});
afterAll(() => program.remove());

/** Prepares a folder, and looks at what a process that died in it has left; it fails where something is wrong. */
interface Swept {
  prepare(root: string): Promise<void>;
  examine(root: string, hasAnswered: boolean): Promise<void>;
}

const inLog = (operation: OperationName): Swept => ({
  prepare: (root) => prepare(root, operation),
  examine(root, hasAnswered) {
    const expected = operations[operation].records ? (hasAnswered ? "present" : "either") : "absent";
    return expectNothingLost(root, operation, expected);
  },
});

const swept: [string, Swept][] = [
  ...sweptOperations.map((name): [string, Swept] => [name, inLog(name)]),
  ...Object.entries(sideOperations),
];

describe.each(swept)("a process that is killed in: %s", (operation, scenario) => {
  test("before or within any call that changes the disk has lost nothing that it had acknowledged", async () => {
    const prepared = preparedFolders((root) => scenario.prepare(root));
    const root = await prepared();
    const all = await changesOf(operation, root);
    await scenario.examine(root, true);
    // How the lock is taken is the same in all of them, and swept once.
    const changes = operation === swept[0]?.[0] ? all : all.slice(all.findIndex(({ name }) => /link/.test(name)));
    // Between two changes it does not matter where: what is on disk is the same.
    const deaths: Death[] = [];
    for (const { name, number: at } of changes) {
      for (const how of name === "writeSync" ? (["before", "within"] as const) : (["before"] as const))
        deaths.push({ root: await prepared(), at, how });
    }
    expect(deaths.length).toBeGreaterThan(3);
    expect(await run(operation, deaths)).toEqual({ status: "SIGKILL", said: [] });
    const problems: string[] = [];
    const examined = new Set<string>();
    for (const { root, at, how } of deaths) {
      const left = stateOf(root);
      if (examined.has(left)) continue;
      examined.add(left);
      await scenario.examine(root, false).catch((failure) => {
        problems.push(`death ${how} call ${at}, ${changes.find(({ number }) => number === at)?.name}: ${failure}`);
      });
    }
    expect(problems).toEqual([]);
  });
});

/** Lets a process die in an operation. Gives how it ended, and what it has said of those that it lived to acknowledge. */
function run(operation: string, deaths: readonly Death[]): Promise<{ status: unknown; said: string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program.path, operation, JSON.stringify(deaths)], (error, stdout) => {
      resolve({ status: error?.signal ?? error?.code ?? 0, said: stdout.split("\n").filter((line) => line !== "") });
    });
  });
}
