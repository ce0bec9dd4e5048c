import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bundleProgram } from "../support/bundle.ts";
import { logPath } from "../support/foreign-writer.ts";
import { REVIEWER } from "../support/runs.ts";
import type { Control } from "./controls.ts";
import type { Role } from "./roles.ts";
import { seededRandom } from "./seeded-random.ts";
import { judge, type Verdict } from "./verdict.ts";

export interface SoakOptions {
  readonly seconds: number;
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
/** Fewer for a control: only those whose meeting it lets go wrong, so that it goes wrong within seconds. */
const crews: Record<Control, Role[]> = {
  none: wholeCrew,
  "no-lock": ["append", "appendWithKeys", "appendWithKeys", "appendWithKeys", "prune"],
  "no-drain": ["prune", "prune", "writeForeign", "writeForeign", "writeForeign"],
};
const LONGEST_LIFE_MS = 2_500;

/** Lets a crew loose on one folder for a while, kills and respawns its members at random, and judges what is left. */
export async function soak(options: SoakOptions): Promise<Verdict> {
  const root = mkdtempSync(join(tmpdir(), "kaizen-soak-"));
  const oracles = join(root, "oracles");
  mkdirSync(oracles);
  // Unlocked writers do not make folders; the log is there before the first of them comes.
  mkdirSync(dirname(logPath(root, REVIEWER)), { recursive: true });
  writeFileSync(logPath(root, REVIEWER), "");
  const program = bundleProgram(new URL("./worker.ts", import.meta.url));
  const random = seededRandom(options.seed);
  const ends = performance.now() + options.seconds * 1000;
  let kills = 0;
  let keep = false;
  try {
    const lives = crews[options.control].map(async (role) => {
      while (performance.now() < ends) {
        const seed = Math.floor(random() * 2 ** 32);
        const child = spawn(process.execPath, [program.path, root, oracles, role, String(seed), options.control], {
          stdio: ["ignore", "ignore", "inherit"],
        });
        const left = ends - performance.now();
        await dieAfter(child, options.kills ? Math.min(left, 200 + random() * LONGEST_LIFE_MS) : left);
        kills += 1;
      }
    });
    await Promise.all(lives);
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

async function dieAfter(child: ChildProcess, ms: number): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  await Promise.race([gone, delay(Math.max(0, ms))]);
  child.kill("SIGKILL");
  await gone;
}
