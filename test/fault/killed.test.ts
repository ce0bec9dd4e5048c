import { execFile } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleProgram } from "../support/bundle.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { expectNothingLost } from "./aftermath.ts";
import { type OperationName, operations, prepare, sweptOperations } from "./scenarios.ts";
import { sideOperations } from "./side-scenarios.ts";

interface Death {
  /** The call's number, 0 for none. */
  readonly at: number;
  readonly how: "before" | "within";
}

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
    const whole = await outlive(operation, scenario, { at: 0, how: "before" });
    expect(whole.problem).toBeUndefined();
    const all = whole.said.trim().split(" ").slice(1);
    // How the lock is taken is the same in all of them, and swept once.
    const changes = operation === swept[0]?.[0] ? all : all.slice(all.findIndex((change) => /link/.test(change)));
    // Between two changes it does not matter where: what is on disk is the same.
    const deaths = changes.flatMap((change): Death[] => {
      const [at, name] = change.split(":");
      const before: Death = { at: Number(at), how: "before" };
      return name === "writeSync" ? [before, { ...before, how: "within" }] : [before];
    });
    expect(deaths.length).toBeGreaterThan(3);
    const problems: string[] = [];
    // Two at a time: a core each on the smallest machine that this runs on.
    const lanes = [0, 1].map(async (lane) => {
      for (const death of deaths.filter((_, index) => index % 2 === lane)) {
        const { said, problem } = await outlive(operation, scenario, death);
        const where = `death ${death.how} ${changes.find((change) => change.startsWith(`${death.at}:`))}`;
        if (said !== "") problems.push(`${where}: it lived`);
        if (problem !== undefined) problems.push(`${where}: ${problem}`);
      }
    });
    await Promise.all(lanes);
    expect(problems).toEqual([]);
  });
});

/** Lets a process die in an operation, and looks at what it left. Gives what it had said, and what is wrong. */
async function outlive(operation: string, scenario: Swept, death: Death): Promise<{ said: string; problem?: string }> {
  const root = fastTemporaryFolder();
  await scenario.prepare(root);
  const said = await new Promise<string>((resolve) => {
    const args = [program.path, root, operation, String(death.at), death.how];
    execFile(process.execPath, args, (_, stdout) => resolve(stdout));
  });
  try {
    await scenario.examine(root, said !== "");
  } catch (failure) {
    return { said, problem: String(failure) };
  }
  return { said };
}
