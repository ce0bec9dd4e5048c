import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Store } from "../../src/storage/store.ts";
import { openJsonl } from "../support/jsonl.ts";
import { scenarioClock } from "./scenarios.ts";

/** What is written beside the runs, each on files that give it something to do. */
export interface SideScenario {
  prepare(root: string): Promise<void>;
  perform(store: Store): Promise<unknown>;
  /** What has to hold after it, done to its end or not; that the next writes work, and leave no file under way. */
  examine(root: string, hasAnswered: boolean): Promise<void>;
}

export const metrics = (root: string) => join(root, ".kaizen", "metrics");

export function open(root: string): Store {
  return openJsonl(root, { now: scenarioClock.now, lockTimeoutMs: 2000 });
}

export function expectNothingUnderWay(root: string): void {
  const names = readdirSync(metrics(root), { recursive: true, encoding: "utf8" });
  expect(names.filter((name) => /tmp-|rewrite-/.test(name))).toEqual([]);
}
