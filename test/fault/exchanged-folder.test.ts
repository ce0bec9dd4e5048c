import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { temporaryFolder } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

type PutBack = "at once" | "later" | "at the look" | "never";

/**
 * Somebody who may write to the store exchanges a folder for a link to another, between the look at it and the opening of a
 * file in it, and puts it back at once, at the next call, when the name was looked at and the folders were not, or never.
 */
function attacked(folder: string, file: string, putBack: PutBack, hides: boolean) {
  const root = temporaryFolder();
  const outside = temporaryFolder();
  const clock = clockAt();
  const target = join(root, ".kaizen/metrics", folder);
  const aside = `${target}-aside`;
  const path = join(target, file);
  let state: "waiting" | "exchanged" | "over" = "waiting";
  const restore = () => {
    renameSync(target, `${target}-link-${Date.now()}`);
    renameSync(aside, target);
    state = "over";
  };
  const fileSystem = interceptedFileSystem((call) => {
    // On a system that does not say where an open file is.
    if (hides && call.name === "readlinkSync") throw Object.assign(new Error("made to fail"), { code: "ENOENT" });
    const opens = call.name === "openSync" && Number(call.args[1]) !== 0 && Number(call.args[1]) & 0o3;
    const isMeant = dirname(String(call.args[0])) === target && basename(String(call.args[0])).startsWith(file);
    if (state === "exchanged" && putBack === "later") restore();
    if (state === "exchanged" && putBack === "at the look" && call.name === "lstatSync" && call.args[0] === path) {
      const seen = call.proceed();
      restore();
      return seen;
    }
    if (state !== "waiting" || !opens || !isMeant) return call.proceed();
    renameSync(target, aside);
    symlinkSync(outside, target);
    state = "exchanged";
    try {
      return call.proceed();
    } finally {
      if (putBack === "at once") restore();
    }
  });
  const { runs: executions } = openJsonl(root, { now: clock.now, lockTimeoutMs: 500, fileSystem });
  return { root, outside, executions, target, makeRun: runMaker(clock), isOver: () => state !== "waiting" };
}

const hidden = process.platform === "linux" ? [false, true] : [true];
const ways: [PutBack, boolean][] = (["at once", "later", "never"] as const).flatMap((putBack) =>
  hidden.map((hides): [PutBack, boolean] => [putBack, hides]),
);
// Where nothing says where a file is, looks at names are all there is.
if (process.platform === "linux") ways.push(["at the look", false]);

test.each(ways)(
  "a record never lands outside where the agent's folder is exchanged, and put back %s (%s)",
  async (putBack, hides) => {
    const { root, outside, executions, target, makeRun, isOver } = attacked(
      "reviewer",
      "executions.jsonl",
      putBack,
      hides,
    );
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, "executions.jsonl"), "");
    writeFileSync(join(outside, "executions.jsonl"), "not ours\n");
    const code = await codeOf(appendRun(executions, REVIEWER, makeRun()));
    expect(isOver()).toBe(true);
    expect(["UNSAFE_PATH", "IO_ERROR"]).toContain(code);
    expect(readdirSync(outside)).toEqual(["executions.jsonl"]);
    expect(readFileSync(join(outside, "executions.jsonl"), "utf8")).toBe("not ours\n");
    // Who is told by the system where the file is looks at no name, and nothing is put back.
    if (putBack === "never" || putBack === "at the look") return;
    await appendRun(executions, REVIEWER, makeRun());
    expect(readFileSync(join(root, ".kaizen/metrics/reviewer/executions.jsonl"), "utf8")).toContain("run_");
  },
);

test("a new file that was made outside is taken away again", async () => {
  const { outside, executions, makeRun, isOver } = attacked("reviewer", "summary.json", "never", false);
  const said = await appendRun(executions, REVIEWER, makeRun()).catch((error: unknown) => error);
  expect(isOver()).toBe(true);
  expect(said).toBeDefined();
  expect(readdirSync(outside)).toEqual([]);
});

test.runIf(process.platform === "linux").each(["mkdirSync", "openSync"])(
  "no folder is made outside where the one above it is exchanged before %s, and put back at once",
  async (name) => {
    const root = temporaryFolder();
    const outside = temporaryFolder();
    const clock = clockAt();
    const metrics = join(root, ".kaizen/metrics");
    const { runs: before } = openJsonl(root, { now: clock.now });
    await appendRun(before, agentNamed("writer"), runMaker(clock)());
    let exchanged = 0;
    const fileSystem = interceptedFileSystem((call) => {
      const isMeant = name === "mkdirSync" ? basename(String(call.args[0])) === REVIEWER : call.args[0] === metrics;
      if (call.name !== name || !isMeant) return call.proceed();
      exchanged += 1;
      renameSync(metrics, `${metrics}-aside`);
      symlinkSync(outside, metrics);
      try {
        return call.proceed();
      } finally {
        rmSync(metrics);
        renameSync(`${metrics}-aside`, metrics);
      }
    });
    const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
    const code = await codeOf(appendRun(executions, REVIEWER, runMaker(clock)())).catch(() => "recorded");
    expect(exchanged).toBeGreaterThan(0);
    expect(readdirSync(outside)).toEqual([]);
    expect([name, code]).toEqual([name, name === "mkdirSync" ? "recorded" : "UNSAFE_PATH"]);
  },
);

test("what is made may be written by nobody else, whatever the umask", async () => {
  const before = process.umask(0);
  try {
    const root = temporaryFolder();
    const clock = clockAt();
    const { runs: executions } = openJsonl(root, { now: clock.now });
    await appendRun(executions, REVIEWER, runMaker(clock)());
    const { statSync } = await import("node:fs");
    const made = readdirSync(join(root, ".kaizen"), { recursive: true, withFileTypes: true });
    expect(made.length).toBeGreaterThan(4);
    for (const entry of made) {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      expect([entry.name, mode]).toEqual([entry.name, entry.isDirectory() ? 0o755 : 0o644]);
    }
  } finally {
    process.umask(before);
  }
});
