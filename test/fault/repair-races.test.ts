import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { logPath } from "../support/foreign-writer.ts";
import { type FileSystemCall, fileSystemError, interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { passWaits } from "../support/passed-waits.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { REVIEWER } from "../support/runs.ts";

/** What others write, without a lock and at the worst moment, while damage is repaired. */

function setUp() {
  passWaits();
  const root = fastTemporaryFolder();
  const folder = join(root, ".kaizen", "metrics", "optimizer");
  mkdirSync(folder, { recursive: true });
  // By this machine's clock: an old file stays for so long as somebody may have it open.
  const open = (hand: (call: FileSystemCall) => unknown = (call) => call.proceed()) =>
    openJsonl(root, { now: Date.now, fileSystem: interceptedFileSystem(hand), lockTimeoutMs: 2000 });
  return {
    root,
    folder,
    open,
    async repair(hand?: (call: FileSystemCall) => unknown) {
      const { files: health } = open(hand);
      return health.repair((await health.examine(() => {})).findings, () => {});
    },
    examine: async () => (await open().files.examine(() => {})).findings.filter(({ kind }) => kind !== "remark"),
  };
}

const ownLock = (root: string) => join(root, ".kaizen/metrics/.locks", `${REVIEWER}.lock`);

function isReplacing(call: FileSystemCall, path: string): boolean {
  return call.name === "renameSync" && call.args[1] === path;
}

const entryLine = (n: number) =>
  `{"agent": "a", "metrics_count": ${n}, "recommendations": [], "timestamp": "2026-11-22T10:00:00Z"}\n`;

describe("while recommendations are repaired", () => {
  async function setUpAdvice() {
    const place = setUp();
    const path = join(place.folder, "recommendations.jsonl");
    writeFileSync(path, `${entryLine(1)}torn\n`);
    const advice = async () => (await place.open().advice.readAdvice()).entries.map((entry) => entry.metrics_count);
    const fd = openSync(path, "a");
    onTestFinished(() => closeSync(fd));
    return { ...place, path, advice, write: (text: string) => writeSync(fd, text) };
  }

  test("an entry that is added just before the file is replaced, or after to the old one, is there", async () => {
    const { advice, examine, folder, path, repair, write } = await setUpAdvice();
    const hand = (call: FileSystemCall) => {
      if (!isReplacing(call, path)) return call.proceed();
      write(entryLine(2));
      call.proceed();
      write(entryLine(3));
      return undefined;
    };
    expect(await repair(hand)).toEqual([]);
    expect(await advice()).toEqual([1, 2, 3]);
    expect(readFileSync(join(folder, "recommendations.quarantine"), "utf8")).toBe("torn\n");
    expect(await examine()).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(["recommendations.jsonl", "recommendations.quarantine"]);
  });

  test("a damaged line that is added after the first look is set aside, too", async () => {
    const { folder, open, path, repair } = await setUpAdvice();
    const findings = (await open().files.examine(() => {})).findings;
    let isAdded = false;
    const fileSystem = (call: FileSystemCall) => {
      if (call.name === "openSync" && String(call.args[0]).includes(".rewrite-") && !isAdded) {
        isAdded = true;
        appendFileSync(path, "torn too\n");
      }
      return call.proceed();
    };
    expect(findings).toHaveLength(1);
    expect(await repair(fileSystem)).toEqual([]);
    const found = ["recommendations.jsonl", "recommendations.quarantine"].map((name) =>
      readFileSync(join(folder, name), "utf8"),
    );
    expect(found.join("").split("torn too\n")).toHaveLength(2);
  });

  test("a repair that is killed is finished by the next write, or the next repair", async () => {
    for (const finish of ["write", "repair"] as const) {
      const { advice, examine, folder, open, path, repair, write } = await setUpAdvice();
      let isDead = false;
      await repair((call) => {
        if (isDead && !String(call.args[0]).endsWith(".lock")) throw fileSystemError("EIO", call.name);
        const result = call.proceed();
        isDead = isReplacing(call, path);
        return result;
      }).catch(() => {});
      write(entryLine(2));
      expect(await advice()).toEqual([1]);
      expect(await examine()).toContainEqual(
        expect.objectContaining({ kind: "damage", reason: expect.stringContaining("1 line was added late") }),
      );
      if (finish === "repair") expect(await repair()).toEqual([]);
      else await open().advice.merge({ entries: [], events: [] });
      expect(await advice()).toEqual([1, 2]);
      if (finish === "repair") expect(readdirSync(folder).filter((name) => /drain|rewrite/.test(name))).toEqual([]);
    }
  });
});

test("a line that somebody is at is not cut in two by a repair that begins at this moment", async () => {
  const { open, repair, root } = setUp();
  const path = logPath(root, REVIEWER);
  const line = (n: number) => `${JSON.stringify({ success: true, timestamp: "2026-11-22T09:00:00Z", n })}\n`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${line(1)}torn\n${line(2).slice(0, 30)}`);
  let looks = 0;
  const failures = await repair((call) => {
    const isLook = call.name === "lstatSync" && call.args[0] === path && existsSync(ownLock(root));
    looks += isLook ? 1 : 0;
    // Later than the repair has begun.
    if (isLook && looks === 3) appendFileSync(path, line(2).slice(30));
    return call.proceed();
  });
  expect(failures).toEqual([]);
  expect(readFileSync(path, "utf8")).toBe(line(1) + line(2));
  expect(readFileSync(path.replace(".jsonl", ".quarantine"), "utf8")).toBe("torn\n");
  expect((await open().runs.overview(REVIEWER)).view.tally.runs).toBe(2);
});

test("no file of lines loses what is added to it while it is repaired", async () => {
  const { open, repair, root } = setUp();
  const folder = join(root, ".kaizen", "metrics", REVIEWER);
  const lines = {
    "lifecycle.jsonl": (n: number) =>
      `{"agent": "reviewer", "event": "started", "first_seen": "2026-11-22T10:00:00Z", "key": "k${n}", "timestamp": "2026-11-22T10:00:00Z"}\n`,
    "evidence.jsonl": (n: number) =>
      `{"agent": "reviewer", "first_seen": "2026-11-22T10:00:00Z", "key": "k${n}", "timestamp": "2026-11-22T10:00:00Z", "v": 1}\n`,
    "verifications.jsonl": (n: number) =>
      `{"agent": "reviewer", "claimed": true, "executed_at": null, "execution_id": "r${n}", "success": true, "timestamp": "2026-11-22T10:00:00Z", "verified_by": "ci"}\n`,
    "executions.jsonl": (n: number) => `{"success": true, "timestamp": "2026-11-22T10:00:00Z", "n": ${n}}\n`,
  };
  mkdirSync(folder, { recursive: true });
  const files = Object.entries(lines).map(([name, line]) => {
    const path = join(folder, name);
    writeFileSync(path, `${line(1)}torn\n`);
    const fd = openSync(path, "a");
    onTestFinished(() => closeSync(fd));
    return { path, line, write: () => writeSync(fd, line(2)) };
  });
  await repair((call) => {
    const result = call.proceed();
    files.find(({ path }) => isReplacing(call, path))?.write();
    return result;
  });
  for (const { line, path } of files)
    expect(readFileSync(path, "utf8").replaceAll("\n\n", "\n")).toBe(line(1) + line(2));
  expect((await open().files.examine(() => {})).findings.filter(({ kind }) => kind === "damage")).toEqual([]);
});

test("what comes late to an old file is carried over where there is no log either, and nothing stays beside it", async () => {
  const { repair, root } = setUp();
  const folder = join(root, ".kaizen", "metrics", REVIEWER);
  const path = join(folder, "lifecycle.jsonl");
  mkdirSync(folder);
  writeFileSync(path, "torn\n");
  const fd = openSync(path, "a");
  onTestFinished(() => closeSync(fd));
  const event = { agent: REVIEWER, event: "started", first_seen: "2026-11-22T10:00:00Z", key: "k" };
  const line = `${JSON.stringify({ ...event, timestamp: "2026-11-22T10:00:00Z" })}\n`;
  await repair((call) => {
    const result = call.proceed();
    if (isReplacing(call, path)) writeSync(fd, line);
    return result;
  });
  expect(readFileSync(path, "utf8").trim()).toBe(line.trim());
  expect(readdirSync(folder).sort()).toEqual(["lifecycle.jsonl", "lifecycle.quarantine"]);
});

test("a damaged line that comes late to the old log is set aside like those before it", async () => {
  const { examine, repair, root } = setUp();
  const path = logPath(root, REVIEWER);
  mkdirSync(dirname(path));
  writeFileSync(path, '{"success": true, "timestamp": "2026-11-22T09:00:00Z"}\ntorn\n');
  const fd = openSync(path, "a");
  onTestFinished(() => closeSync(fd));
  let isLate = false;
  await repair((call) => {
    const result = call.proceed();
    if (!isLate && isReplacing(call, path)) {
      isLate = true;
      writeSync(fd, "torn too\n");
    }
    return result;
  });
  expect(await examine()).toEqual([]);
  expect(readFileSync(path.replace(".jsonl", ".quarantine"), "utf8")).toBe("torn\ntorn too\n");
});

describe("while a report is repaired", () => {
  const whole = JSON.stringify({ report: "x".repeat(30) });

  test("that another program is writing in place, it is left to that program", async () => {
    const { examine, folder, repair } = setUp();
    const path = join(folder, "analysis.json");
    const fd = openSync(path, "w");
    writeSync(fd, whole.slice(0, 8));
    // The program goes on whenever it is looked at, and has finished before long.
    const rest = whole.slice(8).match(/.{1,10}/g) ?? [];
    const goOn = (call: FileSystemCall) => {
      if (call.name === "readSync") {
        const part = rest.shift();
        if (part !== undefined) writeSync(fd, part);
      }
      return call.proceed();
    };
    expect(await repair(goOn)).toEqual([]);
    closeSync(fd);
    expect(readFileSync(path, "utf8")).toBe(whole);
    expect(readdirSync(folder)).toEqual(["analysis.json"]);
    expect(await examine()).toEqual([]);
  });

  test("that another program goes on with after a pause, it comes back, unless there is a later one", async () => {
    for (const later of [undefined, '{"later": true}']) {
      const { folder, repair } = setUp();
      const path = join(folder, "analysis.json");
      const fd = openSync(path, "w");
      writeSync(fd, whole.slice(0, 8));
      const findings = await repair((call) => {
        const result = call.proceed();
        if (call.name === "renameSync" && call.args[0] === path) {
          setImmediate(() => {
            writeSync(fd, whole.slice(8));
            if (later !== undefined) writeFileSync(path, later);
          });
        }
        return result;
      });
      closeSync(fd);
      expect(findings).toEqual([]);
      expect(readFileSync(path, "utf8")).toBe(later ?? whole);
      const quarantine = join(folder, "analysis.quarantine");
      expect(existsSync(quarantine)).toBe(later !== undefined);
      if (later !== undefined) expect(readFileSync(quarantine, "utf8")).toBe(whole);
    }
  });

  test("and a whole one takes its place at that very moment, that stays where it is", async () => {
    const { folder, repair, root } = setUp();
    const path = join(folder, "analysis.json");
    const lock = join(root, ".kaizen/metrics/.locks/optimizer.lock");
    writeFileSync(path, "{");
    let isBackBeforeOthers: boolean | undefined;
    await repair((call) => {
      if (call.name === "renameSync" && call.args[0] === path) writeFileSync(path, whole);
      if (call.name === "unlinkSync" && call.args[0] === lock) isBackBeforeOthers ??= existsSync(path);
      return call.proceed();
    });
    // No reader under the lock has missed it.
    expect(isBackBeforeOthers).toBe(true);
    expect(readFileSync(path, "utf8")).toBe(whole);
    expect(readdirSync(folder)).toEqual(["analysis.json"]);
  });

  test("each that is damaged has a quarantine of its own, byte for byte", async () => {
    const { folder, repair } = setUp();
    for (const content of ["{", "[]"]) {
      writeFileSync(join(folder, "analysis.json"), content);
      expect(await repair()).toEqual([]);
    }
    const found = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]);
    expect(found.sort()).toEqual([
      ["analysis-2.quarantine", "[]"],
      ["analysis.quarantine", "{"],
    ]);
  });
});
