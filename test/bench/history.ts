import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { NewRun } from "../../src/storage/store.ts";
import { logPath } from "../support/foreign-writer.ts";
import { REVIEWER } from "../support/runs.ts";

/** A run as agents report them, about 200 bytes as a line. Its id tells it apart; every fourth has a key as well. */
export function benchRun(id: string, at: number, ordinal: number): NewRun {
  const reported = {
    agent: REVIEWER,
    success: ordinal % 5 !== 0,
    quality_score: (ordinal % 100) / 100,
    execution_time_s: 12.5,
    model: "model-1",
    task: "review",
    ...(ordinal % 4 === 0 ? { idempotency_key: `key-${id}` } : {}),
  };
  return { record: { ...reported, id, timestamp: formatInstant(at) }, reported };
}

export function temporaryProject(within = tmpdir()): { root: string; remove(): void } {
  const root = realpathSync(mkdtempSync(join(within, "kaizen-bench-")));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/**
 * Writes a history of so many runs straight into the log, oldest first, over the days before now. Sorted keys and
 * separators are those of the format, so that its bytes are those that the store would have written.
 */
export function writeHistory(root: string, runs: number, days: number, agent: string = REVIEWER): void {
  mkdirSync(dirname(logPath(root, agent)), { recursive: true });
  const fd = openSync(logPath(root, agent), "a");
  const begin = Date.now() - days * DAY_MS;
  let chunk: string[] = [];
  for (let ordinal = 1; ordinal <= runs; ordinal += 1) {
    const id = `run_${ordinal.toString(16).padStart(20, "0")}`;
    const timestamp = formatInstant(begin + (ordinal / runs) * days * DAY_MS);
    const key = ordinal % 4 === 0 ? `"idempotency_key": "key-${id}", ` : "";
    chunk.push(
      `{"agent": "${agent}", "execution_time_s": 12.5, "id": "${id}", ${key}"model": "model-1", ` +
        `"quality_score": ${(ordinal % 100) / 100}, "success": ${ordinal % 5 !== 0}, "task": "review", "timestamp": "${timestamp}"}\n`,
    );
    if (chunk.length === 20_000 || ordinal === runs) {
      writeSync(fd, chunk.join(""));
      chunk = [];
    }
  }
  closeSync(fd);
}

let made = 0;
/** An id that no run has had: its own place among the 80 bits for each process. */
export function freshId(): string {
  made += 1;
  return `run_${process.pid.toString(16).padStart(8, "f")}${made.toString(16).padStart(12, "0")}`;
}
