import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NewLifecycleEvent } from "../../src/domain/coverage/lifecycle-event.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { codeOfFault, failingFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, namesOf } from "../support/single-calls.ts";

function setUp() {
  const root = fastTemporaryFolder();
  let now = clockAt().now();
  const clock = { now: () => now, advanceDays: (days: number) => (now += days * DAY_MS) };
  const notices: string[] = [];
  const store = () => openJsonl(root, { now: clock.now, onNotice: (notice) => notices.push(notice) });
  const open = () => store().lifecycle;
  const folder = join(root, ".kaizen", "metrics", REVIEWER);
  const file = join(folder, "lifecycle.jsonl");
  const seen = (
    key: string,
    event: NewLifecycleEvent["event"] = "started",
    more: Partial<NewLifecycleEvent> = {},
  ): NewLifecycleEvent => ({
    key,
    event,
    timestamp: formatInstant(now),
    ...more,
  });
  const lifecycle = open();
  return {
    root,
    clock,
    notices,
    store,
    open,
    folder,
    seen,
    lifecycle,
    file,
    /** Of the lines in the file; of one that holds no lifecycle event there is none. */
    keys: () => {
      const lines = readFileSync(file, "utf8").trimEnd().split("\n");
      return lines.map((line) => /"key": "(\w+)"/.exec(line)?.[1]);
    },
    async see(...keys: string[]) {
      for (const key of keys) await lifecycle.observe(REVIEWER, seen(key));
    },
    counts: async (of = lifecycle) => (await of.overview(REVIEWER))?.seen,
  };
}

test("a lifecycle event is a line in the style of ADR-004, and nothing else is written beside it", async () => {
  const { file, folder, seen, lifecycle } = setUp();
  await lifecycle.observe(REVIEWER, seen("a1", "ended", { agent_type: "prüfer", duration_s: 12.5, reported: true }));
  expect(readFileSync(file, "utf8")).toBe(
    '{"agent": "reviewer", "agent_type": "pr\\u00fcfer", "duration_s": 12.5, "event": "ended", ' +
      '"first_seen": "2026-11-22T10:00:00Z", "key": "a1", "reported": true, "timestamp": "2026-11-22T10:00:00Z"}\n',
  );
  expect(existsSync(join(folder, "executions.jsonl")) || existsSync(join(folder, "summary.json"))).toBe(false);
});

test("what a crash has torn counts whole or not at all, wherever it was cut, and stops no later one", async () => {
  const { clock, counts, file, open, see, seen, lifecycle } = setUp();
  await see("a1");
  const acknowledged = readFileSync(file).length;
  await see("a2");
  const whole = readFileSync(file);
  await lifecycle.close();
  clock.advanceDays(1 / 24);
  const problems: string[] = [];
  for (let cut = acknowledged; cut <= whole.length; cut += 1) {
    writeFileSync(file, whole);
    truncateSync(file, cut);
    const reader = open();
    // Without its newline it may still be under way.
    if ((await counts(reader))?.started !== (cut === whole.length ? 2 : 1)) problems.push(`read ${cut}`);
    const isCounted = cut >= whole.length - 1;
    await open().observe(REVIEWER, seen("a2", "ended"));
    const overview = await reader.overview(REVIEWER);
    const damaged = isCounted || cut === acknowledged ? 0 : 1;
    if (overview?.seen.started !== 2 || overview.seen.ended !== 1) problems.push(`figures ${cut}`);
    if (overview?.unreadable !== damaged) problems.push(`damage ${cut}`);
    // What was there but for its newline is known, also as to when it was first seen.
    const firstSeen = isCounted ? "2026-11-22T10:00:00Z" : "2026-11-22T11:00:00Z";
    if (!readFileSync(file, "utf8").trimEnd().split("\n").at(-1)?.includes(firstSeen)) problems.push(`copied ${cut}`);
  }
  expect(problems).toEqual([]);
});

describe("when others change the file", () => {
  test("what was known of it holds no more, and a union of two branches counts every run once", async () => {
    const { counts, file, open, see, lifecycle, seen } = setUp();
    await see("a1", "a2");
    const ours = readFileSync(file, "utf8");
    await see("a3");
    await lifecycle.observe(REVIEWER, seen("a1", "ended"));
    const theirs = readFileSync(file, "utf8");
    renameSync(file, `${file}.old`);
    writeFileSync(file, theirs + ours);
    for (const store of [lifecycle, open()]) expect(await counts(store)).toMatchObject({ started: 3, ended: 1 });
    writeFileSync(file, ours);
    for (const store of [lifecycle, open()]) expect(await counts(store)).toMatchObject({ started: 2, ended: 0 });
    rmSync(file);
    for (const store of [lifecycle, open()]) expect(await store.overview(REVIEWER)).toBeUndefined();
  });

  test("lines that hold no lifecycle event are counted and named, and hide no other", async () => {
    const { file, notices, see, lifecycle } = setUp();
    await see("a1");
    const noInstant = '{"agent": "a", "key": "k", "event": "ended", "timestamp": "", "first_seen": "soon"}\n';
    appendFileSync(file, `<<<<<<< HEAD\n\n${noInstant}`);
    await see("a2");
    expect(await lifecycle.overview(REVIEWER)).toMatchObject({ seen: { started: 2 }, unreadable: 2 });
    expect(notices.filter((notice) => notice.includes("lifecycle.jsonl"))).toHaveLength(2);
  });

  test("a link in its place is refused for that agent, counts as damage, and hides no other", async () => {
    const { root, file, folder, see, lifecycle, seen } = setUp();
    await see("a1");
    mkdirSync(join(root, "elsewhere"));
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    symlinkSync(join(root, "elsewhere", "target"), file);
    expect(await codeOf(lifecycle.observe(REVIEWER, seen("a2")))).toBe("UNSAFE_PATH");
    expect(await codeOf(lifecycle.find(REVIEWER, "a1"))).toBe("UNSAFE_PATH");
    expect(await lifecycle.overview(REVIEWER)).toMatchObject({ seen: { started: 0 }, unreadable: 1 });
    expect(await namesOf(lifecycle)).toEqual([]);
    expect(await lifecycle.changeToken(REVIEWER)).toBeTypeOf("string");
    expect(existsSync(join(root, "elsewhere", "target"))).toBe(false);
  });
});

test("runs leave the file with the day on which they were first seen, all lines of each together", async () => {
  const { clock, keys, file, see, seen, lifecycle } = setUp();
  await see("old", "across");
  clock.advanceDays(1);
  await see("young");
  await lifecycle.observe(REVIEWER, seen("across", "ended"));
  appendFileSync(file, "not a lifecycle event\n");
  clock.advanceDays(28);
  // Most of the last ones agree with the clock, to a tenth of the retention.
  await see("n1", "n2", "n3", "n4", "n5");
  clock.advanceDays(2);
  await see("new");
  expect(keys()).toEqual(["young", undefined, "n1", "n2", "n3", "n4", "n5", "new"]);
});

test("a clock that is far ahead hides runs, and deletes none of them, before most lifecycle events agree with it", async () => {
  const { clock, counts, keys, see, lifecycle } = setUp();
  await see(...Array.from({ length: 25 }, (_, index) => `old${index}`));
  clock.advanceDays(5000);
  await see(...Array.from({ length: 10 }, (_, index) => `wrong${index}`));
  expect(await counts()).toMatchObject({ started: 10 });
  expect(keys()).toHaveLength(35);
  clock.advanceDays(-5000);
  expect(await counts()).toMatchObject({ started: 35 });
  clock.advanceDays(5000);
  await see(...Array.from({ length: 2 }, (_, index) => `right${index}`));
  expect(keys()).toHaveLength(12);
  await lifecycle.close();
});

test("those of a large file that the last lifecycle events agree have expired leave it once they are a quarter of it", async () => {
  for (const [old, kept] of [
    [300, 1_301],
    [400, 1_001],
  ] as const) {
    const { clock, file, folder, keys, see } = setUp();
    const addLines = (name: string, count: number) => {
      const at = formatInstant(clock.now());
      const line = (key: string) =>
        `{"agent": "reviewer", "event": "started", "first_seen": "${at}", "key": "${key}", "timestamp": "${at}"}\n`;
      appendFileSync(file, Array.from({ length: count }, (_, index) => line(`${name}${index}`)).join(""));
    };
    mkdirSync(folder, { recursive: true });
    addLines("old", old);
    clock.advanceDays(29);
    addLines("young", 1_000);
    // By the clock alone every one of them has expired.
    clock.advanceDays(31);
    await see("new");
    expect(keys()).toHaveLength(kept);
  }
});

test("what killed hooks have left under way is swept by the next one that has as much to do", async () => {
  const { clock, folder, see } = setUp();
  await see("old");
  const leftover = join(folder, "lifecycle.jsonl.tmp-1-1");
  const inIndex = join(folder, ".index", "lifecycle.json.tmp-1-1");
  mkdirSync(join(folder, ".index"));
  for (const path of [leftover, inIndex]) writeFileSync(path, "{");
  await see("new");
  expect([leftover, inIndex].map((path) => existsSync(path))).toEqual([true, true]);
  clock.advanceDays(28);
  await see("n1", "n2", "n3");
  clock.advanceDays(4);
  await see("n4");
  expect(existsSync(leftover)).toBe(false);
  await see(...Array.from({ length: 500 }, (_, index) => `run-${index}`));
  expect(existsSync(inIndex)).toBe(false);
});

describe("the checkpoint", () => {
  /** So many lines that a checkpoint is due, and some behind it. */
  async function withCheckpoint() {
    const set = setUp();
    const keys = Array.from({ length: 500 }, (_, index) => `run-${index}`);
    await Promise.all(keys.map((key) => set.lifecycle.observe(REVIEWER, set.seen(key))));
    await set.lifecycle.observe(REVIEWER, set.seen("run-0", "ended", { reported: true }));
    return { ...set, checkpoint: join(set.folder, ".index", "lifecycle.json") };
  }

  test("says what the file says, and is thrown away where it is damaged or of another file", async () => {
    const { checkpoint, counts, file, open, folder } = await withCheckpoint();
    const good = readFileSync(checkpoint, "utf8");
    const expected = { started: 500, ended: 1, reported: 1 };
    for (const content of [good, good.replace('"started":', '"started":1'), "", "{}\n{}\n", good.slice(0, -9)]) {
      writeFileSync(checkpoint, content);
      expect(await counts(open())).toMatchObject(expected);
    }
    // A log in the same folder keeps its own checkpoint there, and sweeps what it does not know.
    writeFileSync(checkpoint, good);
    writeFileSync(file, readFileSync(file, "utf8").split("\n").slice(100).join("\n"));
    expect(await counts(open())).toMatchObject({ started: 401, reported: 1 });
    rmSync(join(folder, ".index"), { recursive: true });
    expect(await counts(open())).toMatchObject({ started: 401 });
  });

  test("stays where the log's own is written", async () => {
    const { checkpoint, clock, store } = await withCheckpoint();
    const { runs: executions } = store();
    const makeRun = runMaker(clock);
    await Promise.all(Array.from({ length: 2_100 }, () => appendRun(executions, REVIEWER, makeRun())));
    expect(existsSync(join(checkpoint, "..", "checkpoint.json"))).toBe(true);
    expect(existsSync(checkpoint)).toBe(true);
  });

  test("bounds what a process that starts has to read", async () => {
    const { root, clock } = await withCheckpoint();
    let bytes = 0;
    const { fileSystem } = failingFileSystem(0, "EIO");
    const counting = new Proxy(fileSystem, {
      get: (target, name: keyof typeof fileSystem) =>
        name === "readSync"
          ? (...args: Parameters<typeof fileSystem.readSync>) => {
              const count = fileSystem.readSync(...args);
              bytes += count;
              return count;
            }
          : target[name],
    });
    await openJsonl(root, { now: clock.now, fileSystem: counting }).lifecycle.find(REVIEWER, "run-0");
    // The checkpoint itself, and at most as much of the file as may be uncovered.
    expect(bytes).toBeLessThan(64 * 1024 + 64 * 1024);
  });
});

describe("when a file system call of a lifecycle event fails", () => {
  test.each(["EIO", "ENOSPC", "full", "EACCES", "short"] as const)(
    "with %s, the error says so, what was acknowledged counts, and the next one works",
    async (fault) => {
      const problems: string[] = [];
      for (let at = 1; at < 300; at += 1) {
        const { clock, counts, root, see, seen, lifecycle, open } = setUp();
        await see("a1");
        await lifecycle.close();
        const failing = failingFileSystem(at, fault);
        const store = openJsonl(root, { now: clock.now, fileSystem: failing.fileSystem, lockTimeoutMs: 200 }).lifecycle;
        const error = await store.observe(REVIEWER, seen("a2")).catch((thrown: unknown) => thrown);
        const struck = failing.struck();
        if (struck === undefined) break;
        if (!struck.failed) continue;
        failing.heal();
        const name = `call ${at}, ${struck.name}`;
        if (error instanceof Error && Reflect.get(error, "code") !== codeOfFault(fault, struck))
          problems.push(`${name}: ${error}`);
        const started = (await counts(open()))?.started;
        if (!(error instanceof Error) && started !== 2) problems.push(`${name}: acknowledged, and lost`);
        await store.observe(REVIEWER, seen("a3"));
        await store.observe(REVIEWER, seen("a2"));
        if ((await counts(open()))?.started !== 3) problems.push(`${name}: then wrong`);
      }
      expect(problems).toEqual([]);
    },
  );
});
