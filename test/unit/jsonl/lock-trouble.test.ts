import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type FileSystem, nodeFileSystem } from "../../../src/storage/jsonl/files/file-system.ts";
import { Layout } from "../../../src/storage/jsonl/files/layout.ts";
import { Locks } from "../../../src/storage/jsonl/lock/lock.ts";
import {
  describeThisProcess,
  encodeOwner,
  isAlive,
  LEASE_MS,
  OWNER_FILE_LEASE_MS,
} from "../../../src/storage/jsonl/lock/owner.ts";
import { fileSystemError, interceptedFileSystem } from "../../support/intercepted-file-system.ts";
import { openJsonl } from "../../support/jsonl.ts";
import { temporaryFolder } from "../../support/places.ts";
import { codeOf } from "../../support/runs.ts";

/** Locks on file systems that fail, answer wrongly, or are shared with machines whose processes nobody can see. */

let root: string;
let layout: Layout;
beforeEach(() => {
  root = temporaryFolder();
  layout = new Layout(nodeFileSystem, root);
});
afterEach(() => void vi.useRealTimers());

const locksOn = (fileSystem: FileSystem = nodeFileSystem, timeoutMs = 0) =>
  new Locks({ fileSystem, layout, timeoutMs });
const lockFile = () => join(layout.locks, "reviewer.lock");
const filesOfLock = () => readdirSync(layout.locks).filter((name) => name.startsWith("reviewer"));

async function isFree(): Promise<boolean> {
  const other = locksOn();
  const isAcquired = await other.acquire("reviewer").then(
    (lock) => {
      lock.release();
      return true;
    },
    () => false,
  );
  other.close();
  return isAcquired;
}

/** A file system on which the first calls that are picked fail, before they are done or after. */
function failing(
  isPicked: (name: string, path: string) => boolean,
  code: string,
  { when = "before", times = 1 }: { when?: "before" | "after"; times?: number } = {},
) {
  let left = times;
  return interceptedFileSystem((call) => {
    const isMeant = left > 0 && isPicked(call.name, String(call.args[call.name === "linkSync" ? 1 : 0]));
    if (!isMeant || when === "after") {
      const answer = call.proceed();
      if (!isMeant) return answer;
    }
    left -= 1;
    throw Object.assign(fileSystemError("EIO", call.name), { code });
  });
}

function leaveDeadHolder({ claimants = 0 } = {}): void {
  locksOn().close();
  layout.makeFolder(layout.owners);
  const dead = (number: number) => encodeOwner({ ...describeThisProcess(`dead${number}`), pid: 4_000_000 });
  writeFileSync(lockFile(), dead(0));
  for (let claimant = 0; claimant < claimants; claimant += 1)
    writeFileSync(`${lockFile()}.break.dead${claimant}`, dead(claimant + 1));
}

describe("a call that fails though it was done, as one that a network file system repeats", () => {
  test("a link: the lock is held", async () => {
    const isLink = (name: string, path: string) => name === "linkSync" && path === lockFile();
    const lock = await locksOn(failing(isLink, "EEXIST", { when: "after" }), 1000).acquire("reviewer");
    expect(await isFree()).toBe(false);
    lock.release();
    expect(await isFree()).toBe(true);
  });

  test.each([1, 2])("a rename with %i dead before us: the lock is held", async (dead) => {
    leaveDeadHolder({ claimants: dead - 1 });
    const isTakeover = (name: string, path: string) => name === "renameSync" && path.includes(".break.");
    const lock = await locksOn(failing(isTakeover, "ENOENT", { when: "after" }), 1000).acquire("reviewer");
    expect(await isFree()).toBe(false);
    lock.release();
    expect(await isFree()).toBe(true);
    expect(filesOfLock()).toEqual([]);
  });
});

describe.each(["before", "after"] as const)("a call that fails, %s it is done", (when) => {
  const calls = ["linkSync", "renameSync", "openSync", "fstatSync", "readSync", "futimesSync"];
  test.each(calls)("leaves no lock behind that nobody holds: %s", async (call) => {
    leaveDeadHolder({ claimants: 1 });
    let isBegun = false;
    const isPicked = (name: string, path: string) => {
      isBegun ||= path.startsWith(lockFile());
      return isBegun && name === call;
    };
    const locks = locksOn(failing(isPicked, "EIO", { when }));
    expect(await codeOf(locks.acquire("reviewer"))).toBe("EIO");
    expect(await isFree()).toBe(true);
    expect(filesOfLock()).toEqual([]);
    (await locks.acquire("reviewer")).release();
  });
});

test("a lock that cannot be taken away when it is released is soon tried again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const isRelease = (name: string, path: string) => name === "unlinkSync" && path === lockFile();
  const locks = locksOn(failing(isRelease, "EIO", { times: 2 }));
  (await locks.acquire("reviewer")).release();
  expect(await isFree()).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(await isFree()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("an owner file that is removed while a lock is held keeps nobody from confirming or releasing it", async () => {
  const locks = locksOn(nodeFileSystem, 1000);
  const lock = await locks.acquire("reviewer");
  for (const name of readdirSync(layout.owners)) rmSync(join(layout.owners, name));
  (await locks.acquire("another")).release();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + LEASE_MS });
  lock.confirm();
  vi.setSystemTime(Date.now() + LEASE_MS);
  lock.release();
  expect(await isFree()).toBe(true);
});

test("where there are no links, a lock that a full disk kept from being written is in nobody's way", async () => {
  let isFull = false;
  const fileSystem = interceptedFileSystem((call) => {
    if (call.name === "linkSync") throw Object.assign(new Error("no links"), { code: "EPERM" });
    if (isFull && call.name === "writeSync") throw fileSystemError("ENOSPC", "write");
    return call.proceed();
  });
  const locks = locksOn(fileSystem);
  (await locks.acquire("another")).release();
  isFull = true;
  await expect(locks.acquire("reviewer")).rejects.toThrow();
  expect(filesOfLock()).toEqual([]);
});

test("one process does not hold a lock twice", async () => {
  const locks = locksOn();
  const lock = await locks.acquire("reviewer");
  expect(await codeOf(locks.acquire("reviewer"))).toBe("LOCK_TIMEOUT");
  lock.release();
  (await locks.acquire("reviewer")).release();
});

describe("a lock of a machine whose processes cannot be seen", () => {
  const theirs = encodeOwner({ nonce: "theirs", pid: 5, host: `not-${hostname()}` });

  /** A file system on which a lock, or an owner file, looks as if it had been made a lease ago until it is touched. */
  function whereLocksAreOld(): FileSystem {
    const old = new Set<unknown>();
    return interceptedFileSystem((call) => {
      const answer = call.proceed() as never;
      if (call.name === "openSync" && String(call.args[0]).startsWith(layout.locks)) old.add(answer);
      if (call.name === "closeSync" || call.name === "futimesSync") old.delete(call.args[0]);
      if (call.name !== "fstatSync" || !old.has(call.args[0])) return answer;
      const stats: { ctimeMs: bigint | number } = answer;
      if (typeof stats.ctimeMs === "bigint") stats.ctimeMs -= BigInt(LEASE_MS);
      return stats;
    });
  }

  beforeEach(() => {
    layout.makeFolder(layout.owners);
    writeFileSync(lockFile(), theirs);
  });

  test("is held as long as it is young, however far this machine's clock is ahead", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10 * LEASE_MS });
    expect(await codeOf(locksOn().acquire("reviewer"))).toBe("LOCK_TIMEOUT");
  });

  test("is abandoned once it is old, however far this machine's clock is behind", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 10 * LEASE_MS });
    const lock = await locksOn(whereLocksAreOld(), 1000).acquire("reviewer");
    expect(filesOfLock()).toEqual(["reviewer.lock"]);
    lock.release();
    expect(filesOfLock()).toEqual([]);
  });

  test("an owner file of theirs is kept for longer, for nobody refreshes it", async () => {
    const path = join(layout.owners, "5-theirs");
    writeFileSync(path, theirs);
    (await locksOn(whereLocksAreOld()).acquire("another")).release();
    expect(readdirSync(layout.owners)).toContain("5-theirs");
    const leftovers = async () => {
      const { findings } = await openJsonl(root, { now: Date.now }).files.examine(() => {});
      return findings.map(({ file }) => join(root, file)).filter((file) => file.startsWith(layout.owners));
    };
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * LEASE_MS });
    expect(await leftovers()).toEqual([]);
    vi.setSystemTime(Date.now() + OWNER_FILE_LEASE_MS);
    expect(await leftovers()).toEqual([path]);
  });
});

test("of a process that nothing tells more of than that its pid is in use, the lock is held as long as it is renewed", () => {
  const self = { ...describeThisProcess("self"), startedTicks: undefined };
  const owner = { ...self, nonce: "another" };
  expect(isAlive(owner, () => LEASE_MS - 1, self)).toBe(true);
  expect(isAlive(owner, () => LEASE_MS, self)).toBe(false);
  expect(isAlive({ ...owner, pid: 4_000_000 }, () => 0, self)).toBe(false);
});
