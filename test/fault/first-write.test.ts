import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleProgram } from "../support/bundle.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { fileSystemError, interceptedFileSystem, moveHalf } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder, temporaryFolder } from "../support/places.ts";
import { agentNamed, clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

/** What the first write of a project, and of an agent, makes. */

const clock = clockAt();

describe("the list of what git leaves out", () => {
  test("is made by the first write, beside what stands in the folder already, also by another program", async () => {
    const byOthers = [
      () => {},
      (root: string) => mkdirSync(join(root, ".kaizen")),
      (root: string) => writeForeignLines(root, REVIEWER, [{ success: true }]),
    ];
    for (const prepare of byOthers) {
      const root = fastTemporaryFolder();
      prepare(root);
      await appendRun(openJsonl(root, { now: clock.now }).runs, REVIEWER, runMaker(clock)());
      expect(readFileSync(join(root, ".kaizen", ".gitignore"), "utf8")).toContain(".index/");
    }
  });

  test("is there wherever the locks are, so that who dies in between leaves it to the next one", async () => {
    const root = fastTemporaryFolder();
    const path = join(root, ".kaizen", ".gitignore");
    const locks = join(root, ".kaizen", "metrics", ".locks");
    const seen: boolean[] = [];
    const fileSystem = interceptedFileSystem((call) => {
      if (existsSync(locks)) seen.push(existsSync(path));
      return call.proceed();
    });
    await appendRun(openJsonl(root, { now: clock.now, fileSystem }).runs, REVIEWER, runMaker(clock)());
    expect(new Set(seen)).toEqual(new Set([true]));
  });

  test("is whole or not there, where the disk fills up under it", async () => {
    const root = fastTemporaryFolder();
    const path = join(root, ".kaizen", ".gitignore");
    const fileSystem = interceptedFileSystem((call) => {
      if (call.name !== "writeSync" || !String(call.args[1]).includes(".index/")) return call.proceed();
      moveHalf(call);
      throw fileSystemError("ENOSPC", call.name);
    });
    const full = openJsonl(root, { now: clock.now, fileSystem }).runs;
    await expect(appendRun(full, REVIEWER, runMaker(clock)())).rejects.toMatchObject({ code: "DISK_FULL" });
    expect(existsSync(path)).toBe(false);
    await appendRun(openJsonl(root, { now: clock.now }).runs, REVIEWER, runMaker(clock)());
    expect(readFileSync(path, "utf8")).toContain(".index/");
  });

  test("stays as it stands there, also where our first write finds it", async () => {
    const root = fastTemporaryFolder();
    writeForeignLines(root, REVIEWER, [{ success: true }]);
    writeFileSync(join(root, ".kaizen", ".gitignore"), "");
    await appendRun(openJsonl(root, { now: clock.now }).runs, REVIEWER, runMaker(clock)());
    expect(readFileSync(join(root, ".kaizen", ".gitignore"), "utf8")).toBe("");
  });

  test("stays as the user has changed it, and away where the user has removed it", async () => {
    const root = fastTemporaryFolder();
    const path = join(root, ".kaizen", ".gitignore");
    const makeRun = runMaker(clock);
    const write = async (agent: string) => {
      const { runs: executions, advice: optimizer } = openJsonl(root, { now: clock.now });
      await appendRun(executions, agentNamed(agent), makeRun());
      await optimizer.writeAnalysis({});
      await executions.close();
    };
    await write("one");
    writeFileSync(path, "mine\n");
    await write("two");
    expect(readFileSync(path, "utf8")).toBe("mine\n");
    rmSync(path);
    await write("three");
    expect(existsSync(path)).toBe(false);
  });
});

describe("two processes that name a new agent at the same moment, one in another case", () => {
  let program: ReturnType<typeof bundleProgram>;
  beforeAll(() => {
    program = bundleProgram(new URL("./name-program.ts", import.meta.url));
  });
  afterAll(() => program.remove());

  test("make one agent, and the other is told its name", async () => {
    for (let round = 0; round < 3; round += 1) {
      const root = temporaryFolder();
      const names = ["code-reviewer", "Code-Reviewer", "CODE-reviewer"];
      const processes = names.map((name) => spawn(process.execPath, [program.path, root, name]));
      await Promise.all(processes.map(({ stdout }) => once(stdout, "data")));
      const answers = processes.map(lastWords);
      for (const { stdin } of processes) stdin.write("go");
      const said = await Promise.all(answers);
      const [made, ...others] = readdirSync(join(root, ".kaizen", "metrics")).filter((name) => !name.startsWith("."));
      expect(others).toEqual([]);
      const expected = names.map((name) => (name === made ? "recorded" : `INVALID_AGENT ${made}`));
      expect(said).toEqual(expected);
    }
  });
});

async function lastWords(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += String(chunk);
  });
  await once(child, "close");
  return text.trim();
}
