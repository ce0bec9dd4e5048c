import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { bundleProgram } from "../support/bundle.ts";
import { temporaryFolder } from "../support/places.ts";

vi.setConfig({ testTimeout: 600_000 });

interface Crew {
  readonly mode: "locked" | "unlocked";
  /** Ends the trial, from how many were killed and whether two were seen inside at once. */
  isEnough(kills: number, haveMet: boolean): boolean;
}

/** Mutex that the crew takes between two kills: then each kill meets processes that are at work. */
const TURNS_A_KILL = 12;

/** Several processes want one lock; one at a time is killed, wherever it is, and another comes in its place. */
async function killHolders({ mode, isEnough }: Crew) {
  const root = temporaryFolder();
  const program = bundleProgram(new URL("./lock-holder.ts", import.meta.url));
  const crew: ChildProcess[] = [];
  const ends: Promise<unknown>[] = [];
  let kills = 0;
  let turns = 0;
  let haveMet = false;
  let isBusy = false;
  let finish = () => {};
  const over = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const start = () => {
    const child = spawn(process.execPath, [program.path, root, mode], { stdio: ["ignore", "pipe", "ignore"] });
    ends.push(once(child, "exit"));
    child.stdout.setEncoding("utf8").on("data", (marks: string) => {
      turns += marks.replaceAll("!", "").length;
      haveMet ||= marks.includes("!");
      if (isEnough(kills, haveMet)) finish();
      else if (!isBusy && turns >= TURNS_A_KILL * (kills + 1)) void killOne();
    });
    return child;
  };
  const killOne = async () => {
    isBusy = true;
    // Where in its turn the victim is hit is part of what is tried, not waiting for something.
    await delay(Math.random() * 20);
    const place = Math.floor(Math.random() * crew.length);
    crew[place]?.kill("SIGKILL");
    kills += 1;
    crew[place] = start();
    isBusy = false;
  };
  for (let member = 0; member < 4; member += 1) crew.push(start());
  await over;
  for (const member of crew) member.kill("SIGKILL");
  await Promise.all(ends);
  program.remove();
  const violations = join(root, "violations");
  return existsSync(violations) ? readFileSync(violations, "utf8").trim().split("\n") : [];
}

// The independent look for who lives reads /proc.
describe.skipIf(process.platform !== "linux")("the lock under kill -9", () => {
  it("lets in one process at a time, and the next one after every death", async () => {
    expect(await killHolders({ mode: "locked", isEnough: (kills) => kills >= 25 })).toEqual([]);
  });

  it("is what keeps them apart: without it they meet at once", async () => {
    expect(await killHolders({ mode: "unlocked", isEnough: (_, haveMet) => haveMet })).not.toEqual([]);
  });
});
