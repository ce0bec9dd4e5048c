import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkout } from "../../src/build/checkout.ts";

export const server = join(checkout, "dist", "main.js");

/** How long anything may take; nothing is measured with it. */
const LONGEST_MS = 180_000;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user with a home, a project in an empty repository, and programs of their own on the PATH. */
export class User {
  readonly project: string;
  readonly home: string;
  readonly #programs: string;
  #program = server;

  constructor(place: string) {
    const folder = mkdtempSync(join(place, "user-"));
    // A space, as shells have to be told of it.
    this.project = join(folder, "a project");
    this.home = join(folder, "home");
    this.#programs = join(folder, "programs");
    for (const one of [this.project, this.home, this.#programs]) mkdirSync(one, { recursive: true });
    this.git("init", "-q");
  }

  get #env(): Record<string, string> {
    return { PATH: `${this.#programs}${delimiter}${process.env.PATH}`, HOME: this.home };
  }

  write(name: string, text: string): void {
    writeInto(this.project, name, text);
  }

  writeAtHome(name: string, text: string): void {
    writeInto(this.home, name, text);
  }

  /** Puts a program of this name before all others, and says in which folder it lies. */
  hasProgram(name: string, text: string): string {
    writeFileSync(join(this.#programs, name), text, { mode: 0o755 });
    return this.#programs;
  }

  /** Has our program in the project's node_modules, as npm puts it there. */
  installsProgram(): void {
    const place = join(this.project, "node_modules", "kaizen-metrics");
    cpSync(dirname(server), join(place, "dist"), { recursive: true, filter: (name) => !name.endsWith("plugin") });
    cpSync(join(checkout, "package.json"), join(place, "package.json"));
    this.#program = join(place, "dist", "main.js");
  }

  git(...args: readonly string[]): string {
    const user = ["-c", "user.name=n", "-c", "user.email=n@localhost"];
    return execFileSync("git", [...user, ...args], { cwd: this.project, encoding: "utf8", env: this.#env }).trim();
  }

  /** Runs our program as a person does, in a shell of no agent. */
  kaizen(...args: readonly string[]): string {
    return execFileSync(process.execPath, [this.#program, ...args], {
      cwd: this.project,
      encoding: "utf8",
      env: this.#env,
    });
  }

  /** What our program prints, whatever its status. */
  says(...args: readonly string[]): string {
    return spawnSync(process.execPath, [this.#program, ...args], {
      cwd: this.project,
      encoding: "utf8",
      env: this.#env,
    }).stdout;
  }

  /** Text of a file of the project; empty while it is not there. */
  textOf(name: string): string {
    const file = join(this.project, name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Runs a client in the project to its end, without a terminal. `lastSeen` is told of one that does not end. */
  async run(
    [program = "", ...args]: readonly string[],
    { env = {}, lastSeen = () => "" }: { env?: Record<string, string>; lastSeen?: () => string } = {},
  ): Promise<Ended> {
    const child = spawn(program, args, {
      cwd: this.project,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...this.#env, ...env },
    });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text) => (said[name] += text));
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
      // What it has started may hold its pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
    }, LONGEST_MS);
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    }).finally(() => clearTimeout(limit));
    if (!isLate) return { status, ...said };
    const last = `${said.stdout.slice(-500)}\n${said.stderr.slice(-500)}\n${lastSeen()}`;
    throw new Error(`${program} did not end in ${LONGEST_MS / 1000} s. Last seen:\n${last}`);
  }

  /** What becomes so while nothing waits for it; `undefined` if it does not. */
  async until<T>(look: () => T | undefined): Promise<T | undefined> {
    const end = Date.now() + LONGEST_MS;
    for (;;) {
      const found = look();
      if (found !== undefined || Date.now() > end) return found;
      await delay(100);
    }
  }
}

function writeInto(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}
