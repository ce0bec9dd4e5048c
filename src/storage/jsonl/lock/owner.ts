import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Holder } from "./lock-protocol.ts";

/** Who holds a lock, in enough detail to tell whether it still lives, from wherever the file is read. */
export interface Owner extends Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the kernel's clock ticks since boot: a pid alone may have been given to another. */
  readonly startedTicks?: string | undefined;
  /** Which boot of the machine, and which pid namespace (container), the pid belongs to. */
  readonly bootId?: string | undefined;
  readonly pidNamespace?: string | undefined;
}

/** Beyond this age, in ms, a lock from where we cannot look counts as abandoned. Its holder refreshes it in long work. */
export const LEASE_MS = 30_000;
/** Beyond this age, in ms, an owner file whose process cannot be looked up counts as abandoned. None is refreshed. */
export const OWNER_FILE_LEASE_MS = 86_400_000;
/** An owner that was not even written to its end within this time, in ms, has died writing it. */
const TORN_MS = 5_000;

export function describeThisProcess(nonce: string): Owner {
  kernelMarks ??= {
    startedTicks: statOf("self")?.startedTicks,
    bootId: readProc(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    pidNamespace: readProc(() => readlinkSync("/proc/self/ns/pid")),
  };
  return { nonce, pid: process.pid, host: hostname(), ...kernelMarks };
}

/** They stay the same while a process lives. Each agent's store asks for them. */
let kernelMarks: Pick<Owner, "startedTicks" | "bootId" | "pidNamespace"> | undefined;

/**
 * Whether the owner of a file still lives. If nothing else tells, the file's age decides: an owner whose file is
 * younger than `leaseMs` lives. `ageMs` gives the time since the file was last made or refreshed.
 */
export function isAlive(owner: Owner, ageMs: () => number, self: Owner, leaseMs = LEASE_MS): boolean {
  if (owner.pid === 0) return ageMs() < TORN_MS;
  // Machines may share a name, so another boot may be another machine; after a real one the lease has soon run out.
  const isHere = owner.host === self.host && owner.bootId === self.bootId && owner.pidNamespace === self.pidNamespace;
  return (isHere ? isProcessThere(owner) : undefined) ?? ageMs() < leaseMs;
}

/** Whether the owner's process is there; `undefined` if some process has its pid and may be another one. */
function isProcessThere({ pid, startedTicks }: Owner): boolean | undefined {
  const stat = statOf(String(pid));
  // Other systems have no /proc, and one that is mounted with `hidepid` does not show the processes of other users.
  if (stat === undefined || startedTicks === undefined) return pidExists(pid) ? undefined : false;
  return !stat.hasEnded && stat.startedTicks === startedTicks;
}

export function encodeOwner(owner: Owner): Buffer {
  return Buffer.from(`${JSON.stringify(owner)}\n`);
}

/** It becomes part of a file's name: whatever else stands there could lead out of the folder. */
const noncePattern = /^[\w-]{1,64}$/;

/** Reads an owner; a file that is empty or torn, or from another program, becomes an owner without a pid. */
export function decodeOwner(text: string, identity: string): Owner {
  try {
    const value = JSON.parse(text) as Partial<Owner> | null;
    const isNamed = typeof value?.nonce === "string" && noncePattern.test(value.nonce);
    if (isNamed && Number.isInteger(value.pid) && typeof value.host === "string") return value as Owner;
  } catch {
    // Falls through to an owner without a pid, about which no system can be asked.
  }
  return { nonce: `unreadable-${identity.replace(/\W/g, "-")}`, pid: 0, host: "" };
}

/** Fields 3 (as far as it is a zombie, or dead) and 22 of `/proc/<pid>/stat` (proc_pid_stat(5)), if it can be read. */
function statOf(pid: string): { hasEnded: boolean; startedTicks: string | undefined } | undefined {
  const stat = readProc(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (stat === undefined) return undefined;
  // The name in field 2 may hold anything, also spaces and brackets: what counts begins behind its last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { hasEnded: fields[0] === "Z" || fields[0] === "X", startedTicks: fields[19] };
}

function readProc(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
