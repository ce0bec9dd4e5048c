import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/places.ts";
import { startServer } from "../support/server-process.ts";

/** The memory of a process in bytes, where the system tells. */
function residentBytes(pid: number | undefined): number {
  if (process.platform !== "linux") return 0;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/** Long enough that not many make up what is taken in at most. */
const listing = { method: "tools/list", params: { padding: "p".repeat(2_000) } };

test("a client that never reads our answers is read no further, and answered in full once it reads", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  await server.initialize();
  const { stdin, stdout } = server.child;
  stdout.pause();
  let stalled = false;
  const said = server.says(/sends faster than it reads our answers: its requests wait\n/).then(() => {
    stalled = true;
  });
  let sent = 0;
  while (!stalled && sent < 100_000) {
    const requests = Array.from({ length: 100 }, (_, n) => ({ jsonrpc: "2.0", id: 1_000 + sent + n, ...listing }));
    sent += requests.length;
    if (!stdin.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(""))) {
      await Promise.race([once(stdin, "drain"), said]);
    }
  }
  expect(stalled).toBe(true);
  expect(residentBytes(server.child.pid)).toBeLessThan(400 * 1024 * 1024);
  stdout.resume();
  while (server.lines.length < sent + 1) await once(stdout, "data");
  stdin.end();
  expect(await server.exited).toBe(0);
  expect(server.replies().filter(({ id, result }) => Number(id) >= 1_000 && result !== undefined)).toHaveLength(sent);
});
