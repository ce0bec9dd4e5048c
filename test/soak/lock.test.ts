import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { bundleProgram } from "../support/bundle.ts";
import { temporaryFolder } from "../support/places.ts";

/** Several processes want one lock; one at a time is killed, wherever it is, and another comes in its place. */
async function killHolders(options: { seconds: number; mode: "locked" | "unlocked" }) {
  const root = temporaryFolder();
  const program = bundleProgram(new URL("./lock-holder.ts", import.meta.url));
  const start = () => spawn(process.execPath, [program.path, root, options.mode], { stdio: "ignore" });
  const crew: ChildProcess[] = [start(), start(), start(), start()];
  let kills = 0;
  for (const end = Date.now() + options.seconds * 1000; Date.now() < end; kills += 1) {
    // How long they are left alone is part of what is tried, not waiting for something.
    await delay(20 + Math.random() * 180);
    const place = Math.floor(Math.random() * crew.length);
    crew[place]?.kill("SIGKILL");
    crew[place] = start();
  }
  for (const member of crew) member.kill("SIGKILL");
  await Promise.all(crew.map((member) => once(member, "exit")));
  program.remove();
  const violations = join(root, "violations");
  return {
    kills,
    turns: statSync(join(root, "turns")).size,
    violations: existsSync(violations) ? readFileSync(violations, "utf8").trim().split("\n") : [],
  };
}

// The independent look for who lives reads /proc.
describe.skipIf(process.platform !== "linux")("the lock under kill -9", () => {
  it("lets in one process at a time, and the next one after every death", { timeout: 30_000 }, async () => {
    const { kills, turns, violations } = await killHolders({ seconds: 5, mode: "locked" });
    expect(violations).toEqual([]);
    expect(kills).toBeGreaterThan(10);
    expect(turns).toBeGreaterThan(10 * kills);
  });

  it("is what keeps them apart: without it they meet at once", { timeout: 30_000 }, async () => {
    const { violations } = await killHolders({ seconds: 1, mode: "unlocked" });
    expect(violations).not.toEqual([]);
  });
});
