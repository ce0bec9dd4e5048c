import { execFileSync } from "node:child_process";
import { existsSync, truncateSync, writeFileSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { temporaryFolder } from "../support/places.ts";

const LIMIT_BYTES = 4 * 1024 * 1024;

test.each([
  ["record", ["record", "tester", "--success", "--file"]],
  ["analysis", ["analysis", "--write"]],
])("%s reads no more of what it is given than any report has", async (_, args) => {
  const root = temporaryFolder();
  const sparse = join(root, "sparse.json");
  writeFileSync(sparse, "{");
  truncateSync(sparse, 3_000_000_000);
  const [large, piped] = await Promise.all([
    runCommand([...args, sparse], { root }),
    runCommand([...args, "-"], { root, stdin: `{${" ".repeat(LIMIT_BYTES)}}` }),
  ]);
  expect(large).toMatchObject({ status: 2, stdout: "" });
  expect(large.stderr).toContain(`${JSON.stringify(sparse)} has more than ${LIMIT_BYTES} bytes`);
  expect(piped).toMatchObject({ status: 2, stdout: "" });
  expect(piped.stderr).toContain(`More than ${LIMIT_BYTES} bytes came on stdin`);
  expect(existsSync(join(root, ".kaizen"))).toBe(false);
});

test.skipIf(process.platform === "win32")(
  "a device has no end, and is not read; a pipe is, up to its own",
  async () => {
    const root = temporaryFolder();
    const [recorded, analysed, imported] = await Promise.all([
      runCommand(["record", "tester", "--success", "--file", "/dev/zero"], { root }),
      runCommand(["analysis", "--write", "/dev/zero"], { root }),
      runCommand(["import", "/dev/zero"], { root }),
    ]);
    for (const { status, stdout, stderr } of [recorded, analysed]) {
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toContain('"/dev/zero" is no plain file or pipe');
    }
    expect(imported).toMatchObject({ status: 2, stdout: "" });
    expect(imported.stderr).toContain('"/dev/zero" is no plain file or folder');

    const pipe = join(root, "pipe");
    execFileSync("mkfifo", [pipe]);
    // Without a writer a pipe is at its end: this one waits for the reader.
    const writing = writeFile(pipe, '{"success": true}');
    const reading = runCommand(["record", "tester", "--file", pipe], { root });
    await writing;
    expect(await reading).toMatchObject({ status: 0, stderr: "" });
  },
);

test.skipIf(process.platform === "win32")("a pipe that nobody writes to is not waited for", async () => {
  const root = temporaryFolder();
  const pipe = join(root, "pipe");
  execFileSync("mkfifo", [pipe]);
  const [recorded, analysed, imported] = await Promise.all([
    runCommand(["record", "tester", "--success", "--file", pipe], { root }),
    runCommand(["analysis", "--write", pipe], { root }),
    runCommand(["import", pipe], { root }),
  ]);
  for (const { status, stdout, stderr } of [recorded, analysed]) {
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(`${JSON.stringify(pipe)} is a pipe, and nothing comes from it`);
  }
  expect(imported).toMatchObject({ status: 2, stdout: "" });
  expect(imported.stderr).toContain("is no plain file or folder");
});

test.skipIf(process.platform === "win32")("a pipe whose writer takes its time is waited for", async () => {
  const root = temporaryFolder();
  const pipe = join(root, "pipe");
  execFileSync("mkfifo", [pipe]);
  const opening = open(pipe, "w");
  const reading = runCommand(["record", "tester", "--file", pipe], { root });
  const writer = await opening;
  await writer.write('{"succ');
  await delay(100);
  await writer.write('ess": true}');
  await writer.close();
  expect(await reading).toMatchObject({ status: 0, stderr: "" });
});
