import { execFileSync } from "node:child_process";
import {
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readLogStrictly, writeForeignText } from "../support/foreign-writer.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

/** What may stand among the files of a store, brought by a clone or left by another program, and must stop nobody. */

const clock = clockAt();
const makeRun = runMaker(clock);

const oddities: Record<string, (folder: string) => void> = {
  "a folder": (folder) => mkdirSync(join(folder, "1-folder", "in it"), { recursive: true }),
  "a link": (folder) => symlinkSync("/etc/passwd", join(folder, "2-link")),
  "a link to nowhere": (folder) => symlinkSync("nowhere", join(folder, "3-nowhere")),
  "a FIFO": (folder) => void execFileSync("mkfifo", [join(folder, "4-fifo")]),
  "a file that may not be read": (folder) => writeFileSync(join(folder, "5-closed"), "", { mode: 0o000 }),
  "a name of 255 letters": (folder) => writeFileSync(join(folder, "x".repeat(255)), "{"),
};

describe.each(["owners", "."])("in the folder %s of the locks", (where) => {
  test.each(Object.keys(oddities))("%s stops nobody, and stays where it is not a file", async (name) => {
    const root = fastTemporaryFolder();
    const folder = join(root, ".kaizen/metrics/.locks", where);
    mkdirSync(join(root, ".kaizen/metrics/.locks/owners"), { recursive: true });
    oddities[name]?.(folder);
    const before = readdirSync(folder);
    const store = openJsonl(root, { now: clock.now, lockTimeoutMs: 500 });
    expect((await appendRun(store.runs, REVIEWER, makeRun())).overview.view.tally.runs).toBe(1);
    await store.runs.close();
    const odd = before.filter((entry) => !lstatSync(join(folder, entry)).isFile());
    for (const entry of odd) expect(readdirSync(folder)).toContain(entry);
  });
});

test.each(["a link", "a link to nowhere", "a FIFO"])("%s in the place of an agent's lock is replaced", async (name) => {
  const root = fastTemporaryFolder();
  const locks = join(root, ".kaizen/metrics/.locks");
  mkdirSync(locks, { recursive: true });
  oddities[name]?.(locks);
  const [odd = ""] = readdirSync(locks);
  renameSync(join(locks, odd), join(locks, "reviewer.lock"));
  const passwords = readFileSync("/etc/passwd");
  const store = openJsonl(root, { now: clock.now, lockTimeoutMs: 500 });
  for (const runs of [1, 2]) {
    expect((await appendRun(store.runs, REVIEWER, makeRun())).overview.view.tally.runs).toBe(runs);
  }
  await store.runs.close();
  expect(readdirSync(locks).filter((entry) => entry !== "owners")).toEqual([]);
  expect(readFileSync("/etc/passwd")).toEqual(passwords);
});

test("of a great many owner files a process looks at some, whatever they hold", async () => {
  const root = fastTemporaryFolder();
  const owners = join(root, ".kaizen/metrics/.locks/owners");
  mkdirSync(owners, { recursive: true });
  for (let n = 0; n < 3_000; n += 1) writeFileSync(join(owners, `${n}-x`), "");
  let opened = 0;
  const fileSystem = interceptedFileSystem((call) => {
    if (call.name === "openSync" && String(call.args[0]).startsWith(owners)) opened += 1;
    return call.proceed();
  });
  await appendRun(openJsonl(root, { now: clock.now, fileSystem }).runs, REVIEWER, makeRun());
  expect(opened).toBeLessThan(1_000);
});

test("a lock whose holder is named like a path leads nobody out of the project", async () => {
  const root = fastTemporaryFolder();
  const locks = join(root, ".kaizen/metrics/.locks");
  const outside = fastTemporaryFolder();
  writeFileSync(join(outside, "file"), "theirs\n");
  mkdirSync(join(locks, "reviewer.lock.break.x"), { recursive: true });
  const up = "../".repeat(locks.split("/").length);
  const nonce = `x/${up}${outside.slice(1)}/file`;
  writeFileSync(join(locks, "reviewer.lock"), JSON.stringify({ nonce, pid: 999_999_999, host: "h" }));
  const { runs: executions } = openJsonl(root, { now: clock.now, lockTimeoutMs: 200 });
  await appendRun(executions, REVIEWER, makeRun()).catch(() => {});
  expect(readdirSync(outside)).toEqual(["file"]);
  expect(readFileSync(join(outside, "file"), "utf8")).toBe("theirs\n");
  expect(lstatSync(join(outside, "file")).nlink).toBe(1);
});

describe("what is named like the old file of a rewritten log", () => {
  const line = '{"success": true, "timestamp": "2026-11-22T09:00:00Z", "from": "elsewhere"}\n';
  const folder = ".kaizen/metrics/reviewer";

  test.each(["drain-0-0-0123abcd", "drain-0-0-12345-0123abcd", "drain-0-0-0-0123abcd"])(
    "%s, and came with a clone, is carried over only once a person asks for it",
    async (name) => {
      const root = fastTemporaryFolder();
      const path = join(root, folder, `executions.jsonl.${name}`);
      writeForeignText(root, REVIEWER, '{"success": false, "timestamp": "2026-11-22T08:00:00Z"}\n');
      writeFileSync(path, line);
      const store = openJsonl(root, { now: clock.now });
      await appendRun(store.runs, REVIEWER, makeRun());
      await store.runs.repair(REVIEWER);
      expect(readLogStrictly(root, REVIEWER)).toHaveLength(2);
      const found = (await store.files.examine(() => {})).findings.filter(({ file }) => file.endsWith(name));
      expect(found).toMatchObject([{ kind: "damage", lost: true, repair: "carries them over" }]);
      expect(found[0]?.reason).toContain("a copy or a clone");
      await store.files.repair(found, () => {});
      expect(readLogStrictly(root, REVIEWER).filter(({ from }) => from === "elsewhere")).toHaveLength(1);
      expect((await store.files.examine(() => {})).findings.filter(({ file }) => file.endsWith(name))).toEqual([]);
    },
  );

  test("and was left here by a process that died, with late lines in it, is carried over by the next one", async () => {
    const root = fastTemporaryFolder();
    const old = join(root, folder, "executions.jsonl");
    writeForeignText(root, REVIEWER, '{"success": false, "timestamp": "2026-11-22T08:00:00Z"}\n');
    const { ino, size } = lstatSync(old, { bigint: true });
    linkSync(old, `${old}.drain-${size}-${size}-${ino}-0123abcd`);
    // The new file has taken the old one's place, and a writer that knows no lock still had the old one open.
    cpSync(old, `${old}-new`);
    execFileSync("mv", [`${old}-new`, old]);
    writeFileSync(`${old}.drain-${size}-${size}-${ino}-0123abcd`, line, { flag: "a" });
    await appendRun(openJsonl(root, { now: clock.now }).runs, REVIEWER, makeRun());
    expect(readLogStrictly(root, REVIEWER).map(({ from }) => from)).toContain("elsewhere");
    // A copy of the whole folder to another place has other files.
    const copy = fastTemporaryFolder();
    writeFileSync(join(root, folder, `executions.jsonl.drain-0-0-${ino}-0123abcd`), line);
    cpSync(join(root, ".kaizen"), join(copy, ".kaizen"), { recursive: true });
    const before = readLogStrictly(copy, REVIEWER).length;
    await appendRun(openJsonl(copy, { now: clock.now }).runs, REVIEWER, runMaker(clock, 50)());
    expect(readLogStrictly(copy, REVIEWER)).toHaveLength(before + 1);
  });
});

test("a line that is nested deeper than any program writes is set aside, and hides no other", async () => {
  const root = fastTemporaryFolder();
  const nested = (levels: number, text = "") =>
    `{"success":true,"timestamp":"2026-11-22T09:00:00Z","t":"${text}","x":${"[".repeat(levels)}${"]".repeat(levels)}}\n`;
  const brackets = "[{".repeat(150_000);
  // Of what stands in a text no bracket counts, and a quote after an odd number of backslashes does not end it.
  const deep = [nested(1_500_000), nested(200_000), nested(200_000, "\\\\")];
  const flat = [nested(199_999), nested(3, `\\"${brackets}`), nested(3, `${brackets}\\\\\\"${brackets}\\\\`)];
  writeForeignText(root, REVIEWER, [...deep, ...flat].join(""));
  const overview = await openJsonl(root, { now: clock.now }).runs.overview(REVIEWER);
  expect([overview.view.tally.runs, overview.unreadable]).toEqual([3, 3]);
});
