import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { MEMORY } from "../memory.ts";
import { type Binaries, binariesIn } from "./binaries.ts";

/** No server starts for the superuser. This user has no rights and owns nothing else. */
const NOBODY = 65534;
const SUPERUSER = "postgres";
const PASSWORD = 's3cret-of-the-test\'s "server"';

export interface ServerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** The folder in which its own is made: that of the memory if there is one, for then tests are fast. */
  readonly within?: string;
}

/** A real server of its own, on a port of its own, which forgets everything at its end. */
export class PostgresServer {
  readonly #folder: string;
  readonly #binaries: Binaries;
  readonly #settings: readonly string[];
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(folder: string, binaries: Binaries, port: number, settings: readonly string[]) {
    this.#folder = folder;
    this.#binaries = binaries;
    this.port = port;
    this.#settings = settings;
  }

  /** Makes a cluster, and starts it; `undefined` if there is no server for this platform. */
  static async start({ settings = {}, within = fastest() }: ServerOptions = {}): Promise<PostgresServer | undefined> {
    const folder = mkdtempSync(join(within, "kaizen-postgres-"));
    try {
      const binaries = binariesIn(folder, isRoot());
      if (binaries === undefined) {
        rmSync(folder, { recursive: true });
        return undefined;
      }
      const passwordFile = join(folder, "password");
      writeFileSync(passwordFile, PASSWORD);
      if (isRoot()) for (const path of [folder, passwordFile]) chownSync(path, NOBODY, NOBODY);
      const all = {
        listen_addresses: "127.0.0.1",
        unix_socket_directories: "",
        fsync: "off",
        max_connections: "60",
        log_min_messages: "fatal",
        ...settings,
      };
      const server = new PostgresServer(
        folder,
        binaries,
        await freePort(),
        Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      );
      server.#makeCluster(passwordFile);
      await server.run();
      return server;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The address of a database, with the password of a user. */
  address(database = "postgres", { user = SUPERUSER, password = PASSWORD } = {}): string {
    return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts it (again), and waits until it answers. */
  async run(): Promise<void> {
    const args = ["-D", join(this.#folder, "data"), "-p", String(this.port), ...this.#settings];
    this.#process = spawn(join(this.#binaries.bin, "postgres"), args, { ...this.#options(), stdio: "ignore" });
    for (let tries = 0; ; tries += 1) {
      const client = new pg.Client({ connectionString: this.address(), connectionTimeoutMillis: 5_000 });
      client.on("error", () => {});
      try {
        await client.connect();
        await client.end();
        return;
      } catch (error) {
        if (tries > 1_000 || this.#process.exitCode !== null) throw error;
        await sleep(20);
      }
    }
  }

  /** Ends it at once, as if the machine had gone; `SIGINT` ends it in order, with the connections that it has. */
  async end(signal: "SIGINT" | "SIGQUIT" = "SIGQUIT"): Promise<void> {
    const process = this.#process;
    if (process === undefined || process.exitCode !== null) return;
    const over = new Promise<void>((resolve) => process.once("exit", () => resolve()));
    process.kill(signal);
    await over;
  }

  /** Kills it with all that it has started: none of them can do anything more, as if the plug had been pulled. */
  async kill(): Promise<void> {
    const process = this.#process;
    if (process?.pid === undefined || process.exitCode !== null) return;
    const over = new Promise<void>((resolve) => process.once("exit", () => resolve()));
    const started = childrenOf(process.pid);
    process.kill("SIGKILL");
    for (const pid of started) killed(pid);
    await over;
  }

  async remove(): Promise<void> {
    await this.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #makeCluster(passwordFile: string): void {
    const how = [
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      "-U",
      SUPERUSER,
      "--no-sync",
      "-E",
      "UTF8",
      "--locale=C",
    ];
    const made = spawnSync(
      join(this.#binaries.bin, "initdb"),
      ["-D", join(this.#folder, "data"), ...how],
      this.#options(),
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr} ${made.error ?? ""}`);
  }

  #options() {
    const { libraries } = this.#binaries;
    return {
      cwd: this.#folder,
      env: { PATH: process.env.PATH, LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries },
      ...(isRoot() ? { uid: NOBODY, gid: NOBODY } : {}),
    };
  }
}

function fastest(): string {
  return existsSync(MEMORY) ? MEMORY : tmpdir();
}

/** Linux tells; elsewhere they notice by themselves that their parent has gone. */
function childrenOf(parent: number): number[] {
  if (!existsSync("/proc/self/stat")) return [];
  return readdirSync("/proc").flatMap((name) => {
    try {
      const [, rest = ""] = /^\d+ \(.*\) (.*)/s.exec(readFileSync(`/proc/${Number(name)}/stat`, "utf8")) ?? [];
      return Number(rest.split(" ")[1]) === parent ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

function killed(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
