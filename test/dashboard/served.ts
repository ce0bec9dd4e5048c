import { type IncomingMessage, request } from "node:http";
import { onTestFinished } from "vitest";
import { DashboardServer, type ServerOptions } from "../../src/dashboard/server.ts";
import { type DashboardSource, sourceOf } from "../../src/dashboard/source.ts";
import type { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createLog } from "../../src/log.ts";
import { openKaizen } from "../../src/open-kaizen.ts";
import { temporaryFolder } from "../support/places.ts";

export interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  /** In the place of the server's own name. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export function projectKaizen(projectRoot = temporaryFolder()): Kaizen {
  const kaizen = openKaizen({ projectRoot, retentionDays: null });
  onTestFinished(() => kaizen.close());
  return kaizen;
}

/** A server in the process of the test, asked through real sockets. */
export class Served {
  readonly server: DashboardServer;
  readonly stderr: string[];

  private constructor(server: DashboardServer, stderr: string[]) {
    this.server = server;
    this.stderr = stderr;
  }

  static async start(options: Partial<ServerOptions> & { changed?: Partial<DashboardSource> } = {}): Promise<Served> {
    const stderr: string[] = [];
    const { changed, source = sourceOf(projectKaizen(), "shop"), ...others } = options;
    const server = await DashboardServer.start({
      page: { script: "let script;", style: "body {}" },
      log: createLog((text) => stderr.push(text)),
      now: Date.now,
      port: 0,
      ...others,
      source: { ...source, ...changed },
    });
    onTestFinished(() => server.close());
    return new Served(server, stderr);
  }

  get name(): string {
    return new URL(this.server.newAddress()).host;
  }

  /** A new code, as it stands in an address. */
  code(): string {
    return /#k=([\w-]+)/.exec(this.server.newAddress())?.[1] ?? "";
  }

  async token(): Promise<string> {
    const { body } = await this.ask(`/session?code=${this.code()}`);
    return JSON.parse(body).token;
  }

  /** The headers that a page sends which has the token. */
  async bearer(): Promise<{ Authorization: string }> {
    return { Authorization: `Bearer ${await this.token()}` };
  }

  ask(path: string, asked: Asked = {}): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const asking = this.#request(path, asked, async (response) => {
        let body = "";
        for await (const part of response.setEncoding("utf8")) body += part;
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
      asking.on("error", reject).end();
    });
  }

  /** Opens a stream of lines. Gives what reads them one by one, and what goes away. */
  stream(path: string, asked: Asked): Promise<{ status: number | undefined; next(): Promise<unknown>; leave(): void }> {
    return new Promise((resolve, reject) => {
      const asking = this.#request(path, asked, (response) => {
        // A page that goes away breaks its connection.
        response.on("error", () => {});
        const lines = linesOf(response);
        resolve({
          status: response.statusCode,
          next: async () => JSON.parse((await lines.next()).value ?? "null"),
          leave: () => asking.destroy(),
        });
      });
      asking.on("error", reject).end();
    });
  }

  #request(path: string, { headers = {}, host, method = "GET" }: Asked, onAnswer: (answer: IncomingMessage) => void) {
    const all = { Host: host ?? this.name, ...Object.fromEntries(Object.entries(headers)) };
    return request(
      { host: "127.0.0.1", port: this.server.port, path, method, headers: all, agent: false, setHost: false },
      onAnswer,
    );
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const part of response.setEncoding("utf8")) {
    const lines = `${rest}${part}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
