import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { unreadSentence } from "../../src/messages/unread.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { fileSystemError, interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { agentNamed, clockAt, codeOf } from "../support/runs.ts";

const clock = clockAt();
const run = { success: true, timestamp: "2026-11-22T09:00:00Z" };

/** A project with two agents, of whose files some paths fail. */
function setUp(fails: (path: string, call: string) => "EACCES" | "EIO" | "fault" | undefined) {
  const root = fastTemporaryFolder();
  for (const name of ["mine", "theirs"]) writeForeignLines(root, agentNamed(name), [run]);
  mkdirSync(join(root, ".kaizen/metrics/optimizer"));
  const opened: string[] = [];
  const fileSystem = interceptedFileSystem((call) => {
    const [path] = call.args;
    if (typeof path !== "string") return call.proceed();
    if (call.name === "openSync") opened.push(path.slice(root.length));
    const how = fails(path.slice(root.length), call.name);
    if (how === "fault") throw new TypeError("a fault of ours");
    if (how !== undefined) throw fileSystemError(how, call.name);
    return call.proceed();
  });
  const store = openJsonl(root, { now: clock.now, fileSystem });
  let ids = 0;
  const randomHex = () => String(ids++).padStart(20, "0");
  const kaizen = new Kaizen({ store, now: clock.now, randomHex, retentionDays: 30 });
  return { kaizen, opened, root, store };
}

const folder = "/.kaizen/metrics/theirs";
const log = `${folder}/executions.jsonl`;

describe.each([
  [
    "a folder that may not be entered",
    "IO_ERROR",
    (path: string) => (path.startsWith(`${folder}/`) ? "EACCES" : undefined),
  ],
  [
    "a log that may not be read",
    "IO_ERROR",
    (path: string, call: string) => (path === log && call === "openSync" ? "EACCES" : undefined),
  ],
  [
    "a log on a failing disk",
    "IO_ERROR",
    (path: string, call: string) => (path === log && call === "openSync" ? "EIO" : undefined),
  ],
  [
    "a fault of ours",
    "INTERNAL",
    (path: string, call: string) => (path === log && call === "openSync" ? "fault" : undefined),
  ],
] as const)("%s", (_, code, fails) => {
  test("takes no other agent out of a list, and is named", async () => {
    const { kaizen } = setUp(fails);
    const { agents, unread } = await kaizen.readAgents();
    expect(agents.map(({ summary }) => summary.agent)).toEqual(["mine"]);
    expect(unread.map(({ agent }) => agent)).toEqual(["theirs"]);
    expect(await kaizen.agentNames()).toEqual(["mine", "theirs"]);
    expect(await kaizen.agentOfType("mine")).toBe("mine");
    expect(await kaizen.sessionFacts(5)).toMatchObject({ unread: ["theirs"], further: 0 });
    const failed: string[] = [];
    const walked: string[] = [];
    const some = kaizen.scan(["mine", "theirs"], {}, ({ agent }) => failed.push(agent));
    for await (const { agent } of some) walked.push(agent);
    expect([walked, failed]).toEqual([["mine"], ["theirs"]]);
    expect(await kaizen.brief("mine", "short")).toContain("1 of 1 run succeeded");
    expect(await kaizen.findObservedRun("k1")).toBeUndefined();
    if (code === "IO_ERROR") expect(await codeOf(kaizen.summary("theirs"))).toBe(code);
  });
});

test("doctor names a folder that may not be entered", async () => {
  const { store } = setUp((path) => (path.startsWith(`${folder}/`) ? "EACCES" : undefined));
  const { findings } = await store.files.examine(() => {});
  expect(findings).toContainEqual(
    expect.objectContaining({ agent: "theirs", kind: "damage", reason: "it may not be read (EACCES)" }),
  );
});

test("an optimizer's folder that may not be read keeps nobody's brief, and is said", async () => {
  const { kaizen } = setUp((path) => (path.startsWith("/.kaizen/metrics/optimizer/") ? "EACCES" : undefined));
  expect(await kaizen.brief("mine", "short")).toContain("None could be read; kaizen-metrics doctor says why");
  expect(await kaizen.sessionFacts(5)).toMatchObject({ undecided: undefined, unread: [] });
  expect(await codeOf(kaizen.recommendations())).toBe("IO_ERROR");
});

test("a session opens the files of no more agents than it asks for", async () => {
  const { kaizen, opened, root } = setUp(() => undefined);
  for (let number = 0; number < 40; number += 1) writeForeignLines(root, agentNamed(`agent-${number}`), [run]);
  const { agents, further } = await kaizen.sessionFacts(3);
  expect([agents.length, further]).toEqual([3, 39]);
  const logs = opened.filter((path) => path.endsWith("/executions.jsonl"));
  expect(new Set(logs).size).toBe(3);
});

describe("an agent whose folder has its name in another Unicode form", () => {
  const composed = "pr\u00fcfer";
  const apart = composed.normalize("NFD");

  test("is one agent: found, read, listed once and appended to", async () => {
    const { kaizen, root } = setUp(() => undefined);
    writeForeignLines(root, agentNamed(apart), [{ ...run, agent: apart }]);
    expect(await kaizen.agentNames()).toEqual(["mine", composed, "theirs"]);
    for (const name of [composed, apart]) {
      await kaizen.record({ agent: name, success: true });
      expect(await kaizen.lookUp(name)).toEqual({ agent: composed, isThere: true });
    }
    expect((await kaizen.summary(composed)).summary).toMatchObject({ agent: composed, execution_count: 3 });
    const folders = readdirSync(join(root, ".kaizen/metrics")).filter((name) => name.startsWith("p"));
    expect(folders).toEqual([apart]);
    const { remaining } = await kaizen.checkUp({ repair: false, onProgress: () => {} });
    const reasons = remaining.filter(({ agent }) => agent === composed).map(({ reason }) => reason);
    expect(reasons).toEqual([]);
  });

  test("is known also where the folder comes while this process is at work", async () => {
    const { kaizen, root } = setUp(() => undefined);
    expect((await kaizen.summary(composed)).summary.execution_count).toBe(0);
    writeForeignLines(root, agentNamed(apart), [run]);
    expect((await kaizen.record({ agent: composed, success: true })).execution_count).toBe(2);
  });
});

test("a sentence about many that cannot be read stays short", () => {
  const names = Array.from({ length: 30 }, (_, index) => `a${index}`);
  expect(unreadSentence(names)).toMatch(/^30 agents could not be read: "a0", .*"a9", and others; /);
});

test("that this process may open no more files is no damage of the store", async () => {
  const { root } = setUp(() => undefined);
  const fileSystem = interceptedFileSystem((call) => {
    if (call.args[0] !== join(root, log)) return call.proceed();
    throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE", syscall: "open" });
  });
  const { files } = openJsonl(root, { now: clock.now, fileSystem });
  await expect(files.examine(() => {})).rejects.toMatchObject({
    code: "IO_ERROR",
    message: "This process has too many files open (EMFILE) while looking at the store.",
  });
});
