import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Log } from "../log.ts";
import { Access } from "./access.ts";
import { type Answer, fail, json, type Refusal, refuse, send } from "./answers.ts";
import { listenOnLoopback, portOf } from "./listen.ts";
import { Projects, type ShownProject, type TeamProjects } from "./projects.ts";
import { readData } from "./routes.ts";
import { type PageFiles, shell } from "./shell.ts";
import type { DashboardSource } from "./source.ts";
import { Strangers } from "./strangers.ts";

/** So many pages may be kept up to date at a time. */
export const MAX_VIEWERS = 16;

const usualLimits = {
  /** Connections without a token. */
  strangers: 8,
  headersMs: 5_000,
  requestMs: 10_000,
  lookMs: 1_000,
  heartbeatMs: 5_000,
};

export interface ServerOptions {
  readonly source: DashboardSource;
  /** What the store has beside that, if it is a team's. */
  readonly team?: TeamProjects | undefined;
  readonly page: PageFiles;
  readonly log: Log;
  /** The current instant in ms. */
  now(): number;
  /** 0 for any that is free. */
  readonly port: number;
  /** A further name by which the server may be called, as a tunnel or an editor in a browser has one. */
  readonly allowedHost?: string | undefined;
  readonly limits?: Partial<typeof usualLimits>;
}

/** Serves the dashboard to browsers of this machine. Nothing can be written by it. */
export class DashboardServer {
  readonly #options: ServerOptions;
  readonly #access: Access;
  readonly #projects: Projects;
  readonly #strangers: Strangers;
  #servers: readonly Server[] = [];

  private constructor(options: ServerOptions) {
    const { log, now, port, source, team } = options;
    const limits = { ...usualLimits, ...options.limits };
    this.#options = options;
    this.#access = new Access({ now, isPortChosen: port !== 0, allowedHost: options.allowedHost });
    const live = { log, intervalMs: limits.lookMs, heartbeatMs: limits.heartbeatMs };
    this.#projects = new Projects({ own: source, team, live, now });
    this.#strangers = new Strangers(limits.strangers);
  }

  static async start(options: ServerOptions): Promise<DashboardServer> {
    const server = new DashboardServer(options);
    server.#servers = await listenOnLoopback(() => server.#create(), options.port);
    return server;
  }

  #create(): Server {
    const { headersMs, requestMs } = { ...usualLimits, ...this.#options.limits };
    const timeouts = {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(1_000, headersMs),
      maxHeaderSize: 8 * 1024,
    };
    const server = createServer(timeouts, (request, response) => {
      this.#answer(request, response).catch((error: unknown) => fail(request, response, error, this.#options.log));
    });
    return server.on("connection", (socket) => this.#strangers.add(socket));
  }

  get port(): number {
    const [server] = this.#servers;
    return server === undefined ? this.#options.port : portOf(server);
  }

  /** An address that opens the dashboard, once and soon, and at an agent if one is named. `onUsed` is told when it has. */
  newAddress({ agent, onUsed }: { agent?: string | undefined; onUsed?: () => void } = {}): string {
    const place = agent === undefined ? "" : `&agent/${encodeURIComponent(agent)}`;
    return `http://${this.#access.hostName}:${this.port}/#k=${this.#access.newCode(onUsed)}${place}`;
  }

  /** Breaks off whatever is under way. */
  async close(): Promise<void> {
    await this.#projects.close();
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(closed);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A socket that fails has nothing more to be told.
    response.on("error", () => {});
    const [path = "", query = ""] = splitTarget(request.url ?? "");
    const refusal = this.#access.refusalOf(request, path === "/") ?? methodRefusal(request, path);
    if (refusal !== undefined) return refuse(response, refusal);
    const fixed = this.#fixedAt(path);
    if (fixed !== undefined) return send(response, fixed);
    const parameters = new URLSearchParams(query);
    if (path === "/session") return this.#exchange(response, parameters.get("code") ?? "");
    if (!this.#access.hasToken(request.headers)) return refuse(response, noToken);
    this.#strangers.remove(request.socket);
    const shown = await this.#projects.find(parameters.get("project") ?? undefined);
    if (path === "/live") return this.#attach(request, response, shown);
    await this.#sendData(response, shown, path, parameters);
  }

  /** What everybody gets: it says nothing of the project. */
  #fixedAt(path: string): Answer | undefined {
    const { script, style } = this.#options.page;
    if (path === "/") return shell(randomBytes(18).toString("base64"));
    if (path === "/page.js") return { type: "text/javascript", body: script };
    if (path === "/page.css") return { type: "text/css", body: style };
    return undefined;
  }

  #exchange(response: ServerResponse, code: string): void {
    const token = this.#access.exchange(code);
    if (token === undefined) refuse(response, codeGone);
    else send(response, json({ token }));
  }

  async #attach(request: IncomingMessage, response: ServerResponse, { live }: ShownProject): Promise<void> {
    if ((await this.#projects.viewers()) >= MAX_VIEWERS) return refuse(response, tooMany);
    if (request.method === "HEAD") return send(response, { type: "application/x-ndjson", body: "" });
    await live.attach(response);
  }

  async #sendData(
    response: ServerResponse,
    { live, source }: ShownProject,
    path: string,
    parameters: URLSearchParams,
  ): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const { agents, data } = await readData(path, parameters, source, gone.signal);
    live.noteShown(agents);
    send(response, json(data));
  }
}

/** Path and query. A target that is none, as proxies are sent, has no path that is served. */
function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf("?");
  return at === -1 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
}

/** An exchange uses a code up: a question about the head of its answer must not do that. */
function methodRefusal({ method }: IncomingMessage, path: string): Refusal | undefined {
  return method === "GET" || (method === "HEAD" && path !== "/session") ? undefined : readOnly;
}

const readOnly: Refusal = {
  status: 405,
  code: "READ_ONLY",
  message: "The dashboard only shows, and changes nothing.",
  hint: "kaizen-metrics recommendations notes what becomes of advice.",
};

const noToken: Refusal = {
  status: 401,
  code: "NO_TOKEN",
  message: "Only the page that was opened with a fresh address may see this.",
  hint: "Start kaizen-metrics dashboard again, and open the address that it prints.",
};

const codeGone: Refusal = {
  status: 401,
  code: "CODE_GONE",
  message: "This address was used before, or is more than 60 s old.",
  hint: "Start kaizen-metrics dashboard again, and open the address that it prints.",
};

const tooMany: Refusal = {
  status: 503,
  code: "TOO_MANY_PAGES",
  message: `${MAX_VIEWERS} pages are kept up to date already.`,
  hint: "Close one of them.",
};
