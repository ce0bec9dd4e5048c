import { existsSync, type PathLike, readFileSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { nodeFileSystem } from "../../../src/storage/jsonl/files/file-system.ts";
import { Layout } from "../../../src/storage/jsonl/files/layout.ts";
import { Locks } from "../../../src/storage/jsonl/lock/lock.ts";
import { LEASE_MS } from "../../../src/storage/jsonl/lock/owner.ts";
import { interceptedFileSystem } from "../../support/intercepted-file-system.ts";
import { temporaryFolder } from "../../support/places.ts";

function locksIn(root: string) {
  const layout = new Layout(nodeFileSystem, root);
  const locks = new Locks({ fileSystem: nodeFileSystem, layout, timeoutMs: 0 });
  return { locks, file: join(layout.locks, "reviewer.lock") };
}

/** What a machine that shares the folder does once our lease has run out. */
function takeFromElsewhere(file: string): string {
  const other = JSON.stringify({ nonce: "other", pid: 1, host: `not-${hostname()}` });
  unlinkSync(file);
  writeFileSync(file, other);
  return other;
}

afterEach(() => vi.useRealTimers());

test("a lock in use shows a sign of life as long as it is held", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance", "Date"] });
  const { locks, file } = locksIn(temporaryFolder());
  const lock = await locks.acquire("reviewer");
  for (let passed = 0; passed < 2 * LEASE_MS; passed += LEASE_MS / 3) {
    vi.advanceTimersByTime(LEASE_MS / 3);
    expect(Math.abs(statSync(file).mtimeMs - Date.now())).toBeLessThan(1000);
  }
  lock.confirm();
  lock.release();
  expect(existsSync(file)).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test.each(["wall", "monotonic"])(
  "a holder that slept by the %s clock finds out that its lock is another's",
  async (clock) => {
    const real = { now: Date.now(), performance: performance.now() };
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance", "Date"], now: real.now });
    const { locks, file } = locksIn(temporaryFolder());
    const lock = await locks.acquire("reviewer");
    const other = takeFromElsewhere(file);
    lock.confirm();
    if (clock === "wall") vi.setSystemTime(real.now + LEASE_MS);
    else vi.spyOn(performance, "now").mockReturnValue(performance.now() + LEASE_MS);
    expect(() => lock.confirm()).toThrow(expect.objectContaining({ code: "LOCK_TIMEOUT" }));
    lock.release();
    locks.close();
    expect(readFileSync(file, "utf8")).toBe(other);
  },
);

test("a process that slept while it took its lock finds out that it is another's", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const root = temporaryFolder();
  const { file } = locksIn(root);
  const fileSystem = interceptedFileSystem((call) => {
    const answer = call.proceed();
    if (call.name === "linkSync") vi.setSystemTime(Date.now() + LEASE_MS);
    return answer;
  });
  const locks = new Locks({ fileSystem, layout: new Layout(fileSystem, root), timeoutMs: 0 });
  const lock = await locks.acquire("reviewer");
  takeFromElsewhere(file);
  expect(() => lock.confirm()).toThrow(expect.objectContaining({ code: "LOCK_TIMEOUT" }));
  lock.release();
});

test("a holder that slept and was not replaced goes on", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance", "Date"] });
  const { locks, file } = locksIn(temporaryFolder());
  const lock = await locks.acquire("reviewer");
  vi.setSystemTime(Date.now() + LEASE_MS);
  lock.confirm();
  lock.release();
  expect(existsSync(file)).toBe(false);
});

test("closing leaves a lock alone that could not be released and is another's by now", async () => {
  const { layout, file, fileSystem } = withStuckUnlink(temporaryFolder());
  const locks = new Locks({ fileSystem, layout, timeoutMs: 0 });
  (await locks.acquire("reviewer")).release();
  expect(existsSync(file)).toBe(true);
  fileSystem.stuck = false;
  const other = takeFromElsewhere(file);
  locks.close();
  expect(readFileSync(file, "utf8")).toBe(other);
});

/** A file system on which nothing can be removed for a while. */
function withStuckUnlink(root: string) {
  const fileSystem = {
    ...nodeFileSystem,
    stuck: true,
    unlinkSync(path: PathLike) {
      if (this.stuck) throw Object.assign(new Error("EIO: stuck"), { code: "EIO" });
      nodeFileSystem.unlinkSync(path);
    },
  };
  const layout = new Layout(nodeFileSystem, root);
  return { layout, fileSystem, file: join(layout.locks, "reviewer.lock") };
}
