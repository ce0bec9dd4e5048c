import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { type Ran, type RunOptions, runCommand } from "../command.ts";
import { runCommandHere } from "../command-here.ts";
import { cleanEnvironment } from "../environment.ts";
import { bundle } from "../server-process.ts";

interface MachineOptions {
  /** Of the store, without a password. */
  readonly address: string;
  readonly password: string;
  readonly project: string;
  /** Whether the project's folder has the marker. */
  readonly hasMarker?: boolean | undefined;
  /** The repository that the project's folder is a clone of; without one it only looks like one. */
  readonly origin?: string | undefined;
}

/** A project whose history is in a team's store, on a machine of its own: with a home of its own. */
export class Machine {
  readonly root: string;
  readonly home: string;
  readonly project: string;
  readonly env: Readonly<Record<string, string | undefined>>;

  constructor(folder: string, { address, hasMarker = true, origin, password, project }: MachineOptions) {
    this.root = join(folder, "clone");
    this.home = join(folder, "home");
    this.project = project;
    mkdirSync(this.home, { recursive: true });
    this.env = {
      HOME: this.home,
      XDG_STATE_HOME: undefined,
      GIT_CONFIG_NOSYSTEM: "1",
      KAIZEN_STORE: address,
      PGPASSWORD: password,
      // The team's agents have shells too; who a test is must not depend on where it runs.
      KAIZEN_PROJECT: undefined,
    };
    if (origin === undefined) mkdirSync(join(this.root, ".git"), { recursive: true });
    else {
      const user = "[user]\n\tname = n\n\temail = n@localhost\n[init]\n\tdefaultBranch = main\n";
      writeFileSync(join(this.home, ".gitconfig"), user);
      execFileSync("git", ["clone", "-q", origin, this.root], { env: cleanEnvironment(this.env), stdio: "pipe" });
    }
    mkdirSync(join(this.root, ".kaizen"), { recursive: true });
    if (hasMarker) this.write(".kaizen/store.json", `${JSON.stringify({ store: "postgres", project })}\n`);
  }

  /** Runs a command as the user of this machine, in this process. */
  readonly here = (args: readonly string[], options?: RunOptions): Promise<Ran> =>
    runCommandHere(args, this.#with(options));

  /** The same in a process of its own. */
  readonly apart = (args: readonly string[], options?: RunOptions): Promise<Ran> =>
    runCommand(args, this.#with(options));

  /** Starts the server, as a client does. */
  async connect(): Promise<Client> {
    const all = Object.entries(cleanEnvironment(this.env));
    const env = Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    const args = [bundle, "--root", this.root];
    const client = new Client({ name: "test", version: "1" });
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: "ignore" }));
    return client;
  }

  git(...args: readonly string[]): string {
    const options = { cwd: this.root, env: cleanEnvironment(this.env), encoding: "utf8", stdio: "pipe" } as const;
    return execFileSync("git", args, options).trimEnd();
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.root, name), text);
  }

  #with(options: RunOptions = {}): RunOptions {
    return { cwd: this.root, ...options, env: { ...this.env, ...options.env } };
  }
}
