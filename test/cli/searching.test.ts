import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { searchInBounds } from "../../src/cli/frame/long-search.ts";
import { runCommandHere } from "../support/command-here.ts";
import { idOf, timestampOf } from "../support/histories.ts";

const env = { KAIZEN_RETENTION_DAYS: "0" };
const LOOKED_AT = 20_000;
const MORE = 3_000;
const root = realpathSync(mkdtempSync(join(tmpdir(), "kaizen-searching-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const say = (...args: string[]) => runCommandHere(args, { root, env });
const json = async (...args: string[]) => JSON.parse((await say(...args, "--json")).stdout);

function write(agent: string, runs: number): void {
  const folder = join(root, ".kaizen", "metrics", agent);
  mkdirSync(folder, { recursive: true });
  const lines = Array.from({ length: runs }, (_, index) => {
    const ordinal = index + 1;
    const task = ordinal === 1 ? "first" : "review";
    return `${JSON.stringify({ id: idOf(ordinal), timestamp: timestampOf(ordinal), success: true, task })}\n`;
  });
  writeFileSync(join(folder, "executions.jsonl"), lines.join(""));
}

beforeAll(() => {
  write("coder", LOOKED_AT + MORE);
  write("writer", 10);
});

test.each([
  ["runs", ["runs", "coder", "--task", "first"], "runs"],
  ["runs that count as a success", ["runs", "coder", "--task", "first", "--success"], "runs"],
  ["executions", ["executions", "coder", "--task", "first"], "executions"],
])("%s that are too far back: it is said how far was searched, and how to go on", async (_, line, name) => {
  const { status, stderr, stdout } = await say(...line);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "No such run among the 20000 that were searched.\n" });
  expect(stderr).toMatch(
    /Searched 20000 runs, newest first, and there are more\. --cursor \S+ goes on from here, --search-all searches every run\.\n$/,
  );
  const first = await json(...line);
  expect(first).toMatchObject({ [name]: [], searched: LOOKED_AT, is_complete: false });
  const second = await json(...line, "--cursor", first.next_cursor);
  expect(second).toMatchObject({ searched: MORE, is_complete: true, next_cursor: null });
  expect(second[name]).toHaveLength(1);
  const all = await json(...line, "--search-all");
  expect(all).toEqual({ ...second, searched: LOOKED_AT + MORE });
});

test("a search of all agents shares its bound, and says of how many it has not seen all", async () => {
  const { stderr, stdout } = await say("runs", "--task", "first");
  // Each has its half; the writer needs ten of it, and has a run like that.
  expect(stdout).toContain(" writer ");
  expect(stderr).toMatch(/Searched 10010 runs, newest first of each agent, and 1 agent has more\. --search-all /);
  expect(await json("runs", "--task", "first")).toMatchObject({ next_cursor: null, is_complete: false });
  expect((await json("runs", "--task", "first", "--search-all")).runs).toHaveLength(2);
  // What was found stands, and nothing has to be searched further.
  expect((await say("runs", "-n", "3")).stderr).toContain("There are more: take a larger --last");
});

test("none of all is said only if all were searched", async () => {
  expect((await say("runs", "coder", "--task", "none", "--search-all")).stdout).toBe(
    `None of the ${LOOKED_AT + MORE} runs of "coder" passes these filters.\n`,
  );
  expect((await say("runs", "writer", "--task", "none")).stdout).toBe(
    'None of the 10 runs of "writer" passes these filters.\n',
  );
});

test("a search of all shows how far it is, and Ctrl-C ends it with what was found", async () => {
  const steps: string[] = [];
  const step = (what: string, done: number, total?: number) => void steps.push(`${what}: ${done} of ${total}`);
  const context = { progress: { step, bytes: step, clear: () => {} } };
  const before = process.listenerCount("SIGINT");
  const searched = await searchInBounds(
    context,
    true,
    async () => 12,
    async ({ onSearched, signal }) => {
      onSearched?.(4);
      process.emit("SIGINT", "SIGINT");
      onSearched?.(4);
      return signal?.aborted;
    },
  );
  expect(searched).toEqual({ found: true, isStopped: true, exitCode: 130 });
  expect(steps).toEqual(["runs searched: 4 of 12", "runs searched: 8 of 12"]);
  expect(process.listenerCount("SIGINT")).toBe(before);
});
