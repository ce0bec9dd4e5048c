import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { InitializeRequestSchema, PingRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Kaizen } from "../kaizen/kaizen.ts";
import type { Log } from "../log.ts";
import type { App } from "./app/app.ts";
import { toolErrorText, toProtocolError } from "./frame/errors.ts";
import { rememberSuccess } from "./frame/remember-success.ts";
import { instructions } from "./instructions.ts";
import type { Answers } from "./requests/answers.ts";
import { readingFlags } from "./requests/client-capabilities.ts";
import { askClientRoots } from "./requests/client-roots.ts";
import { discovered, discoverRequestSchema } from "./requests/era.ts";
import { type Answer, answerTo, handleRequest, refuseOtherMethods } from "./requests/handle-request.ts";

/** The SDK quotes whole messages in its errors. */
const MAX_LOGGED_CHARACTERS = 500;

const capabilities = {
  tools: {},
  resources: { subscribe: true, listChanged: true },
  prompts: {},
  completions: {},
};

/** What is answered behind the handshake: `answersOf` is loaded for the first of these. */
const methods = [
  "tools/list",
  "tools/call",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "resources/subscribe",
  "resources/unsubscribe",
  "subscriptions/listen",
  "prompts/list",
  "prompts/get",
  "completion/complete",
] as const;

export interface ServerDependencies {
  readonly version: string;
  readonly log: Log;
  /** Opens the project; asks the client for its roots only where nothing else says where it is. */
  openKaizen(askClient: () => Promise<readonly string[]>): Promise<Kaizen>;
  /** How often is looked for changes of other processes, while something is subscribed; as the store has it, if left out. */
  readonly pollIntervalMs?: number;
  /** The dashboard for clients that show apps. Left out: there is none. */
  readonly app?: App | undefined;
}

export interface KaizenServer {
  readonly server: Server;
  /** To be called when no further request will come: what clients listen to ends, and nothing waits for it. */
  endStreams(): void;
}

/** The MCP server over the use cases. It does nothing by itself: the project is opened at the first need. */
export function createServer(dependencies: ServerDependencies): KaizenServer {
  const { version, log, openKaizen, pollIntervalMs: intervalMs } = dependencies;
  const serverInfo = { name: "kaizen-metrics", title: "Kaizen Metrics", version };
  const server = new Server(serverInfo, { capabilities, instructions, jsonSchemaValidator: noValidator });
  const kaizen = rememberSuccess(() => openKaizen(() => askClientRoots(server, log)));
  const load = rememberSuccess(async () => {
    const { answersOf } = await import("./requests/answers.ts");
    return answersOf({
      log,
      kaizen,
      app: dependencies.app,
      intervalMs,
      tell: {
        tellUpdated: (uri) => server.sendResourceUpdated({ uri }),
        tellListChanged: () => server.sendResourceListChanged(),
      },
      notify: (method, params) => server.notification({ method, params: { ...params } }),
    });
  });
  let loading: Promise<Answers> | undefined;
  const answers = () => {
    loading = load();
    return loading;
  };
  // What could not be loaded has nothing to end; the call that needed it has said so.
  const ifLoading = (use: (loaded: Answers) => void) => void loading?.then(use, () => {});
  const mapError = (error: unknown) => toProtocolError(error, log);
  const frame = { server, serverInfo, mapError };

  // The SDK's own answer, but a wrong question is told what is wrong with it.
  const ofHandshake = [
    readingFlags(
      answerTo(InitializeRequestSchema, (params) =>
        // biome-ignore lint/complexity/useLiteralKeys: the SDK calls it private, and has no other way to it
        server["_oninitialize"]({ method: "initialize", params }),
      ),
    ),
    answerTo(PingRequestSchema, async () => ({})),
    answerTo(discoverRequestSchema, async () => discovered(serverInfo, { capabilities, instructions })),
  ];
  for (const answer of ofHandshake) handleRequest(frame, answer.method, async () => answer);
  refuseOtherMethods(frame);

  for (const method of methods) handleRequest(frame, method, async () => answerFor(method, await answers()));

  server.onerror = (error) => log.info(`protocol: ${error.message.slice(0, MAX_LOGGED_CHARACTERS)}`);
  server.onclose = () => ifLoading(({ close }) => close());
  // Says on stderr which project is served, before a call waits for it. A call that fails will say why itself.
  server.oninitialized = () => {
    void answers().catch(() => {});
    void kaizen().catch((error: unknown) => log.info(toolErrorText(error, log)));
  };
  return { server, endStreams: () => ifLoading(({ endStreams }) => endStreams()) };
}

function answerFor(method: string, { byMethod }: Answers): Answer {
  const answer = byMethod.get(method);
  if (answer === undefined) throw new Error(`there is no answer to ${method}`);
  return answer;
}

/** The SDK would build a JSON schema validator at every start, for answers to questions that this server never asks. */
const noValidator = {
  getValidator(): never {
    throw new Error("this server asks its client for no input");
  },
};
