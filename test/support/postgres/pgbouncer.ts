import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { parseAddress } from "../../../src/storage/postgres/server/url.ts";
import { freePort, isRoot, NOBODY } from "./system.ts";

const PROGRAM = process.env.KAIZEN_TEST_POOLER ?? "";

/** Whether the pooler's program is named, as `.ci/run` does: its suites take as long as those without it. In CI it has to be. */
export function isPoolerTested(): boolean {
  if (PROGRAM === "" && process.env.CI) throw new Error("KAIZEN_TEST_POOLER names no pgbouncer");
  return PROGRAM !== "";
}

/** A pooler in front of a server, which gives a connection to another client after each transaction. */
export class Pgbouncer {
  readonly #folder: string;
  readonly #process: ChildProcess;
  /** The address of what stands behind it. */
  readonly address: string;

  private constructor(folder: string, process: ChildProcess, address: string) {
    this.#folder = folder;
    this.#process = process;
    this.address = address;
  }

  static async before(behind: string, settings: Readonly<Record<string, string | number>>): Promise<Pgbouncer> {
    const folder = mkdtempSync(join(tmpdir(), "kaizen-pgbouncer-"));
    const { hosts, password = "", user } = parseAddress(behind);
    const port = await freePort();
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const all = {
      listen_addr: "127.0.0.1",
      listen_port: port,
      unix_socket_dir: "",
      auth_type: "scram-sha-256",
      auth_file: join(folder, "users"),
      pool_mode: "transaction",
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`);
    const host = `* = host=${hosts[0].host} port=${hosts[0].port}`;
    writeFileSync(join(folder, "users"), `${quoted(user)} ${quoted(password)}\n`);
    writeFileSync(join(folder, "ini"), `[databases]\n${host}\n[pgbouncer]\n${lines.join("")}`);
    if (isRoot())
      for (const path of [folder, join(folder, "users"), join(folder, "ini")]) chownSync(path, NOBODY, NOBODY);
    const child = spawn(PROGRAM, ["-q", join(folder, "ini")], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      ...(isRoot() ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const pooler = new Pgbouncer(folder, child, behind.replace(/@[^/]+\//, `@127.0.0.1:${port}/`));
    for (let tries = 0; !(await pooler.#answers()); tries += 1) {
      if (tries > 500 || child.exitCode !== null) throw new Error(`pgbouncer does not answer: ${said.slice(-2_000)}`);
      await sleep(20);
    }
    return pooler;
  }

  async remove(): Promise<void> {
    const over = new Promise<void>((resolve) => this.#process.once("exit", () => resolve()));
    if (this.#process.exitCode === null && this.#process.kill("SIGKILL")) await over;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: this.address, connectionTimeoutMillis: 5_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  }
}
