import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { upgrade } from "../../../src/storage/postgres/server/upgrade.ts";
import { bundleProgram } from "../../support/bundle.ts";
import type { PostgresServer } from "../../support/postgres/server.ts";
import { rowsOf } from "./rows.ts";
import { judgeRows, type Said, type Verdict } from "./verdict.ts";

const PROJECT = "soak/failover";
const AGENTS = ["coder", "reviewer"];

export interface FailoverOptions {
  readonly primary: PostgresServer;
  readonly standby: PostgresServer;
  readonly writers: number;
  /** So many runs are acknowledged before the primary is killed, and by each writer after the standby was promoted. */
  readonly before: number;
  readonly after: number;
}

/**
 * Several processes record through an address with both hosts, the primary and its processes are killed, and the standby
 * takes its place. What was acknowledged has to be there once, and each process has to have the figures of the rows.
 */
export async function failover({ after, before, primary, standby, writers }: FailoverOptions): Promise<Verdict> {
  const owner = await rowsOf(primary.address());
  await upgrade(owner.query, "kaizen");
  await owner.end();
  const inOrder = (...ports: number[]) =>
    primary.address().replace(/@[^/]+\//, `@${ports.map((port) => `127.0.0.1:${port}`).join()}/`);
  // As long as it is a standby, the second is passed over, also if it is named first.
  const addresses = [inOrder(primary.port, standby.port), inOrder(standby.port, primary.port)];
  const program = bundleProgram(new URL("./writer.ts", import.meta.url));
  const crew = Array.from({ length: writers }, (_, index) => new Writer(program.path, addresses[index % 2] ?? ""));
  try {
    const since = performance.now();
    await Promise.all(crew.map((writer) => writer.hasKept(before / writers)));
    const seconds = (performance.now() - since) / 1000;
    await primary.kill();
    const killed = performance.now();
    const second = await rowsOf(standby.address());
    await second.query("SELECT pg_promote(true, 60)");
    await Promise.all(crew.map((writer) => writer.hasKept(after, "from here on")));
    const silences = crew.map((writer) => writer.silenceAfter(killed));
    await Promise.all(crew.map((writer) => writer.ask("stop", "stopped")));
    const figures = await Promise.all(crew.map((writer) => writer.figures(AGENTS.length)));
    const said = crew.flatMap((writer) => writer.said);
    const verdict = await judgeRows(second.query, { address: standby.address(), project: PROJECT, said, figures });
    await second.end();
    return {
      ...verdict,
      counts: {
        "writing processes": writers,
        "seconds before the kill": Math.round(seconds * 10) / 10,
        "longest silence, ms": Math.round(Math.max(...silences)),
        ...verdict.counts,
      },
    };
  } finally {
    for (const writer of crew) writer.child.kill("SIGKILL");
    program.remove();
  }
}

/** A process that records, and what it says of that. */
class Writer {
  readonly child: ChildProcess;
  readonly said: Said[] = [];
  readonly #figures: string[] = [];
  readonly #words: string[] = [];
  readonly #keptAt: number[] = [];
  #look = () => {};

  constructor(program: string, address: string) {
    const child = spawn(process.execPath, [program, address, PROJECT, ...AGENTS], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [word = "", id = ""] = line.split(" ");
      if (word === "kept") this.#keptAt.push(performance.now());
      if (word === "figures") this.#figures.push(line.slice("figures ".length));
      else if (word === "stopped") this.#words.push(word);
      else this.said.push({ word, id, line });
      this.#look();
    });
    child.on("exit", () => this.#look());
  }

  /** Resolves once so many of its runs were acknowledged. */
  hasKept(count: number, from: "ever" | "from here on" = "ever"): Promise<void> {
    const wanted = from === "ever" ? count : this.#keptAt.length + count;
    return this.#until(() => this.#keptAt.length >= wanted);
  }

  ask(question: string, answer: string): Promise<void> {
    this.child.stdin?.write(`${question}\n`);
    return this.#until(() => this.#words.includes(answer));
  }

  async figures(agents: number): Promise<readonly string[]> {
    this.child.stdin?.write("figures\n");
    await this.#until(() => this.#figures.length === agents);
    return [...this.#figures].sort();
  }

  /** How many ms nothing was acknowledged, around an instant. */
  silenceAfter(instant: number): number {
    const last = this.#keptAt.filter((at) => at <= instant).at(-1) ?? instant;
    const next = this.#keptAt.find((at) => at > instant + 1) ?? last;
    return next - last;
  }

  #until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        if (isTrue()) resolve();
        else if (this.child.exitCode !== null || this.child.signalCode !== null) {
          reject(new Error(`a writer has ended early, after ${this.said.length} words`));
        }
      };
      this.#look();
    });
  }
}
