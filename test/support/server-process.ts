import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { cleanEnvironment } from "./environment.ts";

export const checkout = fileURLToPath(new URL("../..", import.meta.url));
export const bundle = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

interface Reply {
  readonly id: number | string | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: object };
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly command?: string;
}

/** The real process, spoken to in lines. Every wait is for something that it says or does. */
export class ServerProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Every line of stdout, as it came. */
  readonly lines: string[] = [];
  stderr = "";
  /** The exit status or signal, once all output has arrived. */
  readonly exited: Promise<number | string>;
  #watchers: Array<() => boolean> = [];
  #partial = "";
  #lastId = 0;

  constructor({ command = process.execPath, args = [], cwd = checkout, env = {} }: StartOptions = {}) {
    this.child = spawn(command, [...args], { cwd, env: cleanEnvironment(env) });
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.#partial + text).split("\n");
      this.#partial = lines.pop() ?? "";
      this.lines.push(...lines);
      this.#look();
    });
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#look();
    });
    // A process that is gone closes the pipe that we write to; its exit status says so better.
    this.child.stdin.on("error", () => {});
    this.exited = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (status, signal) => {
        resolve(status ?? signal ?? "unknown");
        this.#look();
      });
    });
    onTestFinished(() => void this.child.kill("SIGKILL"));
  }

  write(text: string): void {
    this.child.stdin.write(text);
  }

  send(message: object): void {
    this.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  async request(method: string, params?: object): Promise<Reply> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.send({ id, method, ...(params === undefined ? {} : { params }) });
    return this.reply((reply) => reply.id === id && reply.method === undefined);
  }

  /** Shakes hands as a client does. */
  async initialize(capabilities: object = {}): Promise<Reply> {
    const clientInfo = { name: "test", version: "1" };
    const reply = await this.request("initialize", { protocolVersion: "2025-11-25", capabilities, clientInfo });
    this.send({ method: "notifications/initialized" });
    return reply;
  }

  async callTool(name: string, args: object = {}): Promise<Reply["result"]> {
    return (await this.request("tools/call", { name, arguments: args })).result;
  }

  /** The first line of stdout that is meant, now or later. */
  async reply(isMeant: (reply: Reply) => boolean): Promise<Reply> {
    return this.#until(() => this.replies().find(isMeant));
  }

  replies(): Reply[] {
    return this.lines.map((line) => JSON.parse(line) as Reply);
  }

  async says(pattern: RegExp): Promise<string> {
    return this.#until(() => pattern.exec(this.stderr)?.[0]);
  }

  #until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const found = find();
        if (found !== undefined) resolve(found);
        return found !== undefined;
      };
      if (attempt()) return;
      this.#watchers.push(attempt);
      void this.exited.then((status) => {
        if (!attempt()) reject(new Error(`the server has ended with ${status}; stderr: ${this.stderr}`));
      });
    });
  }

  #look(): void {
    this.#watchers = this.#watchers.filter((attempt) => !attempt());
  }
}

export function startServer(options: StartOptions = {}): ServerProcess {
  return new ServerProcess({ ...options, args: [bundle, ...(options.args ?? [])] });
}
