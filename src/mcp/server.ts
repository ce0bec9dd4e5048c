import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CompleteRequestSchema,
  InitializeRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  PingRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { nearestName } from "../domain/text/nearest-name.ts";
import { KaizenError } from "../errors.ts";
import type { Kaizen } from "../kaizen/kaizen.ts";
import type { Log } from "../log.ts";
import { type App, linkedToApp, readApp, showsApps } from "./app/app.ts";
import { aboutResource, invalidParams, toolErrorText, toProtocolError } from "./frame/errors.ts";
import { rememberSuccess } from "./frame/remember-success.ts";
import { instructions } from "./instructions.ts";
import { type Capabilities, discovered, discoverRequestSchema } from "./modern/era.ts";
import { listenRequestSchema, Streams } from "./modern/streams.ts";
import { askClientRoots } from "./requests/client-roots.ts";
import { complete } from "./requests/completions.ts";
import { handleRequest, namedCall, refuseOtherMethods } from "./requests/handle-request.ts";
import { getPrompt, listPrompts } from "./requests/prompt-requests.ts";
import {
  listResources,
  listResourceTemplates,
  listWithoutProject,
  readResource,
} from "./requests/resource-requests.ts";
import { Subscriptions, type Tell } from "./requests/subscriptions.ts";
import { tools } from "./tools/index.ts";

/** The SDK quotes whole messages in its errors. */
const MAX_LOGGED_CHARACTERS = 500;

const capabilities = {
  tools: {},
  resources: { subscribe: true, listChanged: true },
  prompts: {},
  completions: {},
};

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
  const watch = (tell: Tell) => new Subscriptions({ kaizen, log, intervalMs, ...tell });
  const subscriptions = watch({
    tellUpdated: (uri) => server.sendResourceUpdated({ uri }),
    tellListChanged: () => server.sendResourceListChanged(),
  });
  const streams = new Streams({
    watch,
    notify: (method, params) => server.notification({ method, params: { ...params } }),
    onNoProject: (error) => log.info(`nothing to listen to: ${toolErrorText(error, log)}`),
  });
  const mapError = (error: unknown) => toProtocolError(error, log);
  const frame = { server, serverInfo, mapError };

  // The SDK's own answer, but a wrong question is told what is wrong with it.
  handleRequest(frame, InitializeRequestSchema, (params) =>
    // biome-ignore lint/complexity/useLiteralKeys: the SDK calls it private, and has no other way to it
    server["_oninitialize"]({ method: "initialize", params }),
  );
  handleRequest(frame, PingRequestSchema, async () => ({}));
  handleRequest(frame, discoverRequestSchema, async () => discovered(serverInfo, { capabilities, instructions }));
  refuseOtherMethods(frame);

  const appFor = (client: Capabilities | undefined) => (showsApps(client) ? dependencies.app : undefined);
  handleRequest(frame, ListToolsRequestSchema, async (_params, client) => {
    const listed = tools.map((tool) => tool.listing());
    return { tools: appFor(client.capabilities) === undefined ? listed : listed.map(linkedToApp) };
  });

  handleRequest(frame, namedCall("tools/call"), async ({ name, arguments: args }) => {
    const tool = tools.find((known) => known.name === name);
    if (tool === undefined) throw unknownTool(name);
    try {
      return await tool.call(kaizen, args);
    } catch (error) {
      return { isError: true, content: [{ type: "text", text: toolErrorText(error, log) }] };
    } finally {
      if (tool.writes) {
        subscriptions.written();
        streams.written();
      }
    }
  });

  handleRequest(frame, ListResourcesRequestSchema, async (params, { era }) => {
    const project = await kaizen().catch((error: unknown) => {
      // Clients list at once, and some give up a server whose list fails; reading says what is wrong.
      if (error instanceof KaizenError && /^NO_(?:PROJECT|STORE)$/.test(error.code)) return undefined;
      throw error;
    });
    if (project === undefined) return listWithoutProject();
    // In the modern era a client is told only what it listens to.
    if (era === "legacy" && params?.cursor === undefined) await subscriptions.watchList("without looks");
    return project.network.asOneCall(() => listResources(project, params?.cursor));
  });
  handleRequest(frame, ListResourceTemplatesRequestSchema, async () => listResourceTemplates());
  handleRequest(frame, ReadResourceRequestSchema, async ({ uri }, client) => {
    const app = appFor(client.capabilities);
    try {
      return (app && (await readApp(app, kaizen, uri))) ?? (await readResource(kaizen, uri));
    } catch (error) {
      throw aboutResource(uri, mapError(error));
    }
  });
  handleRequest(frame, SubscribeRequestSchema, async ({ uri }) => {
    await subscriptions.subscribe(uri);
    return {};
  });
  handleRequest(frame, UnsubscribeRequestSchema, async ({ uri }) => {
    subscriptions.unsubscribe(uri);
    return {};
  });
  handleRequest(frame, listenRequestSchema, ({ notifications }, { id, signal }) =>
    streams.listen(notifications, id, signal),
  );

  handleRequest(frame, ListPromptsRequestSchema, async () => listPrompts());
  handleRequest(frame, namedCall("prompts/get"), (params) => getPrompt(kaizen, params));
  handleRequest(frame, CompleteRequestSchema, (params) => complete(kaizen, params));

  server.onerror = (error) => log.info(`protocol: ${error.message.slice(0, MAX_LOGGED_CHARACTERS)}`);
  server.onclose = () => {
    subscriptions.close();
    streams.end();
  };
  // Says on stderr which project is served, before anybody waits for it. A call that fails will say why itself.
  server.oninitialized = () => void kaizen().catch((error: unknown) => log.info(toolErrorText(error, log)));
  return { server, endStreams: () => streams.end() };
}

function unknownTool(name: string): Error {
  const names = tools.map((tool) => tool.name);
  const nearest = nearestName(name, names);
  const meant = nearest === undefined ? `There are: ${names.join(", ")}.` : `Did you mean "${nearest}"?`;
  return invalidParams(`There is no tool ${JSON.stringify(name.slice(0, 80))}. ${meant}`);
}

/** The SDK would build a JSON schema validator at every start, for answers to questions that this server never asks. */
const noValidator = {
  getValidator(): never {
    throw new Error("this server asks its client for no input");
  },
};
