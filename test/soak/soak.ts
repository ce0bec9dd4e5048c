import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bundleProgram } from "../support/bundle.ts";
import { logPath } from "../support/foreign-writer.ts";
import { diskFolder } from "../support/memory.ts";
import { REVIEWER } from "../support/runs.ts";
import type { Control } from "./controls.ts";
import type { Role } from "./roles.ts";
import { seededRandom } from "./seeded-random.ts";
import { judge, type Verdict } from "./verdict.ts";

/** How much has been done so far. */
interface Progress {
  readonly seconds: number;
  readonly kills: number;
  /** The fewest facts that the workers of one role have noted. */
  readonly leastFacts: number;
}

export interface SoakOptions {
  readonly isEnough: (progress: Progress) => boolean;
  readonly seed: number;
  readonly control: Control;
  /** Whether workers are killed and respawned. */
  readonly kills: boolean;
  /** Whether a folder in which something is wrong stays, to be looked at. */
  readonly keepEvidence?: boolean;
}

/** Eight processes on one log: six that take turns, two that know nothing of the lock. */
const wholeCrew: Role[] = [
  "append",
  "append",
  "appendWithKeys",
  "appendWithKeys",
  "prune",
  "read",
  "writeForeign",
  "writeForeignTorn",
];
/** Fewer for a control: only those whose meeting it lets go wrong, so that it goes wrong soon. */
const crews: Record<Control, Role[]> = {
  none: wholeCrew,
  "no-lock": ["append", "appendWithKeys", "appendWithKeys", "appendWithKeys", "prune"],
  "no-drain": ["prune", "prune", "writeForeign", "writeForeign", "writeForeign"],
};
/** A life is counted in facts, so that a slow machine lets a worker do as much as a fast one. */
const MOST_FACTS_A_LIFE = 40;
/** A kill comes this much later at most, so that it finds the worker anywhere in its work. */
const LONGEST_DELAY_MS = 30;

/** Lets a crew loose on one folder until that is enough, kills members at random, and judges what is left. */
export async function soak(options: SoakOptions): Promise<Verdict> {
  const root = mkdtempSync(join(diskFolder(), "kaizen-soak-"));
  const oracles = join(root, "oracles");
  mkdirSync(oracles);
  // Unlocked writers do not make folders; the log is there before the first of them comes.
  mkdirSync(dirname(logPath(root, REVIEWER)), { recursive: true });
  writeFileSync(logPath(root, REVIEWER), "");
  const program = bundleProgram(new URL("./worker.ts", import.meta.url));
  const random = seededRandom(options.seed);
  const begun = performance.now();
  const crew = crews[options.control];
  const facts = new Map<Role, number>(crew.map((role) => [role, 0]));
  const living = new Set<ChildProcess>();
  let kills = 0;
  let isOver = false;
  let keep = false;

  const look = () => {
    const seconds = (performance.now() - begun) / 1000;
    if (isOver || !options.isEnough({ seconds, kills, leastFacts: Math.min(...facts.values()) })) return;
    isOver = true;
    for (const child of living) child.kill("SIGKILL");
  };
  const live = async (role: Role) => {
    const seed = String(Math.floor(random() * 2 ** 32));
    const child = spawn(process.execPath, [program.path, root, oracles, role, seed, options.control], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    living.add(child);
    let left = options.kills ? 1 + Math.floor(random() * MOST_FACTS_A_LIFE) : Number.POSITIVE_INFINITY;
    child.stdout.on("data", (dots: Buffer) => {
      facts.set(role, (facts.get(role) ?? 0) + dots.length);
      const wasAlive = left > 0;
      left -= dots.length;
      if (wasAlive && left <= 0) void delay(random() * LONGEST_DELAY_MS).then(() => child.kill("SIGKILL"));
      look();
    });
    await once(child, "exit");
    living.delete(child);
    kills += 1;
    look();
  };
  try {
    await Promise.all(
      crew.map(async (role) => {
        while (!isOver) await live(role);
      }),
    );
    const { counts, problems } = await judge(root, oracles, options.control);
    keep = options.keepEvidence === true && problems.length > 0;
    return {
      counts: { "processes killed": kills, ...counts },
      problems: keep ? [...problems, `see ${root}`] : problems,
    };
  } finally {
    program.remove();
    if (!keep) rmSync(root, { recursive: true, force: true });
  }
}
