import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { nearestName } from "../domain/arguments.ts";
import { KaizenError } from "../errors.ts";
import type { Kaizen } from "../kaizen.ts";
import type { Log } from "../log.ts";
import { askClientRoots } from "./client-roots.ts";
import { complete } from "./completions.ts";
import { invalidParams, toolErrorText, toProtocolError } from "./errors.ts";
import { handleRequest } from "./handle-request.ts";
import { instructions } from "./instructions.ts";
import { rememberSuccess } from "./remember-success.ts";
import { listResources, listResourceTemplates, listWithoutProject, readResource } from "./resource-requests.ts";
import { tools } from "./tools/index.ts";

/** The SDK quotes whole messages in its errors. */
const MAX_LOGGED_CHARACTERS = 500;

export interface ServerDependencies {
  readonly version: string;
  readonly log: Log;
  /** Opens the project; asks the client for its roots only where nothing else says where it is. */
  openKaizen(askClient: () => Promise<readonly string[]>): Promise<Kaizen>;
}

/** The MCP server over the use cases. It does nothing by itself: the project is opened at the first need. */
export function createServer({ version, log, openKaizen }: ServerDependencies): Server {
  const server = new Server(
    { name: "kaizen-metrics", title: "Kaizen Metrics", version },
    { capabilities: { tools: {}, resources: {}, completions: {} }, instructions, jsonSchemaValidator: noValidator },
  );
  const kaizen = rememberSuccess(() => openKaizen(() => askClientRoots(server, log)));
  const mapError = (error: unknown) => toProtocolError(error, log);

  handleRequest(server, ListToolsRequestSchema, mapError, async () => ({ tools: tools.map((tool) => tool.listing()) }));

  handleRequest(server, CallToolRequestSchema, mapError, async ({ name, arguments: args }) => {
    const tool = tools.find((known) => known.name === name);
    if (tool === undefined) throw unknownTool(name);
    try {
      return await tool.call(kaizen, args);
    } catch (error) {
      return { isError: true, content: [{ type: "text", text: toolErrorText(error, log) }] };
    }
  });

  handleRequest(server, ListResourcesRequestSchema, mapError, async (params) => {
    const project = await kaizen().catch((error: unknown) => {
      // Clients list at once, and some give up a server whose list fails; reading says what is wrong.
      if (error instanceof KaizenError && error.code === "NO_PROJECT") return undefined;
      throw error;
    });
    return project === undefined ? listWithoutProject() : listResources(project, params?.cursor);
  });
  handleRequest(server, ListResourceTemplatesRequestSchema, mapError, async () => listResourceTemplates());
  handleRequest(server, ReadResourceRequestSchema, mapError, ({ uri }) => readResource(kaizen, uri));
  handleRequest(server, CompleteRequestSchema, mapError, (params) => complete(kaizen, params));

  server.onerror = (error) => log.info(`protocol: ${error.message.slice(0, MAX_LOGGED_CHARACTERS)}`);
  // Says on stderr which project is served, before anybody waits for it. A call that fails will say why itself.
  server.oninitialized = () => void kaizen().catch((error: unknown) => log.info(toolErrorText(error, log)));
  return server;
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
