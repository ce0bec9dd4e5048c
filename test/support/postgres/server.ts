import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { MEMORY } from "../memory.ts";
import { type Binaries, binariesIn } from "./binaries.ts";
import { freePort, isRoot, NOBODY } from "./system.ts";

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
        max_connections: "400",
        log_min_messages: "fatal",
        // In the folder of the server, so that one that is killed leaves nothing elsewhere.
        ...(process.platform === "win32" ? {} : { dynamic_shared_memory_type: "mmap" }),
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

  /** Ends it and every process of it at once, as if the machine had gone. Reads `/proc`. */
  async kill(): Promise<void> {
    const { pid } = this.#process ?? {};
    if (pid === undefined) return;
    // Each has left the group of its parent.
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    const over = new Promise<void>((resolve) => this.#process?.once("exit", () => resolve()));
    for (const one of [String(pid), ...children]) {
      try {
        process.kill(Number(one), "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await over;
  }

  /**
   * Another one that follows this one, and takes its place once it is promoted. The package has no pg_basebackup: this
   * one is ended in order, its files are copied, and both run. This one then acknowledges what the other one has, too.
   */
  async standby(): Promise<PostgresServer> {
    await this.end("SIGINT");
    const folder = mkdtempSync(join(dirname(this.#folder), "kaizen-standby-"));
    if (isRoot()) chownSync(folder, NOBODY, NOBODY);
    const copied = spawnSync("cp", ["-a", join(this.#folder, "data"), folder], this.#options());
    if (copied.status !== 0) throw new Error(`the files of a server could not be copied: ${copied.stderr}`);
    const signal = join(folder, "data/standby.signal");
    writeFileSync(signal, "");
    if (isRoot()) chownSync(signal, NOBODY, NOBODY);
    const primary = `host=127.0.0.1 port=${this.port} user=${SUPERUSER} password='${PASSWORD.replaceAll("'", "\\'")}'`;
    const settings = [...this.#settings, "-c", `primary_conninfo=${primary}`];
    const standby = new PostgresServer(folder, this.#binaries, await freePort(), settings);
    await this.run();
    await standby.run();
    await this.#become("synchronous_standby_names = '*'", "FROM pg_stat_replication WHERE sync_state = 'sync'");
    return standby;
  }

  /** Changes a setting, and waits until something is to be seen of that. */
  async #become(setting: string, seen: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.address() });
    await client.connect();
    await client.query(`ALTER SYSTEM SET ${setting}`);
    await client.query("SELECT pg_reload_conf()");
    while ((await client.query(`SELECT 1 ${seen}`)).rowCount === 0) await sleep(20);
    await client.end();
  }

  /** Ends it at once, as if the server had crashed; `SIGINT` ends it in order, with the connections that it has. */
  async end(signal: "SIGINT" | "SIGQUIT" = "SIGQUIT"): Promise<void> {
    const process = this.#process;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const over = new Promise<void>((resolve) => process.once("exit", () => resolve()));
    process.kill(signal);
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
