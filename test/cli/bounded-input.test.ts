import { execFileSync } from "node:child_process";
import { existsSync, truncateSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
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
    const reading = runCommand(["record", "tester", "--file", pipe], { root });
    await writeFile(pipe, '{"success": true}');
    expect(await reading).toMatchObject({ status: 0, stderr: "" });
  },
);
